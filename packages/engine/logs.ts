// Statements of several logs as one: each once, below the cut of its log, in an order that no log has a say in.
import { type Decision, toHex } from '@trine/protocol';
import type { OpenedInput } from './inputs.ts';

/**
 * @param cuts one of each log that the terms name, in their order
 * @param inputs of all logs, in any order
 * @returns those below the cuts; one that stands in several logs once, at its place in the first of them that has it;
 *   over several logs numbered by arrival, then by the order of the logs, then by leaf
 */
export function mergeLogs(cuts: Decision['cuts'], inputs: readonly OpenedInput[]): OpenedInput[] {
  const ranks = new Map(cuts.map(({ origin, index }, rank) => [origin, { rank, index }]));
  const rankOf = ({ origin }: OpenedInput) => ranks.get(origin)?.rank ?? cuts.length;
  const first = new Map<string, number>();
  const below = inputs.filter(({ origin, index }) => index < (ranks.get(origin)?.index ?? 0));
  for (const input of below) {
    const id = toHex(input.statement.id);
    first.set(id, Math.min(first.get(id) ?? cuts.length, rankOf(input)));
  }
  return (
    below
      .filter((input) => first.get(toHex(input.statement.id)) === rankOf(input))
      .sort((a, b) => a.arrivalMs - b.arrivalMs || rankOf(a) - rankOf(b) || a.index - b.index)
      // In one log its own order is as good, and the same for whoever sees more of it.
      .map((input, order) => (cuts.length === 1 ? input : { ...input, order }))
  );
}
