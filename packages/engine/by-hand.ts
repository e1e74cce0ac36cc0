// Lines and what was said of them by hand, as a log has it: what a correction takes for ordered before it.
import {
  type Decision,
  decisionId,
  type LineByHand,
  linesByHand,
  lineWordRefusal,
  obligationId,
  toHex,
} from '@trine/protocol';
import type { LoggedWord, RecordedDecision } from './recorded.ts';

/** Nothing was said. */
export const UNSAID: LineByHand<number> = { word: undefined, isClosed: false };

/**
 * Lines in all decisions on an obligation.
 * @param decided on the obligation and its corrections, the oldest first
 * @param outcomeOf what became of a line under an obligation (its id, hex)
 * @param wordOn the first word by hand that covers a line in a decision (its id, hex)
 * @returns of one line under one obligation (its id, hex)
 */
export function linesInLog(
  decided: readonly RecordedDecision[],
  outcomeOf: (key: string, obligation: string) => Decision['outcome'] | undefined,
  wordOn: (key: string, decision: string) => LoggedWord | undefined,
): (key: string, obligation: string) => LineByHand<number> {
  const all = decided.map(({ leaf, decision }) => ({
    ...{ leaf, decision, cut: decision.cuts[0]?.index ?? 0 },
    ...{ id: toHex(decisionId(decision)), obligation: toHex(obligationId(decision.obligation)) },
  }));
  const known = new Map<string, LineByHand<number>[]>();
  const of = (key: string) =>
    linesByHand<number>(
      all.map(({ leaf: at, decision, cut, id, obligation }) => {
        const word = lineWordRefusal(decision) === undefined ? wordOn(key, id) : undefined;
        return {
          ...{ at, outcome: outcomeOf(key, obligation), sees: (place) => place < cut },
          word: word && { ruling: word.ruling, at: word.index },
        };
      }),
      (a, b) => a < b,
    );
  return (key, obligation) => {
    const found = known.get(key) ?? of(key);
    known.set(key, found);
    return found[all.findIndex((one) => one.obligation === obligation)] ?? UNSAID;
  };
}
