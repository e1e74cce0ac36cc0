// What a forked sequence said: it holds what it concerns, and after a recovery is no value.
import { type LoggedRecovery, type Obligation, recoveryOf } from '@trine/protocol';
import type { OpenedInput } from './inputs.ts';

/** Of the statements behind a decision. */
export interface Forked {
  /** Without value, because its sequence had forked when it was said. */
  isVoid(one: OpenedInput): boolean;
  /** Sides of forks that hold the obligation. */
  readonly sides: ReadonlySet<OpenedInput>;
}

/** What stands behind a decision, and what holds it. */
export function counting({ isVoid, sides }: Forked, inputs: readonly OpenedInput[]): OpenedInput[] {
  return inputs.filter((one) => !isVoid(one) || sides.has(one));
}

/**
 * What was said between a fork and its recovery is no value. It holds what began before the recovery; what began after it
 * is held by it no more.
 *
 * @returns the candidates, those without value emptied; and of what was selected and the forks besides what may hold
 */
export function withoutVoid(given: {
  readonly obligation: Obligation;
  readonly candidates: readonly OpenedInput[];
  readonly forks?: readonly OpenedInput[];
  readonly recoveries?: readonly LoggedRecovery[];
}): {
  readonly candidates: readonly OpenedInput[];
  readonly isVoid: Forked['isVoid'];
  /** Each once, in the order of the log. */
  standing(selected: readonly OpenedInput[]): OpenedInput[];
} {
  const { candidates, forks = [], recoveries = [], obligation } = given;
  const recovered = new Map<number, LoggedRecovery>();
  for (const one of [...candidates, ...forks]) {
    const recovery = recoveryOf(recoveries, one);
    if (recovery) recovered.set(one.order, recovery);
  }
  const isVoid = ({ order }: OpenedInput) => recovered.has(order);
  const emptied = (one: OpenedInput): OpenedInput => (isVoid(one) ? { ...one, readings: [], event: undefined } : one);
  const isStanding = ({ order }: OpenedInput) => {
    const recovery = recovered.get(order);
    return recovery === undefined || obligation.fromMs < recovery.arrivalMs;
  };
  return {
    candidates: candidates.map(emptied),
    isVoid,
    standing(selected) {
      const all = new Map([...forks.map(emptied), ...selected].map((one) => [one.order, one]));
      return [...all.values()].filter(isStanding).sort((a, b) => a.order - b.order);
    },
  };
}
