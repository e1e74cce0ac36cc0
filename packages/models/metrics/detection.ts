// How good detections are: row by row against labels, and as onsets against events. Metrics measure models and are part
// of none.

/** Counts of rows by label and verdict. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/**
 * Counts rows. Pool several files by adding their counts: see `pool`.
 *
 * @param scores one a row
 * @param labels not 0 where the row is anomalous
 * @param threshold rows with score ≥ threshold are detections
 * @throws RangeError when there are not as many labels as scores
 */
export function confusion(scores: ArrayLike<number>, labels: ArrayLike<number>, threshold = 0.5): Confusion {
  sameLength(scores, labels);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < scores.length; i++) counts[(labels[i] ? 2 : 0) + (scores[i]! >= threshold ? 1 : 0)]! += 1;
  const [trueNegatives = 0, falsePositives = 0, falseNegatives = 0, truePositives = 0] = counts;
  return { truePositives, falsePositives, falseNegatives, trueNegatives };
}

/** The counts of several files as of one. */
export function pool(parts: readonly Confusion[]): Confusion {
  const sum = (pick: (part: Confusion) => number): number => parts.reduce((total, part) => total + pick(part), 0);
  return {
    truePositives: sum((part) => part.truePositives),
    falsePositives: sum((part) => part.falsePositives),
    falseNegatives: sum((part) => part.falseNegatives),
    trueNegatives: sum((part) => part.trueNegatives),
  };
}

/** Shares from 0 to 1; NaN where nothing was there to be counted. */
export interface Rates {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** FAR: share of ordinary rows that were detected. */
  readonly falseAlarmRate: number;
  /** MAR: share of anomalous rows that were not. */
  readonly missedAlarmRate: number;
}

/** @example rates(confusion([0.9, 0.2, 0.7], [1, 0, 0])).f1 // 2/3 */
export function rates({ truePositives, falsePositives, falseNegatives, trueNegatives }: Confusion): Rates {
  return {
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / (truePositives + falseNegatives),
    f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
    falseAlarmRate: falsePositives / (falsePositives + trueNegatives),
    missedAlarmRate: falseNegatives / (falseNegatives + truePositives),
  };
}

/**
 * Area under the ROC curve: the chance that an anomalous row scores above an ordinary one, ties counting half
 * (Mann–Whitney). NaN where one kind is absent.
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let [above, positives, negatives] = [0, 0, 0];
  for (const { anomalous, ordinary } of tied(scores, labels)) {
    above += anomalous * (ordinary / 2) + positives * ordinary;
    positives += anomalous;
    negatives += ordinary;
  }
  return above / (positives * negatives);
}

/**
 * Area under the precision–recall curve as average precision: precision at each threshold, weighted by the recall gained
 * there. NaN where no row is anomalous.
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let [sum, positives, rows] = [0, 0, 0];
  for (const { anomalous, ordinary } of tied(scores, labels)) {
    positives += anomalous;
    rows += anomalous + ordinary;
    sum += anomalous * (positives / rows);
  }
  return sum / positives;
}

/** Rows of equal score together, highest first. */
function tied(scores: ArrayLike<number>, labels: ArrayLike<number>): { anomalous: number; ordinary: number }[] {
  sameLength(scores, labels);
  const groups = new Map<number, { anomalous: number; ordinary: number }>();
  for (let i = 0; i < scores.length; i++) {
    const group = groups.get(scores[i]!) ?? { anomalous: 0, ordinary: 0 };
    if (labels[i]) group.anomalous++;
    else group.ordinary++;
    groups.set(scores[i]!, group);
  }
  return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group);
}

/** Something that starts, lasts and should be noticed once. */
export interface Event {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Onsets {
  readonly found: number;
  readonly missed: number;
  readonly falseAlarms: number;
  /** Time from start to detection of each event found, milliseconds, in order of detection. */
  readonly delaysMs: readonly number[];
}

/**
 * Scores onsets (BattLeDIM's rule without location): in order of time, a detection is true for a not yet detected event
 * that runs then, otherwise it is a false alarm. Of several such events it finds the one that started last: what shows
 * now began most likely then. Where events run for long, chance finds many: compare with alarms at fixed intervals.
 *
 * @param detectionsMs times of detections
 */
export function onsets(detectionsMs: readonly number[], events: readonly Event[]): Onsets {
  const open = [...events].sort((a, b) => b.startMs - a.startMs);
  const delaysMs: number[] = [];
  let falseAlarms = 0;
  for (const t of [...detectionsMs].sort((a, b) => a - b)) {
    const at = open.findIndex(({ startMs, endMs }) => startMs <= t && t <= endMs);
    const [event] = at < 0 ? [] : open.splice(at, 1);
    if (event) delaysMs.push(t - event.startMs);
    else falseAlarms++;
  }
  return { found: delaysMs.length, missed: open.length, falseAlarms, delaysMs };
}

/** The middle of the numbers; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function sameLength(scores: ArrayLike<number>, labels: ArrayLike<number>): void {
  if (scores.length !== labels.length) {
    throw new RangeError(`Expected a label for each of ${scores.length} scores, got ${labels.length}.`);
  }
}
