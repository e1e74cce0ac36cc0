import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hasNab, readCorpus } from '../nab/corpus.ts';
import { normalise, scoreFile } from '../nab/scorer.ts';
import * as streams from '../streams.ts';
import { robust } from './robust.ts';

test('the same readings give the bits they gave when this version was released', () => {
  const detector = robust.create();
  const scores = streams.seasonal({ seed: 1, days: 30 }).map(([t, x]) => detector.update(t, x).score);
  const digest = createHash('sha256').update(new Float64Array(scores)).update(detector.state()).digest('hex');
  // Another digest is another behaviour: increase the version, so that old decisions are replayed by the old code.
  assert.deepEqual([robust.version, digest], [1, 'a06c97c4211b431eb2f2d0fcb0f718e898d896df9d5a636eaa0e3a3d84312855']);
});

test('reasons name what happened', () => {
  const reasonAt = (change: (x: number, i: number) => number, from: number, to: number): string[] => {
    const detector = robust.create();
    const stream = streams.changed(streams.noise({ seed: 40, readings: 2300 }), 2000, change);
    const scores = stream.map(([t, x]) => detector.update(t, x));
    return scores.slice(from, to).map(({ reason }) => reason);
  };
  assert.equal(reasonAt((x, i) => (i === 0 ? x + 20 : x), 2000, 2001)[0], 'jump');
  assert.ok(reasonAt(() => 50, 2000, 2030).includes('flatline'));
  assert.ok(reasonAt((x) => 50 + (x - 50) * 0.1, 2000, 2100).includes('variability'));
  assert.ok(reasonAt((x, i) => x + i * 0.05, 2000, 2300).includes('drift'));
  const first = robust.create().update(0, 1);
  assert.deepEqual([first.score, first.reason], [0, 'warming-up']);
});

test('an alarm speaks once: the refractory stage holds back what follows from it', () => {
  const detector = robust.create();
  const stream = streams.changed(streams.noise({ seed: 41, readings: 2300 }), 2000, (x) => x + 30);
  const scores = stream.map(([t, x]) => detector.update(t, x).score);
  assert.ok(scores[2000]! >= 0.7);
  const after = scores.slice(2001).filter((score) => score >= 0.5).length;
  assert.ok(after <= 6, `${after} further alarms in the 300 readings after a level shift`);
});

test('a stream that was constant and then lives is learnt', () => {
  const detector = robust.create();
  const still = streams.constant({ readings: 500, value: 0 });
  const alive = streams.noise({ seed: 42, readings: 3000, startMs: streams.MONDAY_MS + 500 * 300_000 });
  for (const [t, x] of still) detector.update(t, x);
  const scores = alive.map(([t, x]) => detector.update(t, x));
  assert.ok(scores[0]!.score >= 0.5);
  assert.ok(Math.abs(scores.at(-1)!.expected - 50) < 3, `expects ${scores.at(-1)!.expected}, not 50`);
});

test('the interval holds most ordinary readings', () => {
  const detector = robust.create();
  let inside = 0;
  const stream = streams.seasonal({ seed: 43, days: 28 });
  for (const [t, x] of stream) {
    const { low, high } = detector.update(t, x);
    if (low <= x && x <= high) inside++;
  }
  assert.ok(inside / stream.length > 0.98, `${inside} of ${stream.length}`);
});

test('better than HTM (70.4) on the Numenta Anomaly Benchmark at its own threshold', {
  skip: hasNab() ? false : 'needs ../shared/data/anomaly/nab',
}, () => {
  const corpus = readCorpus();
  const raw = corpus.map((series) => {
    const detector = robust.create();
    return scoreFile(
      series,
      series.values.map((x, i) => detector.update(series.times[i]!, x).score),
      0.5,
    ).raw;
  });
  const windows = corpus.reduce((sum, series) => sum + series.windows.length, 0);
  const score = normalise(
    raw.reduce((a, b) => a + b),
    windows,
  );
  assert.ok(score > 70.4, `NAB standard score ${score}`);
});
