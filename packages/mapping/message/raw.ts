// A message as it is kept and hashed: whoever holds it and its mapping reads the same.
import { decodeCbor, encodeCbor, FormatError } from '@trine/protocol';
import type { RawMessage } from './message.ts';

/** Deterministic CBOR of topic, payload and whether a broker had kept it. */
export function encodeRaw({ topic, payload, isRetained = false }: RawMessage): Uint8Array {
  return encodeCbor([topic, payload, isRetained]);
}

/** @throws FormatError where the bytes are no message */
export function decodeRaw(bytes: Uint8Array): RawMessage {
  const [topic, payload, isRetained] = decodeCbor(bytes) as unknown[];
  if (typeof topic !== 'string' || !(payload instanceof Uint8Array) || typeof isRetained !== 'boolean')
    throw new FormatError(
      'malformed',
      'This is no message: it has a topic, a payload, and whether a broker had kept it.',
    );
  return { topic, payload, isRetained };
}
