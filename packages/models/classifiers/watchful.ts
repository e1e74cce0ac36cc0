// A random forest that is wary of what it never saw. Where only some kinds of what is looked for are known, a forest draws
// the border of the ordinary wherever it likes beyond them. So strangers are added to the examples: ordinary rows, some of
// whose values are swapped for those of other ordinary rows, which makes each value ordinary and their company not
// (artificial anomalies, Fan et al. 2004). Exact arithmetic only.
import type { Examples, TrainableClassifierModel } from '../model.ts';
import { uniform } from '../random.ts';
import { checkExamples } from './examples.ts';
import { forest } from './forest.ts';

const VERSION = 1;

const config = {
  /** Strangers for each ordinary row. */
  strangers: 0.5,
  /** Least share of a stranger's values that are swapped; the most is all. */
  swappedMin: 0.2,
  forest: forest.config,
};

/** The examples and the strangers among the rows of the first class, labelled as the second. */
function withStrangers(examples: Examples, seed: number): Examples {
  checkExamples(examples);
  const { rows, labels, features, classes } = examples;
  const ordinary = rows.filter((_, i) => labels[i] === 0);
  const next = uniform(seed);
  const any = (): ArrayLike<number> => ordinary[Math.floor(next() * ordinary.length)]!;
  const strangers = Array.from({ length: Math.floor(config.strangers * ordinary.length) }, () => {
    const share = config.swappedMin + (1 - config.swappedMin) * next();
    const row = Float64Array.from(any());
    for (let f = 0; f < features.length; f++) if (next() < share) row[f] = any()[f]!;
    return row;
  });
  return {
    features,
    classes,
    rows: [...rows, ...strangers],
    labels: [...Array.from(labels), ...strangers.map(() => 1)],
  };
}

/**
 * The watchful forest: the first class is the ordinary one, what resembles nothing ordinary counts to the second. See
 * `watchful.md`.
 *
 * @example watchful.open(watchful.train({ features, classes: ['normal', 'attack'], rows, labels }, 1)).classify(row)
 */
export const watchful: TrainableClassifierModel = {
  family: 'trainable-classifier',
  name: 'watchful-forest',
  version: VERSION,
  runtime: 'strict',
  config,
  sources: [...forest.sources, 'classifiers/watchful.ts'],
  train: (examples, seed) => forest.train(withStrangers(examples, seed), seed),
  open: forest.open,
};
