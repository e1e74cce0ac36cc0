// What payments come to, by agreement and month, and as a table for a spreadsheet.

import type { Schemas } from '@trine/client';
import { csvCell, currencyDigits, inDecimals } from '@trine/protocol';
import type { PaymentView } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';

type Counts = Schemas['PaymentPage']['counts'];

/** Ordered, and neither paid nor ended: it may still be paid. */
export const UNDER_WAY: readonly PaymentView['state'][] = ['ordered', 'announced', 'held', 'released'];
type States = PaymentView['state'] | readonly PaymentView['state'][];
const isOf = (states: States, state: PaymentView['state']): boolean => [states].flat().includes(state);

/** Sums over states that the node counted; '–' where there are none. @param currency of nothing, where it is known */
export function sumOf(states: Counts['states'] | undefined, wanted: States): string {
  if (states === undefined) return '–';
  const sums = new Map<string, number>();
  for (const { state, currency, amount } of states)
    if (isOf(wanted, state)) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return sums.size === 0 ? '–' : [...sums].map(([currency, amount]) => formatMoney(amount, currency)).join(' + ');
}

export function countOf(states: Counts['states'] | undefined, wanted: States): number | undefined {
  return states?.filter((one) => isOf(wanted, one.state)).reduce((sum, { count }) => sum + count, 0);
}

export interface BillLine {
  readonly key: string;
  readonly agreement: string;
  /** YYYY-MM. */
  readonly month: string;
  readonly currency: string;
  readonly count: number;
  /** Minor units. */
  readonly paid: number;
  /** What is under way. */
  readonly ordered: number;
}

/** One line for each agreement, month and currency, newest month first. */
export function billOf(months: Counts['months']): BillLine[] {
  const lines = new Map<string, BillLine>();
  for (const { agreement, month, state, currency, count, amount } of months) {
    const column = state === 'paid' ? 'paid' : isOf(UNDER_WAY, state) ? 'ordered' : undefined;
    // What ended unpaid is on no bill.
    if (column === undefined) continue;
    const key = `${month} ${agreement} ${currency}`;
    const line = lines.get(key) ?? { key, agreement, month, currency, count: 0, paid: 0, ordered: 0 };
    lines.set(key, { ...line, count: line.count + count, [column]: line[column] + amount });
  }
  return [...lines.values()];
}

/** RFC 4180, times in UTC, amounts in whole units. What begins like a formula is made a text. */
export function csvOf(payments: readonly PaymentView[]): string {
  const lines = payments.map((row) => [
    new Date(row.fromMs).toISOString(),
    new Date(row.toMs).toISOString(),
    row.paidMs === undefined ? '' : new Date(row.paidMs).toISOString(),
    row.state,
    inDecimals(row.amount, currencyDigits(row.currency)),
    ...[row.currency, row.subject, row.reason, row.agreement, row.recipient, row.decision, row.id].map(csvCell),
    row.transaction ?? '',
  ]);
  const head = 'from,to,paid,state,amount,currency,subject,reason,agreement,recipient,decision,payment,transaction';
  return [head, ...lines.map((cells) => cells.join(','))].map((line) => `${line}\r\n`).join('');
}
