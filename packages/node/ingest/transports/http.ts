// HTTP: the body of a POST is a message of deliveries, the answer its signed acknowledgement.
import type { Socket } from 'node:net';
import { type ErrorCode, limits as formats, TrineError } from '@trine/protocol';
import { errorAnswer, retryAfterS } from '../../error-answer.ts';
import { Counters } from '../counters.ts';
import type { Ingest } from '../ingest.ts';
import type { Source } from '../source.ts';
import type { Transport } from '../transport.ts';

export interface HttpIngestLimits {
  /** One message. */
  readonly messageBytesMax: number;
  /** Bodies being received, all together: beyond, senders are told to come again. */
  readonly receivingBytesMax: number;
}

export const httpIngestLimits: HttpIngestLimits = {
  messageBytesMax: formats.messageBytesMax,
  receivingBytesMax: 134_217_728,
};

const RETRY_AFTER_MS = 1_000;
const later = (code: ErrorCode, message: string): TrineError =>
  new TrineError(code, message, { facts: { retryAfterMs: RETRY_AFTER_MS } });

export interface HttpTransport extends Transport {
  readonly name: 'http';
  /** @param socket that the request came on: limits are kept by connection */
  receive(request: Request, socket: Socket): Promise<Response>;
}

/** @param options the ingest, the address for people, and limits in bytes; connections are the server's to limit */
export function openHttpTransport(options: {
  readonly ingest: Ingest;
  readonly address: string;
  readonly limits?: Partial<HttpIngestLimits>;
  /** Where the server counts what it refuses before a request is read. */
  readonly counters?: Counters | undefined;
  readonly now?: () => number;
}): HttpTransport {
  const { ingest, address } = options;
  const limits = { ...httpIngestLimits, ...options.limits };
  const counters = options.counters ?? new Counters();
  const sources = new WeakMap<Socket, Source>();
  const sinceMs = (options.now ?? Date.now)();
  const tooLarge = new TrineError('too-large', `A message has at most ${limits.messageBytesMax} bytes: send several.`);
  let closed = false;
  let receivingBytes = 0;

  const sourceOf = (socket: Socket): Source => {
    let source = sources.get(socket);
    if (source === undefined) {
      const { remoteAddress } = socket;
      source = ingest.source({ name: `http:${remoteAddress}`, remoteAddress });
      sources.set(socket, source);
    }
    return source;
  };
  const refuse = (reason: string, error: TrineError, headers: Record<string, string> = {}): Response => {
    counters.count(reason);
    const waitS = retryAfterS(error);
    const all = { ...headers, ...(waitS !== undefined && { 'retry-after': String(waitS) }) };
    return Response.json(errorAnswer(error), { status: error.status, headers: all });
  };

  /** @returns the body, or the answer that refuses it; what is too large is not read to its end */
  const read = async (body: ReadableStream<Uint8Array> | null): Promise<Uint8Array | Response> => {
    const parts: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const part of body ?? []) {
        length += part.length;
        receivingBytes += part.length;
        if (length > limits.messageBytesMax) return refuse('too-large', tooLarge, close);
        if (receivingBytes > limits.receivingBytesMax)
          return refuse('overloaded', later('overloaded', 'Too much is being received: send it again in a moment.'));
        parts.push(part);
      }
    } catch {
      const error = new TrineError('invalid', 'The message did not come to its end: send it again.');
      return refuse('connection-lost', error);
    } finally {
      receivingBytes -= length;
    }
    return new Uint8Array(Buffer.concat(parts));
  };

  return {
    name: 'http',
    address,
    counters,
    get health() {
      return closed ? { connected: false, sinceMs, reason: 'The port was closed.' } : { connected: true, sinceMs };
    },
    async receive(request, socket) {
      if (closed) return refuse('closed', later('stopped', 'The node is closing: send it again in a moment.'));
      const source = sourceOf(socket);
      if (Number(request.headers.get('content-length') ?? 0) > limits.messageBytesMax)
        return refuse('too-large', tooLarge, close);
      const message = await read(request.body);
      if (message instanceof Response) return message;
      try {
        const { acknowledgement, answers } = await ingest.take(message, source);
        const wait = answers.find(({ retryAfterMs }) => retryAfterMs !== undefined);
        if (source.isCutOff) counters.count('cut-off');
        return new Response(acknowledgement.slice().buffer, {
          status: wait === undefined ? 200 : wait.reason === 'rate-limited' ? 429 : 503,
          headers: {
            'content-type': 'application/cbor',
            ...(wait?.retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(wait.retryAfterMs / 1000)) }),
            ...(source.isCutOff && close),
          },
        });
      } catch {
        // The log stopped: no acknowledgement, and the sender keeps what it has.
        return refuse(
          'log-stopped',
          later('unavailable', 'Nothing can be sealed at the moment: keep it and send it again.'),
        );
      }
    },
    close: async () => {
      closed = true;
    },
  };
}

const close = { connection: 'close' };
