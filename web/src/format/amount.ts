// Numbers, money and measured values as people read them.
import { currencyDigits, inDecimals, plural } from '@trine/protocol';

const whole = new Intl.NumberFormat('en-GB');
const short = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

/** @example formatCount(12345) // '12,345'; from ten million on '12.3M' */
export function formatCount(count: number): string {
  return count >= 10_000_000 ? short.format(count) : whole.format(count);
}

/** @example formatCounted(1, 'reading') // '1 reading' @example formatCounted(2500, 'leaf', 'leaves') // '2,500 leaves' */
export function formatCounted(count: number, one: string, many?: string): string {
  return `${formatCount(count)} ${plural(count, one, many)}`;
}

const RATE_S = 30;
const RATE_LEAST_S = 10;

/**
 * How much comes, as the mean of the last half minute: what comes every few seconds is neither nothing nor a burst.
 * @param rates one number a second, newest last
 * @returns undefined while too few seconds were seen to say
 */
export function formatRate(rates: readonly number[]): string | undefined {
  if (rates.length < RATE_LEAST_S) return undefined;
  const recent = rates.slice(-RATE_S);
  const mean = recent.reduce((sum, rate) => sum + rate, 0) / recent.length;
  return `${mean >= 10 ? formatCount(Math.round(mean)) : mean.toFixed(1)} a second`;
}

/**
 * Money from minor units.
 *
 * @param minor whole minor units (cents); the sign is kept
 * @param currency ISO 4217 code; '' where nothing is owed
 * @example formatMoney(5, 'EUR') // '€0.05'
 */
export function formatMoney(minor: number, currency: string): string {
  if (currency === '') return '–';
  const digits = currencyDigits(currency);
  const shown = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  // As a text it is exact, however large.
  return new Intl.NumberFormat('en-GB', shown).format(inDecimals(minor, digits) as `${number}`);
}

/** @example sumMoney([{ amount: 5, currency: 'EUR' }]) // '€0.05' */
export function sumMoney(
  rows: readonly { readonly amount: number; readonly currency: string }[],
  empty = 'EUR',
): string {
  const sums = new Map<string, number>();
  for (const { amount, currency } of rows) if (currency) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  if (sums.size === 0) return formatMoney(0, empty);
  return [...sums].map(([currency, amount]) => formatMoney(amount, currency)).join(' + ');
}

/** A measured value with its unit (SenML symbol). @example formatValue(0.42, '/') // '42.0 %' */
export function formatValue(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–';
  if (unit === '/' || unit === '%') return `${(unit === '/' ? value * 100 : value).toFixed(1)} %`;
  if (unit === 'Cel') return `${value.toFixed(1)} °C`;
  if (unit === 'B/s' || unit === 'B') return `${scaleBytes(value)}${unit === 'B/s' ? '/s' : ''}`;
  const digits = Number.isInteger(value) ? whole.format(value) : trim(value);
  return unit === '' ? digits : `${digits} ${unit}`;
}

function trim(value: number): string {
  const size = Math.abs(value);
  return new Intl.NumberFormat('en-GB', { maximumFractionDigits: size >= 100 ? 1 : size >= 1 ? 2 : 4 }).format(value);
}

function scaleBytes(value: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = value < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** step;
  return `${scaled.toFixed(step > 0 && scaled < 100 ? 1 : 0)} ${names[step]}`;
}
