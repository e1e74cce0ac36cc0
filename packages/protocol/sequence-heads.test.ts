// Heads of sequences: what is shown about a subject is all that the root holds about it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FormatError } from './errors.ts';
import { commitHeads, proveHeads, readHeads, type SequenceHead } from './sequence-heads.ts';

const names = ['a', 'ab', 'b', 'b/1', 'c', 'z'];
const head = fc.record({
  subject: fc.constantFrom(...names),
  keyOwner: fc.constantFrom('x', 'y', 'z'),
  epoch: fc.integer({ min: 0, max: 2 }),
});
const heads = fc
  .uniqueArray(head, { selector: (one) => JSON.stringify(one), maxLength: 30 })
  .map((all) =>
    all.map((one, seq): SequenceHead => ({ ...one, seq, id: new Uint8Array(32).fill(seq), forked: false })),
  );
const asked = fc.uniqueArray(fc.constantFrom(...names, '0', 'bb', 'zz'), { minLength: 1, maxLength: 5 });

test('property: a proof shows all heads about each subject, and no part of it can be left out, doubled or changed', () => {
  fc.assert(
    fc.property(heads, asked, fc.nat(), (all, subjects, where) => {
      const committed = commitHeads(all);
      const shown = proveHeads(all, subjects);
      const found = readHeads(committed, shown, subjects);
      for (const subject of subjects)
        assert.deepEqual(
          new Set(found.get(subject)?.map(({ seq }) => seq)),
          new Set(all.filter((one) => one.subject === subject).map(({ seq }) => seq)),
        );
      const { entries, proof } = shown;
      if (entries.length === 0) return;
      const at = where % entries.length;
      const entry = entries[at] as (typeof entries)[0];
      const low = { ...entry, head: { ...entry.head, low: 1 } };
      for (const wrong of [
        { entries: entries.toSpliced(at, 1), proof },
        { entries: entries.toSpliced(at, 0, entry), proof },
        { entries: entries.with(at, low), proof },
        { entries, proof: [...proof, new Uint8Array(32)] },
        { entries: [], proof: [] },
      ])
        assert.throws(() => readHeads(committed, wrong, subjects), FormatError);
      // What proves one subject proves nothing of another.
      const other = proveHeads(all, [subjects[0] as string]);
      if (other.entries.length < entries.length)
        assert.throws(() => readHeads(committed, other, subjects), FormatError);
      if (other.entries.length < entries.length)
        assert.throws(() => readHeads(committed, shown, [subjects[0] as string]), /more of them/);
    }),
    { numRuns: 400 },
  );
});
