// From makers' names to one name for each quantity, so that power can be picked across makers.
import { quantities } from './quantity-table.ts';

/** Who gives names: firmware and hubs, registers of meters, data models; `words` are people's, in several languages. */
export const sources = [
  ...(['zigbee2mqtt', 'homeassistant', 'tasmota', 'shelly', 'esphome', 'obis', 'sunspec', 'ngsi', 'words'] as const),
] as const;
export type Source = (typeof sources)[number];

/** A quantity by the name that is used here. */
export interface Canonical {
  readonly quantity: string;
  /** The SenML unit that it is best given in; '' for none. */
  readonly unit: string;
  /** What it means, in a public vocabulary: QUDT, or else the Smart Data Models, SAREF, WGS 84. */
  readonly iri?: string;
}

const bySource = new Map<string, Map<string, Canonical[]>>(sources.map((source) => [source, new Map()]));
for (const { name, unit, iri, known } of quantities) {
  const canonical = { quantity: name, unit, ...(iri !== undefined && { iri }) };
  add('words', name, canonical);
  for (const [source, names] of Object.entries(known)) for (const alias of names) add(source, alias, canonical);
}

function add(source: string, alias: string, canonical: Canonical): void {
  const names = bySource.get(source) as Map<string, Canonical[]>;
  const key = keyOf(source, alias);
  const before = names.get(key) ?? [];
  if (!before.includes(canonical)) names.set(key, [...before, canonical]);
}

/**
 * What a name is looked up by. Points of SunSpec and members of Tasmota differ by case (`Power` is one, `POWER` a switch);
 * OBIS codes have a channel and a billing period around them; in words a single letter is another in another case.
 */
function keyOf(source: string, name: string): string {
  const text = name.normalize('NFC').trim();
  if (source === 'sunspec' || source === 'tasmota') return text;
  if (source === 'obis') {
    const code = text.replace(/^1-\d{1,3}:/, '').replace(/^(\d{1,3})-\d{1,3}:/, '$1:');
    return code.replace(/[*&]\d{1,3}$/, '').replace(/^((?:\d+:)?\d+\.\d+)$/, '$1.0');
  }
  // Components of Shelly have a number: `switch:0.apower`.
  const plain = source === 'shelly' ? text.replace(/^[a-z0-9]+:\d+\./, '') : text;
  if (plain.length === 1) return plain;
  // Between digits a separator counts: PM1.0 is not PM10.
  return plain
    .toLowerCase()
    .replace(/(?<=.)[\s_.-]+(?=.)/gu, (part, at: number, whole: string) =>
      /\d/.test(whole[at - 1] as string) && /\d/.test(whole[at + part.length] as string) ? '.' : '',
    );
}

export interface Hints {
  /** Who named it. */
  readonly source?: Source;
  /** SenML unit of its values. */
  readonly unit?: string;
}

/**
 * Which quantity a name stands for.
 *
 * @returns undefined where nobody knows the name, and where it could be two
 * @example canonicalQuantity('ENERGY.Power')?.quantity // 'active-power'
 * @example canonicalQuantity('1-0:2.8.0*255', { source: 'obis' })?.quantity // 'active-energy-export'
 */
export function canonicalQuantity(name: string, { source, unit }: Hints = {}): Canonical | undefined {
  const asked = source === undefined ? sources : [source];
  const found = new Set(asked.flatMap((one) => bySource.get(one)?.get(keyOf(one, name)) ?? []));
  if (found.size === 1) return [...found][0];
  const fitting = [...found].filter((one) => unit !== undefined && one.unit === unit);
  return fitting.length === 1 ? fitting[0] : undefined;
}

/**
 * The quantities of a list of names; what nobody knows stays as it is, and is listed.
 * @example canonicalNames(['power', 'ElecUsine']).unknown // ['ElecUsine']
 */
export function canonicalNames(
  names: Iterable<string>,
  hints: Hints = {},
): { readonly known: ReadonlyMap<string, Canonical>; readonly unknown: readonly string[] } {
  const known = new Map<string, Canonical>();
  const unknown: string[] = [];
  for (const name of names) {
    const canonical = canonicalQuantity(name, hints);
    if (canonical) known.set(name, canonical);
    else if (!unknown.includes(name)) unknown.push(name);
  }
  return { known, unknown };
}
