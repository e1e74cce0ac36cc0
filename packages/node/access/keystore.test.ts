// Keys of an installation: made once, whole on the disk before anybody signs with them, the same after every end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifySignature } from '@trine/protocol';
import { Crash, MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { World } from '../testing/world.ts';
import { openSecret, openSigner } from './keystore.ts';
import { policyHmac, policyHmacOf } from './salts.ts';

const message = new TextEncoder().encode('a reading');

for (const algorithm of ['Ed25519', 'ESP256'] as const)
  test(`${algorithm}: made on first use, the same afterwards, and what it signs verifies`, async () => {
    const { disk, random } = await World.make();
    const first = openSigner('/keys', 'device', algorithm, { disk, random });
    disk.restart();
    const again = openSigner('/keys', 'device', algorithm, { disk, random });
    assert.deepEqual(again.publicKey, first.publicKey);
    // Of ESP256 about half of all signatures would have a high s.
    for (let i = 0; i < 8; i++) {
      const signature = first.sign(Uint8Array.of(...message, i));
      assert.equal(signature.length, 64);
      assert.ok(verifySignature(again.publicKey, Uint8Array.of(...message, i), signature));
      assert.equal(verifySignature(again.publicKey, message, signature), false);
    }
    assert.notDeepEqual(openSigner('/keys', 'other', algorithm, { disk, random }).publicKey, first.publicKey);
  });

test('a crash at any moment leaves a whole key or none; one that was used is never another later', async () => {
  for (let at = 1; at < 12; at++) {
    const { random } = await World.make(at);
    const disk = new MemoryDisk({ random: () => 0.9 });
    disk.makeFolder('/keys');
    await disk.syncFolder('/');
    const system = { disk, random };
    let used: Uint8Array | undefined;
    disk.crashIn(at);
    try {
      used = openSecret('/keys', 'account', system);
    } catch (error) {
      assert.ok(error instanceof Crash, String(error));
    }
    disk.restart();
    const after = openSecret('/keys', 'account', system);
    assert.equal(after.length, 32);
    if (used) assert.deepEqual(after, used, `crashed at ${at}`);
    assert.deepEqual(disk.list('/keys'), ['account.secret'], 'nothing half is left');
  }
});

test('where another process made the key first, that one counts', async () => {
  const { disk, random } = await World.make();
  const theirs = 'ab'.repeat(32);
  const rival = Object.assign(Object.create(disk) as MemoryDisk, {
    link(): void {
      const file = disk.open('/keys/token.secret', 'empty');
      file.write(Buffer.from(theirs), 0);
      file.close();
      throw Object.assign(new Error('there'), { code: 'EEXIST' });
    },
  });
  for (const name of ['has', 'read', 'list', 'makeFolder', 'open', 'rename', 'remove', 'syncFolderNow'] as const)
    Object.assign(rival, { [name]: disk[name].bind(disk) });
  assert.equal(Buffer.from(openSecret('/keys', 'token', { disk: rival, random })).toString('hex'), theirs);
});

test('a number that is no secret of the curve is not taken', async () => {
  const { disk } = await World.make();
  const given = [Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(32, 7)];
  const random = () => given.shift() ?? assert.fail();
  assert.deepEqual(openSecret('/keys', 'account', { disk, random }), new Uint8Array(32).fill(7));
  assert.equal(given.length, 0);
});

test('each policy has salts of its own from the secret; a folder without one has none, and gets none by asking', async () => {
  const { disk, random } = await World.make();
  assert.equal(policyHmacOf('/node', { disk, random }), undefined);
  assert.equal(disk.has('/node'), false);
  const secret = openSecret('/node/keys', 'salts', { disk, random });
  const ours = policyHmac(secret);
  const read = policyHmacOf('/node', { disk, random });
  assert.deepEqual(read?.('aa', message), ours('aa', message));
  assert.notDeepEqual(ours('aa', message), ours('ab', message));
  assert.notDeepEqual(ours('aa', message), ours('aa', Uint8Array.of(1)));
  assert.equal(ours('aa', message).length, 32);
});
