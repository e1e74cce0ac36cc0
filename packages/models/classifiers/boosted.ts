// Gradient boosting (Friedman 2001; second order as in XGBoost, Chen and Guestrin 2016): each tree corrects what the trees
// before it got wrong. Exact arithmetic only; the exponential is our own.
import type { Examples, TrainableClassifierModel, TrainedClassifier } from '../model.ts';
import { uniform } from '../random.ts';
import { readTrees, writeTrees } from './artefact.ts';
import { type Binned, bin } from './binning.ts';
import { checkExamples, checkRow } from './examples.ts';
import { exp } from './exponential.ts';
import { grow, leafOf, type Objective, type Tree } from './tree.ts';

const TAG = 'BOST';
const VERSION = 1;

const config = {
  rounds: 120,
  rate: 0.1,
  bins: 128,
  /** Share of the rows and of the features that a tree gets to see. */
  rowShare: 0.7,
  featureShare: 0.5,
  /** Shrinks the answers of small leaves. */
  lambda: 1,
  rowsMin: 5,
  nodesMax: 63,
  depthMax: 6,
};

const objective: Objective = {
  size: 2,
  score: (sums, at) => (sums[at]! * sums[at]!) / (sums[at + 1]! + config.lambda),
  leaf: (sums) => Float64Array.of(Math.fround((config.rate * sums[0]!) / (sums[1]! + config.lambda))),
};

/** Probabilities out of margins: softmax. */
function softmax(margins: Float64Array, at: number, classes: number): Float64Array {
  let most = margins[at]!;
  for (let c = 1; c < classes; c++) most = Math.max(most, margins[at + c]!);
  const out = new Float64Array(classes);
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    out[c] = exp(margins[at + c]! - most);
    sum += out[c]!;
  }
  for (let c = 0; c < classes; c++) out[c]! /= sum;
  return out;
}

/** Two classes need one tree a round (the first class keeps margin 0), more need one each. */
const treesOf = (classes: number): number => (classes === 2 ? 1 : classes);

function train(examples: Examples, seed: number): Uint8Array {
  checkExamples(examples);
  const { features, classes, rows } = examples;
  const next = uniform(seed);
  const data = bin(rows, features.length, config.bins);
  const margins = new Float64Array(rows.length * classes.length);
  const trees: Tree[] = [];
  for (let round = 0; round < config.rounds; round++) trees.push(...boost(examples, data, margins, next));
  return writeTrees(TAG, VERSION, { features, classes, outputs: 1 }, trees);
}

/** One round: a tree for each class, and the margins it moves. */
function boost(
  { rows, classes, features, labels }: Examples,
  data: Binned,
  margins: Float64Array,
  next: () => number,
): Tree[] {
  const k = classes.length;
  const each = treesOf(k);
  const statistics = Array.from({ length: each }, () => new Float64Array(2 * rows.length));
  for (let i = 0; i < rows.length; i++) {
    const chances = softmax(margins, i * k, k);
    for (let tree = 0; tree < each; tree++) {
      const c = k - each + tree;
      statistics[tree]![2 * i] = (labels[i] === c ? 1 : 0) - chances[c]!;
      statistics[tree]![2 * i + 1] = chances[c]! * (1 - chances[c]!);
    }
  }
  const drawn = Uint32Array.from(rows.keys()).filter(() => next() < config.rowShare);
  const tried = Math.max(1, Math.floor(config.featureShare * features.length + 0.5));
  return statistics.map((sums, index) => {
    const tree = grow(data, drawn.slice(), sums, objective, { ...config, tried, gainMin: 1e-6 }, next);
    const c = k - each + index;
    for (let i = 0; i < rows.length; i++) margins[i * k + c]! += tree.values[leafOf(tree, rows[i]!)]!;
    return tree;
  });
}

function open(bytes: Uint8Array): TrainedClassifier {
  const { header, trees } = readTrees(TAG, VERSION, bytes);
  const { features, classes, outputs } = header;
  const each = treesOf(classes.length);
  if (outputs !== 1 || trees.length % each !== 0)
    throw new RangeError('There are trees for other classes: the bytes are damaged.');
  return {
    features,
    classes,
    classify: (row) => {
      checkRow(row, features.length);
      const margins = new Float64Array(classes.length);
      for (const [i, tree] of trees.entries())
        margins[classes.length - each + (i % each)]! += tree.values[leafOf(tree, row)]!;
      return softmax(margins, 0, classes.length);
    },
  };
}

/**
 * Gradient-boosted trees. See `boosted.md`.
 *
 * @example boosted.open(boosted.train(examples, 1)).classify(row)
 */
export const boosted: TrainableClassifierModel = {
  family: 'trainable-classifier',
  name: 'boosted-trees',
  version: VERSION,
  runtime: 'strict',
  config,
  sources: [
    'random.ts',
    'classifiers/examples.ts',
    'classifiers/exponential.ts',
    'classifiers/binning.ts',
    'classifiers/tree.ts',
    'classifiers/artefact.ts',
    'classifiers/boosted.ts',
  ],
  train,
  open,
};
