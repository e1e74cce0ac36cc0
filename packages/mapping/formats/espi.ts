// Green Button: energy usage in the XML of ESPI (NAESB REQ.21), read from entries that are parsed already.
// https://www.greenbuttonalliance.org, schema espi.xsd
import { limits } from '@trine/protocol';
import { plainSigns, readNumber } from '../values/numbers.ts';
import { noTime, type RecordItem } from './record.ts';

/** An element: attributes by `@_name`, children by their name without prefix; several of one name are a list. */
export type Element = Readonly<Record<string, unknown>>;

/** What a reading type says. */
interface Type {
  readonly quantity: string;
  readonly unit: string | undefined;
  readonly power: number;
}

/** `uom` by its code in espi.xsd: what is measured, and its unit as it is written. */
const units: Readonly<Record<string, readonly [string, string]>> = {
  5: ['current', 'A'],
  23: ['temperature', '°C'],
  29: ['voltage', 'V'],
  31: ['energy', 'J'],
  33: ['frequency', 'Hz'],
  38: ['power', 'W'],
  42: ['volume', 'm3'],
  61: ['apparent-power', 'VA'],
  63: ['reactive-power', 'var'],
  65: ['power-factor', ''],
  71: ['apparent-energy', 'VAh'],
  72: ['energy', 'Wh'],
  73: ['reactive-energy', 'varh'],
  106: ['charge', 'Ah'],
  119: ['volume', 'ft3'],
  128: ['volume', 'US gal'],
  132: ['energy', 'Btu'],
  134: ['volume', 'l'],
  169: ['energy', 'therm'],
};
/** `flowDirection`: 1 is forward, towards the customer, and needs no word. */
const flows: Readonly<Record<string, string>> = { 4: 'net', 19: 'reverse', 20: 'total' };
/** `accumulationBehaviour`: 4 is what was used in the interval, 0 says nothing. */
const behaviours: Readonly<Record<string, string>> = {
  1: 'bulk',
  3: 'cumulative',
  6: 'indicating',
  9: 'summation',
  12: 'instantaneous',
};
/** `quality` of a reading: what is not simply measured. */
const qualities: Readonly<Record<string, string>> = {
  7: 'manually edited',
  8: 'estimated by a reference day',
  9: 'estimated by interpolation',
  10: 'questionable',
  11: 'derived',
  12: 'projected',
  13: 'of mixed quality',
  15: 'normalised for weather',
};
const POWER_MAX = 18;

/** Children of a name. */
function childrenOf(element: unknown, name: string): Element[] {
  if (typeof element !== 'object' || element === null) return [];
  const found = (element as Element)[name];
  return (Array.isArray(found) ? found : found === undefined ? [] : [found]) as Element[];
}

/** Text of the first child of a name; '' for none. */
function textOf(element: unknown, name: string): string {
  const [child] = childrenOf(element, name) as unknown[];
  if (typeof child === 'object' && child !== null) return String((child as Element)['#text'] ?? '').trim();
  return child === undefined ? '' : String(child).trim();
}

/** Where the links of a kind lead. */
function linkOf(entry: Element, rel: string): string[] {
  return childrenOf(entry, 'link').flatMap((link) =>
    link['@_rel'] === rel && typeof link['@_href'] === 'string' ? [link['@_href'] as string] : [],
  );
}

const partOf = (href: string, resource: string): string | undefined =>
  new RegExp(`(?:^|/)${resource}/([^/?]+)`).exec(href)?.[1];

/**
 * What a file of entries says. All of them are given once to {@link learn}, as blocks may come before their type, and
 * then again to {@link items}.
 */
export class GreenButton {
  readonly #end: 'start' | 'end';
  readonly #types = new Map<string, Type>();
  /** Of a meter reading by its place: the place of its type. */
  readonly #typeOf = new Map<string, string>();
  /** Quantities of each thing by meter reading: two of one name are told apart. */
  readonly #names = new Map<string, Map<string, string>>();
  #entries = 0;

  constructor(interval: 'start' | 'end' = 'start') {
    this.#end = interval;
  }

  learn(entry: Element): void {
    const [self = `#${this.#entries++}`] = linkOf(entry, 'self');
    const [content] = [...childrenOf(entry, 'content'), entry];
    for (const type of childrenOf(content, 'ReadingType')) this.#types.set(self, typeOf(type));
    if (childrenOf(content, 'MeterReading').length > 0) {
      const type = linkOf(entry, 'related').find((href) => /\/ReadingType(?:\/|$)/.test(href));
      if (type !== undefined) this.#typeOf.set(self, type);
    }
  }

