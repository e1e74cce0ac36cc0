// Record: gathers what was sealed and gives it to the store in large batches.

import { parseStatement, statementKinds } from '@trine/protocol';
import type { AppendedBatch } from '../ingest/batch.ts';
import { rowsOfIntent, rowsOfStatement } from './rows.ts';
import type { ReadingColumns, StatementColumns, Store, StoreBatch } from './tables/store.ts';

export interface Recorder {
  /** True while more waits than should: ingest then pushes back. */
  readonly isBehind: boolean;
  add(batch: AppendedBatch): void;
  /** A leaf that is an intent. Leaves must be added in their order. */
  addIntent(encoded: Uint8Array, leaf: number): void;
  /** Resolves when everything added so far is stored. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface SequenceNumbers {
  /** Number of the chain of a key owner about a subject. */
  of(keyOwner: string, subject: string, created: (chain: number) => void): number;
}

/** Numbers for hash chains, as the store keeps them. */
export function createSequenceNumbers(
  known: readonly { chain: number; keyOwner: string; subject: string }[],
): SequenceNumbers {
  const numbers = new Map<string, number>();
  let next = 0;
  for (const { chain, keyOwner, subject } of known) {
    numbers.set(`${keyOwner}\n${subject}`, chain);
    next = Math.max(next, chain + 1);
  }
  return {
    of(keyOwner, subject, created) {
      const name = `${keyOwner}\n${subject}`;
      let number = numbers.get(name);
      if (number === undefined) {
        number = next++;
        numbers.set(name, number);
        created(number);
      }
      return number;
    },
  };
}

const FLUSH_AFTER_MS = 200;
const FLUSH_READINGS = 65_536;
const BEHIND_READINGS = 1_000_000;

/** @param onError called when the store refuses a batch: the node should stop rather than show what is not so */
export function createRecorder(store: Store, sequences: SequenceNumbers, onError: (error: Error) => void): Recorder {
  let pending: AppendedBatch[] = [];
  let rows: StoreBatch['rows'][number][] = [];
  let next = store.position;
  let waiting = 0;
  let storing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length > 0 || rows.length > 0 || next > store.position) {
      const batches = pending;
      const count = weight(batches);
      const batch = toStoreBatch(batches, rows, next, sequences);
      pending = [];
      rows = [];
      storing = storing
        .then(() => store.append(batch))
        .then(() => {
          waiting -= count;
        });
      storing.catch(onError);
    }
    return storing;
  };

  const schedule = () => {
    timer ??= setTimeout(flush, FLUSH_AFTER_MS);
  };

  return {
    get isBehind() {
      return waiting > BEHIND_READINGS;
    },
    add(batch) {
      pending.push(batch);
      for (const leaf of batch.leaf) next = Math.max(next, leaf + 1);
      waiting += weight([batch]);
      if (weight(pending) >= FLUSH_READINGS) void flush();
      else schedule();
    },
    addIntent(encoded, leaf) {
      rows.push(...rowsOfIntent(encoded, leaf));
      next = Math.max(next, leaf + 1);
      schedule();
    },
    flush,
    async close() {
      await flush();
    },
  };
}

function weight(batches: readonly AppendedBatch[]): number {
  return batches.reduce((sum, { columns }) => sum + columns.count + columns.readingName.length, 0);
}

function toStoreBatch(
  batches: readonly AppendedBatch[],
  rows: StoreBatch['rows'],
  next: number,
  numbers: SequenceNumbers,
): StoreBatch {
  let statements = 0;
  let readings = 0;
  for (const { leaf, columns } of batches)
    for (let i = 0; i < columns.count; i++)
      if ((leaf[i] as number) >= 0) {
        statements++;
        readings += (columns.readingStart[i + 1] as number) - (columns.readingStart[i] as number);
      }
  const s = statementColumns(statements);
  const r = readingColumns(readings);
  const sequences: StoreBatch['sequences'][number][] = [];
  const more: StoreBatch['rows'][number][] = [];
  let at = 0;
  let readingAt = 0;
  for (const batch of batches) {
    const { columns } = batch;
    for (let i = 0; i < columns.count; i++) {
      const leaf = batch.leaf[i] as number;
      if (leaf < 0) continue;
      const subject = columns.words[columns.subject[i] as number] as string;
      const keyOwner = batch.keyOwners[i] as string;
      const from = columns.readingStart[i] as number;
      const to = columns.readingStart[i + 1] as number;
      s.leaf[at] = leaf;
      s.ids.set(columns.ids.subarray(32 * i, 32 * i + 32), 32 * at);
      s.kind[at] = columns.kind[i] as number;
      s.chain[at] = numbers.of(keyOwner, subject, (chain) => sequences.push({ chain, keyOwner, subject }));
      s.epoch[at] = columns.epoch[i] as number;
      s.seq[at] = columns.seq[i] as number;
      s.arrivalMs[at] = columns.arrivalMs[i] as number;
      s.class[at] = columns.class[i] as number;
      s.flag[at] = batch.flag[i] as number;
      s.readings[at] = to - from;
      let firstMs = to > from ? Number.POSITIVE_INFINITY : 0;
      let lastMs = 0;
      for (let reading = from; reading < to; reading++) {
        const timeMs = columns.readingTimeMs[reading] as number;
        if (timeMs < firstMs) firstMs = timeMs;
        if (timeMs > lastMs) lastMs = timeMs;
      }
      s.firstMs[at] = firstMs;
      s.lastMs[at] = lastMs;
      r.stream.set(batch.stream.subarray(from, to), readingAt);
      r.timeMs.set(columns.readingTimeMs.subarray(from, to), readingAt);
      r.value.set(columns.readingValue.subarray(from, to), readingAt);
      r.leaf.fill(leaf, readingAt, readingAt + to - from);
      if (columns.kind[i] !== statementKinds.pack)
        more.push(...rowsOfStatement(parseStatement(batch.statement(i)), leaf, columns.arrivalMs[i] as number));
      readingAt += to - from;
      at++;
    }
    more.push(...textRows(batch));
  }
  const streams = batches.flatMap((batch) => batch.newStreams);
  return { next, sequences, streams, statements: s, readings: r, rows: [...more, ...rows] };
}

function textRows({ columns, leaf, stream }: AppendedBatch): StoreBatch['rows'] {
  if (columns.texts.length === 0) return [];
  const leafOfReading = (reading: number) => {
    let i = 0;
    while ((columns.readingStart[i + 1] as number) <= reading) i++;
    return leaf[i] as number;
  };
  return columns.texts
    .map(([reading, value]) => ({ reading, value, leaf: leafOfReading(reading) }))
    .filter((text) => text.leaf >= 0)
    .map(({ reading, value, leaf: at }) => ({
      sql: 'INSERT INTO texts VALUES ($1, $2, $3, $4)',
      values: [stream[reading], columns.readingTimeMs[reading], at, value],
    }));
}

function statementColumns(count: number): StatementColumns {
  return {
    leaf: new Float64Array(count),
    ids: new Uint8Array(32 * count),
    kind: new Uint8Array(count),
    chain: new Uint32Array(count),
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
