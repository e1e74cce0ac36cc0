import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasNab, readAnchors, readCorpus, readProfiles, type Series } from './corpus.ts';
import { relativeEntropy } from './entropy.ts';
import { windowedGaussian } from './gaussian.ts';
import { normalise, optimise, probationRows, rowValues, scaledSigmoid, scoreFile } from './scorer.ts';

const absent = hasNab() ? false : 'needs ../shared/data/anomaly/nab';

/** 100 rows, one window from row 40 to row 49. */
const series: Series = {
  name: 'made/up.csv',
  category: 'made',
  times: Float64Array.from({ length: 100 }, (_, i) => i * 60_000),
  values: new Float64Array(100),
  windows: [[40, 49]],
};
const detections = (...rows: number[]): Float64Array =>
  Float64Array.from({ length: 100 }, (_, i) => (rows.includes(i) ? 1 : 0));
const raw = (...rows: number[]): number => scoreFile(series, detections(...rows), 1).raw;

test('values follow the published sigmoid', () => {
  assert.ok(Math.abs(scaledSigmoid(-1) - 0.98661) < 1e-5);
  assert.ok(Math.abs(scaledSigmoid(-0.5) - 0.84828) < 1e-5);
  assert.equal(scaledSigmoid(0), 0);
  assert.equal(scaledSigmoid(3), -1);
});

test('probation is 15 %, at most 750 rows, and is not scored', () => {
  assert.deepEqual([100, 5000, 50_000].map(probationRows), [15, 750, 750]);
  assert.equal(raw(0, 5, 14), -1);
  assert.ok(raw(15) < -1);
});

test('only the best detection in a window counts, a miss costs 1, false positives add up', () => {
  assert.equal(raw(), -1);
  assert.ok(Math.abs(raw(40) - 1) < 1e-12, 'the left edge is worth 1');
  assert.equal(raw(40, 43, 49), raw(40));
  assert.ok(raw(41) > raw(48));
  assert.ok(Math.abs(raw(20, 21, 40) - (1 - 0.22)) < 1e-12);
  assert.ok(raw(40, 51) > raw(40, 95), 'a false positive costs less just after a window');
  assert.deepEqual(scoreFile(series, detections(20, 40), 1), { raw: 0.89, found: 1, missed: 0, falseAlarms: 1 });
});

test('normalised scores run from 0 for silence to 100 for perfection', () => {
  assert.equal(normalise(-116, 116), 0);
  assert.equal(normalise(116, 116), 100);
  assert.equal(normalise(-232, 116, { name: '', tpWeight: 1, fpWeight: 0.11, fnWeight: 2 }), 0);
});

test('the optimum is the best of all thresholds', () => {
  const scores = Float64Array.from({ length: 100 }, (_, i) => ((i * 37) % 101) / 100);
  const found = optimise([series], [scores]);
  const all = [...new Set(scores)].map((threshold) => scoreFile(series, scores, threshold).raw);
  assert.ok(Math.abs(found.raw - Math.max(-1, ...all)) < 1e-9);
  assert.ok(Math.abs(scoreFile(series, scores, found.threshold).raw - found.raw) < 1e-9);
});

for (const [name, detect, words] of [
  ['windowedGaussian', windowedGaussian, 'the windowed Gaussian'],
  ['relativeEntropy', relativeEntropy, 'relative entropy'],
] as const) {
  test(`${words} reproduces its published raw score on every file`, { skip: absent }, () => {
    const published = readAnchors().get(name);
    const corpus = readCorpus();
    assert.ok(corpus.length >= 51);
    for (const series of corpus) {
      const { raw } = scoreFile(series, detect(series.values), 1);
      const anchor = published?.get(series.name) ?? Number.NaN;
      assert.ok(Math.abs(raw - anchor) < 0.005, `${series.name}: ${raw}, published ${anchor}`);
    }
  });
}

test('the profiles are the three of NAB, and rows are worth what their weights say', { skip: absent }, () => {
  const profiles = readProfiles();
  assert.deepEqual(
    profiles.map((p) => [p.name, p.tpWeight, p.fpWeight, p.fnWeight]),
    [
      ['standard', 1, 0.11, 1],
      ['reward_low_FP_rate', 1, 0.22, 1],
      ['reward_low_FN_rate', 1, 0.11, 2],
    ],
  );
  assert.equal(rowValues(series, profiles[1]).value[20], -0.22);
});
