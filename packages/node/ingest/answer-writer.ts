// Writes answers as CBOR without building objects or sorting keys: one is written for every statement. The bytes are
// those of `answersPayload` (deterministic CBOR, RFC 8949 §4.2.1), which stays the specification.

import { type Answer, encodeCbor } from '@trine/protocol';

/** Fields in the order of deterministic CBOR: by their encoded keys. */
const key = {
  id: encodeCbor('id'),
  flag: encodeCbor('flag'),
  epoch: encodeCbor('epoch'),
  index: encodeCbor('index'),
  reason: encodeCbor('reason'),
  verdict: encodeCbor('verdict'),
  retryAfterMs: encodeCbor('retryAfterMs'),
  contiguousSeq: encodeCbor('contiguousSeq'),
} as const;

/** Encoded texts of verdicts, reasons and flags: a closed set. */
const texts = new Map<string, Uint8Array>();

function encodedText(text: string): Uint8Array {
  let encoded = texts.get(text);
  if (encoded === undefined) {
    encoded = encodeCbor(text);
    texts.set(text, encoded);
  }
  return encoded;
}

/** One answer takes at most: eight keys (57 bytes), the id, three texts of at most 24 characters, four integers. */
const ANSWER_BYTES_MAX = 256;
let out = new Uint8Array(16_384);
let view = new DataView(out.buffer);
let at = 0;

/**
 * @param answers to the statements of one message, in their order
 * @returns the bytes of `answersPayload.encode(answers)`
 */
export function writeAnswers(answers: readonly Answer[]): Uint8Array {
  if (answers.length * ANSWER_BYTES_MAX + 9 > out.length) {
    out = new Uint8Array(2 * answers.length * ANSWER_BYTES_MAX + 9);
    view = new DataView(out.buffer);
  }
  at = 0;
  head(0x80, answers.length);
  for (const answer of answers) writeAnswer(answer);
  return out.slice(0, at);
}

function writeAnswer({ id, verdict, reason, index, retryAfterMs, epoch, contiguousSeq, flag }: Answer): void {
  let fields = 2;
  for (const field of [reason, index, retryAfterMs, epoch, contiguousSeq, flag]) if (field !== undefined) fields++;
  head(0xa0, fields);
  put(key.id);
  head(0x40, id.length);
  put(id);
  if (flag !== undefined) putText(key.flag, flag);
  if (epoch !== undefined) putInteger(key.epoch, epoch);
  if (index !== undefined) putInteger(key.index, index);
  if (reason !== undefined) putText(key.reason, reason);
  putText(key.verdict, verdict);
  if (retryAfterMs !== undefined) putInteger(key.retryAfterMs, retryAfterMs);
  if (contiguousSeq !== undefined) putInteger(key.contiguousSeq, contiguousSeq);
}

function put(bytes: Uint8Array): void {
  out.set(bytes, at);
  at += bytes.length;
}

function putText(name: Uint8Array, text: string): void {
  put(name);
  put(encodedText(text));
}

function putInteger(name: Uint8Array, value: number): void {
  put(name);
  if (value < 0) head(0x20, -1 - value);
  else head(0, value);
}

/** The head of an item: major type in the upper three bits, argument in the shortest form. */
function head(major: number, argument: number): void {
  if (argument < 24) out[at++] = major | argument;
  else if (argument < 0x100) {
    out[at++] = major | 24;
    out[at++] = argument;
  } else if (argument < 0x1_0000) {
    out[at++] = major | 25;
    view.setUint16(at, argument);
    at += 2;
  } else if (argument < 0x1_0000_0000) {
    out[at++] = major | 26;
    view.setUint32(at, argument);
    at += 4;
  } else {
    out[at++] = major | 27;
    view.setUint32(at, Math.floor(argument / 0x1_0000_0000));
    view.setUint32(at + 4, argument % 0x1_0000_0000);
    at += 8;
  }
}
