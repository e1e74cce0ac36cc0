// The same readings without seals: Mosquitto, a small subscriber, PostgreSQL.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { versionOf } from '../lib/machine.ts';
import { type Mosquitto, mosquittoPaths, startMosquitto } from '../lib/mosquitto.ts';
import { type Postgres, startPostgres } from '../lib/postgres.ts';
import { median } from '../lib/statistics.ts';
import { end } from '../lib/trine.ts';
import type { Load } from '../load/drive.ts';

export interface UnsealedResult {
  readonly name: string;
  /** From the first byte sent until the last row is committed, with INSERTs of many rows. */
  readonly insertReadingsPerSecond: number;
  /** The same with COPY. */
  readonly copyReadingsPerSecond: number;
}

type Way = 'insert' | 'copy';

export interface Unsealed {
  /** Names of what is not installed; then there are no results. */
  readonly absent: readonly string[];
  readonly versions: readonly string[];
  readonly results: readonly UnsealedResult[];
}

const script = (name: string) => fileURLToPath(new URL(`../load/${name}`, import.meta.url));

/** @param loads with sealed bodies: what is sent here has the same readings and messages, unsigned */
export async function unsealed(loads: readonly (Load & { name: string })[], repetitions: number): Promise<Unsealed> {
  const broker = mosquittoPaths.find((path) => versionOf(path, '-h') !== undefined);
  const postgresVersion = versionOf('postgres');
  const absent = [...(broker ? [] : ['Mosquitto']), ...(postgresVersion ? [] : ['PostgreSQL'])];
  if (broker === undefined || postgresVersion === undefined) return { absent, versions: [], results: [] };
  const postgres = await startPostgres();
  const mosquitto = await startMosquitto(broker);
  try {
    const results: UnsealedResult[] = [];
    for (const load of loads) {
      const rates: Record<Way, number[]> = { insert: [], copy: [] };
      for (let round = 0; round < repetitions; round++)
        for (const way of ['insert', 'copy'] as const) rates[way].push(await run(load, way, mosquitto, postgres));
      results.push({
        name: load.name,
        insertReadingsPerSecond: median(rates.insert),
        copyReadingsPerSecond: median(rates.copy),
      });
    }
    return {
      absent,
      versions: [versionOf(broker, '-h') as string, postgresVersion],
      results,
    };
  } finally {
    await mosquitto.stop();
    await postgres.stop();
  }
}

/** @returns readings a second */
async function run(load: Load, way: Way, mosquitto: Mosquitto, postgres: Postgres): Promise<number> {
  const { port, user } = postgres;
  const subscriber = fork(script('plain-subscriber.ts'), [String(mosquitto.port), String(port), user, way]);
  await ready(subscriber, 'subscriber');
  const config = JSON.stringify({ messagesInFlight: 2, ...load, port: mosquitto.port });
  const sender = fork(script('plain-sender.ts'), [config]);
  try {
    await ready(sender, 'sender');
    const total = Math.ceil(load.packs / load.devices) * load.devices * load.readingsPerPack;
    const begun = performance.now();
    const done = new Promise<void>((resolve, reject) => {
      subscriber.on('message', (committed) => {
        if (committed === total) resolve();
      });
      subscriber.once('exit', () => reject(new Error('The subscriber ended early.')));
    });
    sender.send('go');
    await done;
    return total / ((performance.now() - begun) / 1000);
  } finally {
    subscriber.removeAllListeners('exit');
    await end(sender);
    await end(subscriber);
  }
}

async function ready(child: ChildProcess, name: string): Promise<void> {
  const [said] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (said !== 'ready') throw new Error(`The ${name} did not start.`);
}
