// HTTP: for senders that may not keep an MQTT connection. The answer to a POST is the acknowledgement.
import { type ErrorCode, TrineError } from '@trine/protocol';
import type { Transport } from './transport.ts';

/** What the node said instead of an acknowledgement. */
export class HttpTransportError extends TrineError {
  override readonly name = 'HttpTransportError';
}

const TIMEOUT_MS = 30_000;

/**
 * @param url of the node, such as `http://127.0.0.1:4100`
 */
export function httpTransport(url: string): Transport {
  const listeners = new Set<(message: Uint8Array) => void>();
  const address = new URL('/api/v1/statements', url);
  return {
    async send(message) {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/cbor' },
        body: message.slice(),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      // 429 and 503 ask to wait, in a signed acknowledgement like every other.
      if (!response.ok && response.status !== 429 && response.status !== 503)
        throw new HttpTransportError(codeOf(response.status), `The node answered with HTTP status ${response.status}.`);
      for (const listener of listeners) listener(answer);
    },
    onAcknowledgement: (listener) => void listeners.add(listener),
    close: async () => undefined,
  };
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'unauthorised';
  if (status === 413) return 'too-large';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'unavailable' : 'invalid';
}
