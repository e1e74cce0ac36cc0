// What was said by hand of a line, over a decision and its corrections. Whoever orders, signs or checks money of lines asks the
// same: which word counts, what a correction takes for ordered before it, and what nothing follows from any more.
import { amountOf, type Decision } from './decision.ts';
import type { Release } from './release.ts';

/** One decision of those on an obligation, as one line stands in it. @typeParam P a place in the log */
export interface LineDecided<P> {
  readonly at: P;
  /** Of the line; undefined where the decision has none of it. */
  readonly outcome: Decision['outcome'] | undefined;
  /** The first word by hand that covers the line. */
  readonly word?: { readonly ruling: Release['ruling']; readonly at: P } | undefined;
  /** Is a place below the cut of this decision? */
  readonly sees: (place: P) => boolean;
}

/** What became of a line in one decision. */
export interface LineByHand<P> {
  /** The word on it, where it counts: it stands after the decision and before any newer one on its obligation. */
  readonly word: LineDecided<P>['word'];
  /**
   * Nothing is ordered of it, ever: of an earlier decision it was dropped, or released where this one did not see that yet and
   * so takes no account of it.
   */
  readonly isClosed: boolean;
}

/**
 * @param decided all decisions on one obligation, the oldest first
 * @param isBefore does one place stand before another?
 * @returns of each what was said by hand
 */
export function linesByHand<P>(decided: readonly LineDecided<P>[], isBefore: (a: P, b: P) => boolean): LineByHand<P>[] {
  const counting: NonNullable<LineDecided<P>['word']>[] = [];
  return decided.map(({ at, outcome, word, sees }, i) => {
    const isClosed = counting.some((one) => one.ruling === 'drop' || !sees(one.at));
    const next = decided[i + 1];
    const isInTime = word && isBefore(at, word.at) && (next === undefined || isBefore(word.at, next.at));
    if (word === undefined || !isInTime || outcome !== 'hold' || isClosed) return { word: undefined, isClosed };
    counting.push(word);
    return { word, isClosed };
  });
}

/**
 * Does a correction take the line of an earlier decision for ordered? What is held is not, but where it was released by hand.
 * @param sees what the correction sees
 */
export function isLineOrdered<P>(
  { outcome }: Pick<LineDecided<P>, 'outcome'>,
  { word, isClosed }: LineByHand<P>,
  sees: (place: P) => boolean,
): boolean {
  if (outcome === undefined || isClosed) return false;
  return outcome !== 'hold' || (word?.ruling === 'pay' && sees(word.at));
}

/**
 * Can lines of this decision be released or dropped by hand, in an agreement that is settled in batches?
 * @returns why not, in words; undefined where they can
 */
export function lineWordRefusal({
  rows,
  gate,
  effects,
}: Pick<Decision, 'rows' | 'gate' | 'effects'>): string | undefined {
  if (rows === undefined) return 'The decision has no lines.';
  // It would go with the first batch or never, and a correction of it would not know which.
  return gate.verdict === 'hold' && amountOf({ effects }) > 0
    ? 'What is common to all its lines moves money and is held, too: that is not released by hand.'
    : undefined;
}
