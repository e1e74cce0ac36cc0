// The copy of a log: what continues what was seen is taken in; what does not, never.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source } from '@trine/log/fsck/source.ts';
import {
  encodeBundle,
  formatVerifierKey,
  leafHash,
  memoryTree,
  type NetworkDocument,
  signCheckpoint,
  TILE_WIDTH,
  tilePath,
  toUtf8,
  treeRoot,
  verifierKey,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { LogCopy, LogForkedError } from './copy.ts';

const ORIGIN = 'log.example/1';
const signer = temporarySigner();
const logKey = verifierKey(ORIGIN, signer.publicKey.raw);
const vkey = formatVerifierKey(logKey);
const network = { name: 'Test', members: [{ logs: [{ origin: ORIGIN, vkey }] }] } as unknown as NetworkDocument;
const leaves = (count: number, word = 'leaf') => Array.from({ length: count }, (_, i) => toUtf8(`${word} ${i}`));

/** A log as it is served. @param signed the leaves that its tree head is over, where they are others */
function served(all: readonly Uint8Array[], signed = all): Source {
  const hashes = signed.map(leafHash);
  const root = treeRoot(hashes.length, memoryTree(hashes));
  const { note } = signCheckpoint({ origin: ORIGIN, size: signed.length, root }, signer.publicKey.raw, signer.sign);
  const files = new Map([['checkpoint', toUtf8(note)]]);
  for (let index = 0; index * TILE_WIDTH < all.length; index++) {
    const entries = all.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    files.set(tilePath({ level: 'entries', index, width: entries.length }), encodeBundle(entries));
  }
  return { read: async (path) => files.get(path) };
}

const opened = (disk: MemoryDisk) => new LogCopy(disk.database('/log.sqlite'), network, ORIGIN);

test('a log that grows is followed over bundles and starts; its files are those of the log', async () => {
  const disk = new MemoryDisk();
  for (const count of [3, 200, 256, 300, 700]) {
    const copy = opened(disk);
    await copy.pull(served(leaves(count)));
    assert.equal(copy.size, count);
    const whole = served(leaves(count));
    for (let index = 0; index * TILE_WIDTH < count; index++) {
      const path = tilePath({ level: 'entries', index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) });
      assert.deepEqual(await opened(disk).read(path), await whole.read(path));
    }
  }
  assert.deepEqual(await opened(disk).pull(served(leaves(700))), { from: 700, to: 700 });
});

test('another tree of the same size, or of one that was seen, is a fork: for ever', async () => {
  for (const count of [300, 200]) {
    const disk = new MemoryDisk();
    await opened(disk).pull(served(leaves(300)));
    await assert.rejects(opened(disk).pull(served(leaves(count, 'other'))), LogForkedError);
    assert.throws(() => opened(disk), LogForkedError);
  }
});

test('a log that goes back, or does not continue what was seen, or is not what was signed, changes nothing', async () => {
  const disk = new MemoryDisk();
  await opened(disk).pull(served(leaves(300)));
  const rewritten = [...leaves(10, 'other'), ...leaves(390)];
  for (const [source, why] of [
    [served(leaves(200)), /went back: it serves 200 leaves, and had 300/],
    [served(rewritten), /does not lead from what was seen before \(300 leaves\) to the signed tree of 400/],
    [served(leaves(400), leaves(400, 'other')), /does not lead/],
    [{ read: async () => undefined }, /serves no checkpoint/],
  ] as [Source, RegExp][]) {
    await assert.rejects(opened(disk).pull(source), why);
    assert.equal(opened(disk).size, 300);
  }
  await opened(disk).pull(served(leaves(400)));
});

test('a copy that was changed on the disk is found at the start', async () => {
  const disk = new MemoryDisk();
  await opened(disk).pull(served(leaves(10)));
  disk
    .database('/log.sqlite')
    .prepare('UPDATE bundles SET entries = ?')
    .run(encodeBundle(leaves(10, 'other')));
  assert.throws(() => opened(disk), /was changed: remove log.sqlite/);
});
