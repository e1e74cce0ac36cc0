// From units as they are written to SenML units (RFC 8428, RFC 8798), exactly.
import { isUnit } from '@trine/protocol';
import { divided, minus, plus, type Rational, rational, rationalOf, times, toNumber } from './rational.ts';
import { degrees, rows } from './table.ts';

const UNIT_CHARS_MAX = 64;

/** A unit as somebody wrote it, and what becomes of values in it. */
export interface WrittenUnit {
  /** As it stood there. */
  readonly written: string;
  /** SenML symbol; '' where there is none. */
  readonly unit: string;
  /** SenML value = written value × factor + offset. Exactly 1 and 0 where nothing is converted. */
  readonly factor: Rational;
  readonly offset: Rational;
  /** Why there is no symbol, where there is none. */
  readonly why?: string;
}

type Meaning = Omit<WrittenUnit, 'written'>;

const ONE = rational('1');
const ZERO = rational('0');
const same = (unit: string): Meaning => ({ unit, factor: ONE, offset: ZERO });

const exact = new Map<string, Meaning>();
/** By lower case; undefined where it could be two (`mw` is milli- or megawatt). */
const folded = new Map<string, Meaning | undefined>();

for (const row of rows) {
  const meaning: Meaning = {
    unit: row.unit ?? '',
    factor: row.times === undefined ? ONE : rational(row.times),
    offset: row.plus === undefined ? ZERO : rational(row.plus),
    ...(row.why !== undefined && { why: row.why }),
  };
  for (const written of row.written.split(' | ')) {
    const key = spelled(written);
    exact.set(key, meaning);
    const low = key.toLowerCase();
    // A single letter is another unit in another case.
    if (low.length > 1) folded.set(low, folded.has(low) && folded.get(low) !== meaning ? undefined : meaning);
  }
}

// "UV" is an index, never a microvolt.
folded.set('uv', undefined);

/** One spelling of what looks alike: micro and degree signs, raised digits, full-width forms, spaces around a stroke. */
function spelled(text: string): string {
  // No unit is longer, and what is compared with the table is looked at character by character.
  if (text.length > UNIT_CHARS_MAX) return '';
  return text
    .replace(/[º˚∘]/g, '°')
    .normalize('NFKC')
    .replace(/[μµ]/g, 'u')
    .replace(/[\u2212\u2010\u2011]/g, '-')
    .replace(/[⋅•∙]/g, '·')
    .replace(/\*\*|\^/g, '')
    .replace(/\s*\/\s*/g, '/')
    .replace(/\s+/g, ' ')
    .replace(/° (?=[CFK])/g, '°')
    .trim();
}

const TEMPERATURE =
  /temp|dew|taup|dauw|rocío|rosée|wärm|warm|frost|chill|heat|vorlauf|rücklauf|(?:^|\W)t(?:max|min|air|luft)?(?:$|\W|_)/i;
const ANGLE =
  /dir|richt|angle|winkel|azim|bearing|heading|elev|tilt|neig|lat(?:itude)?\b|lon(?:g|gitude)?\b|breite|länge|phase|phi|yaw|pitch|roll|wind|vent|peil|kurs|rumbo/i;

/**
 * Reads a unit beside a number, in a heading or in a column of units: there `C` is degrees Celsius and `F` Fahrenheit.
 *
 * @param about what is measured: it decides whether `°` and `Grad` are degrees of an angle or of Celsius
 * @returns undefined where it is no unit known here; `unit` is '' where it is one that SenML has no symbol for
 * @example writtenUnit('°F') // { written: '°F', unit: 'Cel', factor: 5/9, offset: −160/9 }
 * @example writtenUnit('Grad', 'Windrichtung')?.unit // 'deg'
 */
export function writtenUnit(text: string, about = ''): WrittenUnit | undefined {
  const key = spelled(text);
  if (degrees.has(key)) return { written: text, ...degreesOf(about) };
  const found = exact.get(key) ?? folded.get(key.toLowerCase()) ?? (isOwnSymbol(key) ? same(key) : undefined);
  return found && { written: text, ...found };
}

/** Symbols that nothing in the table says otherwise of. A single letter is too little to go by. */
function isOwnSymbol(key: string): boolean {
  return key.length > 1 && isUnit(key) && key !== 'lat' && key !== 'lon';
}

function degreesOf(about: string): Meaning {
  const [isTemperature, isAngle] = [TEMPERATURE.test(about), ANGLE.test(about)];
  if (isTemperature !== isAngle) return same(isTemperature ? 'Cel' : 'deg');
  return { ...same(''), why: 'it may be degrees of an angle or of a temperature' };
}

/** Is it a unit, with a SenML symbol or without? */
export function isKnownUnit(text: string): boolean {
  return writtenUnit(text) !== undefined;
}

/**
 * Reads the unit that a rule or a flag gives. What is a SenML symbol means what SenML says: `C` is coulomb, `F` farad.
 *
 * @returns undefined where it is no unit known here, or one without a SenML symbol
 * @example ruleUnit('°F')?.unit // 'Cel'
 * @example ruleUnit('C')?.unit // 'C'
 */
export function ruleUnit(text: string, about = ''): WrittenUnit | undefined {
  if (isUnit(text)) return { written: text, ...same(text) };
  const found = writtenUnit(text, about);
  return found?.unit === '' ? undefined : found;
}

/** Is it written as in the table, case and all? */
export function isExactUnit(text: string): boolean {
  const key = spelled(text);
  return exact.has(key) || isOwnSymbol(key);
}

/** Is a value in this unit written as SenML has it? */
export function isSame({ factor, offset }: WrittenUnit): boolean {
  return factor === ONE && offset === ZERO;
}

/**
 * Converts a value to its SenML unit: the double nearest to the exact result.
 * @example toSenml(70.7, writtenUnit('°F')) // 21.5
 */
export function toSenml(value: number, unit: WrittenUnit): number {
  if (isSame(unit)) return value;
  return toNumber(plus(times(rationalOf(value), unit.factor), unit.offset));
}

/**
 * The other way: what would have been written.
 * @example fromSenml(21.5, writtenUnit('°F')) // 70.7
 */
export function fromSenml(value: number, unit: WrittenUnit): number {
  if (isSame(unit)) return value;
  return toNumber(divided(minus(rationalOf(value), unit.offset), unit.factor));
}
