// Exact arithmetic with decimals and fractions: 70.7 °F is 21.5 °C, and not 21.500000000000004.

/** A fraction, its denominator above 0. */
export interface Rational {
  readonly over: bigint;
  readonly under: bigint;
}

/**
 * Reads a decimal, or a fraction of two. An exponent has three digits at most, as those of a double: else a short text would
 * be a number of a gigabyte.
 * @throws RangeError when it is neither
 * @example rational('5/9') // { over: 5n, under: 9n }
 * @example rational('0.0254') // { over: 254n, under: 10000n }
 */
export function rational(text: string): Rational {
  const [over, under = '1'] = text.split('/') as [string, string?];
  const [a, b] = [decimal(over), decimal(under)];
  if (b.over <= 0n) throw new RangeError(`${text} has no denominator above 0.`);
  return { over: a.over * b.under, under: a.under * b.over };
}

function decimal(text: string): Rational {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`${text} is no decimal.`);
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const shift = Number(exponent) - fraction.length;
  return shift >= 0
    ? { over: digits * 10n ** BigInt(shift), under: 1n }
    : { over: digits, under: 10n ** BigInt(-shift) };
}

export const plus = (a: Rational, b: Rational): Rational => ({
  over: a.over * b.under + b.over * a.under,
  under: a.under * b.under,
});

export const times = (a: Rational, b: Rational): Rational => ({ over: a.over * b.over, under: a.under * b.under });

export const minus = (a: Rational, b: Rational): Rational => plus(a, { over: -b.over, under: b.under });

/** @throws RangeError where the divisor is 0 */
export function divided(a: Rational, b: Rational): Rational {
  if (b.over === 0n) throw new RangeError('Nothing is divided by 0.');
  const sign = b.over < 0n ? -1n : 1n;
  return { over: a.over * b.under * sign, under: a.under * b.over * sign };
}

/** More digits than a double has, by enough that cutting the rest off changes no result but those exactly between two. */
const DIGITS = 40;

/** The double nearest to a fraction. */
export function toNumber({ over, under }: Rational): number {
  if (over === 0n) return 0;
  const negative = over < 0n;
  const top = negative ? -over : over;
  const shift = DIGITS - (top.toString().length - under.toString().length);
  const digits = shift >= 0 ? (top * 10n ** BigInt(shift)) / under : top / (under * 10n ** BigInt(-shift));
  return Number(`${negative ? '-' : ''}${digits}e${-shift}`);
}

/** A finite number as the decimal that it is written as: 70.7, not the binary fraction beside it. */
export function rationalOf(value: number): Rational {
  return rational(String(value).replace('e+', 'e'));
}
