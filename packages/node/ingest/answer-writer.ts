// Writes answers as CBOR without building objects or sorting keys: one is written for every statement. The bytes are
// those of `answersPayload` (deterministic CBOR, RFC 8949 §4.2.1), which stays the specification.

import { type Answer, type CborWriter, writeCbor } from '@trine/protocol';

/**
 * @param answers to the statements of one message, in their order
 * @returns the bytes of `answersPayload.encode(answers)`
 */
export function writeAnswers(answers: readonly Answer[]): Uint8Array {
  return writeCbor((writer) => {
    writer.list(answers.length);
    for (const answer of answers) writeAnswer(writer, answer);
  });
}

/** Fields in the order of deterministic CBOR: by their encoded keys. */
function writeAnswer(
  writer: CborWriter,
  { id, verdict, reason, index, retryAfterMs, epoch, contiguousSeq, flag }: Answer,
): void {
  let fields = 2;
  if (reason !== undefined) fields++;
  if (index !== undefined) fields++;
  if (retryAfterMs !== undefined) fields++;
  if (epoch !== undefined) fields++;
  if (contiguousSeq !== undefined) fields++;
  if (flag !== undefined) fields++;
  writer.map(fields);
  writer.text('id');
  writer.bytes(id);
  if (flag !== undefined) {
    writer.text('flag');
    writer.text(flag);
  }
  if (epoch !== undefined) {
    writer.text('epoch');
    writer.number(epoch);
  }
  if (index !== undefined) {
    writer.text('index');
    writer.number(index);
  }
  if (reason !== undefined) {
    writer.text('reason');
    writer.text(reason);
  }
  writer.text('verdict');
  writer.text(verdict);
  if (retryAfterMs !== undefined) {
    writer.text('retryAfterMs');
    writer.number(retryAfterMs);
  }
  if (contiguousSeq !== undefined) {
    writer.text('contiguousSeq');
    writer.number(contiguousSeq);
  }
}
