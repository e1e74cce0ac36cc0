// The runner of projections: one cursor over the log. Projections in memory are staged leaf by leaf, and kept only if the
// append succeeds; those that wait for durability follow; rows are committed with the cursor, and only then readers hear.
import { deserialize, serialize } from 'node:v8';
import type { Timers } from '@trine/system/time.ts';
import type { AppendedBatch } from '../ingest/batch.ts';
import { BatchEntry } from '../ingest/batch.ts';
import type { Entry, Projection, Row, TableProjection, Undo } from './projection.ts';
import { NO_UNDO } from './projection.ts';
import { columnsOf, SequenceNumbers, weightOf } from './tables/columns.ts';
import { intentRow } from './tables/rows.ts';
import type { Store } from './tables/store.ts';

/** What was committed together. */
export interface Commit {
  /** Every leaf below is in the tables. */
  readonly next: number;
  readonly batches: readonly AppendedBatch[];
  /** Rows of the smaller tables, as they were stored. */
  readonly rows: readonly Row[];
}

/** A leaf that a projection could not read: skipped, flagged, and shown. */
export interface Unreadable {
  readonly leaf: number;
  readonly subject: string | undefined;
  readonly reason: string;
}

export interface RunnerOptions {
  readonly store: Store;
  /** In memory, moved on by the admission itself. */
  readonly admitted: readonly Pick<Projection, 'name' | 'snapshot' | 'restore'>[];
  /** In memory, in this order: run ahead of the log, and are taken back where the append fails. */
  readonly staged: readonly Projection[];
  /** In memory, once a leaf is durable: whatever acts on it. */
  readonly durable: readonly Projection[];
  readonly tables: readonly TableProjection[];
  readonly timers: Pick<Timers, 'setTimeout'>;
  /** The store refused a batch: the node should stop rather than show what is not so. */
  readonly onError: (error: Error) => void;
}

const FLUSH_AFTER_MS = 200;
const FLUSH_WEIGHT = 65_536;
const BEHIND_WEIGHT = 1_000_000;
const EMPTY: readonly AppendedBatch[] = [];

export class ProjectionRunner {
  readonly unreadable: Unreadable[] = [];
  readonly #options: RunnerOptions;
  readonly #listeners = new Set<(commit: Commit) => void>();
  readonly #entry = new BatchEntry();
  #numbers = new SequenceNumbers([]);
  #streamsKnown = 0;
  #pending: AppendedBatch[] = [];
  #rows: Row[] = [];
  /** Leaves below were given to the tables; leaves below {@link position} are in them. */
  #next = 0;
  #waiting = 0;
  #storing: Promise<void> = Promise.resolve();
  #timer: { cancel(): void } | undefined;
  #awaited: { readonly size: number; readonly resolve: () => void }[] = [];

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /**
   * Continues from what the store holds.
   * @param durableSize of the log: a snapshot of more is none
   * @returns the first leaf that has to be replayed
   */
  async open(durableSize: number): Promise<number> {
    const { store, admitted, staged, durable } = this.#options;
    this.#next = store.position;
    const known = await store.query<{ sequence: number; keyOwner: string; subject: string }>(
      'SELECT sequence, key_owner AS "keyOwner", subject FROM sequences ORDER BY sequence',
    );
    this.#numbers = new SequenceNumbers(known);
    const [streams] = await store.query<{ count: number }>('SELECT count(*) AS count FROM streams');
    this.#streamsKnown = streams?.count ?? 0;
    for (const row of await store.query<Unreadable & Record<string, unknown>>(
      'SELECT leaf, subject, reason FROM unreadable',
    ))
      this.unreadable.push(row);
    const [kept] = await store.query<{ leaf: number; data: Uint8Array }>('SELECT leaf, data FROM snapshots');
    if (kept === undefined || kept.leaf > Math.min(durableSize, store.position)) return 0;
    const snapshots = deserialize(Buffer.from(kept.data)) as Record<string, unknown>;
    const all = [...admitted, ...staged, ...durable];
    // A projection that the snapshot does not know begins with the first leaf, and all others with it.
    if (all.some(({ name }) => !Object.hasOwn(snapshots, name))) return 0;
    for (const projection of all) projection.restore(snapshots[projection.name]);
    return kept.leaf;
  }

  /** Leaves below this one are in the tables. */
  get position(): number {
    return this.#options.store.position;
  }

  /** True while more waits than should: ingest then pushes back. */
  get isBehind(): boolean {
    return this.#waiting > BEHIND_WEIGHT;
  }

