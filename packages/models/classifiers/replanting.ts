// A forest that goes on learning: it remembers a bounded number of labelled rows, lets every label move the leaves it falls
// into, and grows its worst trees anew: one now and then, more when it errs. How fast it changes thus follows how often it
// is wrong. Exact arithmetic only.
import type { LearningClassifier, LearningClassifierModel } from '../model.ts';
import { uniform } from '../random.ts';
import { readState, type StateParts, stateBytes, writeState } from '../state.ts';
import { bin, comparable } from './binning.ts';
import { checkRow } from './examples.ts';
import { gini } from './gini.ts';
import { Memory } from './memory.ts';
import { grow, LEAF, leafOf, leftChildren, type Objective, type Tree } from './tree.ts';

const TAG = 'RPLT';
const VERSION = 1;

const config = {
  trees: 25,
  /** Rows remembered. */
  rows: 2000,
  bins: 64,
  triedFactor: 1.5,
  rowsMin: 1,
  nodesMax: 255,
  depthMax: 30,
  gainMin: 1e-9,
  /** Labels before the first trees, and from one planting to the next without an error. */
  first: 10,
  every: 40,
  /** Trees planted after an error; each costs one of the plantings saved up. */
  afterError: 5,
  /** Plantings that a label earns, and most that are saved up: bounds the cost where errors cannot be helped. */
  earned: 0.5,
  savedMax: 10,
  /** A leaf weighs its last so many labels. */
  leafMemory: 20,
  /** Rates at which a tree's error and the classes' shares are followed. */
  errorRate: 0.01,
  shareRate: 0.002,
  /** Weight of a tree: 1 / (its error + this). */
  errorFloor: 0.01,
  /** Share of a tree's rows drawn from the newest quarter; the others from all. */
  recentShare: 0.7,
};

// Places in `scalars`.
const SEED = 0;
const SEEN = 1;
const PLANTED = 2;
const SINCE = 3;
const SAVED = 4;
const SCALARS = 5;

/** All numbers of a learner, in the order of its state. */
class Parts {
  readonly scalars = new Float64Array(SCALARS);
  readonly shares: Float64Array;
  readonly memory: Memory;
  readonly errors = new Float64Array(config.trees);
  readonly thresholds = new Float64Array(config.trees * config.nodesMax);
  readonly sums: Float64Array;
  readonly nodes = new Float64Array(config.trees);
  readonly asked = new Float64Array(config.trees * config.nodesMax);
  readonly all: StateParts;

  constructor(features: number, classes: number) {
    this.shares = new Float64Array(classes);
    this.memory = new Memory(config.rows, features, classes);
    this.sums = new Float64Array(config.trees * config.nodesMax * classes);
    const { rows, labels, serials } = this.memory;
    const { scalars, shares, errors, thresholds, sums, nodes, asked } = this;
    this.all = [scalars, shares, rows, labels, serials, errors, thresholds, sums, nodes, asked];
  }
}

class ReplantingForest implements LearningClassifier {
  readonly features: readonly string[];
  readonly classes: readonly string[];
  readonly #objective: Objective;
  #parts: Parts;
  #trees: Tree[] = [];

  constructor(features: readonly string[], classes: readonly string[], seed: number) {
    if (features.length === 0 || features.length >= LEAF)
      throw new RangeError(`Expected 1 to ${LEAF - 1} features, got ${features.length}.`);
    if (classes.length < 2 || classes.length > 255)
      throw new RangeError(`Expected 2 to 255 classes, got ${classes.length}.`);
    this.features = [...features];
    this.classes = [...classes];
    this.#objective = countingLeaves(classes.length);
    this.#parts = new Parts(features.length, classes.length);
    this.#parts.scalars[SEED] = seed | 0;
    this.#parts.scalars[SAVED] = config.savedMax;
  }

