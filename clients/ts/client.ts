// Requests to a node, typed by its document; what is no answer is an error of the one family.
import { errorCodes, isErrorCode, TrineError } from '@trine/protocol';
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

/** What answers consist of, by name. */
export type Schemas = components['schemas'];

/** Operations by method and path: `api.GET('/api/v1/decisions', { params: { query: { verdict: 'breached' } } })`. */
export type TrineApi = Client<paths>;

/** What a GET may be asked with in its query. */
export type QueryOf<Path extends keyof paths> = paths[Path] extends {
  readonly get: { readonly parameters: { readonly query?: infer Query } };
}
  ? NonNullable<Query>
  : never;

export interface ClientOptions {
  /** Address of the node; '' in a page that came from it. */
  readonly url: string;
  /** Without one: what is public alone. */
  readonly token?: string | undefined;
  /** By default the platform's. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** Nothing answered at the address: no node, or no way to it. */
export class UnreachableError extends TrineError {
  override readonly name = 'UnreachableError';
  constructor(url: string, cause: unknown) {
    super('unavailable', `No node answers at ${url}.`, { cause });
  }
}

/**
 * A client of a node. Its calls reject with {@link UnreachableError}, or with the TrineError that the node answered.
 *
 * @example
 * const api = connect({ url: 'http://127.0.0.1:4100', token });
 * const page = await answer(api.GET('/api/v1/decisions', { params: { query: { held: 'true' } } }));
 */
export function connect({ url, token, fetch = globalThis.fetch }: ClientOptions): TrineApi {
  const api = createClient<paths>({
    baseUrl: url,
    fetch: async (request) => {
      try {
        return await fetch(request);
      } catch (error) {
        if (request.signal.aborted || error instanceof TrineError) throw error;
        throw new UnreachableError(url, error);
      }
    },
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  });
  api.use({
    onResponse: async ({ response }) => {
      if (!response.ok) throw await errorOf(response);
    },
  });
  return api;
}

/** What came back. @throws TrineError, also where it is no JSON: what answered is no node then, or something between */
export async function answer<T>(call: Promise<{ readonly data?: T }>): Promise<Exclude<T, undefined>> {
  try {
    return (await call).data as Exclude<T, undefined>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new TrineError('malformed', 'What answers there is no node: it sends no JSON.', { cause: error });
  }
}

/** The error that an answer tells; one that something between told has the code of its status. */
async function errorOf(response: Response): Promise<TrineError> {
  const told = (await response.json().catch(() => undefined)) as Partial<Schemas['Problem']> | undefined;
  const path = new URL(response.url, 'http://localhost').pathname;
  const message = told?.error ?? `The node answered ${path} with HTTP status ${response.status}.`;
  const code = isErrorCode(told?.code) ? told.code : codeOf(response.status);
  const seconds = Number(response.headers.get('retry-after'));
  const wait = seconds > 0 && { retryAfterMs: seconds * 1_000 };
  return new TrineError(code, message, { facts: { ...wait, ...told?.facts } });
}

function codeOf(status: number): TrineError['code'] {
  const [code] = Object.entries(errorCodes).find(([, row]) => row.status === status && !row.counted) ?? [];
  return (code as TrineError['code'] | undefined) ?? 'internal';
}
