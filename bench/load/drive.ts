// Drives the load generator against a node and measures the node meanwhile.

import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answer } from '@trine/client';
import { cpuSeconds, cpuSecondsByThread, residentBytes } from '../lib/cpu.ts';
import { end, type Trine } from '../lib/trine.ts';
import type { FromSender, SignedLoad, ToSender } from './signed-sender.ts';
import type { Workload } from './workload.ts';

export interface Driven {
  readonly statements: number;
  readonly readings: number;
  /** From the first byte sent to the last acknowledgement. */
  readonly seconds: number;
  /** From the first byte sent until the last reading could be queried. */
  readonly storedSeconds: number;
  /** CPU seconds the node used for all of it, views included. */
  readonly nodeCpuSeconds: number;
  readonly nodeCpuByThread: Record<string, number>;
  readonly senderCpuSeconds: number;
  readonly residentBytes: number;
}

const sender = fileURLToPath(new URL('./signed-sender.ts', import.meta.url));

export type Load = Workload & Partial<Pick<SignedLoad, 'messagesInFlight' | 'messagesPerSecond' | 'probeEvery'>>;

/**
 * @param onProbe told of the leaf of a message just acknowledged, and when the message was sent (epoch milliseconds)
 * @throws Error when a statement is not sealed
 */
export async function drive(
  trine: Trine,
  load: Load,
  onProbe: (leaf: number, sentAtMs: number) => void = () => undefined,
): Promise<Driven> {
  const child = fork(sender, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const failed = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`The load generator ended early (${code}).`)));
  });
  failed.catch(() => undefined);
  const say = (message: ToSender) => child.send(message);
  const next = <T extends FromSender['type']>(type: T) =>
    Promise.race([
      failed,
      new Promise<Extract<FromSender, { type: T }>>((resolve) => {
        const listen = (message: FromSender) => {
          if (message.type !== type) return;
          child.off('message', listen);
          resolve(message as Extract<FromSender, { type: T }>);
        };
        child.on('message', listen);
      }),
    ]);
  child.on('message', (message: FromSender) => {
    if (message.type === 'probe') onProbe(message.leaf, message.sentAtMs);
  });
  try {
    const { mqttPort, network, gateway } = trine;
    const run = Math.random().toString(36).slice(2, 10);
    say({ type: 'prepare', load: { messagesInFlight: 2, ...load, run, mqttPort, network, gateway } });
    const { devices } = await next('keys');
    for (const { key, subject } of devices)
      await answer(
        trine.api.POST('/api/v1/devices', {
          body: { key, subject, name: subject, class: 'software', subjects: [subject] },
        }),
      );
    say({ type: 'sign' });
    await next('ready');
    await idle(trine.pid);
    return await measure(trine, load, () => say({ type: 'go' }), next('done'));
  } finally {
    await end(child);
  }
}

async function measure(
  trine: Trine,
  load: Load,
  go: () => void,
  done: Promise<Extract<FromSender, { type: 'done' }>>,
): Promise<Driven> {
  const before = cpuSeconds(trine.pid);
  const threadsBefore = cpuSecondsByThread(trine.pid);
  const begun = performance.now();
  go();
  const { seconds, sealed, answers, lastLeaf, cpuSeconds: senderCpuSeconds } = await done;
  if (sealed !== answers) throw new Error(`${answers - sealed} of ${answers} statements were not sealed.`);
  const verified = performance.now();
  await stored(trine, lastLeaf);
  await idle(trine.pid);
  const byThread = [...cpuSecondsByThread(trine.pid)].map(
    ([name, used]) => [name, used - (threadsBefore.get(name) ?? 0)] as const,
  );
  return {
    statements: sealed,
    readings: sealed * load.readingsPerPack,
    seconds,
    // The generator verifies acknowledgements after its clock has stopped; what the node needs is the longer of both.
    storedSeconds: Math.max(seconds, (verified - begun) / 1000),
    nodeCpuSeconds: cpuSeconds(trine.pid) - before,
    nodeCpuByThread: Object.fromEntries(byThread.filter(([, used]) => used > 0.005)),
    senderCpuSeconds,
    residentBytes: residentBytes(trine.pid),
  };
}

async function stored(trine: Trine, leaf: number): Promise<void> {
  for (;;) {
    const {
      items: [newest],
    } = await answer(trine.api.GET('/api/v1/seals', { params: { query: { limit: 1 } } }));
    if (newest !== undefined && newest.leaf >= leaf) return;
    await sleep(20);
  }
}

/** Waits until the process does next to nothing. */
async function idle(pid: number): Promise<void> {
  for (let before = cpuSeconds(pid); ; ) {
    await sleep(400);
    const now = cpuSeconds(pid);
    if (now - before <= 0.06) return;
    before = now;
  }
}
