import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, test } from 'node:test';
import { type NetworkDocument, parseNetwork, sha256, toHex, toUtf8 } from '@trine/protocol';
import { writeNow } from '@trine/system/disk.ts';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { keepVerifier, readVerifier } from './verifier.ts';

const golden = parseNetwork(readFileSync(new URL('../../../vectors/evidence/network.json', import.meta.url), 'utf8'));
const [first, second] = [toUtf8('<html>1'), toUtf8('<html>2')];
const naming = (verifier: string | undefined): NetworkDocument => ({ ...golden, ...(verifier && { verifier }) });
const home = '/node';
let disk: MemoryDisk;

beforeEach(() => {
  disk = new MemoryDisk();
  disk.makeFolder(home);
});

test('a network keeps the verifier of its founding, whatever a later release brings', () => {
  const named = keepVerifier(disk, home, first);
  assert.equal(named, toHex(sha256(first)));
  writeNow(disk, '/node/network.json', '{}');
  assert.equal(keepVerifier(disk, home, second), named);
  assert.deepEqual(new Uint8Array(readVerifier(disk, home, naming(named))), first);
});

test('a network founded without a verifier names none, also when a release has one', () => {
  writeNow(disk, '/node/network.json', '{}');
  assert.equal(keepVerifier(disk, home, first), undefined);
  assert.throws(() => readVerifier(disk, home, naming(undefined)), { code: 'not-found' });
});

test('a file that was changed is not handed out', () => {
  const named = keepVerifier(disk, home, first);
  writeNow(disk, '/node/verifier.html', second);
  assert.throws(() => readVerifier(disk, home, naming(named)), { code: 'damaged' });
});
