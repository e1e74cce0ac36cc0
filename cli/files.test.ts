// Files that a command is given: read whole, or refused in words, and never beyond what a file of their kind can have.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readGiven, readGivenText } from './files.ts';
import { CommandError } from './output.ts';
import { Bench } from './testing.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a file is read whole up to its bound; beyond it, and where there is none, it is said', (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'file');
  for (const length of [0, 1, 1_048_576, 3_000_000]) {
    writeFileSync(path, Buffer.alloc(length, 'a'));
    assert.equal(readGiven(path, 'file', length).length, length);
    assert.equal(readGivenText(path, 'file', length), 'a'.repeat(length));
    if (length > 0) assert.throws(() => readGiven(path, 'file', length - 1), /has more than/);
  }
  for (const odd of [folder, join(folder, 'none')])
    assert.throws(
      () => readGiven(odd, 'file', 9),
      (error) => error instanceof CommandError && error.exitStatus === 2,
    );
  // It has no end.
  assert.throws(() => readGiven('/dev/zero', 'file', 5_000_000), /has more than 5000000 bytes/);
});

test('commands take no file that is larger than one of its kind can be', async (t) => {
  const bench = new Bench();
  t.after(() => bench.close());
  const huge = bench.file('huge', '');
  // Sparse: nothing of it is on the disk.
  truncateSync(huge, 1_900_000_000);
  const small = bench.file('small', '');
  for (const args of [
    ['verify', huge],
    ['verify', small, '--network', huge],
    ['verify', small, '--domain', huge],
    ['domain', 'add', huge],
    ['replay', '--file', huge],
    ['fsck', bench.home, '--previous', huge, '--network', huge],
  ]) {
    const { status, words } = await bench.trine(args);
    assert.deepEqual([status, /has more than \d+ bytes/.test(words)], [2, true], `${args.join(' ')}: ${words}`);
  }
});
