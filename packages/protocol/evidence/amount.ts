// Amounts for people, with the digits of the currency's minor unit as the network document has them.
import { inDecimals } from '../currency.ts';
import type { NetworkDocument } from '../payloads/network.ts';

/** @example formatAmount(500, 'EUR', network) // '5.00 EUR' */
export function formatAmount(minorUnits: number | bigint, currency: string, { chain }: NetworkDocument): string {
  const known = new Set(chain.tokens.filter((token) => token.currency === currency).map(({ decimals }) => decimals));
  const [digits] = known;
  // Where tokens of one currency count in different units, nobody here knows which is meant.
  if (digits === undefined || known.size > 1) return `${minorUnits} minor units of ${currency}`;
  return `${inDecimals(minorUnits, digits)} ${currency}`;
}
