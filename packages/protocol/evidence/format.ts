// Evidence: one file with the whole way from a device's signature to the payment it caused. It holds nothing that is
// not bound by a hash or a signature; what its parts are for, a verifier finds out from the parts themselves.

import { bytes, type Infer, integer, list, oneOf, optional, payload, record, text } from '../cbor/schema.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Statement } from '../statement/statement.ts';

const receipt = record({
  /** RLP of the block header. */
  header: bytes({ max: 4_096 }),
  transaction: integer(),
  /** RLP nodes of the receipts trie, from the root. */
  nodes: list(bytes({ max: 65_536 }), 16),
});
export type EvidenceReceipt = Infer<typeof receipt>;

const evidence = record({
  trine: oneOf('evidence/1'),
  /** `reading`: id of the statement. `decision`: hash of the decision's payload. `payment`: EIP-712 digest of the intent. */
  about: record({ kind: oneOf('reading', 'decision', 'payment'), id: bytes(32) }),
  /** Signed note (C2SP tlog-checkpoint). */
  checkpoint: text(20_000),
  /** By index, each once. */
  leaves: list(record({ index: integer(), leaf: bytes({ max: limits.leafBytesMax }) }), 20_000),
  /** Hashes of the subtrees without leaves above, from left to right: see multiproof.ts. */
  proof: list(bytes(32), 200_000),
  /** Salt and body of sealed statements, by leaf index. */
  bodies: list(record({ index: integer(), disclosure: bytes({ max: limits.bodyBytesMax + 64 }) }), 20_000),
  /** The model's state before the decision: bound by its hash in there. Absent where the decision is the first. */
  state: optional(bytes({ max: 60_000 })),
  /** The anchored tree the payment was proven under, and that it is a beginning of the checkpoint's tree. */
  anchor: optional(record({ size: integer(1), root: bytes(32), consistency: list(bytes(32), 64), receipt })),
  /** Signatures of deciders over the intent (EIP-712), 65 bytes each. */
  signatures: optional(list(bytes(65), 16)),
  settlement: optional(record({ receipt })),
});
export type Evidence = Infer<typeof evidence>;

const codec = payload('evidence', evidence);

export const encodeEvidence = codec.encode;

/** @throws FormatError `too-large` or `malformed` */
export function decodeEvidence(file: Uint8Array): Evidence {
  if (file.length > limits.evidenceBytesMax)
    throw new FormatError('too-large', `An evidence file has at most ${limits.evidenceBytesMax} bytes.`);
  return codec.decode(file);
}

/** A sealed pack as the evaluation of a decision needs it. */
export interface InputStatement {
  readonly index: number;
  readonly arrivalMs: number;
  readonly statement: Statement;
  /** The disclosed body. */
  readonly body: Uint8Array;
  /** Holder of the signing key, the member who enrolled it (did:key), and that member's account on the chain. */
  readonly keyOwner: string;
  readonly owner: string;
  readonly ownerAddress: string;
}