  onCommit(listener: (commit: Commit) => void): void {
    this.#listeners.add(listener);
  }

  /** Lets the projections in memory take in a leaf that is about to be appended. */
  stage(entry: Entry, undo: Pick<Undo, 'push'>): void {
    for (const projection of this.#options.staged) projection.apply(entry, undo);
  }

  /** Takes in a batch that is durable. Batches come in the order of the log. */
  appended(batch: AppendedBatch): void {
    for (let i = 0; i < batch.columns.count; i++) {
      const leaf = batch.leaf[i] as number;
      if (leaf < 0) continue;
      this.#applyDurable(this.#entry.at(batch, i, leaf));
      this.#next = Math.max(this.#next, leaf + 1);
    }
    this.#pending.push(batch);
    this.#waiting += weightOf([batch]);
    if (weightOf(this.#pending) >= FLUSH_WEIGHT) void this.flush();
    else this.#schedule();
  }

  #applyDurable(entry: Entry): void {
    try {
      for (const projection of this.#options.durable) projection.apply(entry, NO_UNDO);
      if (entry.index < this.position) return;
      const rows: Row[] = [];
      for (const table of this.#options.tables) table.apply(entry, (row) => rows.push(row));
      this.#rows.push(...rows);
    } catch (error) {
      this.skip(entry.index, entry.subject, (error as Error).message);
    }
  }

  /** An intent: a leaf that is no statement. */
  appendedIntent(encoded: Uint8Array, leaf: number): void {
    if (leaf >= this.position) {
      try {
        this.#rows.push(intentRow(encoded, leaf));
      } catch (error) {
        this.skip(leaf, undefined, (error as Error).message);
      }
    }
    this.#next = Math.max(this.#next, leaf + 1);
    this.#schedule();
  }

  /** Passes over a leaf that cannot be read: it never stops a start. */
  skip(leaf: number, subject: string | undefined, reason: string): void {
    this.#next = Math.max(this.#next, leaf + 1);
    if (this.unreadable.some((known) => known.leaf === leaf)) return;
    const values = { leaf, subject, reason: reason.slice(0, 500) };
    this.unreadable.push(values);
    this.#rows.push({ table: 'unreadable', values });
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= this.#options.timers.setTimeout(() => void this.flush(), FLUSH_AFTER_MS);
  }

  /** Resolves when everything taken in so far is committed. */
  flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#pending.length > 0 || this.#rows.length > 0 || this.#next > this.position) this.#store(undefined);
    return this.#storing;
  }

  /**
   * Commits what is there, with a snapshot of memory as of `leaf`; nothing may be staged beyond it. No snapshot where memory
   * is ahead of what is durable, as after a failed append: a later start would take it for what the log says.
   */
  snapshot(leaf: number): Promise<void> {
    if (leaf !== this.#next) return this.flush();
    const { admitted, staged, durable } = this.#options;
    const data = serialize(
      Object.fromEntries([...admitted, ...staged, ...durable].map((one) => [one.name, one.snapshot()])),
    );
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#store({ leaf, data });
    return this.#storing;
  }

  #store(snapshot: { leaf: number; data: Uint8Array } | undefined): void {
    const { store, onError } = this.#options;
    const batches = this.#pending.length > 0 ? this.#pending : EMPTY;
    const rows = this.#rows;
    const next = this.#next;
    const weight = weightOf(batches);
    this.#pending = [];
    this.#rows = [];
    this.#storing = this.#storing
      .then(() =>
        store.append({
          next,
          ...columnsOf(batches, store.position, this.#numbers, this.#streamsKnown),
          rows,
          snapshot,
        }),
      )
      .then(() => {
        this.#waiting -= weight;
        this.#committed({ next, batches, rows });
      });
    this.#storing.catch(onError);
  }

  #committed(commit: Commit): void {
    for (const { size, resolve } of this.#awaited) if (size <= commit.next) resolve();
    this.#awaited = this.#awaited.filter(({ size }) => size > commit.next);
    for (const listener of this.#listeners) listener(commit);
  }

  /** Resolves once every leaf below `size` is in the tables. */
  waitFor(size: number): Promise<void> {
    if (this.position >= size) return Promise.resolve();
    const waited = new Promise<void>((resolve) => this.#awaited.push({ size, resolve }));
    // Not at once: a projection may ask while a batch is taken in, of which the rows are not there yet.
    if (this.#next >= size) queueMicrotask(() => void this.flush());
    return waited;
  }
}
