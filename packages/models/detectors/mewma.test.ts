import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as streams from '../streams.ts';
import { invert } from './invert.ts';
import { mewma } from './mewma.ts';

const rows = (seed: number, readings: number): [number, number[]][] => {
  const [a, b] = [0, 1].map((k) => streams.noise({ seed: seed + k, readings, level: 0 }));
  return a!.map(([t, x], i) => [t, [50 + x, 100 + 2 * x + 0.2 * b![i]![1]]]);
};

test('the same readings give the bits they gave when this version was released', () => {
  const detector = mewma.create(2);
  const scores = rows(1, 3000).map(
    ([t, [a, b]], i) => detector.update(t, [i % 9 === 8 ? Number.NaN : a!, i >= 2000 ? b! + 3 : b!]).score,
  );
  const digest = createHash('sha256').update(new Float64Array(scores)).update(detector.state()).digest('hex');
  // Another digest is another behaviour: increase the version, so that old decisions are replayed by the old code.
  assert.deepEqual([mewma.version, digest], [1, '4dd1d47b07c0e5b721b1b42d491ace72012521c398e38f8da4e880807e6fdf1c']);
});

test('a matrix times its inverse is the identity', () => {
  const n = 5;
  const noise = streams.noise({ seed: 2, readings: n * 40, level: 0 }).map(([, x]) => x);
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++)
      for (let j = 0; j < 40; j++) matrix[i * n + k]! += noise[j * n + i]! * noise[j * n + k]!;
  const inverse = invert(matrix, n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += matrix[i * n + j]! * inverse[j * n + k]!;
      assert.ok(Math.abs(sum - (i === k ? 1 : 0)) < 1e-9, `${sum} at ${i}, ${k}`);
    }
  }
});

test('T² is near one for ordinary readings, and reasons name what happened', () => {
  const ordinary = rows(10, 5000);
  const detector = mewma.create(2);
  const scores = ordinary.map(([t, values]) => detector.update(t, values));
  // A score of s is a strength of s / (1 - s) limits; the mean square in units of the limit is T²'s mean over quantities.
  const squares = scores.slice(400).map(({ score }) => (3.5 * (score / (1 - score))) ** 2);
  const mean = squares.reduce((a, b) => a + b, 0) / squares.length;
  assert.ok(mean > 0.4 && mean < 2, `mean T² over quantities is ${mean}`);
  const firstReason = (change: (values: number[], i: number) => number[]): string | undefined => {
    const fresh = mewma.create(2);
    const all = rows(20, 1300).map(([t, values], i) => fresh.update(t, i < 1000 ? values : change(values, i - 1000)));
    return all.slice(1000).find(({ score }) => score >= 0.5)?.reason;
  };
  assert.equal(
    firstReason(([a, b], i) => (i === 0 ? [a! + 15, b! + 30] : [a!, b!])),
    'jump',
  );
  assert.equal(
    firstReason(([a, b]) => [a! + 3, b! + 6]),
    'level-shift',
  );
  assert.equal(
    firstReason(([a, b]) => [a! - 0.3, b! + 0.6]),
    'combination',
  );
});

test('a plant that stays in another state is learnt anew', () => {
  const detector = mewma.create(2);
  const scores = rows(30, 12_000).map(([t, [a, b]], i) => detector.update(t, i < 1000 ? [a!, b!] : [a! + 20, b!]));
  assert.ok(scores[1100]!.score >= 0.5 && scores[4000]!.score >= 0.5, 'it says so for as long as it is news');
  assert.ok(scores.slice(6000).every(({ score }) => score < 0.5));
  assert.ok(Math.abs(scores.at(-1)!.expected[0]! - 70) < 1);
});
