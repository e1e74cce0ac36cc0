import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { formatVerifierKey, verifierKey } from '@trine/protocol';
import { filesOf, fill, leafOf, manual, otherKey, temporaryFolder, VKEY } from '../log.fixture.ts';
import { openLog } from '../log.ts';
import { fsck } from './fsck.ts';

/** Public files of a log that was published at these sizes. */
async function publicFiles(
  t: TestContext,
  sizes: readonly number[],
  seed = 1,
): Promise<{ folder: string; notes: string[] }> {
  const directory = temporaryFolder(t);
  const log = await openLog(manual(directory));
  const notes: string[] = [];
  for (const size of sizes) {
    await fill(log, size, seed);
    notes.push((await log.publish()).note);
  }
  await log.close();
  return { folder: join(directory, 'public'), notes };
}

/** Problems after a byte of a file was changed; the file is put back. */
async function withFlip(folder: string, path: string, at: number): Promise<string[]> {
  const file = join(folder, path);
  const good = readFileSync(file);
  const bad = Buffer.from(good);
  bad[at]! ^= 1 << (at % 8);
  writeFileSync(file, bad);
  const report = await fsck(folder, VKEY);
  writeFileSync(file, good);
  assert.equal(report.ok, report.problems.length === 0);
  return report.problems.map((problem) => problem.file);
}

describe('fsck', () => {
  test('a good log: everything counted, every leaf shown once and in order', async (t) => {
    const { folder, notes } = await publicFiles(t, [3, 520, 700]);
    const seen: number[] = [];
    let progress = 0;
    const report = await fsck(folder, VKEY, {
      previous: notes[0]!,
      onLeaf: async (index, leaf) => {
        assert.ok(Buffer.from(leaf).equals(leafOf(index)));
        seen.push(index);
      },
      progress: () => progress++,
    });
    assert.deepEqual(report.problems, []);
    assert.ok(report.ok && progress > 0);
    assert.deepEqual(seen, [...Array(700).keys()]);
    assert.deepEqual([report.size, report.leaves, report.ahead], [700, 700, 0]);
    // Compared: the checkpoint, three pairs, the tile above, and the older partial bundle and tile that are left.
    assert.equal(report.files, 1 + 6 + 1 + 2);
  });

  test('a byte changed anywhere in any file is found, and the file is named', async (t) => {
    const { folder } = await publicFiles(t, [3, 520, 530, 700]);
    const paths = filesOf(folder);
    assert.ok(paths.includes('tile/0/002.p/18') && paths.includes('tile/1/000.p/2'), paths.join());
    for (const path of paths) {
      const { length } = readFileSync(join(folder, path));
      for (let i = 0; i < 12; i++) {
        const at = Math.floor((i * (length - 1)) / 11);
        assert.ok((await withFlip(folder, path, at)).includes(path), `${path} byte ${at}`);
      }
    }
    assert.ok((await fsck(folder, VKEY)).ok);
  });

  test('in a larger tree only the changed file is blamed', async (t) => {
    const { folder } = await publicFiles(t, [66_000]);
    const paths = [
      'tile/0/007',
      'tile/entries/255',
      'tile/1/000',
      'tile/1/001.p/1',
      'tile/2/000.p/1',
      'tile/entries/257.p/208',
    ];
    for (const path of paths) {
      const blamed = await withFlip(folder, path, 40 % readFileSync(join(folder, path)).length);
      if (path.endsWith('.p/208')) assert.ok(blamed.includes(path), blamed.join());
      else assert.deepEqual(blamed, [path]);
    }
  });

  test('a file missing, cut, lengthened, foreign or beyond the checkpoint', async (t) => {
    const { folder } = await publicFiles(t, [700]);
    for (const path of filesOf(folder)) {
      const good = readFileSync(join(folder, path));
      rmSync(join(folder, path));
      assert.ok(
        (await fsck(folder, VKEY)).problems.some(({ file }) => file === path),
        `${path} missing`,
      );
      for (const bad of [good.subarray(0, -1), Buffer.concat([good, Buffer.of(0)]), Buffer.alloc(0)]) {
        writeFileSync(join(folder, path), bad);
        assert.ok(
          (await fsck(folder, VKEY)).problems.some(({ file }) => file === path),
          `${path}, ${bad.length} bytes`,
        );
      }
      writeFileSync(join(folder, path), good);
    }
    writeFileSync(join(folder, 'tile/0/notes.txt'), '');
    assert.deepEqual((await fsck(folder, VKEY)).problems, [
      { file: 'tile/0/notes.txt', problem: 'is not a file of a log' },
    ]);
    rmSync(join(folder, 'tile/0/notes.txt'));
    mkdirSync(dirname(join(folder, 'tile/0/009')), { recursive: true });
    writeFileSync(join(folder, 'tile/0/009'), '');
    const { ok, ahead } = await fsck(folder, VKEY);
    assert.deepEqual([ok, ahead], [true, 1]);
  });

  test('changed history, a shrunken log, another key', async (t) => {
    const mine = await publicFiles(t, [300, 700]);
    const forged = await publicFiles(t, [300, 700], 2);
    for (const previous of forged.notes) {
      const report = await fsck(mine.folder, VKEY, { previous });
      assert.match(report.problems[0]?.problem ?? '', /history was changed/);
    }
    for (const previous of mine.notes) assert.ok((await fsck(mine.folder, VKEY, { previous })).ok);
    const older = temporaryFolder(t);
    cpSync((await publicFiles(t, [300])).folder, older, { recursive: true });
    assert.match(
      (await fsck(older, VKEY, { previous: mine.notes[1]! })).problems[0]?.problem ?? '',
      /700 was signed before/,
    );
    const foreign = formatVerifierKey(verifierKey('log.example/test', otherKey.publicKey));
    const report = await fsck(mine.folder, foreign);
    assert.deepEqual([report.ok, report.size, report.problems[0]?.file], [false, 0, 'checkpoint']);
  });

  test('a folder that is not there', async (t) => {
    const report = await fsck(join(temporaryFolder(t), 'nothing'), VKEY);
    assert.deepEqual(report.problems, [{ file: 'checkpoint', problem: 'missing' }]);
  });
});
