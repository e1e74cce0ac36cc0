// Fields that are proposed to people: which quantity a member of a message is, by whoever named it.
import { limits } from '@trine/protocol';
import type { MappedField } from './message/shape.ts';
import { escapeName } from './names.ts';
import { canonicalQuantity, type Source } from './quantities.ts';
import { scaleBetween } from './units/secondary.ts';
import { ruleUnit } from './units/units.ts';

const FIELDS_MAX = 200;
const DEPTH_MAX = 6;
const PATH_CHARS_MAX = 1_024;

/** A member that may become a field. */
export interface Member {
  readonly path: string;
  /** As its maker calls it; default: its path. */
  readonly name?: string;
  /** What it is called where nobody knows its name; default: its path. */
  readonly own?: string;
  /** As its maker writes it. */
  readonly unit?: string;
  /** Words that stand for yes and no. */
  readonly words?: Readonly<Record<string, boolean>>;
  /** It is a word or a truth: no quantity that has a unit. */
  readonly isWord?: boolean;
}

export interface ProposedFields {
  readonly fields: readonly MappedField[];
  /** What members are called that nobody knows a quantity for: they are fields under their own names. */
  readonly unknown: readonly string[];
  /** Quantities whose unit nobody said: it is the usual one. */
  readonly assumed: readonly string[];
}

interface Named {
  readonly path: string;
  readonly own: string;
  readonly known: string | undefined;
  readonly rule: Pick<MappedField, 'unit' | 'scale' | 'words'>;
  readonly isAssumed: boolean;
}

/**
 * Fields for members, under the names that all makers' are brought to. Two that would be one quantity keep their own names.
 *
 * @example proposeFields([{ path: 'p', name: 'power', unit: 'kW' }]).fields // [{ path: 'p', quantity: 'active-power', unit: 'W', scale: '1000' }]
 */
export function proposeFields(members: readonly Member[], source?: Source): ProposedFields {
  const named = members
    .filter(({ path }) => path !== '' && path.length <= PATH_CHARS_MAX)
    .slice(0, FIELDS_MAX)
    .map((member) => nameOf(member, source));
  const often = new Map<string, number>();
  for (const { known, own } of named) often.set(known ?? own, (often.get(known ?? own) ?? 0) + 1);
  const all = named.map((one) => ({
    ...one,
    quantity: one.known !== undefined && often.get(one.known) === 1 ? one.known : one.own,
  }));
  const taken = new Set<string>();
  // Names of one's own that are another's quantity go to the first.
  const kept = all.filter(({ quantity }) => !taken.has(quantity) && taken.add(quantity));
  return {
    fields: kept.map(({ path, quantity, rule }) => ({ path, quantity, ...rule })),
    unknown: kept.filter(({ known }) => known === undefined).map(({ own }) => own),
    assumed: kept.filter(({ isAssumed }) => isAssumed).map(({ quantity }) => quantity),
  };
}

function nameOf(member: Member, source: Source | undefined): Named {
  const { path, unit = '', own = path, name = path } = member;
  const words = member.words && { words: member.words };
  const said = unit === '' ? undefined : ruleUnit(unit, name);
  const hints = said !== undefined && { unit: said.unit };
  const known =
    canonicalQuantity(name, { ...(source !== undefined && { source }), ...hints }) ??
    (source === undefined ? undefined : canonicalQuantity(name, { source: 'words', ...hints }));
  const one = { path, own: ownName(own) };
  // A word is no quantity that has a unit, whatever it is called.
  const isOther = known !== undefined && known.unit !== '' && (member.isWord === true || words !== undefined);
  if (known === undefined || isOther)
    return { ...one, known: undefined, rule: { unit: said === undefined ? '' : unit, ...words }, isAssumed: false };
  if (unit === '') {
    const isAssumed = known.unit !== '';
    return { ...one, known: known.quantity, rule: { unit: isAssumed ? known.unit : '', ...words }, isAssumed };
  }
  // A share is written % whatever it is a share of.
  if (said?.unit === '%' && known.unit.startsWith('%'))
    return { ...one, known: known.quantity, rule: { unit: known.unit, ...words }, isAssumed: false };
  // A unit that is none here, such as lqi, of a quantity that has none.
  if (said === undefined && known.unit === '')
    return { ...one, known: known.quantity, rule: { unit: '', ...words }, isAssumed: false };
  const scale = said && scaleBetween(said.unit, known.unit);
  // What is measured in another kind of unit is another quantity.
  if (said === undefined || scale === undefined)
    return { ...one, known: undefined, rule: { unit: said === undefined ? '' : unit, ...words }, isAssumed: false };
  const rule = said.unit === known.unit ? { unit } : { unit: known.unit, scale };
  return { ...one, known: known.quantity, rule: { ...rule, ...words }, isAssumed: false };
}

function ownName(path: string): string {
  return escapeName(path, { charsMax: limits.quantityCharsMax });
}

/**
 * The members of a message that hold a number or yes and no, wherever they stand; a text that holds a number alone, too.
 *
 * @param json the object to look into
 * @param under its path
 * @example valueMembers({ a: { b: 1 }, c: 'x' }, 'o') // [{ path: 'o.a.b', name: 'a.b', own: 'a.b' }]
 */
export function valueMembers(json: unknown, under = ''): Member[] {
  const members: Member[] = [];
  const walk = (value: unknown, name: string, depth: number): void => {
    if (members.length >= FIELDS_MAX) return;
    const isNumberText = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) && value.length <= 20;
    if (typeof value === 'number' || typeof value === 'boolean' || isNumberText) {
      if (name !== '') members.push({ path: under === '' ? name : `${under}.${name}`, name, own: name });
      return;
    }
    if (typeof value !== 'object' || value === null || depth >= DEPTH_MAX) return;
    for (const [key, member] of Object.entries(value).slice(0, FIELDS_MAX))
      if (key !== '' && key.length <= 200) walk(member, name === '' ? key : `${name}.${key}`, depth + 1);
  };
  walk(json, '', 0);
  return members;
}
