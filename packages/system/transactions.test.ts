import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryDisk } from './testing/memory-disk.ts';
import { atOnce, atOnceLater } from './transactions.ts';

const numbersOf = (database: ReturnType<MemoryDisk['database']>) =>
  database
    .prepare('SELECT n FROM t ORDER BY n')
    .all()
    .map(({ n }) => n);

test('what is done at once is done, or not at all; what it returns, or throws, comes through', async () => {
  const database = new MemoryDisk().database('/db');
  database.exec('CREATE TABLE t (n INTEGER)');
  const add = (n: number) => database.prepare('INSERT INTO t VALUES (?)').run(n);
  assert.equal(
    atOnce(database, () => add(1) && 'one'),
    'one',
  );
  assert.equal(await atOnceLater(database, async () => add(2) && 'two'), 'two');
  const fails = (): never => {
    add(3);
    throw new Error('no');
  };
  assert.throws(() => atOnce(database, fails), /^Error: no$/);
  await assert.rejects(
    atOnceLater(database, async () => fails()),
    /^Error: no$/,
  );
  assert.deepEqual([numbersOf(database), database.isTransaction], [[1, 2], false]);
});

test('a disk that is full so long that not even the rollback works leaves nothing that lasts', async () => {
  for (const again of ['at once', 'later']) {
    const disk = new MemoryDisk();
    const database = disk.database('/db');
    database.exec('CREATE TABLE t (n INTEGER)');
    const add = (n: number) => void database.prepare('INSERT INTO t VALUES (?)').run(n);
    let isFull = false;
    disk.watch = () => (isFull ? 'full' : undefined);
    const fills = () => {
      add(1);
      isFull = true;
      add(2);
    };
    assert.throws(() => atOnce(database, fills), { code: 'ENOSPC' });
    assert.equal(database.isTransaction, true, 'It could not be rolled back.');
    isFull = false;
    if (again === 'at once') atOnce(database, () => add(3));
    else await atOnceLater(database, async () => add(3));
    assert.deepEqual(numbersOf(database), [3]);
  }
});
