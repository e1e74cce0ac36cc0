// What every disk must do: the machine's and the one in memory pass the same.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Disk, isMissing, makeFolderNow, replaceNow, writeNow } from './disk.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

/** @param open an empty folder of a disk */
export function checkDisk(name: string, open: () => { readonly disk: Disk; readonly folder: string }): void {
  test(`${name}: a file is written at any place, read, cut and read again`, async () => {
    const { disk, folder } = open();
    const path = join(folder, 'file');
    assert.throws(() => disk.open(path, 'read'), isMissing);
    assert.throws(() => disk.open(path, 'write'), isMissing);
    const file = disk.open(path, 'create');
    file.write(bytes('hello'), 3);
    await file.writeAll([bytes(''), bytes(' wor'), bytes('ld')], 8);
    assert.equal(file.size, 14);
    const into = Buffer.alloc(20);
    assert.equal(file.read(into, 3), 11);
    assert.equal(into.toString('latin1', 0, 11), 'hello world');
    assert.equal(file.read(into, 14), 0);
    file.truncate(8);
    await file.sync();
    file.syncNow();
    file.close();
    assert.deepEqual(disk.read(path), Buffer.concat([Buffer.alloc(3), bytes('hello')]));
    const again = disk.open(path, 'create');
    assert.equal(again.size, 8, 'what is in it stays');
    again.close();
    const empty = disk.open(path, 'empty');
    assert.equal(empty.size, 0);
    empty.close();
  });

  test(`${name}: names are listed, changed, shared and removed`, async () => {
    const { disk, folder } = open();
    const at = (...names: string[]) => join(folder, ...names);
    assert.throws(() => disk.list(at('none')), isMissing);
    assert.throws(() => disk.read(at('none')), isMissing);
    assert.throws(() => writeNow(disk, at('none', 'file'), 'x'), isMissing);
    makeFolderNow(disk, at('a', 'b'));
    disk.makeFolder(at('a', 'b'));
    writeNow(disk, at('a', 'two'), 'two');
    writeNow(disk, at('a', 'one'), 'one');
    assert.deepEqual(disk.list(at('a')), ['b', 'one', 'two']);
    disk.rename(at('a', 'one'), at('a', 'two'));
    assert.equal(disk.read(at('a', 'two')).toString(), 'one', 'it takes the place of what was there');
    disk.rename(at('a', 'two'), at('a', 'b', 'three'));
    assert.throws(() => disk.rename(at('a', 'two'), at('a', 'four')), isMissing);
    assert.throws(() => disk.rename(at('a', 'b', 'three'), at('none', 'four')), isMissing);
    disk.link(at('a', 'b', 'three'), at('a', 'second'));
    assert.throws(() => disk.link(at('a', 'b', 'three'), at('a', 'second')), { code: 'EEXIST' });
    disk.remove(at('a', 'b'));
    disk.remove(at('a', 'b'));
    assert.deepEqual([disk.has(at('a', 'b', 'three')), disk.has(at('a', 'second'))], [false, true]);
    await disk.syncFolder(at('a'));
    replaceNow(disk, at('a', 'second'), 'new');
    assert.deepEqual(disk.list(at('a')), ['second']);
    assert.equal(disk.read(at('a', 'second')).toString(), 'new');
  });

  test(`${name}: a file that is closed while it is synced is closed afterwards`, async () => {
    const { disk, folder } = open();
    const file = disk.open(join(folder, 'file'), 'create');
    const written = file.writeAll([bytes('all')], 0).then(() => 'written');
    file.close();
    assert.equal(await written, 'written');
    assert.throws(() => file.read(Buffer.alloc(1), 0), { code: 'EBADF' });
  });

  test(`${name}: one at a time has a lock`, () => {
    const { disk, folder } = open();
    const unlock = disk.lock(join(folder, 'lock'));
    assert.ok(unlock);
    assert.equal(disk.lock(join(folder, 'lock')), undefined);
    unlock();
    disk.lock(join(folder, 'lock'))?.();
  });

  test(`${name}: a database keeps what was committed, also for who opens it again`, () => {
    const { disk, folder } = open();
    const path = join(folder, 'some.sqlite');
    const first = disk.database(path);
    first.exec('CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)');
    assert.equal(Number(first.prepare('INSERT INTO t VALUES (?)').run(2).changes), 1);
    first.exec('BEGIN');
    assert.equal(first.isTransaction, true);
    first.exec('ROLLBACK');
    first.close();
    const again = disk.database(path);
    assert.deepEqual(
      again
        .prepare('SELECT n FROM t ORDER BY n')
        .all()
        .map(({ n }) => n),
      [1, 2],
    );
    assert.equal(again.prepare('SELECT n FROM t WHERE n = ?').get(3), undefined);
    again.close();
  });
}
