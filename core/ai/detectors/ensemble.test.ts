import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hasNab, readCorpus } from '../nab/corpus.ts';
import { normalise, scoreFile } from '../nab/scorer.ts';
import * as streams from '../streams.ts';
import { robustShape } from './ensemble.ts';
import { nearestRuns, ShapeNovelty } from './shape.ts';

test('the same readings give the bits they gave when this version was released', () => {
  const detector = robustShape.create();
  const scores = streams.seasonal({ seed: 1, days: 30 }).map(([t, x]) => detector.update(t, x).score);
  const digest = createHash('sha256').update(new Float64Array(scores)).update(detector.state()).digest('hex');
  // Another digest is another behaviour: increase the version, so that old decisions are replayed by the old code.
  assert.deepEqual(
    [robustShape.version, digest],
    [1, '96759644c96952d9db7582e1adec3eab0c492084c9d28d27d0248fa32391f2e3'],
  );
});

test('a movement is new once: made again it is known, until it is forgotten', () => {
  const shape = new ShapeNovelty();
  const pattern = [1, -1, 2, -2];
  const play = (steps: readonly number[]): number => Math.max(...steps.map((step) => shape.update(step, 0)));
  const ordinary = (readings: number): number[] => Array.from({ length: readings }, (_, i) => pattern[i % 4]!);
  play(ordinary(300));
  assert.equal(play(ordinary(200)), 0, 'the pattern is known');
  assert.ok(play([30, -30]) >= 1, 'a large step is new in all looks');
  play(ordinary(50));
  assert.equal(play([30, -30]), 0, 'it is known');
  assert.equal(play(ordinary(600)), 0);
  assert.ok(play([300, -300]) >= 1, 'a larger one is new');
});

test('the nearest runs are those that trying all finds', () => {
  const steps = Float64Array.from(streams.noise({ seed: 70, readings: 700, level: 0 }), ([, x]) => x);
  const found = new Float64Array(6);
  for (const [end, back] of [
    [20, 10],
    [200, 128],
    [400, 300],
    [699, 512],
  ] as const) {
    nearestRuns(steps, end, back, found);
    const all = [2, 3, 5].flatMap((length) =>
      [128, 512].map((depth) => {
        let nearest = Number.POSITIVE_INFINITY;
        for (let i = length; i <= Math.min(depth, back); i++) {
          let sum = 0;
          for (let k = 0; k < length; k++) sum += Math.abs(steps[end - k]! - steps[end - i - k]!);
          nearest = Math.min(nearest, sum / length);
        }
        return nearest;
      }),
    );
    for (const [k, distance] of all.entries()) assert.ok(Math.abs(found[k]! - distance) < 1e-12, `look ${k} at ${end}`);
  }
});

test('one event speaks once, a far stronger one soon after speaks again', () => {
  const at = (change: (x: number, i: number) => number): number[] => {
    const detector = robustShape.create();
    const stream = streams.changed(streams.noise({ seed: 41, readings: 2100 }), 2000, change);
    return stream.map(([t, x]) => detector.update(t, x).score).slice(2000);
  };
  const shift = at((x) => x + 30);
  assert.ok(shift[0]! >= 0.7);
  assert.ok(shift.slice(1, 20).every((score) => score < 0.5));
  const worse = at((x, i) => (i === 0 ? x + 3.5 : i === 10 ? x + 300 : x));
  assert.ok(worse[0]! >= 0.5);
  assert.ok(worse[10]! >= 0.5);
});

test('better than ARTime (73.9) on the Numenta Anomaly Benchmark at its own threshold', {
  skip: hasNab() ? false : 'needs ../shared/data/anomaly/nab',
}, () => {
  const corpus = readCorpus();
  const raw = corpus.map((series) => {
    const detector = robustShape.create();
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
  assert.ok(score > 73.9, `NAB standard score ${score}`);
});
