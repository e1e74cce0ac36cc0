// Sums of payments, right even where the list of them is cut off.
import type { AgreementView, PaymentView, TotalsView } from '../api/types.ts';
import { sumMoney } from '../format/amount.ts';

export interface PaymentSums {
  /** Money paid, as text. */
  readonly paid: string;
  /** Money ordered and not paid yet, as text; says so where it is the least it can be. */
  readonly underWay: string;
  readonly underWayCount: number;
}

/**
 * Adds up payments.
 *
 * @param payments the newest ones
 * @param totals how many there are in all
 * @param agreements the contract knows what each has paid, which is used where the list does not reach back far enough
 * @returns undefined until all that is needed is known
 */
export function sumPayments(
  payments: readonly PaymentView[] | undefined,
  totals: TotalsView | undefined,
  agreements: readonly AgreementView[] | undefined,
): PaymentSums | undefined {
  if (!payments || !totals) return undefined;
  const isWhole = payments.length >= totals.ordered;
  const paid = isWhole
    ? payments.filter(({ state }) => state === 'paid')
    : agreements?.map(({ paid: amount, policy }) => ({ amount, currency: policy.money.currency }));
  if (!paid) return undefined;
  const ordered = payments.filter(({ state }) => state === 'ordered');
  const underWayCount = isWhole ? ordered.length : totals.ordered - totals.paid;
  const isAtLeast = underWayCount > ordered.length;
  return {
    paid: sumMoney(paid),
    underWay: `${isAtLeast ? 'at least ' : ''}${sumMoney(ordered)}`,
    underWayCount,
  };
}
