// A random forest (Breiman 2001): trees on bootstrap samples, a few features tried at each split, their answers averaged.
// Exact arithmetic only.
import type { Examples, TrainableClassifierModel, TrainedClassifier } from '../model.ts';
import { uniform } from '../random.ts';
import { readTrees, writeTrees } from './artefact.ts';
import { bin } from './binning.ts';
import { checkExamples, checkRow } from './examples.ts';
import { gini } from './gini.ts';
import { grow, leafOf, type Tree } from './tree.ts';

const TAG = 'FRST';
const VERSION = 1;

const config = {
  trees: 100,
  /** Codes a feature is cut into. */
  bins: 64,
  /** Features tried at a split: this many times the square root of their number. */
  triedFactor: 1,
  rowsMin: 1,
  nodesMax: 4095,
  depthMax: 40,
};

function train(examples: Examples, seed: number): Uint8Array {
  checkExamples(examples);
  const { features, classes, rows, labels } = examples;
  const data = bin(rows, features.length, config.bins);
  const next = uniform(seed);
  const statistics = new Float64Array(rows.length * classes.length);
  for (let i = 0; i < rows.length; i++) statistics[i * classes.length + labels[i]!] = 1;
  const tried = Math.max(1, Math.floor(config.triedFactor * Math.sqrt(features.length) + 0.5));
  const objective = gini(classes.length);
  const trees = Array.from({ length: config.trees }, () => {
    const drawn = Uint32Array.from(rows, () => Math.floor(next() * rows.length));
    return grow(data, drawn, statistics, objective, { ...config, tried, gainMin: 1e-9 }, next);
  });
  return writeTrees(TAG, VERSION, { features, classes, outputs: classes.length }, trees);
}

function open(bytes: Uint8Array): TrainedClassifier {
  const { header, trees } = readTrees(TAG, VERSION, bytes);
  const { features, classes, outputs } = header;
  if (outputs !== classes.length) throw new RangeError('A leaf answers for other classes: the bytes are damaged.');
  return {
    features,
    classes,
    classify: (row) => {
      checkRow(row, features.length);
      return average(trees, row, outputs);
    },
  };
}

/** Mean of what the trees answer, made to add to 1: leaves are stored in single precision. */
function average(trees: readonly Tree[], row: ArrayLike<number>, outputs: number): Float64Array {
  const out = new Float64Array(outputs);
  let sum = 0;
  for (const tree of trees) {
    const at = leafOf(tree, row) * outputs;
    for (let c = 0; c < outputs; c++) {
      out[c]! += tree.values[at + c]!;
      sum += tree.values[at + c]!;
    }
  }
  for (let c = 0; c < outputs; c++) out[c] = sum > 0 ? out[c]! / sum : 1 / outputs;
  return out;
}

/**
 * The random forest. See `forest.md`.
 *
 * @example
 * const bytes = forest.train({ features, classes: ['normal', 'attack'], rows, labels }, 1);
 * const [, attack] = forest.open(bytes).classify(row);
 */
export const forest: TrainableClassifierModel = {
  family: 'trainable-classifier',
  name: 'random-forest',
  version: VERSION,
  runtime: 'strict',
  config,
  sources: [
    'random.ts',
    'classifiers/examples.ts',
    'classifiers/binning.ts',
    'classifiers/tree.ts',
    'classifiers/gini.ts',
    'classifiers/artefact.ts',
    'classifiers/forest.ts',
  ],
  train,
  open,
};
