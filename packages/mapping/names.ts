// Names of things and quantities as people give them, in the characters that subjects and quantities may have: reversibly,
// so that two different names are never one.
import { fromUtf8, limits, sha256, toHex, toUtf8 } from '@trine/protocol';

/*
 * A-Z a-z 0-9 : . _ - stay as they are. `~_` is a space, `~XX` a byte of UTF-8 (RFC 3629) in upper-case hex, `~uXXXX`
 * half of a surrogate pair, which is no Unicode text but stands in JSON. `u~-` in front lets a name begin that would
 * begin with something else than a letter or a digit. `~~` and ten digits end a name that was too long.
 */
const BEGINNING = 'u~-';
const HASH_DIGITS = 10;
const ENDING_CHARS = 2 + HASH_DIGITS;

export interface NameOptions {
  /** Length of the result; default: of a quantity. */
  readonly charsMax?: number;
  /** A slash separates levels instead of being a part of the name. */
  readonly keepsSlashes?: boolean;
  /** The name stands behind something else, so it may begin with any of the characters. */
  readonly isInside?: boolean;
}

/**
 * A name as one level of a subject, or as a quantity. It is normalised (NFC) and trimmed before; nothing else is lost,
 * unless it is too long: then its end is a hash of the whole, and {@link unescapeName} does not find the name again.
 *
 * @example escapeName('Sensor #1') // 'Sensor~_~231'
 * @example escapeName('Küche') // 'K~C3~BCche'
 * @example escapeName('客厅') // 'u~-~E5~AE~A2~E5~8E~85'
 */
export function escapeName(name: string, options: NameOptions = {}): string {
  const { charsMax = limits.quantityCharsMax, keepsSlashes = false, isInside = false } = options;
  const given = name.normalize('NFC').trim();
  let escaped = '';
  for (const char of given) escaped += escapeCharacter(char, keepsSlashes);
  if (!isInside && !/^[A-Za-z0-9]/.test(escaped)) escaped = BEGINNING + escaped;
  if (escaped.length <= charsMax) return escaped;
  const kept = escaped.slice(0, charsMax - ENDING_CHARS).replace(/~(?:u[0-9A-F]{0,3}|[0-9A-F]?)$/, '');
  const hash = toHex(sha256(toUtf8(escaped))).slice(0, HASH_DIGITS);
  return `${kept}~~${hash}`;
}

function escapeCharacter(char: string, keepsSlashes: boolean): string {
  if (/^[A-Za-z0-9:._-]$/.test(char) || (keepsSlashes && char === '/')) return char;
  if (char === ' ') return '~_';
  const code = char.charCodeAt(0);
  if (char.length === 1 && code >= 0xd800 && code <= 0xdfff) return `~u${code.toString(16).toUpperCase()}`;
  return toHex(toUtf8(char)).toUpperCase().replace(/../g, '~$&');
}

const ESCAPED = /~_|~u[0-9A-F]{4}|(?:~[0-9A-F]{2})+/g;

/**
 * The name that was escaped.
 * @returns undefined where the text is no escaped name, or one that was too long
 * @example unescapeName('Sensor~_~231') // 'Sensor #1'
 */
export function unescapeName(escaped: string): string | undefined {
  const text = escaped.startsWith(BEGINNING) ? escaped.slice(BEGINNING.length) : escaped;
  if (text.replace(ESCAPED, '').includes('~')) return undefined;
  try {
    return text.replace(ESCAPED, (part) => {
      if (part === '~_') return ' ';
      if (part.startsWith('~u')) return String.fromCharCode(Number.parseInt(part.slice(2), 16));
      const bytes = part
        .slice(1)
        .split('~')
        .map((byte) => Number.parseInt(byte, 16));
      return fromUtf8(Uint8Array.from(bytes));
    });
  } catch {
    return undefined;
  }
}

/** A quantity as a heading names it: as {@link escapeName}, but for spaces, which become `-`. */
export function quantityName(name: string): string {
  return escapeName(name.trim().replace(/\s+/g, '-'));
}

/**
 * Quantities of a whole list of headings, each another: where two would be one, the later keeps its spaces apart
 * (`Dew~_point` beside `Dew-point`), and a heading that stands there again is numbered. An empty one is `column3`, by
 * its place.
 *
 * @example nameHeadings(['Dew point', 'Dew-point', 'T', 'T', '']) // ['Dew-point', …, 'T', 'T.2', 'column5']
 */
export function nameHeadings(headings: readonly string[]): string[] {
  const written = headings.map((heading) => heading.normalize('NFC').trim());
  const taken = new Map<string, string>();
  // What needs no change keeps its name, wherever it stands.
  for (const heading of written) if (heading !== '' && escapeName(heading) === heading) taken.set(heading, heading);
  const seen = new Set<string>();
  return written.map((heading, i) => {
    const base = heading === '' ? `column${i + 1}` : freeName(heading, taken);
    const isFree = heading === '' ? !taken.has(base) : !seen.has(heading);
    seen.add(heading);
    const name = isFree ? base : numberedName(base, taken);
    taken.set(name, heading);
    return name;
  });
}

function freeName(heading: string, taken: ReadonlyMap<string, string>): string {
  const name = quantityName(heading);
  const other = taken.get(name);
  return other === undefined || other === heading ? name : escapeName(heading);
}

function numberedName(base: string, taken: ReadonlyMap<string, string>): string {
  for (let count = 2; ; count++) {
    const end = `.${count}`;
    const name = base.length + end.length <= limits.quantityCharsMax ? base + end : escapeName(`${base}${end}`);
    if (!taken.has(name)) return name;
  }
}
