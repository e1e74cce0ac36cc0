// States of Home Assistant, as its history and its API give them.
// https://developers.home-assistant.io/docs/api/rest (GET /api/history/period)
import { plainSigns } from '../values/numbers.ts';
import { readText } from '../values/values.ts';
import { noTime, type ReadTime, type RecordItem } from './record.ts';

/** One state, as far as it is written. */
export interface State {
  readonly entity?: unknown;
  readonly state?: unknown;
  readonly time?: unknown;
  readonly unit?: unknown;
}

const QUANTITY = 'state';

/** Reads states one after the other: what a later one leaves out, an earlier one of the same entity has said. */
export class StateReader {
  readonly #readTime: ReadTime;
  readonly #units = new Map<string, string>();

  constructor(readTime: ReadTime) {
    this.#readTime = readTime;
  }

  item({ entity, state, time, unit }: State, place: number): RecordItem {
    if (typeof entity !== 'string' || entity.trim() === '')
      return { why: 'no entity_id', text: String(state ?? '').slice(0, 40), place, isLoss: true };
    if (typeof unit === 'string' && unit.trim() !== '') this.#units.set(entity, unit.trim());
    const known = this.#units.get(entity);
    const text = `${entity}: ${String(state ?? '').slice(0, 40)}`;
    const said = readText(String(state ?? ''), { expects: known === undefined ? 'any' : 'number', signs: plainSigns });
    if (said.is === 'none') return { why: 'no value', text, place, isLoss: false };
    if (said.is === 'refused') return { why: 'no number', text, place, isLoss: /\d/.test(text.slice(entity.length)) };
    const timeMs = this.#readTime(time);
    if (typeof timeMs === 'string') return noTime(time, place);
    const thing = [entity];
    return { thing, quantity: QUANTITY, ...(known !== undefined && { unit: known }), timeMs, value: said.value, place };
  }
}

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * States in a piece of JSON: one, a list of an entity's (where only the first names it), or lists by the entity's id with
 * `s`, `a`, `lc` and `lu`, as the WebSocket API shortens them.
 */
export function* statesIn(json: unknown): Generator<State> {
  if (Array.isArray(json)) {
    let entity: unknown;
    for (const one of json) {
      if (!isObject(one)) continue;
      entity = one.entity_id ?? entity;
      yield stateOf(one, entity);
    }
  } else if (isObject(json) && 'entity_id' in json) yield stateOf(json, json.entity_id);
  else if (isObject(json))
    for (const [entity, list] of Object.entries(json))
      if (Array.isArray(list)) for (const one of list) if (isObject(one)) yield stateOf(one, entity);
}

function stateOf(one: Members, entity: unknown): State {
  const attributes = one.attributes ?? one.a;
  return {
    entity,
    state: one.state ?? one.s,
    time: one.last_changed ?? one.lc ?? one.last_updated ?? one.lu,
    unit: isObject(attributes) ? attributes.unit_of_measurement : one.unit_of_measurement,
  };
}
