import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { systemTimers } from '@trine/system/time.ts';
import type { AppendedBatch } from '../ingest/batch.ts';
import { openIngestHarness } from '../ingest/testing/harness.ts';
import type { VerifyResult } from '../ingest/verify-columns.ts';
import { World } from '../testing/world.ts';
import type { Entry } from './projection.ts';
import { type Commit, ProjectionRunner, type RunnerOptions } from './runner.ts';
import { openStore, type Store } from './tables/store.ts';

test('whoever waits for the leaves before one, while its batch is taken in, loses no row of the batch', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-runner-'));
  const store = await openStore(join(folder, 'views.duckdb'));
  const waited: Promise<void>[] = [];
  const runner: ProjectionRunner = new ProjectionRunner({
    store,
    admitted: [],
    staged: [],
    durable: [
      {
        name: 'waiting',
        // As the agenda of a new policy does, which notes what came before.
        apply: ({ index }: Entry) => void waited.push(runner.waitFor(index)),
        snapshot: () => undefined,
        restore: () => undefined,
      },
    ],
    tables: [],
    timers: systemTimers,
    onError: (error) => assert.fail(error),
  });
  await runner.open(0);
  const batches: AppendedBatch[] = [];
  const harness = await openIngestHarness(1_000_000, {
    runner: {
      appended: (batch) => void batches.push(batch),
      appendedIntent: () => undefined,
      snapshot: async () => undefined,
      isBehind: false,
    },
  });
  try {
    const device = temporarySigner();
    await harness.enrol(device, 'thing/1');
    const packs = await Promise.all([1, 2, 3].map(() => harness.pack(device)));
    await harness.send(...packs);
    for (const batch of batches) runner.appended(batch);
    await runner.flush();
    await Promise.all(waited);
    const rows = await store.query<{ leaf: number }>('SELECT leaf FROM statements ORDER BY leaf');
    assert.deepEqual(
      rows.map(({ leaf }) => leaf),
      [0, 1, 2, 3],
    );
  } finally {
    await harness.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Statements without readings, each with a leaf; -1 for one that was refused. */
function batchOf(...leaves: readonly number[]): AppendedBatch {
  const count = leaves.length;
  const zeros = () => new Float64Array(count);
  const columns = {
    ...{ count, ids: new Uint8Array(32 * count), kind: new Uint8Array(count).fill(1), class: new Uint8Array(count) },
    ...{ arrivalMs: zeros(), epoch: zeros(), seq: Float64Array.from(leaves), sealed: new Uint8Array(count) },
    ...{ words: ['thing/1'], subject: new Uint32Array(count), issuer: new Uint32Array(count), texts: [] },
    ...{ readingStart: new Uint32Array(count + 1), readingName: new Uint32Array(), readingTimeMs: new Float64Array() },
    ...{ readingValue: new Float64Array(), supersedes: [] },
  } as unknown as VerifyResult;
  return {
    ...{ columns, leaf: Float64Array.from(leaves), flag: new Uint8Array(count), stream: new Uint32Array() },
    ...{ keyOwners: leaves.map(() => 'thing/1'), newStreams: [], firstMs: zeros(), lastMs: zeros() },
    statement: () => assert.fail('nobody reads it'),
  };
}

interface Running {
  readonly world: World;
  readonly store: Store;
  readonly runner: ProjectionRunner;
  readonly failures: Error[];
  readonly commits: Commit[];
}

const counting = () => {
  const state = { seen: [] as number[] };
  return {
    name: 'counting',
    state,
    apply: ({ index }: Entry) => void state.seen.push(index),
    snapshot: () => [...state.seen],
    restore(kept: unknown) {
      state.seen = kept as number[];
    },
  };
};

async function running(world: World, given: Partial<RunnerOptions> = {}): Promise<Running> {
  const life = { isOver: false };
  const store = await world.does(world.openStore(life));
  const failures: Error[] = [];
  const commits: Commit[] = [];
  const runner = new ProjectionRunner({
    ...{ store, admitted: [], staged: [], durable: [], tables: [], timers: world.system(life).timers },
    onError: (error) => void failures.push(error),
    ...given,
  });
  runner.onCommit((commit) => void commits.push(commit));
  return { world, store, runner, failures, commits };
}

test('rows are committed with the cursor a moment later, and only then readers hear, with the rows', async () => {
  const world = await World.make();
  const table = {
    name: 'texts',
    apply: ({ index }: Entry, add: (row: never) => void) =>
      add({ table: 'unreadable', values: { leaf: index, subject: undefined, reason: 'as a row' } } as never),
  };
  const { runner, store, commits } = await running(world, { tables: [table] });
  assert.equal(await world.does(runner.open(0)), 0);
  runner.appended(batchOf(0, -1, 1));
  assert.deepEqual([runner.position, commits.length], [0, 0]);
  await world.reaches(199);
  assert.equal(commits.length, 0);
  await world.reaches(201);
  assert.deepEqual([runner.position, commits.map(({ next, rows }) => [next, rows.length])], [2, [[2, 2]]]);
  assert.deepEqual(await world.does(store.query('SELECT leaf FROM statements ORDER BY leaf')), [
    { leaf: 0 },
    { leaf: 1 },
  ]);
  await world.does(runner.waitFor(2));
  const waited = runner.waitFor(3);
  runner.appended(batchOf(2));
  await world.does(waited);
  assert.equal(runner.position, 3);
});

test('a leaf that a projection cannot read is passed over with no row of it, said once, and known after a start', async () => {
  const world = await World.make();
  const moody = {
    ...counting(),
    apply: ({ index }: Entry) => {
      if (index === 1) throw new RangeError(`${'long '.repeat(200)}`);
    },
  };
  const { runner, store } = await running(world, { durable: [moody] });
  await world.does(runner.open(0));
  runner.appended(batchOf(0, 1, 2));
  runner.skip(1, 'thing/1', 'again');
  await world.does(runner.flush());
  assert.deepEqual(
    runner.unreadable.map(({ leaf, subject, reason }) => [leaf, subject, reason.length]),
    [[1, 'thing/1', 500]],
  );
  assert.equal((await world.does(store.query('SELECT leaf FROM unreadable'))).length, 1);
  const again = await running(world, { durable: [counting()] });
  await world.does(again.runner.open(3));
  assert.equal(again.runner.unreadable[0]?.leaf, 1);
  again.runner.appendedIntent(new Uint8Array(3), 3);
  await world.does(again.runner.flush());
  assert.deepEqual(
    again.runner.unreadable.map(({ leaf }) => leaf),
    [1, 3],
    'an intent that is none',
  );
});

test('a snapshot is gone on with; one that is ahead of the log, or lacks a projection, is none', async () => {
  const world = await World.make();
  const one = counting();
  const first = await running(world, { durable: [one] });
  await world.does(first.runner.open(0));
  first.runner.appended(batchOf(0, 1));
  await world.does(first.runner.snapshot(2));
  const goneOn = counting();
  const second = await running(world, { durable: [goneOn] });
  assert.equal(await world.does(second.runner.open(2)), 2);
  assert.deepEqual(goneOn.state.seen, [0, 1]);
  const lost = counting();
  assert.equal(await world.does((await running(world, { durable: [lost] })).runner.open(1)), 0, 'the log has less');
  assert.deepEqual(lost.state.seen, []);
  const stranger = { ...counting(), name: 'stranger' };
  assert.equal(await world.does((await running(world, { durable: [counting(), stranger] })).runner.open(2)), 0);
  second.runner.appended(batchOf(2));
  await world.does(second.runner.snapshot(9));
  const [kept] = await world.does(second.store.query('SELECT leaf FROM snapshots'));
  assert.deepEqual(kept, { leaf: 2 }, 'of what was never durable there is none');
});

test('what the tables refuse is told, and nobody hears of a commit', async () => {
  const world = await World.make();
  const bad = {
    name: 'bad',
    apply: (_: Entry, add: (row: never) => void) => add({ table: 'nowhere', values: { leaf: 1 } } as never),
  };
  const { runner, failures, commits } = await running(world, { tables: [bad] });
  await world.does(runner.open(0));
  runner.appended(batchOf(0));
  await assert.rejects(world.does(runner.flush()));
  assert.deepEqual([failures.length, commits.length, runner.position], [1, 0, 0]);
});

test('more that waits than should is said, until it is in', async () => {
  const world = await World.make();
  const { runner } = await running(world);
  await world.does(runner.open(0));
  // Refused ones weigh as much, and nothing is stored of them.
  const many = batchOf(...new Array<number>(60_000).fill(-1));
  for (let i = 0; i < 16; i++) runner.appended(many);
  assert.equal(runner.isBehind, false);
  runner.appended(many);
  assert.equal(runner.isBehind, true);
  await world.does(runner.flush());
  assert.equal(runner.isBehind, false);
});
