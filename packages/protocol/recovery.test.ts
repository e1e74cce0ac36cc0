import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from './crypto.ts';
import { forkSides } from './recovery.ts';

interface Place {
  readonly seq: number;
  readonly prev?: Uint8Array | undefined;
}

const idOf = (i: number) => sha256(new TextEncoder().encode(String(i)));

/** Statements of one sequence; each look at one is counted. */
function sequence(places: readonly Place[]) {
  const looks = { count: 0 };
  const said = places.map(({ seq, prev }, i) => {
    const statement = { id: idOf(i), header: { subject: 'thing/1', epoch: 0, seq, ...(prev && { prev }) } };
    return {
      keyOwner: 'thing/1',
      get statement() {
        looks.count++;
        return statement as never as Parameters<typeof forkSides>[0][number]['statement'];
      },
    };
  });
  return { said, looks };
}

test('both sides of a fork, and what follows another than the one before it', () => {
  const [first, second] = [idOf(0), idOf(1)];
  const { said } = sequence([
    { seq: 0 },
    { seq: 1, prev: first },
    { seq: 1, prev: first },
    { seq: 2, prev: second },
    { seq: 4, prev: first },
    { seq: 5, prev: first },
  ]);
  assert.deepEqual(
    forkSides(said).map((one) => said.indexOf(one)),
    [1, 2, 4, 5],
  );
  const same = sequence([{ seq: 0 }]).said[0] as (typeof said)[number];
  assert.deepEqual(forkSides([same, same]), [], 'the same one twice is no fork');
});

test('thousands that claim one place, or follow nothing, cost no more than thousands that do not', () => {
  const COUNT = 5_000;
  const nowhere = new Uint8Array(32);
  for (const seqOf of [() => 0, (i: number) => i % 2]) {
    const { said, looks } = sequence(Array.from({ length: COUNT }, (_, i) => ({ seq: seqOf(i), prev: nowhere })));
    assert.equal(forkSides(said).length, COUNT);
    assert.ok(looks.count <= 20 * COUNT, `${looks.count} looks at ${COUNT} statements`);
  }
});
