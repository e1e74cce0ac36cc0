import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256 } from './crypto.ts';
import { commitMap, type MapProof, proveMap, readMapProof } from './merkle-map.ts';

const hashed = (key: string) => sha256(new TextEncoder().encode(key));
const mapOf = (keys: readonly string[]) => new Map(keys.map((key) => [key, hashed(key)]));
const keys = fc.uniqueArray(fc.string({ maxLength: 12, unit: 'grapheme' }), { maxLength: 40 });

test('property: a map proves what it holds and what it does not, in whatever order it was filled', () => {
  fc.assert(
    fc.property(keys, fc.string({ maxLength: 12, unit: 'grapheme' }), (present, other) => {
      const map = mapOf(present);
      const commitment = commitMap(map);
      assert.deepEqual(commitMap(mapOf([...present].reverse())), commitment);
      for (const key of [...present, other]) {
        const got = readMapProof(commitment, key, proveMap(map, key));
        assert.deepEqual(got && Uint8Array.from(got), map.has(key) ? Uint8Array.from(hashed(key)) : undefined);
      }
    }),
  );
});

test('property: no proof shows that a key is absent which is there, nor another value', () => {
  fc.assert(
    fc.property(
      keys.filter((all) => all.length > 1),
      fc.nat(),
      fc.nat(),
      (present, which, another) => {
        const map = mapOf(present);
        const commitment = commitMap(map);
        const key = present[which % present.length] as string;
        const without = new Map(map);
        without.delete(key);
        const forged: MapProof[] = [
          proveMap(without, key),
          {},
          { before: proveMap(map, key).member as never },
          { after: proveMap(map, key).member as never },
          proveMap(map, present[another % present.length] as string),
        ];
        for (const proof of forged) {
          if (proof.member?.key === key) continue;
          assert.throws(() => readMapProof(commitment, key, proof), /FormatError|proof|Proof/);
        }
        const { member } = proveMap(map, key);
        const other = { ...(member as NonNullable<typeof member>), value: new Uint8Array(32) };
        assert.throws(() => readMapProof(commitment, key, { member: other }), /does not lead to the root/);
      },
    ),
  );
});

test('an empty map holds nothing', () => {
  const commitment = commitMap(new Map());
  assert.equal(readMapProof(commitment, 'x', {}), undefined);
  assert.throws(() => readMapProof({ ...commitment, root: new Uint8Array(32) }, 'x', {}), /empty/);
});
