// A thread: imports the module of a worker and lets it work.
import { parentPort, workerData } from 'node:worker_threads';
import { systemDisk } from './system-disk.ts';
import type { Work } from './workers.ts';

const { module, data } = workerData as { module: string; data: never };
const port = parentPort as NonNullable<typeof parentPort>;
// Messages wait until the module listens.
const { work } = (await import(module)) as { work: Work };
work(
  {
    postMessage: (message, transfer = []) => port.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => port.on('message', listener),
  },
  data,
  systemDisk,
);
