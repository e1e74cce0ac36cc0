// Questions that the node answers about a tariff.
import type { Route, RouteDecision, RouteRow } from '@trine/engine';
import { billOf } from './tariff.ts';
import { type MeteringTerms, meteringTerms } from './terms.ts';

/** Quantities by band, as a line's facts have them. */
function quantitiesOf({ facts }: RouteRow): Map<string, number> {
  return new Map(
    Object.entries(facts).flatMap(([name, milli]) =>
      name.startsWith('band.') && typeof milli === 'number' ? [[name.slice('band.'.length), milli] as const] : [],
    ),
  );
}

function billsOf(terms: MeteringTerms, { id, fromMs, toMs, base, rows = [] }: RouteDecision, customer?: string) {
  return rows
    .filter(({ key }) => customer === undefined || key === customer)
    .map((row) => ({
      decision: id,
      customer: row.key,
      fromMs,
      toMs,
      verdict: row.verdict,
      isCorrection: base !== undefined,
      lines: row.verdict === 'billed' ? billOf(terms, quantitiesOf(row)) : [],
      amount: row.facts.amount ?? 0,
      // Of a correction: the difference, as a note of what is owed or comes back.
      entries: row.entries,
    }));
}

export const routes: readonly Route[] = [
  {
    path: 'bills',
    summary: 'Bills line by line: quantity, price and amount of every step. Of lines that the caller may read.',
    asks: { customer: 'subject of one customer' },
    answer: (decisions, { terms }, asked = {}) => {
      const parsed = meteringTerms.parse(terms);
      return decisions.flatMap((decision) => billsOf(parsed, decision, asked.customer));
    },
  },
];