  /** Readings of the interval blocks in an entry. */
  *items(entry: Element, place: number): Generator<RecordItem> {
    const [content] = [...childrenOf(entry, 'content'), entry];
    const blocks = childrenOf(content, 'IntervalBlock');
    const [href = ''] = [...linkOf(entry, 'up'), ...linkOf(entry, 'self')];
    for (const block of blocks) {
      const type = this.#typeFor(href);
      if (type === undefined) {
        const count = childrenOf(block, 'IntervalReading').length;
        yield {
          why: 'interval block without its reading type',
          text: `${count} readings of ${href}`,
          place,
          isLoss: true,
        };
        continue;
      }
      const point = partOf(href, 'UsagePoint');
      const thing = point === undefined ? [] : [point];
      const quantity = this.#nameOf(point ?? '', partOf(href, 'MeterReading') ?? '', type.quantity);
      for (const reading of childrenOf(block, 'IntervalReading'))
        yield* this.#reading(reading, { ...type, quantity }, thing, place);
    }
  }

  /** Of the meter reading that the block belongs to; where there is one type alone, that. */
  #typeFor(href: string): Type | undefined {
    const meter = href.replace(/\/IntervalBlock(?:\/.*)?$/, '');
    const linked = this.#types.get(this.#typeOf.get(meter) ?? '');
    return linked ?? (this.#types.size === 1 ? [...this.#types.values()][0] : undefined);
  }

  #nameOf(point: string, meter: string, quantity: string): string {
    const names = this.#names.get(point) ?? new Map<string, string>();
    this.#names.set(point, names);
    const known = names.get(meter);
    if (known !== undefined) return known;
    const name = [...names.values()].includes(quantity) ? `${quantity}.${meter}` : quantity;
    names.set(meter, name);
    return name;
  }

  *#reading(reading: Element, type: Type, thing: readonly string[], place: number): Generator<RecordItem> {
    const [period] = childrenOf(reading, 'timePeriod');
    const [start, duration] = [textOf(period, 'start'), textOf(period, 'duration')];
    if (textOf(reading, 'cost') !== '')
      yield { why: 'cost of an interval: it is no measurement', text: textOf(reading, 'cost'), place, isLoss: false };
    const text = textOf(reading, 'value');
    if (text === '') return yield { why: 'no value', text: start, place, isLoss: false };
    const timeMs = timeOf(start, this.#end === 'end' ? duration : '0');
    if (timeMs === undefined) return yield noTime(start, place);
    const value = readNumber(text, plainSigns);
    if (typeof value === 'string') return yield { why: 'no number', text, place, isLoss: /\d/.test(text) };
    const mark = childrenOf(reading, 'ReadingQuality').flatMap((one) => qualities[textOf(one, 'quality')] ?? [])[0];
    yield {
      thing,
      quantity: type.quantity,
      ...(type.unit !== undefined && type.unit !== '' && { unit: type.unit }),
      timeMs,
      value: scaled(text, type.power, value),
      place,
      ...(mark !== undefined && { mark }),
    };
  }
}

/** Exact in decimals: 450 × 10⁻³ is 0.45. */
function scaled(text: string, power: number, value: number): number {
  return power === 0 || !/^-?\d+(?:\.\d+)?$/.test(text) ? value : Number(`${text}e${power}`);
}

/** Seconds since 1970 in UTC, whatever the local time parameters say of showing them. */
function timeOf(start: string, seconds: string): number | undefined {
  if (!/^\d{1,12}$/.test(start) || !/^\d{1,9}$/.test(seconds)) return undefined;
  const timeMs = (Number(start) + Number(seconds)) * 1000;
  return timeMs >= limits.eventTimeMsMin && timeMs < Date.UTC(2050, 0) ? timeMs : undefined;
}

function flowOf(code: string): string | undefined {
  return code === '' || code === '0' || code === '1' ? undefined : (flows[code] ?? `flow${code}`);
}

function typeOf(type: Element): Type {
  const power = Number(textOf(type, 'powerOfTenMultiplier') || '0');
  const [name, unit] = units[textOf(type, 'uom')] ?? [undefined, `uom ${textOf(type, 'uom') || 'none'}`];
  const parts = [
    name ?? 'usage',
    behaviours[textOf(type, 'accumulationBehaviour')],
    flowOf(textOf(type, 'flowDirection')),
  ];
  return {
    quantity: parts.filter((part) => part !== undefined).join('-'),
    unit,
    power: Number.isInteger(power) && Math.abs(power) <= POWER_MAX ? power : 0,
  };
}
