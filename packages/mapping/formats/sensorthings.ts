// OGC SensorThings API: observations with their datastream, or datastreams and things with their observations, however
// they were expanded into each other. https://docs.ogc.org/is/18-088/18-088.html
import { noTime, type ReadTime, type RecordItem, valueIn } from './record.ts';

type Members = Readonly<Record<string, unknown>>;

/** What is known of observations by what stands around them. */
interface Context {
  readonly thing: readonly string[];
  readonly quantities: readonly Named[];
}
interface Named {
  readonly name: string;
  readonly unit: string;
}

const DEPTH_MAX = 8;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): Members[] => (Array.isArray(value) ? value : [value]).filter(isObject);
const nameIn = (value: unknown): string => (isObject(value) && typeof value.name === 'string' ? value.name.trim() : '');
const idIn = (value: unknown): string => (isObject(value) ? String(value['@iot.id'] ?? value.id ?? '') : '');

/** Reads what a dump holds, piece by piece; names that are not one thing's alone are told apart by their id. */
export class SensorThings {
  readonly #readTime: ReadTime;
  /** By name: the ids that have it, the first of which has it plain. */
  readonly #ids = new Map<string, string[]>();

  constructor(readTime: ReadTime) {
    this.#readTime = readTime;
  }

  items(json: unknown, place: number): Generator<RecordItem> {
    return this.#walk(json, { thing: [], quantities: [] }, place, 0);
  }

  *#walk(json: unknown, outer: Context, place: number, depth: number): Generator<RecordItem> {
    if (depth > DEPTH_MAX) return;
    if (Array.isArray(json)) {
      for (const one of json) yield* this.#walk(one, outer, place, depth + 1);
      return;
    }
    if (!isObject(json)) return;
    if ('result' in json) return yield* this.#observation(json, outer, place);
    const context = this.#contextOf(json, outer);
    if (Array.isArray(json.dataArray)) yield* this.#rows(json, context, place);
    for (const name of ['value', 'Datastreams', 'MultiDatastreams', 'Observations'])
      yield* this.#walk(json[name], context, place, depth + 1);
  }

  /** A thing names itself, a datastream its thing, what it observes and in which unit. */
  #contextOf(json: Members, outer: Context): Context {
    const units = [...listOf(json.unitOfMeasurement), ...listOf(json.unitOfMeasurements)];
    if (units.length === 0) {
      const isThing = Array.isArray(json.Datastreams) || Array.isArray(json.MultiDatastreams);
      return isThing ? { ...outer, thing: this.#thingOf(json) } : outer;
    }
    const thing = isObject(json.Thing) ? this.#thingOf(json.Thing) : outer.thing;
    const observed = [...listOf(json.ObservedProperty), ...listOf(json.ObservedProperties)];
    const quantities = units.map((unit, i) => {
      const own = units.length > 1 ? `${nameIn(json)}.${i + 1}` : nameIn(json);
      const name = nameIn(observed[i]) || own || 'result';
      return { name: this.#apart(name, idIn(json) || nameIn(json), thing.join('\0')), unit: unitIn(unit) };
    });
    return { thing, quantities };
  }

  #thingOf(thing: Members): string[] {
    const name = nameIn(thing) || idIn(thing);
    return name === '' ? [] : [this.#apart(name, idIn(thing), '')];
  }

  #apart(name: string, id: string, within: string): string {
    const key = `${within}\n${name}`;
    const ids = this.#ids.get(key) ?? [];
    if (!ids.includes(id)) ids.push(id);
    this.#ids.set(key, ids);
    return ids[0] === id ? name : `${name}.${id}`;
  }

  /** Observations as a list of lists. */
  *#rows({ components, dataArray, Datastream }: Members, outer: Context, place: number): Generator<RecordItem> {
    const context = isObject(Datastream) ? this.#contextOf(Datastream, outer) : outer;
    if (!Array.isArray(components)) return;
    for (const row of dataArray as unknown[])
      if (Array.isArray(row))
        yield* this.#observation(
          Object.fromEntries(components.map((name, i) => [String(name), row[i]])),
          context,
          place,
        );
  }

  *#observation(json: Members, outer: Context, place: number): Generator<RecordItem> {
    const stream = json.Datastream ?? json.MultiDatastream;
    const { thing, quantities } = isObject(stream) ? this.#contextOf(stream, outer) : outer;
    const results = Array.isArray(json.result) ? json.result : [json.result];
    const time = json.phenomenonTime ?? json.resultTime;
    for (const [i, result] of results.entries()) {
      const plain = { name: results.length > 1 ? `result.${i + 1}` : 'result', unit: '' };
      const { name, unit } = quantities[i] ?? plain;
      const read = valueIn(result, unit !== '', place, name);
      const timeMs = 'why' in read || time === undefined || time === null ? '' : this.#readTime(time);
      if ('why' in read) yield read;
      else if (typeof timeMs === 'string') yield noTime(time, place);
      else yield { thing, quantity: name, ...(unit !== '' && { unit }), timeMs, value: read.value, place };
    }
  }
}

/** Symbol, or name; servers write a null as a text, too. */
function unitIn({ symbol, name }: Members): string {
  const text = [symbol, name].find((one) => typeof one === 'string' && !/^\s*(?:null|none|n\/a|-|)\s*$/i.test(one));
  return typeof text === 'string' ? text.trim() : '';
}
