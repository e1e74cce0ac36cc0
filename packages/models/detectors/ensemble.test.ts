import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hasNab, readCorpus } from '../nab/corpus.ts';
import { normalise, scoreFile } from '../nab/scorer.ts';
import * as streams from '../streams.ts';
import { robustNovelty } from './ensemble.ts';
import { nearestValues, ValueNovelty } from './novelty.ts';

test('the same readings give the bits they gave when this version was released', () => {
  const detector = robustNovelty.create();
  const scores = streams.seasonal({ seed: 1, days: 30 }).map(([t, x]) => detector.update(t, x).score);
  const digest = createHash('sha256').update(new Float64Array(scores)).update(detector.state()).digest('hex');
  // Another digest is another behaviour: increase the version, so that old decisions are replayed by the old code.
  assert.deepEqual(
    [robustNovelty.version, digest],
    [1, 'cf54aa7e17fa475c62720fea6439058fec22d69c70239e10d80eb39f736b7f4a'],
  );
});

test('a value in a gap is new once: had again it is known, until it is forgotten', () => {
  const novelty = new ValueNovelty();
  let last = 0;
  const play = (values: readonly number[]): number =>
    Math.max(
      ...values.map((value) => {
        const evidence = novelty.update(value, value - last, 0);
        last = value;
        return evidence;
      }),
    );
  /** Two levels, 10 and 30, each with a little movement. */
  const ordinary = (readings: number): number[] =>
    Array.from({ length: readings }, (_, i) => (i % 20 < 10 ? 10 : 30) + (i % 3) / 2);
  // It came from one to the other slowly, long ago.
  play(Array.from({ length: 100 }, (_, i) => 10 + i / 5));
  play(ordinary(700));
  assert.equal(play(ordinary(200)), 0, 'both levels are known');
  // The jumps between the levels keep the bound of pairs high: the two looks at one value tell.
  assert.ok(play([20]) >= 0.5, 'between them nothing has been lately');
  play(ordinary(40));
  assert.equal(play([20]), 0, 'it is known');
  assert.equal(play(ordinary(600)), 0);
  assert.ok(play([900]) >= 1, 'far beyond them is new in all looks');
});

test('the nearest values are those that trying all finds', () => {
  const values = Float64Array.from(streams.noise({ seed: 70, readings: 700, level: 0 }), ([, x]) => x);
  const found = new Float64Array(4);
  for (const [end, back] of [
    [20, 10],
    [200, 128],
    [400, 300],
    [699, 512],
  ] as const) {
    nearestValues(values, end, back, found);
    const all = [1, 2].flatMap((length) =>
      [128, 512].map((depth) => {
        let nearest = Number.POSITIVE_INFINITY;
        for (let i = length; i <= Math.min(depth, back); i++) {
          let sum = 0;
          for (let k = 0; k < length; k++) sum += Math.abs(values[end - k]! - values[end - i - k]!);
          nearest = Math.min(nearest, sum / length);
        }
        return nearest;
      }),
    );
    assert.deepEqual([...found], all, `at ${end}`);
  }
});

test('one event speaks once, a far stronger one soon after speaks again', () => {
  const at = (change: (x: number, i: number) => number): number[] => {
    const detector = robustNovelty.create();
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
    const detector = robustNovelty.create();
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
