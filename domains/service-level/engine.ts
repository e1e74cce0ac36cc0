// A window is met when it is complete and in order. Said in words, with the numbers it rests on.
import { alert, type DecisionInput, type Engine, entry, type Outcome } from '@trine/engine';
import type { Parameters, Reason } from '@trine/protocol';
import { detect, type Scored } from './detect.ts';
import { explain } from './explain.ts';
import { learn } from './learn.ts';
import { observed, thresholdOf } from './observe.ts';
import { readParameters, type Thresholds } from './parameters.ts';
import type { ServiceLevelTerms } from './terms.ts';

export async function open(parameters: Parameters): Promise<Engine<ServiceLevelTerms>> {
  const { detector, thresholds } = readParameters(parameters);
  return { decide: (input) => decide(input, detector, thresholds), explain, learn };
}

function decide(
  input: DecisionInput<ServiceLevelTerms>,
  detector: ReturnType<typeof readParameters>['detector'],
  thresholds: Thresholds,
): Outcome {
  const { terms, currency } = input;
  const { state: before, readings, statements, passedOver } = observed(input);
  const { state, scored } = detect(before, readings, detector);
  const anomalous = scored.filter(({ quantity, score }) => score >= thresholdOf(quantity, terms, thresholds)).length;
  const strangest = strangestOf(scored);
  const isMissing = statements < terms.statementsMin;
  const isDisordered = anomalous >= terms.outOfOrderReadings;
  const isBreached = isMissing || isDisordered;
  const isJudged = isBreached || statements > 0;
  const reason = reasonOf({ terms, statements, anomalous, strangest, isMissing, isDisordered });
  return {
    verdict: isBreached ? 'breached' : isJudged ? 'met' : 'not-judged',
    score: {
      ppm: Math.round((strangest?.score ?? 0) * 1_000_000),
      thresholdPpm: Math.min(
        1_000_000,
        strangest ? Math.round(thresholdOf(strangest.quantity, terms, thresholds) * 1_000_000) : terms.thresholdPpm,
      ),
    },
    facts: {
      statements,
      // Nothing was due: a zero would read as if it had been reached.
      ...(terms.statementsMin > 0 && { statementsMin: terms.statementsMin }),
      readings: readings.length,
      ...(passedOver > 0 && { passedOver }),
      anomalous,
      ...(strangest && { strangest: strangest.quantity }),
    },
    reason,
    states: new Map([[terms.thing, state]]),
    effects: isBreached
      ? [
          ...(terms.creditMinorUnits > 0 && currency
            ? [entry('payer', 'recipient', terms.creditMinorUnits, currency)]
            : []),
          alert('warning', 'breach', terms.thing, reason),
        ]
      : [],
  };
}

interface Found {
  readonly terms: ServiceLevelTerms;
  readonly statements: number;
  readonly anomalous: number;
  readonly strangest: Scored | undefined;
  readonly isMissing: boolean;
  readonly isDisordered: boolean;
}

function reasonOf({ terms, statements, anomalous, strangest, isMissing, isDisordered }: Found): Reason {
  const due = terms.statementsMin;
  if (isMissing)
    return statements === 0
      ? { template: 'silence: none of at least {due} statements with a usable value came', arguments: { due } }
      : {
          template: 'incomplete: {came} of at least {due} statements with a usable value came',
          arguments: { came: statements, due },
        };
  if (isDisordered)
    return {
      template: '{count} anomalous readings, the strangest in {quantity}',
      arguments: { count: anomalous, quantity: strangest?.quantity ?? '' },
    };
  if (statements === 0) return { template: 'no usable value came, and silence is not judged', arguments: {} };
  return due === 0
    ? {
        template: 'in order: {came} statements with a usable value came; silence is not judged',
        arguments: { came: statements },
      }
    : { template: 'complete: {came} of at least {due} statements, in order', arguments: { came: statements, due } };
}

/** The first of the readings with the greatest score. */
function strangestOf(scored: readonly Scored[]): Scored | undefined {
  let strangest: Scored | undefined;
  for (const one of scored) if (strangest === undefined || one.score > strangest.score) strangest = one;
  return strangest;
}
