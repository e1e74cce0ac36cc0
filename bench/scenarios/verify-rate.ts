// The floor: how many Ed25519 signatures over a statement this machine checks in a second, by one core and by all.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { median } from '../lib/statistics.ts';

export interface VerifyRate {
  readonly oneCorePerSecond: number;
  readonly allCoresPerSecond: number;
  /** CPU time of one check, seconds. */
  readonly cpuSecondsEach: number;
}

const worker = fileURLToPath(new URL('../lib/verify-thread.ts', import.meta.url));
const SECONDS = 2;

/** @param repetitions the medians of so many runs are returned */
export async function verifyRate(repetitions: number): Promise<VerifyRate> {
  const one: number[] = [];
  const all: number[] = [];
  const each: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const before = process.cpuUsage();
    const checked = await runThreads(1);
    const { user, system } = process.cpuUsage(before);
    one.push(checked.perSecond);
    each.push((user + system) / 1e6 / checked.count);
    all.push((await runThreads(availableParallelism())).perSecond);
  }
  return { oneCorePerSecond: median(one), allCoresPerSecond: median(all), cpuSecondsEach: median(each) };
}

async function runThreads(threads: number): Promise<{ perSecond: number; count: number }> {
  const counts = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<number>((resolve, reject) => {
          const thread = new Worker(worker, { workerData: { seconds: SECONDS } });
          thread.once('message', resolve);
          thread.once('error', reject);
        }),
    ),
  );
  const count = counts.reduce((sum, n) => sum + n, 0);
  return { perSecond: count / SECONDS, count };
}
