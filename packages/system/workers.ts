// Workers: what works beside the main thread. A worker is a module that exports `work`; a thread runs it, or, in a
// simulation, the main thread itself.
import { Worker } from 'node:worker_threads';
import type { Disk } from './disk.ts';

/** One end of the way between a worker and who started it. */
export interface WorkerPort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  // biome-ignore lint/suspicious/noExplicitAny: each worker has messages of its own
  onMessage(listener: (message: any) => void): void;
}

/** @param disk of the machine, or of the simulation */
export type Work = (port: WorkerPort, data: never, disk: Disk) => void;

export interface StartedWorker extends WorkerPort {
  /** It is lost: what was asked of it is never answered. */
  onError(listener: (error: Error) => void): void;
  terminate(): Promise<unknown>;
}

export interface Workers {
  /** How many can work at the same time. */
  readonly parallelism: number;
  /**
   * @param module exports {@link Work} as `work`
   * @param options its name, for people who look at threads; what it gets besides messages: copied
   */
  start(module: URL, options: { readonly name: string; readonly data?: unknown }): StartedWorker;
}

/** Threads of this process. @param parallelism usually the number of cores */
export function threads(parallelism: number): Workers {
  return {
    parallelism,
    start(module, { name, data }) {
      const worker = new Worker(new URL('./thread.worker.ts', import.meta.url), {
        name,
        workerData: { module: module.href, data },
      });
      return {
        postMessage: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
        onMessage: (listener) => worker.on('message', listener),
        onError: (listener) => worker.on('error', listener),
        terminate: () => worker.terminate(),
      };
    },
  };
}
