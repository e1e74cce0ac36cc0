// Columns: what batches of statements become in the two large tables, without an object for each row.
import type { AppendedBatch } from '../../ingest/batch.ts';
import type { ReadingColumns, StatementColumns, StoreBatch } from './store.ts';

/** Numbers for sequences, as the store keeps them. */
export class SequenceNumbers {
  readonly #numbers = new Map<string, number>();

  constructor(known: readonly { sequence: number; keyOwner: string; subject: string }[]) {
    for (const { sequence, keyOwner, subject } of known) this.#numbers.set(`${keyOwner}\n${subject}`, sequence);
  }

  /** @param created told of a new one */
  of(keyOwner: string, subject: string, created: (sequence: number) => void): number {
    const name = `${keyOwner}\n${subject}`;
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(name, number);
      created(number);
    }
    return number;
  }
}

/** Statements and readings that batches hold: how much there is to store. */
export function weightOf(batches: readonly AppendedBatch[]): number {
  return batches.reduce((sum, { columns }) => sum + columns.count + columns.readingName.length, 0);
}

/**
 * Columns of everything in the batches that has a leaf at or after `first`.
 * @param streamsKnown number of streams that the tables have
 */
export function columnsOf(
  batches: readonly AppendedBatch[],
  first: number,
  numbers: SequenceNumbers,
  streamsKnown: number,
): Pick<StoreBatch, 'sequences' | 'streams' | 'statements' | 'readings' | 'texts'> {
  let statements = 0;
  let readings = 0;
  for (const { leaf, columns } of batches)
    for (let i = 0; i < columns.count; i++)
      if ((leaf[i] as number) >= first) {
        statements++;
        readings += (columns.readingStart[i + 1] as number) - (columns.readingStart[i] as number);
      }
  const s = statementColumns(statements);
  const r = readingColumns(readings);
  const sequences: StoreBatch['sequences'][number][] = [];
  const texts: StoreBatch['texts'][number][] = [];
  let at = 0;
  let readingAt = 0;
  for (const batch of batches) {
    const { columns } = batch;
    for (let i = 0; i < columns.count; i++) {
      const leaf = batch.leaf[i] as number;
      if (leaf < first) continue;
      const subject = columns.words[columns.subject[i] as number] as string;
      const keyOwner = batch.keyOwners[i] as string;
      const from = columns.readingStart[i] as number;
      const to = columns.readingStart[i + 1] as number;
      s.leaf[at] = leaf;
      s.ids.set(columns.ids.subarray(32 * i, 32 * i + 32), 32 * at);
      s.kind[at] = columns.kind[i] as number;
      s.sequence[at] = numbers.of(keyOwner, subject, (sequence) => sequences.push({ sequence, keyOwner, subject }));
      s.epoch[at] = columns.epoch[i] as number;
      s.seq[at] = columns.seq[i] as number;
      s.arrivalMs[at] = columns.arrivalMs[i] as number;
      s.class[at] = columns.class[i] as number;
      s.flag[at] = batch.flag[i] as number;
      s.readings[at] = to - from;
      s.firstMs[at] = batch.firstMs[i] as number;
      s.lastMs[at] = batch.lastMs[i] as number;
      r.stream.set(batch.stream.subarray(from, to), readingAt);
      r.timeMs.set(columns.readingTimeMs.subarray(from, to), readingAt);
      r.value.set(columns.readingValue.subarray(from, to), readingAt);
      r.leaf.fill(leaf, readingAt, readingAt + to - from);
      readingAt += to - from;
      at++;
    }
    texts.push(...textsOf(batch, first));
  }
  const streams = batches.flatMap(({ newStreams }) => newStreams.filter(({ stream }) => stream >= streamsKnown));
  return { sequences, streams, statements: s, readings: r, texts };
}

function textsOf({ columns, leaf, stream }: AppendedBatch, first: number): StoreBatch['texts'][number][] {
  let i = 0;
  return columns.texts.flatMap(([reading, value]) => {
    while ((columns.readingStart[i + 1] as number) <= reading) i++;
    const at = leaf[i] as number;
    const timeMs = columns.readingTimeMs[reading] as number;
    return at < first ? [] : [{ stream: stream[reading] as number, timeMs, leaf: at, value }];
  });
}

function statementColumns(count: number): StatementColumns {
  return {
    leaf: new Float64Array(count),
    ids: new Uint8Array(32 * count),
    kind: new Uint8Array(count),
    sequence: new Uint32Array(count),
    epoch: new Float64Array(count),
    seq: new Float64Array(count),
    arrivalMs: new Float64Array(count),
    class: new Uint8Array(count),
    flag: new Uint8Array(count),
    readings: new Uint32Array(count),
    firstMs: new Float64Array(count),
    lastMs: new Float64Array(count),
  };
}

function readingColumns(count: number): ReadingColumns {
  return {
    stream: new Uint32Array(count),
    timeMs: new Float64Array(count),
    leaf: new Float64Array(count),
    value: new Float64Array(count),
  };
}
