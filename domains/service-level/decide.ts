// decide: a window is met when it is complete and in order. Said in words, with the numbers it rests on.
import type { DecisionInput, WindowResult } from '@trine/engine/domain.ts';
import { TrineError } from '@trine/protocol';
import { detect, type Scored } from './detect.ts';
import { readParameters, type Thresholds } from './parameters.ts';
import { credit } from './settle.ts';

export interface Rule {
  readonly statementsMin: number;
  readonly outOfOrderReadings: number;
  readonly thresholdPpm: number;
  readonly creditMinorUnits: number;
}

/** @throws TrineError `invalid` when the agreement lacks one of the rule's numbers */
export function readRule(rule: Readonly<Record<string, number | string>>): Rule {
  const number = (name: keyof Rule): number => {
    const value = rule[name];
    if (typeof value !== 'number') throw new TrineError('invalid', `The agreement's rule lacks the number ${name}.`);
    return value;
  };
  return {
    statementsMin: number('statementsMin'),
    outOfOrderReadings: number('outOfOrderReadings'),
    thresholdPpm: number('thresholdPpm'),
    creditMinorUnits: number('creditMinorUnits'),
  };
}

/** Score from which a reading of a quantity is out of order, 0 to 1: the rule's, unless people taught another. */
export function thresholdOf(quantity: string, rule: Rule, thresholds: Thresholds): number {
  return (thresholds[quantity] ?? rule.thresholdPpm) / 1_000_000;
}

export function decide(input: DecisionInput): WindowResult {
  const rule = readRule(input.terms.rule);
  const { detector, thresholds } = readParameters(input.parameters);
  const { state, scored } = detect(input.state, input.readings, detector);
  const outOfOrder = scored.filter(({ quantity, score }) => score >= thresholdOf(quantity, rule, thresholds)).length;
  const strangest = strangestOf(scored);
  const missing = input.statements < rule.statementsMin;
  const disordered = outOfOrder >= rule.outOfOrderReadings;
  const breached = missing || disordered;
  return {
    state,
    scorePpm: Math.round((strangest?.score ?? 0) * 1_000_000),
    thresholdPpm: strangest
      ? Math.round(thresholdOf(strangest.quantity, rule, thresholds) * 1_000_000)
      : rule.thresholdPpm,
    facts: {
      statements: input.statements,
      statementsMin: rule.statementsMin,
      readings: input.readings.length,
      outOfOrder,
      ...(strangest && { strangest: strangest.quantity }),
    },
    verdict: breached ? 'breached' : 'met',
    amount: breached ? credit(rule) : 0,
    reason: missing
      ? silence(input.statements, rule)
      : disordered
        ? {
            template: '{count} readings out of order, the strangest in {quantity}',
            arguments: { count: outOfOrder, quantity: strangest?.quantity ?? '' },
          }
        : {
            template: 'complete: {came} of at least {due} statements, in order',
            arguments: { came: input.statements, due: rule.statementsMin },
          },
  };
}

/** The first of the readings with the greatest score. */
function strangestOf(scored: readonly Scored[]): Scored | undefined {
  let strangest: Scored | undefined;
  for (const one of scored) if (strangest === undefined || one.score > strangest.score) strangest = one;
  return strangest;
}

function silence(came: number, { statementsMin }: Rule): WindowResult['reason'] {
  return came === 0
    ? { template: 'silence: none of at least {due} statements came', arguments: { due: statementsMin } }
    : { template: 'incomplete: {came} of at least {due} statements came', arguments: { came, due: statementsMin } };
}
