// Requests to the node this page came from, by the generated client.
import { answer, connect, type TrineApi, UnreachableError } from '@trine/client';
import { TrineError } from '@trine/protocol';
import { readToken } from './token.ts';

let made: { readonly token: string | undefined; readonly api: TrineApi } | undefined;

/** The client for the token this tab has now. */
export function nodeApi(): TrineApi {
  const token = readToken();
  if (made === undefined || made.token !== token) made = { token, api: connect({ url: '', token }) };
  return made.api;
}

/**
 * Asks the node.
 *
 * @throws TrineError what the node answered, or `unavailable` where nothing did
 * @example await ask((api) => api.GET('/api/v1/totals'))
 */
export async function ask<T>(call: (api: TrineApi) => Promise<{ readonly data?: T }>): Promise<Exclude<T, undefined>> {
  try {
    return await answer(call(nodeApi()));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    throw new TrineError('unavailable', 'The node does not answer. Is it running? Start it with npm start.', {
      cause: error,
    });
  }
}

/** The network document as it lies, for what is signed or pinned is its text. @throws TrineError */
export async function networkText(): Promise<string> {
  return (await ask((api) => api.GET('/network.json', { parseAs: 'text' }))) as unknown as string;
}

/** Bytes of an evidence file. @param id of what is proven @throws TrineError */
export async function evidenceBytes(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await ask((api) =>
    api.GET('/api/v1/evidence/{id}', { params: { path: { id } }, parseAs: 'arrayBuffer' }),
  );
  return new Uint8Array(bytes as unknown as ArrayBuffer);
}

/** Has the node nothing under this id? */
export function isNotFound(error: unknown): boolean {
  return error instanceof TrineError && error.code === 'not-found';
}

/** Will the node have it later? */
export function isNotYet(error: unknown): boolean {
  return error instanceof TrineError && error.code === 'not-yet';
}
