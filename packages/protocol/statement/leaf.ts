// Leaf: what the log holds. The first byte keeps device bytes and payment intents apart.
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';

export const leafTags = { statement: 1, intent: 2 } as const;

/** An encoded intent without entries: a word of offset, 18 fields, the number of entries. */
const INTENT_BYTES_MIN = 640;

export type Leaf =
  | { readonly kind: 'statement'; readonly arrivalMs: number; readonly statement: Uint8Array }
  | { readonly kind: 'intent'; readonly intent: Uint8Array };

/**
 * @param arrivalMs milliseconds since 1970 at this node
 * @param statement COSE_Sign1 bytes
 * @returns `0x01 ‖ u64 arrival ‖ statement`
 */
export function encodeStatementLeaf(arrivalMs: number, statement: Uint8Array): Uint8Array {
  if (statement.length > limits.statementBytesMax)
    throw new FormatError('too-large', `A statement has at most ${limits.statementBytesMax} bytes.`);
  const leaf = new Uint8Array(9 + statement.length);
  leaf[0] = leafTags.statement;
  const high = Math.floor(arrivalMs / 4_294_967_296);
  const view = new DataView(leaf.buffer);
  view.setUint32(1, high);
  view.setUint32(5, arrivalMs - high * 4_294_967_296);
  leaf.set(statement, 9);
  return leaf;
}

/** @param intent `abi.encode(Intent)` @returns `0x02 ‖ intent` */
export function encodeIntentLeaf(intent: Uint8Array): Uint8Array {
  const leaf = new Uint8Array(1 + intent.length);
  leaf[0] = leafTags.intent;
  leaf.set(intent, 1);
  return leaf;
}

/** @throws FormatError `malformed` */
export function decodeLeaf(leaf: Uint8Array): Leaf {
  if (leaf[0] === leafTags.intent && leaf.length > INTENT_BYTES_MIN)
    return { kind: 'intent', intent: leaf.subarray(1) };
  if (leaf[0] !== leafTags.statement || leaf.length < 10)
    throw new FormatError('malformed', 'The leaf is neither a statement (0x01) nor an intent (0x02).');
  const view = new DataView(leaf.buffer, leaf.byteOffset, leaf.length);
  const arrivalMs = view.getUint32(1) * 4_294_967_296 + view.getUint32(5);
  if (arrivalMs > Number.MAX_SAFE_INTEGER) throw new FormatError('malformed', 'The arrival time is out of range.');
  return { kind: 'statement', arrivalMs, statement: leaf.subarray(9) };
}
