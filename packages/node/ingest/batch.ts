// Statements on their way through ingest and catch-up: the columns of the verifying threads, and what became of each.
import {
  openDisclosure,
  parseStatement,
  type Refusal,
  refusals,
  type Statement,
  type StatementKind,
  statementKinds,
} from '@trine/protocol';
import type { Entry } from '../projections/projection.ts';
import { sequenceFlags } from '../projections/sequence-flags.ts';
import type { SequencePlace } from '../projections/sequences.ts';
import type { Stream } from '../projections/streams.ts';
import type { VerifyResult } from './verify-columns.ts';

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
  /** First and last event time of statement i; of what has no readings, its arrival. */
  readonly firstMs: Float64Array;
  readonly lastMs: Float64Array;
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
    firstMs: new Float64Array(columns.count),
    lastMs: new Float64Array(columns.count),
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

/** Refusals of what was never said by whom it names, or is of a later release: readers pass over it, and it holds nothing. */
const passedOver: readonly Refusal[] = [
  'unknown-kind',
  'unknown-key',
  'revoked-key',
  'bad-signature',
  'wrong-network',
  'not-permitted',
  'unsupported-version',
];
const refusalCodes = Object.keys(refusals) as Refusal[];

/** Is this a reading or an event that its key signed, and of which only the body cannot be read? */
export function isUnreadInput(columns: VerifyResult, i: number): boolean {
  const code = columns.refusal[i] as number;
  const isInput = columns.kind[i] === statementKinds.pack || columns.kind[i] === statementKinds.event;
  return code > 0 && isInput && !passedOver.includes(refusalCodes[code - 1] as Refusal);
}

/** Place of statement i in its hash chain; ids as latin1 text. */
export function placeAt({ epoch, seq, ids, hasPrev, prevs }: VerifyResult, i: number): SequencePlace {
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

/** First and last event time of the readings of statement i, or its arrival. */
export function timesAt(columns: VerifyResult, i: number): { firstMs: number; lastMs: number } {
  const from = columns.readingStart[i] as number;
  const to = columns.readingStart[i + 1] as number;
  if (from === to) return { firstMs: columns.arrivalMs[i] as number, lastMs: columns.arrivalMs[i] as number };
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (let reading = from; reading < to; reading++) {
    const timeMs = columns.readingTimeMs[reading] as number;
    if (timeMs < firstMs) firstMs = timeMs;
    if (timeMs > lastMs) lastMs = timeMs;
  }
  return { firstMs, lastMs };
}

/** A statement of a batch as projections see it; moved from one to the next, so that none costs an object. */
export class BatchEntry implements Entry {
  #batch: AppendedBatch | undefined;
  #i = 0;
  #index = 0;
  #statement: Statement | undefined;

  /** @param index the leaf it has, or would get */
  at(batch: AppendedBatch, i: number, index: number): this {
    this.#batch = batch;
    this.#i = i;
    this.#index = index;
    this.#statement = undefined;
    return this;
  }

  get #columns(): VerifyResult {
    return (this.#batch as AppendedBatch).columns;
  }

  get index(): number {
    return this.#index;
  }

  get arrivalMs(): number {
    return this.#columns.arrivalMs[this.#i] as number;
  }

  get kind(): StatementKind {
    return kindNames[this.#columns.kind[this.#i] as number] as StatementKind;
  }

  get subject(): string {
    return subjectAt(this.#columns, this.#i);
  }

  get issuer(): string {
    return issuerAt(this.#columns, this.#i);
  }

  get keyOwner(): string {
    return this.#batch?.keyOwners[this.#i] as string;
  }

  get flag(): Entry['flag'] {
    return sequenceFlags[this.#batch?.flag[this.#i] as number];
  }

  get firstMs(): number {
    return this.#batch?.firstMs[this.#i] as number;
  }

  get lastMs(): number {
    return this.#batch?.lastMs[this.#i] as number;
  }

  get supersedes(): Uint8Array | undefined {
    return this.#columns.supersedes.find(([i]) => i === this.#i)?.[1];
  }

  statement(): Statement {
    this.#statement ??= parseStatement((this.#batch as AppendedBatch).statement(this.#i));
    return this.#statement;
  }

  body(): Uint8Array | undefined {
    if (!this.#columns.sealed[this.#i]) return this.statement().payload;
    const disclosure = disclosureAt(this.#columns, this.#i);
    return disclosure.length === 0 ? undefined : openDisclosure(disclosure);
  }
}

const kindNames: string[] = [];
for (const [name, code] of Object.entries(statementKinds)) kindNames[code] = name;
