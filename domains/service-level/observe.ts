// What a window holds of the thing, and from which score on a reading of it counts.
import type { DecisionInput, Selected } from '@trine/engine';
import type { Thresholds } from './parameters.ts';
import type { ServiceLevelTerms } from './terms.ts';
import { READINGS } from './triggers.ts';

/** Score from which a reading of a quantity is anomalous, 0 to 1: the terms', unless people taught another. */
export function thresholdOf(quantity: string, { thresholdPpm }: ServiceLevelTerms, thresholds: Thresholds): number {
  return (thresholds[quantity] ?? thresholdPpm) / 1_000_000;
}

/** What the thing said in the window, and the model's state about it. */
export function observed({ inputs, terms, state }: DecisionInput<ServiceLevelTerms>): Selected & { state: Uint8Array } {
  const selected = inputs.get(READINGS) as Selected;
  return { ...selected, state: state(terms.thing) };
}
