// One value of a message: what its field says of it, and what it comes to.
import { readBytes } from '../bytes.ts';
import { plus, rational, rationalOf, times, toNumber } from '../units/rational.ts';
import { ruleUnit, toSenml, type WrittenUnit, writtenUnit } from '../units/units.ts';
import { type Expected, readMember, readText, type Said, trimmed } from '../values/values.ts';
import { type MessagePart, memberIn } from './message.ts';
import type { MappedField, ValueRule } from './shape.ts';

/** A value in the unit of its reading, `none`, or in words why it is refused. */
export type Valued =
  | { readonly is: 'value'; readonly value: number | boolean | string; readonly unit: string }
  | { readonly is: 'none' }
  | { readonly is: 'refused'; readonly why: string };

/** A field of a message, or its whole payload: the text of it. */
export type Given = { readonly member: unknown } | { readonly text: string } | { readonly number: number | string };

/** What a field says lies where. @returns undefined where there is no such member */
export function givenBy(part: MessagePart, field: MappedField): Given | undefined {
  if (field.bytes !== undefined) return part.bytes && { number: readBytes(part.bytes, field.bytes) };
  const member = memberIn(part, field.path as string);
  return member === undefined ? undefined : { member };
}

/** @param path for units that a member beside it says */
export function valueIn(part: MessagePart, rule: ValueRule, quantity: string, path: string, given: Given): Valued {
  const unit = unitOf(part, rule, quantity, path);
  if (typeof unit === 'string') return { is: 'refused', why: unit };
  if (rule.valid !== undefined) {
    const says = memberIn(part, rule.valid.path);
    if (!rule.valid.is.some((good) => good === says)) return { is: 'none' };
  }
  const expected: Expected = {
    expects: unit.unit === '' && rule.scale === undefined && rule.offset === undefined ? 'any' : 'number',
    ...(rule.missing && { missing: new Set(rule.missing) }),
    ...(rule.decimal && { signs: { decimal: rule.decimal } }),
    ...(rule.hex && { isHex: true }),
  };
  const said = read(rule, expected, given);
  if (said.is === 'refused') return said;
  if (said.is === 'none') return { is: 'none' };
  return converted(rule, unit, quantity, said);
}

function read(rule: ValueRule, expected: Expected, given: Given): Said {
  if ('number' in given)
    return typeof given.number === 'string' ? { is: 'refused', why: given.number } : readMember(given.number, expected);
  const whole = 'text' in given ? given.text : given.member;
  const word = rule.words && wordOf(rule.words, whole);
  if (word !== undefined) return { is: 'value', value: word };
  if (rule.split !== undefined) {
    if (typeof whole !== 'string') return { is: 'refused', why: 'it is no text that could be split' };
    const parts = whole.split(rule.split.by, 101);
    const part = parts[rule.split.part];
    if (part === undefined)
      return {
        is: 'refused',
        why: `split by "${rule.split.by}" it has ${parts.length} parts; the rule wants number ${rule.split.part + 1}`,
      };
    return readText(part, expected);
  }
  return 'text' in given ? readText(given.text, expected) : readMember(given.member, expected);
}

function wordOf(words: Readonly<Record<string, number | boolean>>, given: unknown): number | boolean | undefined {
  if (typeof given !== 'string' && typeof given !== 'boolean' && typeof given !== 'number') return undefined;
  const word = trimmed(String(given));
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

function converted(
  { scale, offset }: ValueRule,
  unit: WrittenUnit,
  quantity: string,
  said: Said & { is: 'value' },
): Valued {
  const beside = said.unit === undefined ? unit : writtenUnit(said.unit, quantity);
  if (beside === undefined || beside.unit !== unit.unit)
    return { is: 'refused', why: `it is in ${said.unit}, and the rule says ${unit.written}` };
  if (typeof said.value !== 'number') return { is: 'value', value: said.value, unit: unit.unit };
  const scaled =
    scale === undefined && offset === undefined
      ? said.value
      : toNumber(plus(times(rationalOf(said.value), exactly(scale ?? 1)), exactly(offset ?? 0)));
  return { is: 'value', value: unit.unit === '' ? scaled : toSenml(scaled, beside), unit: unit.unit };
}

function exactly(given: number | string): ReturnType<typeof rational> {
  return typeof given === 'number' ? rationalOf(given) : rational(given);
}

/** Members in which firmware says the unit of its other members (Tasmota's SENSOR messages), and SenML units of those. */
const sayUnits: Readonly<Record<string, readonly string[]>> = {
  TempUnit: ['Cel', 'K'],
  PressureUnit: ['Pa', 'hPa'],
  SpeedUnit: ['m/s', 'km/h'],
};

/** The unit that a value of this message is written in, or in words why it cannot be told. */
function unitOf(part: MessagePart, { unit }: ValueRule, quantity: string, path: string): WrittenUnit | string {
  const named = /^\{json:([^{}]+)\}$/.exec(unit)?.[1];
  if (named !== undefined) {
    const text = memberIn(part, named);
    const said = typeof text === 'string' ? writtenUnit(text, quantity) : undefined;
    return said ?? `its unit, ${JSON.stringify(text) ?? 'which is not there'}, is none known here`;
  }
  const ruled = ruleUnit(unit, quantity);
  if (ruled === undefined) return `${unit} is no unit known here`;
  const said = path === '' ? undefined : saidUnit(part, path, ruled.unit);
  if (said === undefined) return ruled;
  const own = writtenUnit(said, quantity);
  if (own !== undefined && own.unit === ruled.unit) return own;
  return `the message says that it is in ${said}, and the rule says ${unit}`;
}

function saidUnit(part: MessagePart, path: string, unit: string): string | undefined {
  const [name] = Object.entries(sayUnits).find(([, measured]) => measured.includes(unit)) ?? [];
  if (name === undefined) return undefined;
  // Beside the member, or further out.
  const [separator, from] = path.startsWith('/') ? ['/', 1] : ['.', 0];
  const names = path.split(separator);
  for (let depth = names.length - 1; depth >= from; depth--) {
    const found = memberIn(part, [...names.slice(0, depth), name].join(separator));
    if (typeof found === 'string') return found;
  }
  return undefined;
}
