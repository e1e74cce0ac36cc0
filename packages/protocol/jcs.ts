// JSON Canonicalization Scheme (RFC 8785): one text per value, so that a hash of the text is a hash of the value.
import { FormatError } from './errors.ts';
import { limits } from './limits.ts';

/**
 * Writes canonical JSON: no spaces, names sorted by their UTF-16 units (RFC 8785 §3.2.3), numbers and texts as
 * ECMAScript writes them (§3.2.2).
 *
 * @param value null, booleans, finite numbers, well-formed text, arrays and plain objects of these
 * @throws FormatError `malformed` for everything else: lone surrogates, NaN and infinities (JSON.parse reads `1e400` as
 * one), undefined, bigints, functions, class instances, cycles; `too-deep` beyond `limits.jsonNestingMax`
 * @example canonicalJson({ b: [1e21, 'ü'], a: null }) // '{"a":null,"b":[1e+21,"ü"]}'
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/** @param around the arrays and objects that hold the value */
function write(value: unknown, around: object[]): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new FormatError('malformed', 'Canonical JSON: a number is finite.');
    // Number::toString, which RFC 8785 §3.2.2.3 prescribes; -0 is 0.
    return String(value === 0 ? 0 : value);
  }
  if (typeof value !== 'object')
    throw new FormatError('malformed', `Canonical JSON: there is no ${typeof value} in it.`);
  if (around.includes(value)) throw new FormatError('malformed', 'Canonical JSON: a value may not hold itself.');
  if (around.length >= limits.jsonNestingMax)
    throw new FormatError('too-deep', `Canonical JSON: nests deeper than ${limits.jsonNestingMax} levels.`);
  around.push(value);
  const text = Array.isArray(value) ? writeArray(value, around) : writeObject(value, around);
  around.pop();
  return text;
}

function writeText(text: string): string {
  if (!text.isWellFormed())
    throw new FormatError('malformed', 'Canonical JSON: a text is well-formed Unicode, without lone surrogates.');
  // JSON.stringify escapes exactly what RFC 8785 §3.2.2.2 escapes.
  return JSON.stringify(text);
}

function writeArray(items: readonly unknown[], around: object[]): string {
  // By index: a hole is undefined, not left out.
  const texts: string[] = [];
  for (let i = 0; i < items.length; i++) texts.push(write(items[i], around));
  return `[${texts.join(',')}]`;
}

function writeObject(value: object, around: object[]): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new FormatError('malformed', 'Canonical JSON: an object is a plain one.');
  const entries = value as Record<string, unknown>;
  // The default order of sort is that of UTF-16 units.
  const members = Object.keys(entries)
    .sort()
    .map((name) => `${writeText(name)}:${write(entries[name], around)}`);
  return `{${members.join(',')}}`;
}
