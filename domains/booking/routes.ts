// Questions that the node answers about bookings.
import type { Route, RouteDecision } from '@trine/engine';

interface Booking {
  readonly opening: string;
  readonly fromMs: number;
  readonly state: 'open' | 'refused' | 'over';
  readonly toMs?: number;
  /** Lines that the caller may read: what was decided, and what moved. */
  readonly lines: {
    readonly verdict: string;
    readonly amount?: number | string | undefined;
    readonly entries: unknown;
  }[];
}

function linesOf({ rows = [] }: RouteDecision): Booking['lines'] {
  return rows.map(({ verdict, facts, entries }) => ({ verdict, amount: facts.amount, entries }));
}

/** Bookings by the statement that opened each, the newest last. */
export function bookingsOf(decisions: readonly RouteDecision[]): Booking[] {
  const found = new Map<string, Booking>();
  for (const decision of decisions) {
    const { about: opening, trigger, verdict, fromMs, toMs } = decision;
    const known = opening === undefined ? undefined : found.get(opening);
    if (opening === undefined) continue;
    if (trigger === 'request')
      found.set(opening, {
        opening,
        fromMs,
        state: verdict === 'accepted' ? 'open' : 'refused',
        lines: linesOf(decision),
      });
    else if (known) {
      const isOver = known.state === 'open' && verdict !== 'held';
      found.set(opening, {
        ...known,
        ...(isOver && { state: 'over', toMs }),
        lines: verdict === 'void' ? known.lines : [...known.lines, ...linesOf(decision)],
      });
    }
  }
  return [...found.values()];
}

export const routes: readonly Route[] = [
  {
    path: 'bookings',
    summary:
      'Bookings, open and past, by the statement that made each; with amounts of lines that the caller may read.',
    asks: { state: 'open, refused or over' },
    answer: (decisions, _policy, asked = {}) =>
      bookingsOf(decisions).filter(({ state }) => asked.state === undefined || state === asked.state),
  },
];
