import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkDisk } from './disk.checks.ts';
import { replaceNow, writeNow } from './disk.ts';
import { systemDisk } from './system-disk.ts';
import { Crash, MemoryDisk } from './testing/memory-disk.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
checkDisk('the machine’s', () => {
  folders.push(mkdtempSync(join(tmpdir(), 'trine-disk-')));
  return { disk: systemDisk, folder: folders.at(-1) as string };
});
checkDisk('in memory', () => {
  const disk = new MemoryDisk();
  disk.makeFolder('/folder');
  return { disk, folder: '/folder' };
});

/** A disk whose crashes take everything that they may. */
const forgetful = () => new MemoryDisk({ random: () => 0.99 });
/** One whose crashes take nothing. */
const lucky = () => new MemoryDisk({ random: () => 0 });

test('a crash takes what was not synced, and nothing that was', () => {
  const disk = forgetful();
  const file = disk.open('/file', 'create');
  file.write(Buffer.from('kept'), 0);
  file.syncNow();
  file.write(Buffer.from('lost'), 4);
  disk.restart();
  assert.equal(disk.has('/file'), false, 'its name was not for good');
  const second = disk.open('/file', 'create');
  second.write(Buffer.from('kept'), 0);
  second.syncNow();
  disk.syncFolderNow('/');
  second.write(Buffer.from('lost'), 4);
  disk.restart();
  assert.equal(disk.read('/file').toString(), 'kept');
  assert.throws(() => second.write(Buffer.from('x'), 0), Crash, 'it was opened before the crash');
});

test('a rename is one step: the old file or the new one', () => {
  for (const [make, content] of [
    [forgetful, 'old'],
    [lucky, 'new'],
  ] as const) {
    const disk = make();
    replaceNow(disk, '/file', 'old');
    writeNow(disk, '/prepared', 'new');
    disk.rename('/prepared', '/file');
    disk.restart();
    assert.equal(disk.read('/file').toString(), content);
  }
});

test('a folder that is synced brings along what its names rest on', () => {
  const disk = forgetful();
  disk.makeFolder('/a');
  disk.makeFolder('/b');
  disk.syncFolderNow('/');
  writeNow(disk, '/a/file', 'x');
  disk.rename('/a/file', '/b/file');
  disk.syncFolderNow('/b');
  disk.restart();
  assert.deepEqual([disk.list('/a'), disk.list('/b')], [[], ['file']]);
});

test('unsynced writes are kept, cut or lost, each for itself', () => {
  const chances = [0.5, 0.5, 0.9, 0.1];
  const disk = new MemoryDisk({ random: () => chances.shift() ?? 0 });
  const file = disk.open('/file', 'create');
  disk.syncFolderNow('/');
  file.write(Buffer.from('aaaa'), 0);
  file.write(Buffer.from('bbbb'), 4);
  file.write(Buffer.from('cccc'), 8);
  disk.restart();
  assert.equal(disk.read('/file').toString(), 'aa\0\0\0\0\0\0cccc');
});

test('it crashes before the operation it was told, and until then does everything', () => {
  const disk = forgetful();
  let crashes = 0;
  disk.onCrash = () => crashes++;
  replaceNow(disk, '/file', 'one');
  const { operations } = disk;
  disk.crashIn(4);
  assert.throws(() => replaceNow(disk, '/file', 'two'), Crash);
  assert.equal(disk.operations, operations + 4);
  assert.throws(() => disk.read('/file'), Crash);
  assert.throws(() => disk.database('/db'), Crash);
  assert.equal(crashes, 1);
  disk.restart();
  assert.equal(disk.read('/file').toString(), 'one');
});

test('one operation fails, and nothing is changed by it', () => {
  const disk = forgetful();
  replaceNow(disk, '/file', 'one');
  disk.failIn(2);
  assert.throws(() => replaceNow(disk, '/file', 'two'), { code: 'ENOSPC' });
  assert.equal(disk.read('/file').toString(), 'one');
  replaceNow(disk, '/file', 'three');
  assert.equal(disk.read('/file').toString(), 'three');
});

test('a transaction under way is undone by a crash; a lock ends with it', () => {
  const disk = forgetful();
  const database = disk.database('/db');
  database.exec('CREATE TABLE t (n INTEGER)');
  database.exec('BEGIN');
  database.exec('INSERT INTO t VALUES (1)');
  assert.ok(disk.lock('/lock'));
  disk.restart();
  assert.throws(() => database.exec('COMMIT'), Crash);
  assert.deepEqual(disk.database('/db').prepare('SELECT * FROM t').all(), []);
  assert.ok(disk.lock('/lock'));
});

test('whoever watches sees every operation before it is done, and says what befalls it', () => {
  const disk = lucky();
  const seen: string[] = [];
  disk.watch = ({ kind, path, bytes }) => {
    seen.push(`${kind} ${path}${bytes ? ` ${Buffer.from(bytes).toString()}` : ''}`);
    return bytes?.[0] === 0x66 ? 'full' : undefined;
  };
  const file = disk.open('/file', 'create');
  file.write(Buffer.from('kept'), 0);
  assert.throws(() => file.write(Buffer.from('full'), 4), { code: 'ENOSPC' });
  file.syncNow();
  disk.database('/tables.sqlite').exec('CREATE TABLE t (a)');
  assert.deepEqual(seen, ['names /file', 'write /file kept', 'write /file full', 'sync /file', 'sql /tables.sqlite']);
  assert.equal(disk.read('/file').toString(), 'kept');
  disk.watch = () => 'crash';
  assert.throws(() => file.write(Buffer.from('never'), 4), Crash);
});

test('a write that is torn is kept in part, at any byte, by the crash that follows it', () => {
  const lengths = new Set<number>();
  for (let i = 0; i < 8; i++) {
    const disk = new MemoryDisk({ random: () => i / 8 });
    const torn: string[] = [];
    disk.onTorn = ({ path }) => torn.push(path);
    const file = disk.open('/file', 'create');
    disk.syncFolderNow('/');
    disk.watch = ({ kind }) => (kind === 'write' ? 'torn' : undefined);
    file.write(Buffer.from('12345678'), 0);
    assert.throws(() => file.syncNow(), Crash);
    disk.restart();
    lengths.add(disk.read('/file').length);
    assert.deepEqual(torn, ['/file']);
  }
  assert.deepEqual([...lengths], [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a copy has what is there, and neither changes the other', () => {
  const disk = lucky();
  writeNow(disk, '/file', 'before');
  const database = disk.database('/tables.sqlite');
  database.exec('CREATE TABLE t (a)');
  database.prepare('INSERT INTO t VALUES (?)').run(1);
  const copy = disk.copy();
  writeNow(disk, '/file', 'after');
  database.prepare('INSERT INTO t VALUES (?)').run(2);
  assert.equal(copy.read('/file').toString(), 'before');
  assert.deepEqual(copy.database('/tables.sqlite').prepare('SELECT count(*) AS n FROM t').get()?.n, 1);
  copy.restart();
  assert.equal(copy.read('/file').toString(), 'before', 'all of it is durable');
});
