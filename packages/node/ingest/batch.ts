// Statements on their way through ingest and catch-up: the columns of the verifying threads, and what became of each.
import type { SequenceFlag, SequencePlace } from '../projections/sequences.ts';
import type { Stream } from '../projections/streams.ts';
import type { VerifyResult } from './verify-columns.ts';

export const sequenceFlags: readonly (SequenceFlag | undefined)[] = [undefined, 'gap', 'reordered', 'fork', 'clone'];

/** Statements that became durable together, as columns; `leaf[i]` is -1 for those that were not sealed. */
export interface AppendedBatch {
  readonly columns: VerifyResult;
  readonly leaf: Float64Array;
  /** Position in {@link sequenceFlags}. */
  readonly flag: Uint8Array;
  /** Holder of the signing key, by statement. */
  readonly keyOwners: string[];
  /** Stream number of each reading. */
  readonly stream: Uint32Array;
  readonly newStreams: Stream[];
  /** Bytes of statement i. */
  statement(i: number): Uint8Array;
}

/** A batch in which nothing has a leaf yet. */
export function openBatch(columns: VerifyResult): AppendedBatch {
  const bytes = new Uint8Array(columns.buffer);
  return {
    columns,
    leaf: new Float64Array(columns.count).fill(-1),
    flag: new Uint8Array(columns.count),
    keyOwners: new Array(columns.count).fill(''),
    stream: new Uint32Array(columns.readingName.length),
    newStreams: [],
    statement: (i) => {
      const start = columns.offsets[3 * i] as number;
      return bytes.subarray(start, start + (columns.offsets[3 * i + 1] as number));
    },
  };
}

export function subjectAt({ words, subject }: VerifyResult, i: number): string {
  return words[subject[i] as number] as string;
}

export function issuerAt({ words, issuer }: VerifyResult, i: number): string {
  return words[issuer[i] as number] as string;
}

/** A view: the columns live as long as their answers. */
export function idAt({ ids }: VerifyResult, i: number): Uint8Array {
  return ids.subarray(32 * i, 32 * i + 32);
}

export function disclosureAt({ buffer, offsets }: VerifyResult, i: number): Uint8Array {
  const start = (offsets[3 * i] as number) + (offsets[3 * i + 1] as number);
  return new Uint8Array(buffer, start, offsets[3 * i + 2] as number);
}

/** Place of statement i in its hash chain; ids as latin1 text. */
export function linkAt({ epoch, seq, ids, hasPrev, prevs }: VerifyResult, i: number): SequencePlace {
  return {
    epoch: epoch[i] as number,
    seq: seq[i] as number,
    id: latin1(ids, 32 * i),
    prev: hasPrev[i] ? latin1(prevs, 32 * i) : undefined,
  };
}

function latin1(bytes: Uint8Array, from: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, 32).toString('latin1');
}
