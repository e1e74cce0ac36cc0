// Heads of sequences, from the tables of a node: the same that anyone finds who reads the log itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headsOf } from '@trine/engine';
import { commitHeads, compareHeads, forkSides, toHex } from '@trine/protocol';
import fc from 'fast-check';
import { Parts, type Said } from '../testing/parts.ts';
import { headsAt, readOpened } from './inputs.ts';

const PATTERNS = ['thing/*', 'other'];

test('property: at every cut the heads are those that follow from the leaves below, forks included', async () => {
  const said = fc.record({
    thing: fc.constantFrom('thing/1', 'thing/2', 'other', 'nobody'),
    isForking: fc.boolean(),
    isEvent: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 12 }), async (all) => {
      const parts = await Parts.open();
      try {
        const ids = new Map<string, Uint8Array[]>();
        const leaves: number[] = [];
        for (const [i, { thing, isForking, isEvent }] of all.entries()) {
          const own = ids.get(thing) ?? [];
          // Another statement in the place of the newest, after the one before it.
          const prev = isForking && own.length > 1 ? { seq: own.length - 1, prev: own.at(-2) as Uint8Array } : {};
          const one: Said = { thing, atMs: 1_000 + i * 10, value: i, ...(isEvent && { text: `event ${i}` }), ...prev };
          const [logged] = await parts.say([one]);
          if (!('seq' in prev)) ids.set(thing, [...own, logged?.id as Uint8Array]);
          leaves.push(logged?.leaf as number);
        }
        await parts.does(parts.projections.runner.flush());
        for (const cut of [...leaves, parts.log.size]) {
          const found = await parts.does(headsAt(parts.sources, PATTERNS, cut));
          const below = leaves.filter((leaf) => leaf < cut).map((leaf) => readOpened(parts.sources, leaf));
          const expected = headsOf(PATTERNS, below, forkSides(below));
          const named = (heads: typeof found) =>
            heads.toSorted(compareHeads).map(({ id, ...head }) => ({ ...head, id: toHex(id) }));
          assert.deepEqual(named(found), named(expected), `below ${cut}`);
          assert.deepEqual(commitHeads(found), commitHeads(expected));
        }
      } finally {
        await parts.close();
      }
    }),
    { numRuns: 12 },
  );
});
