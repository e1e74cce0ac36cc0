// Terms as a form: each field of a domain's schema as text that people enter, and back.

import { formatDuration, type TermsField, type TermsSchema } from '@trine/engine';
import { currencyDigits, formatTime, fromDecimals, inDecimals } from '@trine/protocol';
import { readable } from './words.ts';

/** A field as it is asked for. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly help: string | undefined;
  readonly field: TermsField;
  /** Values to choose from; undefined where any text may be entered. */
  readonly choices: readonly string[] | undefined;
}

/** The fields of a schema, in its order. @param currency of money; '' where there is none */
export function fieldsOf(schema: TermsSchema, currency: string): FormField[] {
  return Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const unit = field.kind === 'money' ? currency : field.kind === 'ppm' ? '%' : '';
    const title = field.title ?? readable(name);
    return {
      name,
      label: unit === '' ? title : `${title}, ${unit}`,
      help: field.description,
      field,
      choices: field.enum?.map(String) ?? (field.type === 'boolean' ? ['true', 'false'] : undefined),
    };
  });
}

/** As it is entered. @example toText({ type: 'integer', kind: 'money' }, 5, 'EUR') // '0.05' */
export function toText(field: TermsField, value: unknown, currency: string): string {
  if (value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  if (typeof value !== 'number') return String(value);
  if (field.kind === 'money') return inDecimals(value, currencyDigits(currency));
  if (field.kind === 'ppm') return String(value / 10_000);
  // In two units at most; what they cannot say stays in milliseconds.
  if (field.kind === 'duration')
    return readDuration(formatDuration(value)) === value ? formatDuration(value) : `${value} ms`;
  if (field.kind === 'time') return formatTime(value);
  return String(value);
}

/**
 * What was entered, as the terms have it.
 * @returns undefined for what is none, or finer than the terms can say
 * @example fromText({ type: 'integer', kind: 'money' }, '0.20', 'EUR') // 20
 */
export function fromText(field: TermsField, text: string, currency: string): unknown {
  const given = text.trim();
  if (field.type === 'array' || field.type === 'object') return readJson(given);
  if (field.type === 'boolean') return given === 'true' ? true : given === 'false' ? false : undefined;
  if (field.type === 'string') return given === '' ? undefined : given;
  const value = readNumber(field, given, currency);
  if (value === undefined) return undefined;
  return value < (field.minimum ?? value) || value > (field.maximum ?? value) ? undefined : value;
}

/** A share in per cent, of parts per million. */
const PPM_DIGITS = 4;

function readNumber({ kind }: TermsField, given: string, currency: string): number | undefined {
  if (kind === 'duration') return readDuration(given);
  if (kind === 'time') return Number.isNaN(Date.parse(given)) ? undefined : Date.parse(given);
  return fromDecimals(given, kind === 'money' ? currencyDigits(currency) : kind === 'ppm' ? PPM_DIGITS : 0);
}

const unitsMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1_000, ms: 1 };

/** @example readDuration('1 h 30 min') // 5_400_000 */
function readDuration(given: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?\s*(?:d|h|min|s|ms)\s*)+$/.test(given)) return undefined;
  const parts = [...given.matchAll(/(\d+(?:\.\d+)?)\s*(min|ms|d|h|s)/g)];
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitsMs[unit as string] as number), 0);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

function readJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

/** What a field takes, where something else was entered. */
export function expected({ type, kind, minimum, maximum }: TermsField): string {
  if (kind === 'duration') return 'a length of time such as “30 s” or “1 h 30 min”';
  if (kind === 'time') return 'a time such as 2026-03-01T00:00Z';
  if (kind === 'money') return 'an amount, its decimals after a point';
  if (kind === 'ppm') return 'a share in per cent, such as 70 or 2.5';
  if (type === 'array' || type === 'object') return 'a list or an object in JSON';
  if (type === 'string') return 'a text';
  if (type === 'boolean') return 'true or false';
  const within = kind === undefined && minimum !== undefined && maximum !== undefined;
  return within ? `a whole number from ${minimum} to ${maximum}` : 'a number';
}