  classify(row: ArrayLike<number>): Float64Array {
    checkRow(row, this.features.length);
    const k = this.classes.length;
    const out = new Float64Array(k);
    if (this.#trees.length === 0) return this.#parts.scalars[SEEN] === 0 ? out.fill(1 / k) : this.#parts.shares.slice();
    let weights = 0;
    for (const [t, tree] of this.#trees.entries()) {
      const at = leafOf(tree, row) * k;
      const weight = 1 / (this.#parts.errors[t]! + config.errorFloor);
      const sum = sumOf(tree.values, at, k);
      for (let c = 0; c < k; c++) out[c]! += (weight * tree.values[at + c]!) / sum;
      weights += weight;
    }
    for (let c = 0; c < k; c++) out[c]! /= weights;
    return out;
  }

  learn(row: ArrayLike<number>, label: number): void {
    checkRow(row, this.features.length);
    const k = this.classes.length;
    if (!(Number.isInteger(label) && label >= 0 && label < k))
      throw new RangeError(`Expected a class from 0 to ${k - 1}, got ${label}.`);
    const { scalars, shares, memory } = this.#parts;
    const wrong = this.#trees.length > 0 && likeliest(this.classify(row), 0, k) !== label;
    const seen = scalars[SEEN]! + 1;
    scalars[SEEN] = seen;
    const rate = Math.max(config.shareRate, 1 / seen);
    for (let c = 0; c < k; c++) shares[c]! += rate * ((c === label ? 1 : 0) - shares[c]!);
    memory.add(Float64Array.from(row, comparable), label, seen);
    for (const [t, tree] of this.#trees.entries()) this.#move(t, tree, row, label);
    scalars[SINCE]! += 1;
    scalars[SAVED] = Math.min(config.savedMax, scalars[SAVED]! + config.earned);
    if (this.#trees.length === 0) {
      if (seen === config.first) this.#plant(Array.from({ length: config.trees }, (_, t) => t));
    } else if (wrong && scalars[SAVED]! >= 1) {
      const count = Math.min(config.afterError, Math.floor(scalars[SAVED]!));
      scalars[SAVED]! -= count;
      this.#plant(this.#worst(count));
    } else if (scalars[SINCE]! >= config.every) this.#plant(this.#worst(1));
  }

  state(): Uint8Array {
    const parts = this.#parts;
    const trees = this.#trees;
    const k = this.classes.length;
    for (const [t, { feature, threshold, values }] of trees.entries()) {
      const at = t * config.nodesMax;
      parts.nodes[t] = feature.length;
      parts.asked.fill(0, at, at + config.nodesMax);
      parts.asked.set(feature, at);
      parts.thresholds.fill(0, at, at + config.nodesMax);
      parts.thresholds.set(threshold, at);
      parts.sums.fill(0, at * k, (at + config.nodesMax) * k);
      parts.sums.set(values, at * k);
    }
    return writeState(TAG, VERSION, parts.all);
  }

  restore(bytes: Uint8Array): void {
    const parts = new Parts(this.features.length, this.classes.length);
    readState(TAG, VERSION, parts.all, bytes);
    this.#trees = treesOf(parts, this.features.length, this.classes.length);
    this.#parts = parts;
  }

  /** Lets a label move a tree's error and the leaf it falls into. */
  #move(t: number, { feature, threshold, left, values }: Tree, row: ArrayLike<number>, label: number): void {
    const k = this.classes.length;
    const at = leafOf({ feature, threshold, left, values }, row) * k;
    const { errors } = this.#parts;
    errors[t]! += config.errorRate * ((likeliest(values, at, k) === label ? 0 : 1) - errors[t]!);
    values[at + label]! += 1;
    shrink(values, at, k);
  }

  /** The trees with the greatest errors, the oldest of equals. */
  #worst(count: number): number[] {
    const { errors } = this.#parts;
    return Array.from(errors.keys())
      .sort((a, b) => errors[b]! - errors[a]! || a - b)
      .slice(0, count);
  }

  /** Grows these trees anew from what is remembered. */
  #plant(which: readonly number[]): void {
    const { scalars, shares, memory, errors } = this.#parts;
    const k = this.classes.length;
    const { rows, labels } = memory.contents();
    const data = bin(rows, this.features.length, config.bins);
    const counts = new Float64Array(k);
    for (const label of labels) counts[label]!++;
    // What is remembered is no fair sample of the classes: weights make it one again.
    const statistics = new Float64Array(rows.length * k);
    for (const [i, label] of labels.entries())
      statistics[i * k + label] = (shares[label]! * rows.length) / counts[label]!;
    const tried = Math.max(1, Math.floor(config.triedFactor * Math.sqrt(this.features.length) + 0.5));
    const usual = errors.reduce((a, b) => a + b, 0) / errors.length;
    const recent = Math.max(1, Math.floor(rows.length / 4));
    for (const t of which) {
      scalars[PLANTED]! += 1;
      const next = uniform(scalars[SEED]! * 31 + scalars[PLANTED]! * 7919);
      const drawn = Uint32Array.from(rows, () =>
        next() < config.recentShare ? rows.length - 1 - Math.floor(next() * recent) : Math.floor(next() * rows.length),
      );
      this.#trees[t] = grow(data, drawn, statistics, this.#objective, { ...config, tried }, next);
      errors[t] = usual;
    }
    scalars[SINCE] = 0;
  }
}

