// Spreads signature checks over threads and hands the answers back in the order the batches were given, so that
// what one device sends stays in order.
import type { StartedWorker, Workers } from '@trine/system/workers.ts';
import { ThreadLostError } from '../last-resort.ts';
import type { KeyDirectory } from '../projections/keys.ts';
import type { VerifyRequest, VerifyResult } from './verify-columns.ts';

/** One delivery to check, as views of the message received. */
export interface Unverified {
  readonly statement: Uint8Array;
  readonly disclosure?: Uint8Array | undefined;
}

export class VerifyPool {
  readonly #workers: StartedWorker[];
  readonly #waiting = new Map<number, { resolve: (r: VerifyResult) => void; reject: (e: Error) => void }>();
  #next = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** How many checks run at once. */
  get threads(): number {
    return this.#workers.length;
  }

  /** @param workers as many checks run at once as can work at the same time */
  constructor(networkId: string, keyDirectory: KeyDirectory, workers: Workers) {
    this.#workers = Array.from({ length: Math.max(1, workers.parallelism) }, () => {
      const worker = workers.start(new URL('./verify-worker.ts', import.meta.url), { name: 'verify' });
      worker.onMessage((result: VerifyResult) => {
        this.#waiting.get(result.batch)?.resolve(result);
        this.#waiting.delete(result.batch);
      });
      worker.onError((error) => {
        for (const { reject } of this.#waiting.values()) reject(error as Error);
        this.#waiting.clear();
        // What is given to it from now on would wait for ever.
        throw new ThreadLostError('A thread that checks signatures is lost.', { cause: error });
      });
      worker.postMessage({ type: 'network', id: networkId });
      return worker;
    });
    keyDirectory.subscribe(({ did, key }) => {
      for (const worker of this.#workers) worker.postMessage({ type: 'key', did, key });
    });
  }

  /**
   * Checks a batch.
   * @param arrivalMs when each delivery arrived: readings may not be dated far ahead of it
   * @param mayLackBodies of the log itself: bodies may have been erased since
   * @returns the columns; this promise settles after those of all earlier batches
   */
  verify(
    batch: readonly Unverified[],
    arrivalMs: Float64Array<ArrayBuffer>,
    mayLackBodies = false,
  ): Promise<VerifyResult> {
    let length = 0;
    for (const { statement, disclosure } of batch) length += statement.length + (disclosure?.length ?? 0);
    const bytes = new Uint8Array(length);
    const offsets = new Uint32Array(3 * batch.length);
    let at = 0;
    batch.forEach(({ statement, disclosure }, i) => {
      offsets[3 * i] = at;
      offsets[3 * i + 1] = statement.length;
      bytes.set(statement, at);
      at += statement.length;
      if (disclosure) {
        offsets[3 * i + 2] = disclosure.length;
        bytes.set(disclosure, at);
        at += disclosure.length;
      }
    });
    const request: VerifyRequest = {
      type: 'verify',
      batch: this.#next,
      arrivalMs,
      buffer: bytes.buffer,
      offsets,
      mayLackBodies,
    };
    const worker = this.#workers[this.#next++ % this.#workers.length] as StartedWorker;
    const answer = new Promise<VerifyResult>((resolve, reject) => {
      this.#waiting.set(request.batch, { resolve, reject });
    });
    worker.postMessage(request, [request.buffer, offsets.buffer, arrivalMs.buffer]);
    const inOrder = this.#tail.then(() => answer);
    this.#tail = inOrder.catch(() => undefined);
    return inOrder;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
