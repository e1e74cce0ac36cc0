// Numbers as people and devices write them. Strict: what could be another number, or an identifier, is none.

/** How numbers are written in one column, or by one device. */
export interface NumberSigns {
  readonly decimal: '.' | ',';
  /** What groups thousands. `' '` stands for every space that does (no-break, thin, figure), `'` for every apostrophe. */
  readonly thousands?: '.' | ',' | ' ' | "'";
}

/** As machines write them (JSON, C, ISO 80000-2 with a point). */
export const plainSigns: NumberSigns = { decimal: '.' };

/** Every way of writing that is told apart, the plainest first. */
export const allSigns: readonly NumberSigns[] = [
  plainSigns,
  { decimal: ',' },
  { decimal: '.', thousands: ',' },
  { decimal: ',', thousands: '.' },
  { decimal: '.', thousands: ' ' },
  { decimal: ',', thousands: ' ' },
  { decimal: '.', thousands: "'" },
  { decimal: ',', thousands: "'" },
];

const groupers = { '.': '\\.', ',': ',', ' ': '[ \\u00a0\\u2007\\u2009\\u202f]', "'": "['\\u2019\\u02bc]" } as const;
const PLAIN = /^-?\d{1,15}(?:\.\d+)?$/;
const MINUS = /^[\u2212\u2013\ufe63\uff0d]/;

interface Pattern {
  readonly whole: RegExp;
  readonly grouper: RegExp | undefined;
}

const patterns = new Map(allSigns.map((signs) => [keyOf(signs), patternOf(signs)]));

function keyOf({ decimal, thousands }: NumberSigns): string {
  return `${decimal}${thousands ?? ''}`;
}

function patternOf({ decimal, thousands }: NumberSigns): Pattern {
  const grouper = thousands === undefined ? undefined : groupers[thousands];
  const whole = grouper === undefined ? '\\d+' : `[1-9]\\d{0,2}(?:${grouper}\\d{3})+|\\d+`;
  return {
    whole: new RegExp(`^([+-]?)(${whole})?(?:(${groupers[decimal]})(\\d*))?(?:[eE]([+-]?)(\\d+))?(-?)$`),
    grouper: grouper === undefined ? undefined : new RegExp(grouper, 'g'),
  };
}

/**
 * Reads one number.
 *
 * Groups of thousands have exactly three digits each, and the first begins with no 0: `0,250` is a quarter. The sign may be U+2212, and a minus may stand behind. An exponent
 * counts only beside a decimal sign or with a sign of its own, as every program prints it (`1.5E5`, `1e-7`, `1e+21`):
 * `12E5` and `00E1` are serial numbers that a spreadsheet ruins, and hexadecimal text is no number. Whole numbers beyond
 * 2^53 − 1 would be rounded, so they are none.
 *
 * @returns the number, or in words why the text is none
 * @example readNumber('1.234,5', { decimal: ',', thousands: '.' }) // 1234.5
 * @example readNumber('12E5', plainSigns) // '"12E5" could be an identifier …'
 */
export function readNumber(text: string, signs: NumberSigns): number | string {
  if (signs.decimal === '.' && PLAIN.test(text)) return Number(text) + 0;
  const { whole, grouper } = patterns.get(keyOf(signs)) as Pattern;
  const given = text.trim().replace(MINUS, '-');
  const found = whole.exec(given);
  if (found === null) return `${quote(text)} is no number`;
  const [, sign = '', integer = '', point, fraction = '', exponentSign = '', exponent, after = ''] = found;
  if (integer === '' && fraction === '') return `${quote(text)} is no number`;
  if (sign !== '' && after !== '') return `${quote(text)} has two signs`;
  const digits = grouper === undefined ? integer : integer.replace(grouper, '');
  if (exponent !== undefined) {
    if (digits !== integer) return `${quote(text)} has groups of thousands and an exponent`;
    if (point === undefined && exponentSign === '')
      return `${quote(text)} could be an identifier: an exponent is read with its sign or after a decimal sign (1E+5, 1.0E5)`;
  }
  const value = Number(
    `${sign}${after}${digits === '' ? '0' : digits}.${fraction === '' ? '0' : fraction}e${exponentSign}${exponent ?? '0'}`,
  );
  if (!Number.isFinite(value)) return `${quote(text)} is larger than a number may be`;
  if (exponent === undefined && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return `${quote(text)} is beyond 2^53 and would be rounded: send it as a text, or in a larger unit`;
  return value + 0;
}

/**
 * How a number that stands alone is written, where only one way is possible; the plain way first.
 * @returns undefined where it is none, or could be two: `1,234`
 * @example signsOfOne('21,5') // { decimal: ',' }
 */
export function signsOfOne(text: string): NumberSigns | undefined {
  if (typeof readNumber(text, plainSigns) === 'number') return plainSigns;
  const able = allSigns.filter((signs) => typeof readNumber(text, signs) === 'number');
  return new Set(able.map((signs) => readNumber(text, signs))).size === 1 ? able[0] : undefined;
}

/** Hexadecimal text, where the mapping says so. @example readHex('0x1F') // 31 */
export function readHex(text: string): number | string {
  const digits = /^(?:0x)?([0-9a-f]+)$/i.exec(text.trim())?.[1];
  if (digits === undefined) return `${quote(text)} is not hexadecimal`;
  const value = Number.parseInt(digits, 16);
  return value > Number.MAX_SAFE_INTEGER ? `${quote(text)} is beyond 2^53 and would be rounded` : value;
}

const QUOTED_CHARS_MAX = 40;

/** A text as it stands in a sentence: short. */
export function quote(text: string): string {
  return `"${text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text}"`;
}
