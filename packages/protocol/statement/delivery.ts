// What travels: a CBOR sequence (RFC 8742) of deliveries, each a COSE_Sign1 with an open body, or for a sealed one
// the list [statement, disclosure].
import { concatBytes } from '../bytes.ts';
import { encodeCbor } from '../cbor/cbor.ts';
import { CborReader } from '../cbor/reader.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';

export interface Delivery {
  readonly statement: Uint8Array;
  readonly disclosure?: Uint8Array;
}

/** Encodes one delivery; concatenate several to send them together. */
export function encodeDelivery(delivery: Delivery): Uint8Array {
  return delivery.disclosure ? encodeCbor([delivery.statement, delivery.disclosure]) : delivery.statement;
}

export function encodeDeliveries(deliveries: readonly Delivery[]): Uint8Array {
  return concatBytes(...deliveries.map(encodeDelivery));
}

/**
 * Splits a message into deliveries without looking inside the statements.
 *
 * @param message at most `limits.messageBytesMax` bytes; the results are views of it
 * @throws FormatError `too-large` or `malformed`
 */
export function splitDeliveries(message: Uint8Array): Delivery[] {
  if (message.length > limits.messageBytesMax)
    throw new FormatError('too-large', `A message has at most ${limits.messageBytesMax} bytes; got ${message.length}.`);
  const reader = new CborReader(message, 'message');
  const deliveries: Delivery[] = [];
  while (reader.at < message.length) {
    if (deliveries.length === limits.deliveriesPerMessageMax)
      throw new FormatError('too-large', `A message has at most ${limits.deliveriesPerMessageMax} statements.`);
    if (reader.major() === 4) {
      if (reader.list() !== 2) reader.fail('should hold [statement, body]');
      deliveries.push({ statement: reader.byteString(), disclosure: reader.byteString() });
    } else {
      const start = reader.at;
      if (reader.tag() !== 18 || reader.list() !== 4) reader.fail('should hold COSE_Sign1 statements');
      reader.byteString();
      if (reader.map() !== 0) reader.fail('should have an empty unprotected header');
      reader.byteString();
      reader.byteString();
      deliveries.push({ statement: message.subarray(start, reader.at) });
    }
  }
  if (deliveries.length === 0) throw new FormatError('malformed', 'The message is empty.');
  return deliveries;
}
