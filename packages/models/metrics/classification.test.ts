import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaUnderRoc, confusion, scores } from './classification.ts';

test('scores of a confusion, by hand', () => {
  const truth = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
  const said = [1, 1, 1, 0, 1, 0, 0, 0, 0, 0];
  const counts = confusion(truth, said);
  assert.deepEqual(counts, { truePositives: 3, falsePositives: 1, trueNegatives: 5, falseNegatives: 1 });
  const { accuracy, sensitivity, specificity, precision, f1, balancedAccuracy } = scores(counts);
  assert.deepEqual([accuracy, sensitivity, specificity, precision, f1], [0.8, 0.75, 5 / 6, 0.75, 0.75]);
  assert.equal(balancedAccuracy, (0.75 + 5 / 6) / 2);
  assert.throws(() => confusion([1], []), RangeError);
});

test('saying the majority class of IoTID20 alone scores what its description says', () => {
  // 6252 flows, 94.2 % attacks; the first tenth is for training.
  const { accuracy, balancedAccuracy } = scores({
    truePositives: 5890,
    falsePositives: 362,
    trueNegatives: 0,
    falseNegatives: 0,
  });
  assert.equal(accuracy.toFixed(3), '0.942');
  assert.equal(balancedAccuracy, 0.5);
});

test('the area under the ROC curve counts pairs in the right order', () => {
  assert.equal(areaUnderRoc([0, 0, 1, 1], [1, 2, 3, 4]), 1);
  assert.equal(areaUnderRoc([0, 0, 1, 1], [4, 3, 2, 1]), 0);
  assert.equal(areaUnderRoc([0, 1, 0, 1], [5, 5, 5, 5]), 0.5);
  // scikit-learn's example of roc_auc_score: 0.75.
  assert.equal(areaUnderRoc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 0.75);
  assert.ok(Number.isNaN(areaUnderRoc([1, 1], [1, 2])));
});
