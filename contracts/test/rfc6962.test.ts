import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import type { Abi, Hex } from 'viem';
import { account, startChain, type TestChain } from './chain.ts';
import { ReferenceLog } from './log.ts';

const SIZES = 100;
let chain: TestChain;
let harness: Hex;
const { abi } = JSON.parse(readFileSync(new URL('./fixtures/Rfc6962Harness.json', import.meta.url), 'utf8')) as {
  abi: Abi;
};
const log = new ReferenceLog().append(...Array.from({ length: SIZES }, (_, i) => Uint8Array.of(i, i ^ 85)));

before(async () => {
  chain = await startChain();
  harness = await chain.deploy(await chain.wallet(account('deployer')), 'Rfc6962Harness');
});

const verdicts = async (functionName: string, cases: unknown[]) =>
  (await chain.reader.readContract({
    address: harness,
    abi,
    functionName,
    args: [cases],
  })) as boolean[];

const flip = (hash: Hex): Hex => `${hash.slice(0, -1)}${(Number.parseInt(hash.slice(-1), 16) ^ 1).toString(16)}` as Hex;

/** Every way of spoiling a list of hashes by one: a bit of each, one dropped, one added at either end. */
const spoiled = (path: Hex[]): Hex[][] => [
  ...path.map((hash, i) => path.with(i, flip(hash))),
  ...path.map((_, i) => path.toSpliced(i, 1)),
  [...path, log.root(1)],
  [log.root(1), ...path],
];

test('leaf hashes are those of RFC 6962', async () => {
  const leaf: Hex = '0x0055';
  const hash = await chain.reader.readContract({ address: harness, abi, functionName: 'leafHash', args: [leaf] });
  assert.equal(hash, log.leafHash(0));
});

test(`consistency of all pairs of sizes up to ${SIZES}, and no spoiled proof`, async () => {
  for (let size2 = 1; size2 <= SIZES; size2++) {
    const good: unknown[] = [];
    const bad: unknown[] = [];
    for (let size1 = 1; size1 <= size2; size1++) {
      const proof = log.consistency(size1, size2);
      const right = { size1, root1: log.root(size1), size2, root2: log.root(size2), proof };
      good.push(right);
      // Each pair spoiled in a few places, all places over the whole run.
      const spoils = [
        ...spoiled(proof).map((other) => ({ ...right, proof: other })),
        { ...right, root1: flip(right.root1) },
        { ...right, root2: flip(right.root2) },
      ];
      bad.push(spoils[(size1 * 7 + size2) % spoils.length], spoils[(size1 + size2 * 5) % spoils.length]);
    }
    assert.ok(
      (await verdicts('consistencies', good)).every((ok) => ok),
      `to ${size2}`,
    );
    assert.ok(
      (await verdicts('consistencies', bad)).every((ok) => !ok),
      `spoiled, to ${size2}`,
    );
  }
});

test('no consistency from nothing, from more to less, or between different trees of one size', async () => {
  const root = log.root(7);
  const cases = [
    { size1: 0, root1: log.root(0), size2: 7, root2: root, proof: [] },
    { size1: 8, root1: log.root(8), size2: 7, root2: root, proof: log.consistency(7, 8) },
    { size1: 7, root1: root, size2: 7, root2: flip(root), proof: [] },
    { size1: 7, root1: root, size2: 7, root2: root, proof: [root] },
  ];
  assert.deepEqual(await verdicts('consistencies', cases), [false, false, false, false]);
});

test(`inclusion of every leaf in every size up to ${SIZES}, and no spoiled proof`, async () => {
  for (let size = 1; size <= SIZES; size++) {
    const good: unknown[] = [];
    const bad: unknown[] = [];
    for (let index = 0; index < size; index++) {
      const path = log.inclusion(index, size);
      const right = { leafHash: log.leafHash(index), index, size, root: log.root(size), path };
      good.push(right);
      const spoils = [
        ...spoiled(path).map((other) => ({ ...right, path: other })),
        { ...right, leafHash: flip(right.leafHash) },
        { ...right, root: flip(right.root) },
        { ...right, index: size },
        // Another position whose path has the same length.
        { ...right, index: index ^ 1, size: size + (size === 1 ? 1 : 0) },
      ];
      bad.push(spoils[(index * 3 + size) % spoils.length], spoils[(index + size * 11) % spoils.length]);
    }
    assert.ok(
      (await verdicts('inclusions', good)).every((ok) => ok),
      `in ${size}`,
    );
    assert.ok(
      (await verdicts('inclusions', bad)).every((ok) => !ok),
      `spoiled, in ${size}`,
    );
  }
});
