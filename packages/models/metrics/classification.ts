// How well classes are told apart.

/** Outcomes of a two-class decision. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** Shares from 0 to 1; NaN where nothing was there to judge them by. */
export interface ClassificationScores {
  readonly accuracy: number;
  /** Share of the positives that were found: recall. */
  readonly sensitivity: number;
  /** Share of the negatives that were left alone. */
  readonly specificity: number;
  readonly precision: number;
  /** Of the positive class. */
  readonly f1: number;
  /** Mean of sensitivity and specificity. */
  readonly balancedAccuracy: number;
}

/**
 * @param truth 1 where the class is there, 0 where not
 * @param said the same of the decision
 * @throws RangeError when they differ in length
 */
export function confusion(truth: ArrayLike<number>, said: ArrayLike<number>): Confusion {
  sameLength(truth, said);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < truth.length; i++) counts[(truth[i] ? 2 : 0) + (said[i] ? 1 : 0)]!++;
  const [trueNegatives = 0, falsePositives = 0, falseNegatives = 0, truePositives = 0] = counts;
  return { truePositives, falsePositives, trueNegatives, falseNegatives };
}

/** @example scores(confusion([1, 1, 0], [1, 0, 0])).f1 // 2/3 */
export function scores({
  truePositives: tp,
  falsePositives: fp,
  trueNegatives: tn,
  falseNegatives: fn,
}: Confusion): ClassificationScores {
  const sensitivity = tp / (tp + fn);
  const specificity = tn / (tn + fp);
  return {
    accuracy: (tp + tn) / (tp + tn + fp + fn),
    sensitivity,
    specificity,
    precision: tp / (tp + fp),
    f1: (2 * tp) / (2 * tp + fp + fn),
    balancedAccuracy: (sensitivity + specificity) / 2,
  };
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half (Mann and Whitney).
 *
 * @param truth 1 for a positive, 0 for a negative
 * @param score of each; higher is more positive
 * @returns NaN where one of the classes is not there
 * @throws RangeError when they differ in length
 */
export function areaUnderRoc(truth: ArrayLike<number>, score: ArrayLike<number>): number {
  sameLength(truth, score);
  const order = Uint32Array.from({ length: truth.length }, (_, i) => i).sort((a, b) => score[a]! - score[b]!);
  let positives = 0;
  let ranks = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && score[order[to]!] === score[order[from]!]) to++;
    const rank = (from + to + 1) / 2;
    for (let i = from; i < to; i++)
      if (truth[order[i]!]) {
        positives++;
        ranks += rank;
      }
  }
  const negatives = order.length - positives;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

function sameLength(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length !== b.length)
    throw new RangeError(`Expected as many answers as cases, got ${b.length} for ${a.length}.`);
}
