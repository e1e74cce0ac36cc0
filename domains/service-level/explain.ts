// explain: what was expected and what came, the weightiest quantity first.

import type { DecisionInput, ExplainedSeries, Explanation } from '@trine/engine/domain.ts';
import type { Reason } from '@trine/models/model.ts';
import { readRule, thresholdOf } from './decide.ts';
import { detect, type Scored } from './detect.ts';
import { readParameters } from './parameters.ts';

const words: Readonly<Record<Reason, string>> = {
  ordinary: 'is as usual',
  'warming-up': 'is not known well enough yet',
  missing: 'had no value',
  late: 'came with a time before the one before it',
  jump: 'jumped',
  'unusual-value': 'is far from what is usual at this time',
  'level-shift': 'moved to another level',
  drift: 'drifts away slowly',
  variability: 'moves much more, or much less, than it used to',
  flatline: 'stopped moving',
  combination: 'does not fit the others',
};
const SAID_MAX = 3;

export function explain(input: DecisionInput): Explanation {
  const rule = readRule(input.terms.rule);
  const { detector, thresholds } = readParameters(input.parameters);
  const { scored } = detect(input.state, input.readings, detector);
  const series = seriesOf(scored);
  const remarkable = scored.filter(({ quantity, score }) => score >= thresholdOf(quantity, rule, thresholds));
  const said = [...new Set(remarkable.map(({ quantity }) => quantity))]
    .map((quantity) => strongest(remarkable.filter((one) => one.quantity === quantity)))
    .sort((a, b) => b.score - a.score)
    .slice(0, SAID_MAX)
    .map(sayReading);
  const came =
    input.statements < rule.statementsMin
      ? `${counted(input.statements, 'statement')} came where at least ${rule.statementsMin} should have: what is not said counts as not done.`
      : `${counted(input.statements, 'statement')} came, at least ${rule.statementsMin} should have: nothing is missing.`;
  const order =
    remarkable.length === 0
      ? `None of ${scored.length} readings was out of order.`
      : `${remarkable.length} of ${scored.length} readings out of order; from ${rule.outOfOrderReadings} on it counts against the window.`;
  return { words: [came, order, ...said], series };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function strongest(some: readonly Scored[]): Scored {
  return some.reduce((best, one) => (one.score > best.score ? one : best));
}

function sayReading({ quantity, value, expected, low, high, score, reason }: Scored): string {
  const usual = Number.isNaN(expected)
    ? ''
    : ` Expected was ${show(expected)}${Number.isNaN(low) ? '' : ` (${show(low)} to ${show(high)})`}, ${show(value)} came.`;
  return `${quantity} ${words[reason]} (score ${show(score)}).${usual}`;
}

function show(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function seriesOf(scored: readonly Scored[]): ExplainedSeries[] {
  const total = scored.reduce((sum, { score }) => sum + score, 0);
  return [...new Set(scored.map(({ quantity }) => quantity))]
    .map((quantity) => {
      const own = scored.filter((one) => one.quantity === quantity);
      const share = total > 0 ? own.reduce((sum, { score }) => sum + score, 0) / total : 0;
      return {
        quantity,
        unit: own[0]?.unit ?? '',
        share,
        timeMs: own.map(({ timeMs }) => timeMs),
        value: own.map(({ value }) => value),
        expected: own.map(({ expected }) => orNull(expected)),
        low: own.map(({ low }) => orNull(low)),
        high: own.map(({ high }) => orNull(high)),
        score: own.map(({ score }) => score),
      };
    })
    .sort((a, b) => b.share - a.share || (a.quantity < b.quantity ? -1 : 1));
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
