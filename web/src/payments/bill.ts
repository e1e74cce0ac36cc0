// What payments come to, by agreement and month, and as a table for a spreadsheet.
import type { Schemas } from '@trine/client';
import type { PaymentView } from '../api/types.ts';
import { digitsOf, formatMoney } from '../format/amount.ts';

type Counts = Schemas['PaymentPage']['counts'];

/** Sums over states that the node counted; '–' where there are none. @param currency of nothing, where it is known */
export function sumOf(states: Counts['states'] | undefined, state: PaymentView['state']): string {
  if (states === undefined) return '–';
  const some = states.filter((one) => one.state === state);
  return some.length === 0 ? '–' : some.map(({ amount, currency }) => formatMoney(amount, currency)).join(' + ');
}

export function countOf(states: Counts['states'] | undefined, state: PaymentView['state']): number | undefined {
  return states?.filter((one) => one.state === state).reduce((sum, { count }) => sum + count, 0);
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
  readonly ordered: number;
}

/** One line for each agreement, month and currency, newest month first. */
export function billOf(months: Counts['months']): BillLine[] {
  const lines = new Map<string, BillLine>();
  for (const { agreement, month, state, currency, count, amount } of months) {
    const key = `${month} ${agreement} ${currency}`;
    const line = lines.get(key) ?? { key, agreement, month, currency, count: 0, paid: 0, ordered: 0 };
    lines.set(key, { ...line, count: line.count + count, [state]: line[state] + amount });
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
    (row.amount / 10 ** digitsOf(row.currency)).toFixed(digitsOf(row.currency)),
    ...[row.currency, row.subject, row.reason, row.agreement, row.recipient, row.decision, row.id].map(cell),
    row.transaction ?? '',
  ]);
  const head = 'from,to,paid,state,amount,currency,subject,reason,agreement,recipient,decision,payment,transaction';
  return [head, ...lines.map((cells) => cells.join(','))].map((line) => `${line}\r\n`).join('');
}

function cell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
