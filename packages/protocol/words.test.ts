import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf, plural } from './words.ts';

test('a count has the word that goes with it', () => {
  assert.deepEqual(
    [0, 1, 2, 11, 21, 1n, 2n].map((count) => countOf(count, 'member')),
    ['0 members', '1 member', '2 members', '11 members', '21 members', '1 member', '2 members'],
  );
  assert.equal(countOf(1, 'leaf', 'leaves'), '1 leaf');
  assert.equal(countOf(3, 'leaf', 'leaves'), '3 leaves');
  assert.deepEqual([plural(1, 'was', 'were'), plural(2, 'was', 'were')], ['was', 'were']);
});
