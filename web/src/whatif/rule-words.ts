// The numbers of a rule as people read and enter them: a name in ordinary words, money in whole units.
import { quantityTitle } from '../format/amount.ts';

/** Name of the credit in the rules of all domains that know one. */
export const CREDIT = 'creditMinorUnits';

export interface RuleNumber {
  readonly name: string;
  readonly label: string;
  /** Shown beside the input; '' for none. */
  readonly unit: string;
  /** As it stands in the rule. */
  readonly value: number;
  /** What one of the rule is in the number shown: 0.01 where the rule has cents. */
  readonly scale: number;
}

/**
 * @param currency ISO 4217 code; '' where nothing is owed
 * @returns the numbers of a rule, in its order, the credit last; its texts are left out
 * @example numbersOf({ creditMinorUnits: 5 }, 'EUR')[0] // { label: 'Credit for a failed window', scale: 0.01, … }
 */
export function numbersOf(rule: Readonly<Record<string, number | string>>, currency: string): RuleNumber[] {
  const numbers = Object.entries(rule).flatMap(([name, value]) =>
    typeof value === 'number' ? [{ name, value, ...describe(name, currency) }] : [],
  );
  // What it costs comes last, beside the limit of it.
  return numbers.sort((a, b) => Number(a.name === CREDIT) - Number(b.name === CREDIT));
}

/** The agreement's own limit, entered beside the rule: a dearer credit counts only up to it. */
export const LIMIT = 'perOccasionMax';

/** @param creditText what is entered as the credit: the limit follows it until it is set by hand */
export function limitOf(perObligationMax: number, currency: string, creditText: string | undefined): RuleNumber {
  const scale = 10 ** -digitsOf(currency);
  const credit = creditText === undefined ? 0 : (fromText(creditText, scale) ?? 0);
  const value = Math.max(perObligationMax, credit);
  return { name: LIMIT, label: 'Most a window may cost', unit: currency, value, scale };
}

function describe(name: string, currency: string): Pick<RuleNumber, 'label' | 'unit' | 'scale'> {
  if (name === CREDIT) return { label: 'Credit for a failed window', unit: currency, scale: 10 ** -digitsOf(currency) };
  if (name === 'statementsMin') return { label: 'Statements due in a window', unit: '', scale: 1 };
  if (name === 'outOfOrderReadings') return { label: 'Odd readings that fail a window', unit: '', scale: 1 };
  if (name === 'thresholdPpm') return { label: 'How odd a reading must be', unit: '%', scale: 1e-4 };
  const words = name.replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after}`);
  return { label: quantityTitle(words.toLowerCase()), unit: '', scale: 1 };
}

function digitsOf(currency: string): number {
  if (currency === '') return 2;
  return new Intl.NumberFormat('en-GB', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** As it is entered. @example toText({ value: 5, scale: 0.01, unit: 'EUR' }) // '0.05' */
export function toText({ value, scale, unit }: Pick<RuleNumber, 'value' | 'scale' | 'unit'>): string {
  const text = (value * scale).toFixed(Math.round(-Math.log10(scale)));
  return unit === '%' ? String(Number(text)) : text;
}

/**
 * What was entered, as the rule has it.
 * @returns undefined for what is no number, or finer than the rule can say
 * @example fromText('0.20', 0.01) // 20
 */
export function fromText(text: string, scale: number): number | undefined {
  if (!/^-?\d+(?:\.\d+)?$/.test(text.trim())) return undefined;
  const scaled = Number(text) / scale;
  const whole = Math.round(scaled);
  return Number.isSafeInteger(whole) && Math.abs(scaled - whole) < 1e-6 * Math.max(1, Math.abs(scaled))
    ? whole
    : undefined;
}
