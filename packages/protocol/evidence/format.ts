// Evidence: one file with the whole way from a device's signature to the payment it caused. It holds nothing that is
// not bound by a hash or a signature; what its parts are for, a verifier finds out from the parts themselves.

import { decodeCbor } from '../cbor/cbor.ts';
import {
  bytes,
  type Field,
  type Infer,
  integer,
  list,
  oneOf,
  optional,
  payload,
  record,
  text,
} from '../cbor/schema.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';
import { mapProof } from '../merkle-map.ts';
import { inputRange, REVISIONS_MAX } from '../payloads/decision.ts';
import { shownHeads } from '../sequence-heads.ts';
import type { Statement } from '../statement/statement.ts';
import { OtherError } from './report.ts';
import { batchForm } from './steps/batch.ts';

/** Of a chain of validators: what signed the header, and who they were. Its form is reserved: no reader has it yet. */
const validators = record({
  tag: oneOf('validators'),
  commit: bytes({ max: 262_144 }),
  validators: bytes({ max: 262_144 }),
});
/** `members`: members of the network say in statements of the file that the block is part of the chain. */
const members = record({ tag: oneOf('members') });
const otherFinality = record({ tag: text(20, /^[a-z][a-z-]*$/), data: bytes({ max: 262_144 }) });

/** What shows that a block is part of the chain. A tag that a reader does not know gives a lower verdict, never an error. */
export type Finality = Infer<typeof members> | Infer<typeof validators> | Infer<typeof otherFinality>;
const finality: Field<Finality> = {
  check: (given, path) => {
    const tag = (given as { tag?: unknown } | null)?.tag;
    if (tag === 'members') return members.check(given, path);
    return tag === 'validators' ? validators.check(given, path) : otherFinality.check(given, path);
  },
};

const receipt = record({
  /** RLP of the block header. */
  header: bytes({ max: 4_096 }),
  finality,
  transaction: integer(),
  /** RLP nodes of the receipts trie, from the root. */
  nodes: list(bytes({ max: 65_536 }), 16),
});
export type EvidenceReceipt = Infer<typeof receipt>;

/** What the file holds of one log. */
const log = record({
  /** Signed note (C2SP tlog-checkpoint); cosignatures of others may stand on it. */
  checkpoint: text(20_000),
  /** By index, each once. */
  leaves: list(record({ index: integer(), leaf: bytes({ max: limits.leafBytesMax }) }), limits.evidenceLeavesMax),
  /** Hashes of the subtrees without leaves above, from left to right: see tlog/multiproof.ts. */
  proof: list(bytes(32), 200_000),
  /** Leaves that only show when they arrived: those around the cut of the decision that are nothing else here. */
  arrivals: optional(list(integer(), 4)),
  /** Salt and body of sealed statements, by leaf index. */
  bodies: list(
    record({ index: integer(), disclosure: bytes({ max: limits.bodyBytesMax + 64 }) }),
    limits.evidenceLeavesMax,
  ),
});
export type EvidenceLog = Infer<typeof log>;

const evidence = record({
  trine: oneOf('evidence/1'),
  /**
   * `reading`: id of the statement. `decision`: hash of the decision's payload. `row`: id of the row's statement.
   * `payment`: EIP-712 digest of the intent.
   */
  about: record({ kind: oneOf('reading', 'decision', 'row', 'payment'), id: bytes(32) }),
  /** Each origin once; of what is decided, all that the terms name, in their order. A position is (origin, index). */
  logs: list(log, 8),
  /** What went in, by part: '' for what is common, else the key of a row. Bound by the decision's root. */
  inputs: optional(list(record({ key: text(128), ranges: list(inputRange, 4_096) }), 20_000)),
  /** Which sequences there were about what went in, and their newest statements below the cuts. Bound by the decision's root. */
  heads: optional(shownHeads),
  /** Salt and body of each state before the decision; of a row, of its own alone. */
  states: optional(list(record({ key: text(128), disclosure: bytes({ max: 262_144 }) }), 4_096)),
  /** Salts of the bodies that deciders compute: of the states after, and of rows. */
  salts: optional(list(record({ purpose: oneOf('state', 'row'), key: text(128), salt: bytes(16) }), 8_192)),
  /** That a row, its inputs, what is common of them, and its state are the ones the decision names. */
  row: optional(
    record({
      ...{ key: text(128), row: mapProof, inputs: mapProof, common: mapProof, state: mapProof },
      /** Of a correction: that party's lines in the decisions that it corrects, the newest first, or that there was none. */
      before: optional(list(mapProof, REVISIONS_MAX)),
    }),
  ),
  /** The anchored tree the payment was proven under, and that it is a beginning of the checkpoint's tree. */
  anchor: optional(record({ size: integer(1), root: bytes(32), consistency: list(bytes(32), 64), receipt })),
  /** Signatures of deciders over the intent (EIP-712), 65 bytes each. */
  signatures: optional(list(bytes(65), 16)),
  settlement: optional(record({ receipt })),
  /** Of mapped readings: mappings (canonical JSON, RFC 8785) and messages as they came, each once, in the order of their SHA-256. */
  sources: optional(
    record({
      mappings: list(bytes({ max: 262_144 }), 1_000),
      messages: list(bytes({ max: limits.bodyBytesMax + 2_048 }), limits.evidenceLeavesMax),
    }),
  ),
  /** Where it was paid in a batch. */
  batch: optional(batchForm),
});
export type Evidence = Infer<typeof evidence>;

const codec = payload('evidence', evidence);

export const encodeEvidence = codec.encode;

/** @throws OtherError for a file of another kind, FormatError `too-large` or `malformed` */
export function decodeEvidence(file: Uint8Array): Evidence {
  if (file.length > limits.evidenceBytesMax)
    throw new FormatError('too-large', `An evidence file has at most ${limits.evidenceBytesMax} bytes.`);
  // A CBOR map (RFC 8949 §3.1): no text, table, picture or archive begins like one.
  if ((file[0] ?? 0) >> 5 !== 5)
    throw new OtherError('no-proof', file.length === 0 ? 'The file is empty.' : 'This is no evidence file.');
  const value = decodeCbor(file, 'evidence', limits.evidenceItemsMax);
  const { trine } = value as { trine?: unknown };
  if (typeof trine !== 'string' || !trine.startsWith('evidence/'))
    throw new OtherError('no-proof', 'This is no evidence file.');
  return evidence.check(value, 'evidence');
}

/** A logged statement as the evaluation of a decision needs it. */
export interface InputStatement {
  /** Of the log in which it counts. */
  readonly origin: string;
  readonly index: number;
  /** Its number among what is looked at over all logs; absent: its index, in the one log there is. */
  readonly order?: number;
  readonly arrivalMs: number;
  readonly statement: Statement;
  /** The disclosed body. */
  readonly body: Uint8Array;
  /** Holder of the signing key, the member who enrolled it (did:key), and that member's account on the chain. */
  readonly keyOwner: string;
  readonly owner: string;
  readonly ownerAddress: string;
}
