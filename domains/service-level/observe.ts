// What a window holds of the thing: which readings count, how many statements hold one, and from which score on a reading is
// anomalous.
import type { DecisionInput, LoggedReading, Selected } from '@trine/engine';
import type { Thresholds } from './parameters.ts';
import type { ServiceLevelTerms } from './terms.ts';
import { READINGS } from './triggers.ts';

/** Score from which a reading of a quantity is anomalous, 0 to 1: the terms', unless people taught another. */
export function thresholdOf(quantity: string, { thresholdPpm }: ServiceLevelTerms, thresholds: Thresholds): number {
  return (thresholds[quantity] ?? thresholdPpm) / 1_000_000;
}

export interface Observed {
  readonly state: Uint8Array;
  /** With a usable value of what is agreed, in the order in which they count. */
  readonly readings: readonly LoggedReading[];
  /** That hold at least one of them. */
  readonly statements: number;
  /** Readings that do not count: texts, where they are none, and what is of no quantity that was agreed. */
  readonly passedOver: number;
}

/** What the thing said in the window, and the model's state about it. */
export function observed({ inputs, terms, state }: DecisionInput<ServiceLevelTerms>): Observed {
  const { readings: all } = inputs.get(READINGS) as Selected;
  const readings = all.filter((reading) => counts(reading, terms));
  return {
    state: state(terms.thing),
    readings,
    // One log is looked at: a leaf is one statement.
    statements: new Set(readings.map(({ leaf }) => leaf)).size,
    passedOver: all.length - readings.length,
  };
}

/** A word where a number is due says that there is none, whatever the word: who agrees on words says so. */
function counts({ quantity, value }: LoggedReading, { quantities, texts }: ServiceLevelTerms): boolean {
  if (typeof value === 'string' && !texts) return false;
  return quantities.length === 0 || quantities.includes(quantity);
}
