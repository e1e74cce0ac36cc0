import assert from 'node:assert/strict';
import { test } from 'node:test';
import { averagePrecision, type Confusion, confusion, median, onsets, pool, rates, rocAuc } from './detection.ts';

const close = (actual: number, expected: number, within = 1e-9): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual}, expected ${expected}`);

test('rows are counted by label and verdict, and pooled', () => {
  const counts = confusion([0.9, 0.5, 0.4, 0.1, 0.7], [1, 0, 1, 0, 1]);
  assert.deepEqual(counts, { truePositives: 2, falsePositives: 1, falseNegatives: 1, trueNegatives: 1 });
  assert.equal(pool([counts, counts]).truePositives, 4);
  const { precision, recall, f1, falseAlarmRate, missedAlarmRate } = rates(counts);
  assert.deepEqual([precision, recall, f1, falseAlarmRate, missedAlarmRate], [2 / 3, 2 / 3, 2 / 3, 1 / 2, 1 / 3]);
  assert.throws(() => confusion([1], []), RangeError);
});

test('rates agree with each other as in the published table of SKAB v0.9', () => {
  // F1 follows from FAR and MAR and the share of anomalous rows: 10,506 of 19,395 from row 400 on in 27 of its 34 files.
  const rows = 19_395;
  const anomalous = 10_506;
  for (const [f1, far, mar] of [
    [0.78, 0.136, 0.28],
    [0.78, 0.397, 0.141],
    [0.76, 0.266, 0.249],
    [0.74, 0.3, 0.259],
    [0.66, 0.192, 0.426],
    [0.29, 0.026, 0.829],
  ] as const) {
    const counts: Confusion = {
      truePositives: (1 - mar) * anomalous,
      falseNegatives: mar * anomalous,
      falsePositives: far * (rows - anomalous),
      trueNegatives: (1 - far) * (rows - anomalous),
    };
    const got = rates(counts);
    close(got.f1, f1, 0.011);
    close(got.falseAlarmRate, far);
    close(got.missedAlarmRate, mar);
  }
});

test('areas under the curves: the examples of scikit-learn', () => {
  // roc_auc_score and average_precision_score of y = [0, 0, 1, 1], scores = [0.1, 0.4, 0.35, 0.8].
  close(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 0.75);
  close(averagePrecision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 0.8333333333333333);
  close(rocAuc([1, 1, 1, 1], [0, 1, 0, 1]), 0.5);
  close(averagePrecision([1, 1, 1, 1], [0, 1, 0, 1]), 0.5);
  close(rocAuc([4, 3, 2, 1], [1, 1, 0, 0]), 1);
  assert.ok(Number.isNaN(rocAuc([1, 2], [0, 0])));
});

test('an onset is found once, and whatever else is detected is a false alarm', () => {
  const events = [
    { startMs: 100, endMs: 200 },
    { startMs: 150, endMs: 400 },
    { startMs: 500, endMs: 600 },
  ];
  const { found, missed, falseAlarms, delaysMs } = onsets([450, 50, 160, 170, 180], events);
  assert.deepEqual([found, missed, falseAlarms], [2, 1, 3]);
  assert.deepEqual(delaysMs, [10, 70]);
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});
