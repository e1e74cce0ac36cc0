// Fields that are proposed to people: which quantity a member of a message is, by whoever named it.
import { limits } from '@trine/protocol';
import type { MappedField } from './message/shape.ts';
import { escapeName } from './names.ts';
import { canonicalQuantity, type Source } from './quantities.ts';
import { ruleUnit } from './units/units.ts';

const FIELDS_MAX = 200;
const DEPTH_MAX = 6;

/** A member that may become a field. */
export interface Member {
  readonly path: string;
  /** As its maker calls it; default: its path. */
  readonly name?: string;
  /** As its maker writes it. */
  readonly unit?: string;
  /** Words that stand for yes and no. */
  readonly words?: Readonly<Record<string, boolean>>;
}

export interface ProposedFields {
  readonly fields: readonly MappedField[];
  /** Paths of members that nobody knows a quantity for: they are fields under their own names. */
  readonly unknown: readonly string[];
}

/**
 * Fields for members, under the names that all makers' are brought to. Two that would be one quantity keep their own names.
 *
 * @example proposeFields([{ path: 'ENERGY.Power' }], 'tasmota').fields // [{ path: 'ENERGY.Power', quantity: 'active-power', unit: 'W' }]
 */
export function proposeFields(members: readonly Member[], source?: Source): ProposedFields {
  const named = members.slice(0, FIELDS_MAX).map((member) => {
    const { path, unit = '', words } = member;
    const name = member.name ?? path;
    const said = unit === '' ? undefined : ruleUnit(unit, name);
    const known = canonicalQuantity(name, {
      ...(source !== undefined && { source }),
      ...(said !== undefined && { unit: said.unit }),
    });
    // What is measured in another unit than its quantity is another one; a share is written % whatever it is a share of.
    const isShare = said?.unit === '%' && known?.unit.startsWith('%') === true;
    const isKnown = known !== undefined && (said === undefined || said.unit === known.unit || isShare);
    const written = said === undefined || isShare ? '' : unit;
    return {
      ...{ path, words, own: ownName(path) },
      known: isKnown ? known.quantity : undefined,
      unit: written === '' && isKnown && (unit === '' || isShare) ? known.unit : written,
    };
  });
  const often = new Map<string, number>();
  for (const { known, own } of named) often.set(known ?? own, (often.get(known ?? own) ?? 0) + 1);
  const fields = named.map(({ path, own, known, unit, words }): MappedField => {
    const quantity = known !== undefined && often.get(known) === 1 ? known : own;
    return { path, quantity, unit, ...(words && { words }) };
  });
  return { fields, unknown: named.filter(({ known }) => known === undefined).map(({ path }) => path) };
}

function ownName(path: string): string {
  return escapeName(path, { charsMax: limits.quantityCharsMax });
}

/**
 * The members of a message that hold a number or yes and no, wherever they stand; a text that holds a number alone, too.
 *
 * @param under path of the object to look into
 * @example valueMembers({ a: { b: 1 }, c: 'x' }) // [{ path: 'a.b' }]
 */
export function valueMembers(json: unknown, under = ''): Member[] {
  const members: Member[] = [];
  const walk = (value: unknown, path: string, depth: number): void => {
    if (members.length >= FIELDS_MAX) return;
    const isNumberText = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) && value.length <= 20;
    if (typeof value === 'number' || typeof value === 'boolean' || isNumberText) {
      if (path !== '') members.push({ path });
      return;
    }
    if (typeof value !== 'object' || value === null || depth >= DEPTH_MAX) return;
    for (const [name, member] of Object.entries(value).slice(0, FIELDS_MAX))
      if (name !== '' && name.length <= 200) walk(member, path === '' ? name : `${path}.${name}`, depth + 1);
  };
  walk(json, under, 0);
  return members;
}