/** Leaves that answer with how much of each class fell into them, as much as a leaf remembers. */
function countingLeaves(classes: number): Objective {
  return {
    ...gini(classes),
    leaf: (sums) => {
      const out = sums.slice();
      shrink(out, 0, classes);
      return out;
    },
  };
}

const sumOf = (values: Float64Array, at: number, count: number): number => {
  let sum = 0;
  for (let c = at; c < at + count; c++) sum += values[c]!;
  return sum;
};

function shrink(values: Float64Array, at: number, count: number): void {
  const sum = sumOf(values, at, count);
  if (sum > config.leafMemory) for (let c = at; c < at + count; c++) values[c]! *= config.leafMemory / sum;
}

function likeliest(values: Float64Array, at: number, count: number): number {
  let best = 0;
  for (let c = 1; c < count; c++) if (values[at + c]! > values[at + best]!) best = c;
  return best;
}

/** @throws RangeError when the numbers are no forest */
function treesOf(
  { scalars, nodes, asked, thresholds, sums, memory }: Parts,
  features: number,
  classes: number,
): Tree[] {
  const damaged = (what: string): never => {
    throw new RangeError(`${what}: the bytes are damaged.`);
  };
  const whole = (x: number, below: number): boolean => Number.isInteger(x) && x >= 0 && x < below;
  if (!memory.labels.every((label) => label < classes)) damaged('A remembered label is no class');
  if (!memory.serials.every((serial) => whole(serial, scalars[SEEN]! + 1))) damaged('A serial number is too great');
  if (nodes[0] === 0) return [];
  return Array.from(nodes, (count, t) => {
    const at = t * config.nodesMax;
    const nodeFeatures = asked.subarray(at, at + config.nodesMax);
    if (!(whole(count, config.nodesMax + 1) && nodeFeatures.every((f) => whole(f, features) || f === LEAF)))
      damaged('A tree asks for a feature that is not there');
    const feature = Uint16Array.from(nodeFeatures.subarray(0, count));
    const left = leftChildren(feature);
    if (left === undefined) return damaged('A tree is not whole');
    const values = sums.slice(at * classes, (at + count) * classes);
    for (const [node, f] of feature.entries())
      if (f === LEAF && !(sumOf(values, node * classes, classes) > 0)) damaged('A leaf is empty');
    return { feature, threshold: thresholds.slice(at, at + count), left, values };
  });
}

/**
 * The replanting forest. See `replanting.md`.
 *
 * @example
 * const learner = replanting.create({ features, classes: ['normal', 'attack'], seed: 1 });
 * const [, attack] = learner.classify(row);
 * learner.learn(row, label);
 */
export const replanting: LearningClassifierModel = {
  family: 'learning-classifier',
  name: 'replanting-forest',
  version: VERSION,
  runtime: 'strict',
  config,
  sources: [
    'random.ts',
    'state.ts',
    'classifiers/examples.ts',
    'classifiers/binning.ts',
    'classifiers/tree.ts',
    'classifiers/gini.ts',
    'classifiers/memory.ts',
    'classifiers/replanting.ts',
  ],
  stateBytesMax: (features, classes) => stateBytes(new Parts(features, classes).all),
  create: ({ features, classes, seed = 1 }) => new ReplantingForest(features, classes, seed),
};
