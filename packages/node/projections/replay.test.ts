// What the log holds beyond the tables goes through the same admission and the same projections as live.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStatementLeaf } from '@trine/protocol';
import { Parts, type Said } from '../testing/parts.ts';

const said: readonly Said[] = [
  ...Array.from({ length: 12 }, (_, i): Said => ({ thing: `thing/${i % 3}`, atMs: 1_000 * i, open: i % 2 === 0 })),
  { atMs: 13_000, text: 'hello' },
  { thing: 'thing/1', atMs: 14_000, seq: 0 },
];

/** All that follows from the log, as values. */
async function known({ projections, store, world }: Parts): Promise<unknown> {
  const { sequences, streams, keyDirectory, policies, models, scheduler } = projections;
  await world.does(projections.runner.flush());
  const tables = ['statements', 'readings', 'texts', 'sequences', 'streams', 'policies', 'keys', 'position'];
  const rows = await world.does(Promise.all(tables.map((table) => store.query(`SELECT * FROM ${table} ORDER BY ALL`))));
  const all = [sequences, streams, keyDirectory, policies, models, scheduler].map((one) => one.snapshot());
  return structuredClone([rows, all]);
}

test('after a restart, a crash, and with lost tables everything is known as before', async () => {
  const first = await Parts.open();
  await first.propose(first.agreement());
  await first.say(said);
  await first.decideAt(15_000);
  const before = await known(first);
  const second = await first.restart();
  assert.deepEqual(await known(second), before);
  const third = await second.crash();
  assert.deepEqual(await known(third), before);
  await third.close();
  await third.world.loseTables();
  const fourth = await Parts.open({ world: third.world });
  assert.deepEqual(await known(fourth), before);
  assert.deepEqual(fourth.projections.runner.unreadable, []);
  await fourth.close();
});

test('a leaf that nobody can read is passed over, shown once, and stops no start', async () => {
  const first = await Parts.open();
  await first.say([{ atMs: 100 }]);
  const junk = [Uint8Array.of(0xff, 1, 2), encodeStatementLeaf(first.world.now(), Uint8Array.of(1, 2, 3))];
  await first.does(first.log.append(junk).durable);
  const at = first.log.size - 2;
  first.life.isOver = true;
  first.world.disk.restart();
  await first.world.loseTables();
  const parts = await Parts.open({ world: first.world });
  assert.deepEqual(
    parts.projections.runner.unreadable.map(({ leaf, subject }) => [leaf, subject]),
    [
      [at, undefined],
      [at + 1, undefined],
    ],
  );
  assert.equal(parts.projections.unread, 2);
  await parts.say([{ atMs: 200 }]);
  const again = await parts.restart();
  assert.equal(again.projections.runner.unreadable.length, 2);
  assert.equal((await again.say([{ atMs: 300 }]))[0]?.answer.verdict, 'sealed');
  await again.close();
});
