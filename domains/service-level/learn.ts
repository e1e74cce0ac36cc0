// learn: thresholds with which more of the labelled windows come out as people said. Few labels move little: a
// quantity's threshold changes only where that sets at least two labelled windows right and none wrong on balance.
import type { LabelledDecision } from '@trine/engine/domain.ts';
import type { Parameters } from '@trine/protocol';
import { type Rule, readRule, thresholdOf } from './decide.ts';
import { detect, type Scored } from './detect.ts';
import { readParameters, type Thresholds } from './parameters.ts';

/** Labelled windows that a new threshold must set right. */
const GAIN_MIN = 2;
/** A threshold this much above a score lets it pass: scores differ by far more between kinds of event. */
const MARGIN_PPM = 1_000;
const PPM_MAX = 1_000_001;

interface Case {
  readonly rule: Rule;
  readonly scored: readonly Scored[];
  readonly isMissing: boolean;
  readonly breached: boolean;
}

export function learn(windows: readonly LabelledDecision[], before: Parameters): Parameters {
  const { detector, thresholds: today } = readParameters(before);
  const cases = windows.map(({ input, verdict }) => {
    const rule = readRule(input.terms.rule);
    return {
      rule,
      scored: detect(input.state, input.readings, detector).scored,
      isMissing: input.statements < rule.statementsMin,
      breached: verdict === 'breached',
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
  const today = (rule: Rule) => Math.round(thresholdOf(quantity, rule, thresholds) * 1_000_000);
  const reference = cases[0] ? today(cases[0].rule) : 0;
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
  return cases.filter(({ rule, scored, isMissing, breached }) => {
    const outOfOrder = scored.filter((one) => one.score >= thresholdOf(one.quantity, rule, thresholds)).length;
    return (isMissing || outOfOrder >= rule.outOfOrderReadings) === breached;
  }).length;
}
