// What one cell, one payload or one member of a message says: a value, no value, or something that is refused.
import { limits } from '@trine/protocol';
import { isKnownUnit } from '../units/units.ts';
import { type NumberSigns, plainSigns, quote, readHex, readNumber, signsOfOne } from './numbers.ts';
import { censored, type NoValue, noValue } from './words.ts';

export type Said =
  | {
      readonly is: 'value';
      readonly value: number | boolean | string;
      /** The unit as it stands beside the number. */
      readonly unit?: string;
    }
  /** Counted, and never a reading. `censored`: beyond what could be measured; `declared`: the mapping says so. */
  | { readonly is: 'none'; readonly why: NoValue | 'censored' | 'declared'; readonly word: string }
  /** Says what is wrong with it, in words. */
  | { readonly is: 'refused'; readonly why: string };

/** What the mapping says of a value. */
export interface Expected {
  /** A quantity with a unit takes numbers. */
  readonly expects: 'number' | 'any';
  /** How numbers are written; without it only what can be read in one way is read. */
  readonly signs?: NumberSigns;
  /** Values that stand for "no value", beside the words that always do. */
  readonly missing?: ReadonlySet<number>;
  /** Numbers are hexadecimal text. */
  readonly isHex?: boolean;
}

// White space, the byte order mark and the NUL that C programs send along.
const EDGE = /[\s\ufeff\0]/;
// Half of a surrogate pair, which JSON can spell and no encoding can.
const HALF = /[\ud800-\udfff]/u;
const WITH_UNIT =
  /^([+\-\u2212]?[\d.,][\d.,'\u2019 \u00a0\u2007\u2009\u202f]*?(?:[eE][+-]\d+)?)(\s*)([^\s\d.,+\-\u2212].*)$/;

/** A text without what surrounds it: white space, a byte order mark, trailing NULs. */
export function trimmed(text: string): string {
  // From both ends, one by one: an expression would look at a long run within from each of its places.
  let [from, to] = [0, text.length];
  while (from < to && EDGE.test(text[from] as string)) from++;
  while (to > from && EDGE.test(text[to - 1] as string)) to--;
  return text.slice(from, to);
}

/**
 * A number and the unit beside it. A unit of the letters A to F alone needs a space before it: `1F` may be hexadecimal.
 * @returns undefined where no known unit stands there
 * @example splitUnit('21.5 °C') // { number: '21.5', unit: '°C' }
 */
export function splitUnit(text: string): { readonly number: string; readonly unit: string } | undefined {
  const [, number, space, unit] = WITH_UNIT.exec(text) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  if (space === '' && /^[A-Fa-f]+$/.test(unit)) return undefined;
  return isKnownUnit(unit) ? { number: number.trim(), unit } : undefined;
}

/**
 * Reads a text: a cell, or a plain payload.
 *
 * @example readText('21,5', { expects: 'number' }) // { is: 'value', value: 21.5 }
 * @example readText('unavailable', { expects: 'any' }) // { is: 'none', why: 'word', word: 'unavailable' }
 * @example readText('12E5', { expects: 'number' }) // { is: 'refused', why: '"12E5" could be an identifier …' }
 */
export function readText(given: string, expected: Expected): Said {
  const text = trimmed(given);
  // Nothing so long is looked at by what reads numbers, units and words.
  if (text.length > limits.textValueCharsMax) return ofText(text);
  const why = noValue(text, expected.expects === 'number');
  if (why !== undefined) return { is: 'none', why, word: text };
  const read = numberOf(text, expected);
  if (typeof read.value === 'number') return ofNumber(read.value, expected, read.unit);
  if (expected.expects === 'number') {
    const word = censored(text);
    return word === undefined ? { is: 'refused', why: read.value } : { is: 'none', why: 'censored', word };
  }
  const truth = /^(?:true|on)$/i.test(text) ? true : /^(?:false|off)$/i.test(text) ? false : undefined;
  return truth === undefined ? ofText(text) : { is: 'value', value: truth };
}

function numberOf(text: string, expected: Expected): { value: number | string; unit?: string } {
  if (expected.isHex) return { value: readHex(text) };
  const parts = expected.expects === 'number' ? splitUnit(text) : undefined;
  const number = parts?.number ?? text;
  const signs = expected.signs ?? signsOfOne(number);
  const unit = parts && { unit: parts.unit };
  if (signs !== undefined) return { value: readNumber(number, signs), ...unit };
  const isEither = typeof readNumber(number, { decimal: ',' }) === 'number';
  return {
    value: isEither
      ? `${quote(number)} is two numbers, by whether the comma is a decimal sign or groups thousands: send it with a point`
      : (readNumber(number, plainSigns) as string),
  };
}

function ofNumber(value: number, expected: Expected, unit?: string): Said {
  if (expected.missing?.has(value)) return { is: 'none', why: 'declared', word: String(value) };
  return { is: 'value', value, ...(unit !== undefined && { unit }) };
}

function ofText(text: string): Said {
  if (text.length > limits.textValueCharsMax)
    return { is: 'refused', why: `a text has at most ${limits.textValueCharsMax} characters; this has ${text.length}` };
  if (HALF.test(text))
    return { is: 'refused', why: `${quote(text)} has half a character in it: it is no Unicode text` };
  return { is: 'value', value: text };
}

/**
 * Reads a member of a JSON message. A text that holds a number is one where the quantity has a unit; elsewhere it stays
 * a text, as it may name something. The message was parsed by `parseJson`: JSON.parse has rounded large numbers before.
 *
 * @example readMember('21.5', { expects: 'number' }) // { is: 'value', value: 21.5 }
 * @example readMember(null, { expects: 'any' }) // { is: 'none', why: 'empty', word: 'null' }
 */
export function readMember(value: unknown, expected: Expected): Said {
  if (value === undefined || value === null) return { is: 'none', why: 'empty', word: String(value) };
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return { is: 'none', why: 'not-finite', word: String(value) };
    return ofNumber(value + 0, expected);
  }
  if (typeof value === 'boolean')
    return expected.expects === 'any' ? { is: 'value', value } : { is: 'refused', why: `${value} is no number` };
  if (typeof value !== 'string')
    return { is: 'refused', why: `${Array.isArray(value) ? 'a list' : 'an object'} is no value: name a member of it` };
  if (expected.expects === 'number' || expected.isHex) return readText(value, expected);
  const text = trimmed(value);
  if (text.length > limits.textValueCharsMax) return ofText(text);
  const why = noValue(text, false);
  return why === undefined ? ofText(text) : { is: 'none', why, word: text };
}
