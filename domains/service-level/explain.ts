// explain: what was expected and what came, the weightiest quantity first.

import type { DecisionInput, ExplainedSeries, Explanation } from '@trine/engine';
import type { Reason } from '@trine/models/model.ts';
import { detect, type Scored } from './detect.ts';
import { observed, thresholdOf } from './observe.ts';
import { readParameters } from './parameters.ts';
import type { ServiceLevelTerms } from './terms.ts';

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

export function explain(input: DecisionInput<ServiceLevelTerms>): Explanation {
  const { terms } = input;
  const { state, readings, statements, passedOver } = observed(input);
  const { detector, thresholds } = readParameters(input.parameters);
  const { scored } = detect(state, readings, detector);
  const series = seriesOf(scored);
  const remarkable = scored.filter(({ quantity, score }) => score >= thresholdOf(quantity, terms, thresholds));
  const said = [...new Set(remarkable.map(({ quantity }) => quantity))]
    .map((quantity) => strongest(remarkable.filter((one) => one.quantity === quantity)))
    .sort((a, b) => b.score - a.score)
    .slice(0, SAID_MAX)
    .map(sayReading);
  const order =
    scored.length === 0
      ? 'There was no reading to compare.'
      : remarkable.length === 0
        ? `None of ${counted(scored.length, 'reading')} was anomalous.`
        : `${remarkable.length} of ${counted(scored.length, 'reading')} anomalous; from ${terms.outOfOrderReadings} on it counts against the window.`;
  return { words: [sayCame(statements, terms), order, ...sayPassedOver(passedOver), ...said], series };
}

function sayCame(statements: number, { statementsMin: due }: ServiceLevelTerms): string {
  const came = `${counted(statements, 'statement')} with a usable value came`;
  if (due === 0) return `${came}; silence is not judged.`;
  return statements < due
    ? `${came} where at least ${due} should have: what is not said counts as not done.`
    : `${came}, at least ${due} should have: nothing is missing.`;
}

function sayPassedOver(count: number): string[] {
  return count === 0 ? [] : [`${counted(count, 'reading')} passed over: texts, or of what is not agreed.`];
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
