// What settling keeps: signatures in the contract's order, the oldest anchor that holds, and proofs as they came.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { SettleStore } from './settle-store.ts';

const bytes = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const proof = (byte: number, nodes: readonly number[] = [3, 0, 70_000]) => ({
  headerRlp: bytes(byte, 600),
  txIndex: byte,
  proofNodes: nodes.map((length) => bytes(byte, length)),
});

function opened(disk = new MemoryDisk()): SettleStore {
  return new SettleStore('/ledger/settle.sqlite', disk);
}

test('signatures of an intent come by signer, ascending, each signer once', () => {
  const store = opened();
  store.addSignature(bytes(1), '0xb', bytes(20, 65));
  store.addSignature(bytes(1), '0xa', bytes(10, 65));
  store.addSignature(bytes(1), '0xb', bytes(99, 65));
  store.addSignature(bytes(2), '0xa', bytes(11, 65));
  assert.deepEqual(store.signaturesOf(bytes(1)), [bytes(10, 65), bytes(20, 65)]);
  assert.deepEqual(store.signaturesOf(bytes(3)), []);
  assert.deepEqual(
    [bytes(1), bytes(2), bytes(3)].map((intent) => store.hasSigned(intent, '0xb')),
    [true, false, false],
  );
});

test('of the anchored trees that hold a leaf the smallest counts: one of as many leaves does not hold it', () => {
  const store = opened();
  for (const size of [20, 10, 30]) store.addAnchor({ size, root: bytes(size), proof: proof(size) });
  assert.equal(store.anchorFor(9)?.size, 10);
  assert.equal(store.anchorFor(10)?.size, 20);
  assert.equal(store.anchorFor(29)?.size, 30);
  assert.equal(store.anchorFor(30), undefined);
  assert.deepEqual(store.anchorFor(0), { size: 10, root: bytes(10), proof: proof(10) });
});

test('proofs come back as they were, also after the power failed; a later one takes the place', () => {
  const disk = new MemoryDisk();
  const store = opened(disk);
  store.addSettlement(bytes(1), proof(4));
  store.addSettlement(bytes(2), proof(5, []));
  store.addSettlement(bytes(2), proof(6, [1]));
  store.close();
  disk.restart();
  const again = opened(disk);
  assert.deepEqual(again.settlementOf(bytes(1)), proof(4));
  assert.deepEqual(again.settlementOf(bytes(2)), proof(6, [1]));
  assert.equal(again.settlementOf(bytes(3)), undefined);
});

test('what is said by hand of one line is apart from what is said of another, of all, and to drop it', () => {
  const store = opened();
  const about = { decision: bytes(1), row: 'home/1', ruling: 'pay' };
  store.addWord(about, '0xb', bytes(20, 65));
  store.addWord(about, '0xa', bytes(10, 65));
  store.addWord(about, '0xb', bytes(99, 65));
  store.addWord({ ...about, row: '' }, '0xc', bytes(30, 65));
  assert.deepEqual(
    store.wordsOf(about).map(({ signer, signature }) => [signer, signature[0]]),
    [
      ['0xa', 10],
      ['0xb', 20],
    ],
  );
  assert.deepEqual(
    [{ row: '' }, { row: 'home/2' }, { ruling: 'drop' }, { decision: bytes(2) }].map(
      (other) => store.wordsOf({ ...about, ...other }).length,
    ),
    [1, 0, 0, 0],
  );
});
