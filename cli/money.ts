// Amounts as people write and read them. The digits of a currency are those of ISO 4217: a node that said others would have a
// party sign for a hundred times of what it read.
import { currencyDigits, fromDecimals, inDecimals } from '@trine/protocol';
import { CommandError, exitStatus } from './output.ts';

interface Money {
  readonly currency: string;
  /** Digits of the minor unit, as the node says. */
  readonly decimals: number;
}

/**
 * What a node says of money, where it is so.
 * @throws CommandError where it counts in other units than the currency has
 */
export function checkedMoney<M extends Money>(said: M): M {
  const digits = currencyDigits(said.currency);
  if (said.currency !== '' && said.decimals !== digits)
    throw new CommandError(
      `The node counts ${said.currency} with ${said.decimals} decimals, and it has ${digits}: do not sign.`,
      exitStatus.failed,
    );
  return said;
}

/** @example minorUnits('12.5', 2) // 1250n @throws CommandError */
export function minorUnits(text: string, decimals: number): bigint {
  const amount = fromDecimals(text, decimals) ?? 0;
  if (amount <= 0)
    throw new CommandError(
      `${text} is no amount: write a number above 0 with at most ${decimals} decimals, such as 12.50.`,
    );
  return BigInt(amount);
}

/** @example inUnits(1250, { currency: 'EUR', decimals: 2 }) // '12.50 EUR' */
export const inUnits = (amount: number, { currency, decimals }: Money): string =>
  `${inDecimals(amount, decimals)} ${currency}`;
