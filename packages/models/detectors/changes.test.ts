import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as streams from '../streams.ts';
import { changes } from './changes.ts';

const DAY_MS = 86_400_000;
/** Daily values around 150 with a weekend, deviation 2. */
const days = (seed: number, readings: number): [number, number][] =>
  streams
    .noise({ seed, readings, level: 150, sd: 2 })
    .map(([, x], i) => [streams.MONDAY_MS + i * DAY_MS, x + (i % 7 >= 5 ? 20 : 0)]);

test('the same readings give the bits they gave when this version was released', () => {
  const detector = changes.create();
  const scores = days(1, 1000).map(([t, x], i) => detector.update(t, i === 300 || i >= 500 ? x + 30 : x).score);
  const digest = createHash('sha256').update(new Float64Array(scores)).update(detector.state()).digest('hex');
  // Another digest is another behaviour: increase the version, so that old decisions are replayed by the old code.
  assert.deepEqual([changes.version, digest], [1, '2e6e2a38b082e922c5f126bb4a6558f1a8fe0d01618f17f12b13c7bb9cf33e8e']);
});

test('the week is learnt, and a small change is found in days, once, with its direction', () => {
  for (const [change, sign] of [
    [6, 1],
    [-6, -1],
  ] as const) {
    let [found, alarms, before] = [0, 0, 0];
    for (let seed = 1; seed <= 20; seed++) {
      const detector = changes.create();
      for (const [i, [t, x]] of days(seed, 120).entries()) {
        const value = i < 80 ? x : x + change;
        const { score, expected } = detector.update(t, value);
        if (score < 0.5) continue;
        if (i >= 40 && i < 80) before++;
        if (i >= 80 && i < 90 && Math.sign(value - expected) === sign) found++;
        if (i >= 80) alarms++;
      }
    }
    assert.ok(found >= 19, `found ${found} of 20 within ten days`);
    assert.ok(alarms <= 30, `${alarms} alarms for 20 changes`);
    assert.ok(before <= 3, `${before} false alarms in 20 times 40 days`);
  }
});

test('a single extreme day is no change, two are', () => {
  const alarmsWith = (outliers: number): number => {
    const detector = changes.create();
    return days(5, 100)
      .map(([t, x], i) => detector.update(t, i >= 80 && i < 80 + outliers ? x + 500 : x).score)
      .slice(80, 84)
      .filter((score) => score >= 0.5).length;
  };
  assert.equal(alarmsWith(1), 0);
  assert.ok(alarmsWith(2) > 0);
});

test('what grows is drift or a shift, and is told again as it goes on', () => {
  const detector = changes.create();
  const reasons = days(6, 140).map(([t, x], i) => detector.update(t, i < 80 ? x : x + (i - 80)).reason);
  const told = reasons.slice(80).filter((reason) => reason === 'drift' || reason === 'level-shift');
  assert.ok(told.length >= 2, `${told}`);
});
