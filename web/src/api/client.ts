// Requests to the node this page came from.
import { readToken } from './token.ts';

/** The version of the interface that this console speaks. */
export const API = '/api/v1';

/** The node's answer to a request it did not fulfil; the message says what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const token = readToken();
  if (token === undefined && path.startsWith('/api/'))
    throw new ApiError(401, 'Open the address that npm start printed.');
  const headers = { ...init.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch {
    throw new ApiError(0, 'The node does not answer. Is it running? Start it with npm start.');
  }
  if (response.ok) return response;
  throw new ApiError(response.status, await errorText(response));
}

async function errorText(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: string };
    if (error) return error;
  } catch {
    // Not JSON: something between this page and the node answered.
  }
  return `The node answered ${response.status}.`;
}

/** @param path under the node's address @throws ApiError */
export async function getJson<T>(path: string): Promise<T> {
  return (await request(path)).json() as Promise<T>;
}

/** The rows of the first page of a list. @throws ApiError */
export async function getItems<T>(path: string): Promise<T[]> {
  return (await getJson<{ items: T[] }>(path)).items;
}

/** All rows of a list, page by page. @param path with its query @throws ApiError */
export async function getAll<T>(path: string): Promise<T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  do {
    const page = await getJson<{ items: T[]; next?: string }>(after === undefined ? path : `${path}&after=${after}`);
    rows.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return rows;
}

/** @throws ApiError */
export async function getBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await request(path)).arrayBuffer());
}

/** @throws ApiError */
export async function getText(path: string): Promise<string> {
  return (await request(path)).text();
}

/** @throws ApiError */
export async function post<T>(path: string, body?: unknown): Promise<T> {
  const content = body !== undefined && {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  };
  return (await request(path, { method: 'POST', ...content })).json() as Promise<T>;
}

/** @param signal ends the stream @throws ApiError */
export async function openStream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const { body } = await request(path, { signal, cache: 'no-store' });
  if (!body) throw new ApiError(0, 'The node sent an empty stream.');
  return body;
}
