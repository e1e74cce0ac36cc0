// Terms: what is particular to a domain in a policy. One schema validates them before anything is appended, and drives
// the form, the words and what-if.
import { formatTime, inDecimals } from '@trine/protocol';
import { z } from 'zod';
import { parseTerms } from './abi/parse.ts';

/** A JSON Schema (2020-12) of an object, with our notes under `title`, `description` and `kind`. */
export interface TermsSchema {
  readonly properties?: Readonly<Record<string, TermsField>>;
  readonly required?: readonly string[];
}

/** How a value is shown and asked for. A price is of one unit: minor units for 1,000,000 of them. */
export type FieldKind = 'money' | 'price' | 'duration' | 'ppm' | 'subject' | 'time' | 'time-zone' | 'quantity';

/** What the past of the thing proposes for a field. */
export interface LearntField {
  /** Four fifths of the statements with a usable value that come within a window. */
  readonly from: 'statements';
  /** Names of the fields that say which thing, how long a window is, which quantities count, and whether texts do. */
  readonly of: string;
  readonly windowMs: string;
  readonly quantities?: string;
  readonly texts?: string;
}

export interface TermsField extends TermsSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly kind?: FieldKind;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly items?: TermsField;
  readonly maxItems?: number;
  readonly learnt?: LearntField;
}

export interface Terms<T> {
  /** For forms: fields in their order, with title, help, limits and defaults. */
  readonly schema: TermsSchema;
  /**
   * Terms as a person or a file gives them, with what was left out filled in.
   * @throws FormatError `malformed` naming the field, what was expected and what was got
   */
  parse(given: unknown): T;
}

/**
 * Makes the terms of a domain from a schema: a strict object of integers, texts, booleans, lists and objects of them.
 *
 * @example terms(z.strictObject({ thing: z.string().meta({ title: 'Thing', kind: 'subject' }) })).parse({ thing: 'pump/1' })
 */
export function terms<S extends z.ZodObject>(
  schema: S,
  check?: (value: z.output<S>) => string | undefined,
): Terms<z.output<S>> {
  return {
    schema: z.toJSONSchema(schema, { io: 'input' }) as TermsSchema,
    parse: parseTerms(schema, check),
  };
}

/** What is asked about the past of a thing, to propose a value for a field. */
export interface ToLearn {
  readonly name: string;
  readonly subject: string;
  readonly windowMs: number;
  /** With commas between; absent: all. */
  readonly quantities?: string;
  readonly texts?: 'true';
}

/**
 * The fields that the past of a thing proposes a value for, each with what to ask; those whose thing or window is not known
 * yet are left out.
 *
 * @param given terms as they are so far: what is left out has its default
 * @example toLearn(domain.terms.schema, { thing: 'pump/1' })[0]?.windowMs // 3_600_000
 */
export function toLearn(schema: TermsSchema, given: Readonly<Record<string, unknown>>): ToLearn[] {
  const { properties = {} } = schema;
  const fieldValue = (name: string | undefined): unknown =>
    name === undefined ? undefined : (given[name] ?? properties[name]?.default);
  return Object.entries(properties).flatMap(([name, { learnt }]): ToLearn[] => {
    if (learnt === undefined) return [];
    const [subject, windowMs] = [fieldValue(learnt.of), fieldValue(learnt.windowMs)];
    if (typeof subject !== 'string' || subject === '' || typeof windowMs !== 'number') return [];
    const named = fieldValue(learnt.quantities);
    const quantities = Array.isArray(named) ? named.filter((one) => typeof one === 'string').join(',') : '';
    const texts = fieldValue(learnt.texts) === true;
    return [{ name, subject, windowMs, ...(quantities !== '' && { quantities }), ...(texts && { texts: 'true' }) }];
  });
}

/** A line of terms in words. */
export interface TermsLine {
  readonly name: string;
  readonly title: string;
  readonly value: string;
}

/**
 * Terms in words, in the order of the schema.
 *
 * @param currency with the digits of its minor unit, for money
 * @example termsInWords(domain.terms.schema, { creditMinorUnits: 5 }, { code: 'EUR', digits: 2 })
 */
export function termsInWords(
  schema: TermsSchema,
  given: unknown,
  currency: { readonly code: string; readonly digits: number } | undefined,
): TermsLine[] {
  const values = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => values[name] !== undefined)
    .map(([name, field]) => ({ name, title: field.title ?? name, value: inWords(field, values[name], currency) }));
}

function inWords(field: TermsField, value: unknown, currency: { code: string; digits: number } | undefined): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none';
    const shown = value.slice(0, 8).map((item) => inWords(field.items ?? {}, item, currency));
    return `${shown.join('; ')}${value.length > shown.length ? `; … ${value.length} in all` : ''}`;
  }
  if (typeof value === 'object' && value !== null)
    return termsInWords(field, value, currency)
      .map((line) => `${line.title} ${line.value}`)
      .join(', ');
  if (typeof value !== 'number') return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  if (field.kind === 'money') return formatMinor(value, currency);
  if (field.kind === 'price') return formatPrice(value, currency);
  if (field.kind === 'duration') return formatDuration(value);
  if (field.kind === 'ppm') return `${value / 10_000} %`;
  return field.kind === 'time' ? formatTime(value).replace('.000Z', 'Z') : String(value);
}

/** Minor units with the currency's own digits. @example formatMinor(1234, { code: 'JPY', digits: 0 }) // '1234 JPY' */
export function formatMinor(value: number, currency: { code: string; digits: number } | undefined): string {
  if (currency === undefined) return `${value} minor units`;
  return `${inDecimals(value, currency.digits)} ${currency.code}`;
}

/** A price is in minor units for so many units: ten to this power. */
const PRICE_DIGITS = 6;

/** The price of one unit, without zeros that say nothing. @example formatPrice(32_570_000, { code: 'EUR', digits: 2 }) // '0.3257 EUR' */
function formatPrice(value: number, currency: { code: string; digits: number } | undefined): string {
  if (currency === undefined) return `${value} minor units for ${10 ** PRICE_DIGITS}`;
  const written = inDecimals(value, currency.digits + PRICE_DIGITS);
  const point = written.length - currency.digits - PRICE_DIGITS;
  const more = written.slice(point + currency.digits).replace(/0+$/, '');
  const whole = written.slice(0, point + currency.digits);
  return `${`${whole}${more}`.replace(/\.$/, '')} ${currency.code}`;
}

const units: readonly [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
  [1, 'ms'],
];

/** @example formatDuration(5_400_000) // '1 h 30 min' */
export function formatDuration(ms: number): string {
  let left = ms;
  const parts: string[] = [];
  for (const [size, unit] of units) {
    const count = Math.floor(left / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    left -= count * size;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
