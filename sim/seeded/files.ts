// Files: what the node knows is what follows from them, read again, and what is public is right.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fsck } from '@trine/log/fsck/fsck.ts';
import { openLog } from '@trine/log/log.ts';
import { Bodies } from '@trine/node/access/bodies.ts';
import type { Node } from '@trine/node/node.ts';
import { openProjections, type Projections } from '@trine/node/projections/open.ts';
import { schema } from '@trine/node/projections/tables/schema.ts';
import { openStore, type Row, type Store } from '@trine/node/projections/tables/store.ts';
import { agreementId } from '@trine/node/settle/agreements.ts';
import { MemoryStore } from '@trine/node/testing/memory-store.ts';
import { didKey } from '@trine/protocol';
import type { System } from '@trine/system/system.ts';
import { inlineWorkers } from '@trine/system/testing/inline-workers.ts';
import { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import { systemTimers } from '@trine/system/time.ts';
import { threads } from '@trine/system/workers.ts';
import { HOME, type Machine, modules, tablesOf } from './machine.ts';

/**
 * What the node knows is what follows from its log, read again from the files on its disk, with real threads and tables. And
 * the public files are right, looked at by what shares no code with their writer.
 */
export async function checkFiles(node: Node, machine: Machine, isThorough: boolean): Promise<void> {
  await node.ingest.atRest(async () => {
    await node.runner.flush();
    // Nothing is appended meanwhile: afterwards no newer checkpoint is on its way into a file.
    await node.log.publish();
    // Nothing else happens meanwhile: time stands still.
    await machine.standStill(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'trine-seeded-'));
      try {
        if (isThorough) await checkOnMachine(node, machine, folder);
        else await checkInMemory(node, machine);
        machine.disk.copyTo(join(folder, 'public'), `${HOME}/log/public`);
        const report = await fsck(join(folder, 'public'), node.log.vkey);
        assert.deepEqual(report.problems, [], 'The public files are damaged.');
        assert.equal(report.size, node.log.checkpoint.size);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}

/** With real files, threads and tables. */
async function checkOnMachine(node: Node, machine: Machine, folder: string): Promise<void> {
  machine.disk.copyTo(folder);
  const home = join(folder, 'node');
  const store = await openStore(join(home, 'views.duckdb'));
  await checkProjections(node, machine, { home, store, system: undefined, wait: (work) => work() });
}

/** On a copy of the disk, in a time of its own. */
async function checkInMemory(node: Node, machine: Machine): Promise<void> {
  const failures: unknown[] = [];
  const time = new VirtualTime(machine.nowMs, (error) => failures.push(error));
  const disk = machine.backup();
  const workers = inlineWorkers({
    modules: await modules,
    parallelism: 1,
    disk,
    deliver: (hand) => void time.after(0, hand),
  });
  const tables = tablesOf(false);
  const random = (length: number) => Buffer.alloc(length, 7);
  const work = (async () => {
    const store = await MemoryStore.open(tables, (one) => time.takes(0, one));
    const system = { clock: time.now, timers: time.timers(), random, disk, workers };
    await checkProjections(node, machine, { home: HOME, store, system, wait: (one) => time.takes(0, one) });
  })();
  let isDone = false;
  const ended = () => {
    isDone = true;
  };
  work.then(ended, ended);
  assert.ok(await time.until(() => isDone, 600_000), 'Reading the log again stalls.');
  await work;
  await tables.inTurn((all) => all.close());
  assert.deepEqual(failures, []);
}

interface Again {
  readonly home: string;
  readonly store: Store;
  /** undefined: the machine's own. */
  readonly system: System | undefined;
  /** What takes time elsewhere. */
  readonly wait: <T>(work: () => Promise<T>) => Promise<T>;
}

async function checkProjections(node: Node, machine: Machine, { home, store, system, wait }: Again): Promise<void> {
  const { keys, network, contracts, origin } = node.genesis;
  const log = await openLog({
    directory: join(home, 'log'),
    origin,
    sign: keys.log.sign,
    publicKey: keys.log.publicKey.raw,
    checkpointIntervalMs: Number.POSITIVE_INFINITY,
    ...(system && { system }),
  });
  assert.equal(log.size, node.log.size);
  const bodies = new Bodies(join(home, 'bodies'), system);
  const again = await openProjections({
    ...{ network, log, bodies, store, domains: node.domains },
    decider: didKey(keys.member.publicKey),
    agreementId: (agreement) => agreementId(agreement, contracts),
    timers: system?.timers ?? systemTimers,
    workers: system?.workers ?? threads(1),
    onError: (error) => {
      throw error;
    },
  });
  await again.runner.flush();
  assert.deepEqual(memoryOf(again), memoryOf(node), 'Memory is not what follows from the log.');
  for (const [, table] of schema.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)/g)) {
    if (table === 'snapshots') continue;
    const rows = `SELECT * FROM ${table}`;
    const [live, read] = [linesOf(await wait(() => machine.rows(rows))), linesOf(await store.query(rows))];
    const differing = live.findIndex((line, i) => line !== read[i]);
    if (differing >= 0 || live.length !== read.length)
      throw new Error(`The table ${table} is not what follows: ${live[differing]} instead of ${read[differing]}.`);
  }
  await again.close();
  await store.close();
  await bodies.close();
  await log.close();
}

/** Each row as text, in an order of texts. */
function linesOf(rows: readonly Row[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)),
    )
    .sort();
}

type Memory = Pick<Projections, 'keyDirectory' | 'sequences' | 'policies' | 'models'>;

function memoryOf({ keyDirectory, sequences, policies, models }: Memory): unknown {
  return [keyDirectory, sequences, policies, models].map((projection) => projection.snapshot());
}
