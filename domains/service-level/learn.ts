// learn: thresholds with which more of the labelled decisions come out as people said. Few labels move little: a
// quantity's threshold changes only where that sets at least two labelled decisions right and none wrong on balance.
import type { LabelledDecision } from '@trine/engine';
import type { Parameters } from '@trine/protocol';
import { detect, type Scored } from './detect.ts';
import { observed, thresholdOf } from './observe.ts';
import { readParameters, type Thresholds } from './parameters.ts';
import type { ServiceLevelTerms } from './terms.ts';

/** Labelled decisions that a new threshold must set right. */
const GAIN_MIN = 2;
/** A threshold this much above a score lets it pass: scores differ by far more between kinds of event. */
const MARGIN_PPM = 1_000;
const PPM_MAX = 1_000_001;

interface Case {
  readonly terms: ServiceLevelTerms;
  readonly scored: readonly Scored[];
  readonly isMissing: boolean;
  /** Does a breach agree with what the person said? */
  readonly breached: boolean;
}

export function learn(decisions: readonly LabelledDecision<ServiceLevelTerms>[], before: Parameters): Parameters {
  const { detector, thresholds: today } = readParameters(before);
  const cases = decisions.map(({ input, agrees }) => {
    const { state, readings, statements } = observed(input);
    return {
      terms: input.terms,
      scored: detect(state, readings, detector).scored,
      isMissing: statements < input.terms.statementsMin,
      breached: agrees('breached'),
    };
  });
  let thresholds = today;
  const quantities = [...new Set(cases.flatMap(({ scored }) => scored.map(({ quantity }) => quantity)))].sort();
  for (const quantity of quantities) thresholds = improved(cases, quantity, thresholds);
  // Everything but the thresholds stays as it was set.
  return Object.keys(thresholds).length === 0 ? before : { ...before, thresholdPpm: thresholds };
}

/** Tries every threshold that tells two scores of the quantity apart; of equals, the one nearest to today's. */
function improved(cases: readonly Case[], quantity: string, thresholds: Thresholds): Thresholds {
  const scores = cases.flatMap(({ scored }) =>
    scored
      .filter((one) => one.quantity === quantity && one.score > 0)
      .map(({ score }) => Math.floor(score * 1_000_000)),
  );
  const candidates = new Set(
    scores.flatMap((ppm) => [Math.min(PPM_MAX, ppm + MARGIN_PPM), Math.max(1, ppm - MARGIN_PPM)]),
  );
  const today = (terms: ServiceLevelTerms) => Math.round(thresholdOf(quantity, terms, thresholds) * 1_000_000);
  const reference = cases[0] ? today(cases[0].terms) : 0;
  const rightToday = countRight(cases, thresholds);
  let best: { thresholds: Thresholds; right: number; distance: number } | undefined;
  for (const ppm of [...candidates].sort((a, b) => a - b)) {
    const tried = { ...thresholds, [quantity]: ppm };
    const right = countRight(cases, tried);
    const distance = Math.abs(ppm - reference);
    if (best === undefined || right > best.right || (right === best.right && distance < best.distance))
      best = { thresholds: tried, right, distance };
  }
  return best !== undefined && best.right >= rightToday + GAIN_MIN ? best.thresholds : thresholds;
}

function countRight(cases: readonly Case[], thresholds: Thresholds): number {
  return cases.filter(({ terms, scored, isMissing, breached }) => {
    const anomalous = scored.filter((one) => one.score >= thresholdOf(one.quantity, terms, thresholds)).length;
    return (isMissing || anomalous >= terms.outOfOrderReadings) === breached;
  }).length;
}
