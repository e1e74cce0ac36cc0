// The tables of a node on virtual time: a database in memory, outside of any process, so that what was committed is there
// after a crash. One request at a time, each in one step.
import type { Row, Store, StoreBatch } from '../projections/tables/store.ts';

/** The tables themselves: the real ones, or such as have the same rows. */
export interface Tables {
  /** One piece of work after the other. */
  inTurn<T>(work: (tables: this) => Promise<T>): Promise<T>;
  append(batch: StoreBatch): Promise<void>;
  query(sql: string, values: readonly unknown[]): Promise<Row[]>;
  erase(leaves: Float64Array): Promise<void>;
  close(): Promise<void>;
}

/** Does something that takes time; never answers once the process is gone. */
export type Takes = <T>(work: () => Promise<T>) => Promise<T>;

export class MemoryStore implements Store {
  position = 0;
  readonly #tables: Tables;
  readonly #takes: Takes;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(tables: Tables, takes: Takes) {
    this.#tables = tables;
    this.#takes = takes;
  }

  static async open(tables: Tables, takes: Takes): Promise<MemoryStore> {
    const store = new MemoryStore(tables, takes);
    const [row] = await store.query<{ leaf: number }>('SELECT leaf FROM position');
    store.position = row?.leaf ?? 0;
    return store;
  }

  #inTurn<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    const before = this.#last;
    const done = before.catch(() => undefined).then(() => this.#takes(() => this.#tables.inTurn(work)));
    this.#last = done;
    return done;
  }

  async append(batch: StoreBatch): Promise<void> {
    // As a thread gets it: what is changed afterwards does not change it.
    const copy = structuredClone(batch);
    await this.#inTurn((tables) => tables.append(copy));
    this.position = batch.next;
  }

  async query<T extends Row = Row>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    return structuredClone(await this.#inTurn((tables) => tables.query(sql, values))) as T[];
  }

  async erase(leaves: readonly number[]): Promise<void> {
    await this.#inTurn((tables) => tables.erase(Float64Array.from(leaves)));
  }

  async close(): Promise<void> {
    await this.#last;
  }
}
