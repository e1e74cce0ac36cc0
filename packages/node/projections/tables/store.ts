// Store: the readings, statements and decisions as tables, for people and queries. Rebuildable; the log is the truth.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { machine } from '@trine/system/system.ts';
import type { StartedWorker } from '@trine/system/workers.ts';
import { ThreadLostError } from '../../last-resort.ts';

export interface StatementColumns {
  readonly leaf: Float64Array;
  readonly ids: Uint8Array;
  readonly kind: Uint8Array;
  readonly sequence: Uint32Array;
  readonly epoch: Float64Array;
  readonly seq: Float64Array;
  readonly arrivalMs: Float64Array;
  readonly class: Uint8Array;
  readonly flag: Uint8Array;
  readonly readings: Uint32Array;
  readonly firstMs: Float64Array;
  readonly lastMs: Float64Array;
}

export interface ReadingColumns {
  readonly stream: Uint32Array;
  readonly timeMs: Float64Array;
  readonly leaf: Float64Array;
  readonly value: Float64Array;
}

export interface StoreBatch {
  /** The store holds every leaf below this one once the batch is in. */
  readonly next: number;
  readonly sequences: readonly { sequence: number; keyOwner: string; subject: string }[];
  readonly streams: readonly { stream: number; subject: string; quantity: string; unit: string }[];
  readonly statements: StatementColumns;
  readonly readings: ReadingColumns;
  readonly texts: readonly { stream: number; timeMs: number; leaf: number; value: string }[];
  /** Rows of the smaller tables, by column. */
  readonly rows: readonly { table: string; values: Readonly<Record<string, unknown>> }[];
  /** What the projections in memory know as of a leaf, in place of what was kept before. */
  readonly snapshot?: { readonly leaf: number; readonly data: Uint8Array } | undefined;
}

export type StoreRequest = { readonly id: number } & (
  | { readonly type: 'append'; readonly batch: StoreBatch }
  | { readonly type: 'query'; readonly sql: string; readonly values: readonly unknown[] }
  /** What the tables have from the bodies of these leaves; `leaves` ascend. */
  | { readonly type: 'erase'; readonly leaves: Float64Array }
  | { readonly type: 'close' }
);

export type Row = Record<string, unknown>;

export interface Store {
  /** Leaves below this one are in the store. */
  readonly position: number;
  /** Resolves when the batch is committed. */
  append(batch: StoreBatch): Promise<void>;
  /** Rows of a query; integers come as numbers, blobs as bytes. Sees every batch appended before. */
  query<T extends Row = Row>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /**
   * Erases what the tables have from the bodies of these leaves: their statements stay, without a value. The file is
   * written anew, for what is deleted in it can still be read there.
   */
  erase(leaves: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the store of a data folder. */
export type OpenStore = (path: string) => Promise<Store>;

/**
 * Opens the store, creating it where absent.
 *
 * @param path the database file
 * @param memoryLimitMb what the engine may use
 */
export async function openStore(path: string, memoryLimitMb = 256): Promise<Store> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Always a thread of its own: the database does not run on a disk that is given.
  const worker = machine.workers.start(new URL('./store-worker.ts', import.meta.url), {
    name: 'store',
    data: { path, memoryLimitMb },
  });
  const store = new WorkerStore(worker);
  const [row] = await store.query<{ leaf: number }>('SELECT leaf FROM position');
  store.position = row?.leaf ?? 0;
  return store;
}

class WorkerStore implements Store {
  position = 0;
  readonly #worker: StartedWorker;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 0;

  constructor(worker: StartedWorker) {
    this.#worker = worker;
    worker.onMessage(({ id, result, error }: { id: number; result: unknown; error?: string }) => {
      const waiter = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error !== undefined) waiter?.reject(new Error(`store: ${error}`));
      else waiter?.resolve(result);
    });
    worker.onError((error) => {
      for (const { reject } of this.#waiting.values()) reject(error as Error);
      this.#waiting.clear();
      // What is asked of it from now on would wait for ever.
      throw new ThreadLostError('The thread of the store is lost.', { cause: error });
    });
  }

  #request(
    body:
      | Omit<Extract<StoreRequest, { type: 'append' }>, 'id'>
      | Omit<Extract<StoreRequest, { type: 'query' }>, 'id'>
      | Omit<Extract<StoreRequest, { type: 'erase' }>, 'id'>
      | { type: 'close' },
  ): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...body });
    });
  }

  async append(batch: StoreBatch): Promise<void> {
    await this.#request({ type: 'append', batch });
    this.position = batch.next;
  }

  async query<T extends Row>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    return (await this.#request({ type: 'query', sql, values })) as T[];
  }

  async erase(leaves: readonly number[]): Promise<void> {
    await this.#request({ type: 'erase', leaves: Float64Array.from(leaves) });
  }

  async close(): Promise<void> {
    await this.#request({ type: 'close' });
    await this.#worker.terminate();
  }
}
