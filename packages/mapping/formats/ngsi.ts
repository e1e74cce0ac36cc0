// Entities of context brokers: NGSI-LD (ETSI GS CIM 009), normalised, as key-values or temporal, and NGSI v2 of FIWARE.
import { unitOfCode } from '../units/cefact.ts';
import { noTime, type ReadTime, type RecordItem, valueIn } from './record.ts';

type Members = Readonly<Record<string, unknown>>;

/** Members that are about the entity and not measured. */
const ABOUT = new Set([
  ...['id', 'type', '@context', '@id', '@type', 'scope', 'createdAt', 'modifiedAt', 'dateCreated', 'dateModified'],
  ...['observedAt', 'dateObserved', 'TimeInstant', 'timestamp'],
]);
/** Members and metadata that say when, the surest first. */
const TIMES = ['observedAt', 'TimeInstant', 'dateObserved', 'timestamp'] as const;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** What an attribute says, in whichever form. */
const plain = (value: unknown): unknown =>
  isObject(value) && ('value' in value || '@value' in value)
    ? 'value' in value
      ? value.value
      : value['@value']
    : value;

/** One value of an attribute. */
interface Instance {
  readonly name: string;
  readonly value: unknown;
  readonly time: unknown;
  readonly unit: unknown;
  /** It has a time of its own, so that it is measured, whatever it is. */
  readonly isTimed: boolean;
}

/** Entities in a piece of JSON: one, a list, or those of a notification. */
export function entitiesIn(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  return isObject(json) && Array.isArray(json.data) ? json.data : [json];
}

/** Readings of one entity. */
export function* itemsOfEntity(entity: unknown, place: number, readTime: ReadTime): Generator<RecordItem> {
  if (!isObject(entity) || typeof (entity.id ?? entity['@id'] ?? entity.entityId) !== 'string')
    return yield { why: 'no entity with an id', text: JSON.stringify(entity)?.slice(0, 40) ?? '', place, isLoss: true };
  const thing = [String(entity.id ?? entity['@id'] ?? entity.entityId)];
  const instances = [...instancesOf(entity)];
  // Beside what is measured, what has no time at all is a property that stays.
  const stays = instances.some(({ isTimed }) => isTimed);
  for (const { name, value, time, unit, isTimed } of instances) {
    const about = isTimed ? undefined : whyNotMeasured(value, stays && time === undefined);
    if (about !== undefined) {
      yield { why: about, text: name, place, isLoss: false };
      continue;
    }
    const written = typeof unit === 'string' ? unitOfCode(unit) : '';
    const read = valueIn(value, written !== '', place, name);
    if ('why' in read) {
      yield read;
      continue;
    }
    const timeMs = time === undefined ? '' : readTime(time);
    if (typeof timeMs === 'string') yield noTime(time, place);
    else
      yield {
        thing,
        quantity: name,
        ...(written !== '' && { unit: written, isSymbol: true as const }),
        timeMs,
        value: read.value,
        place,
      };
  }
}

/** A text beside which no time stands is a name, an address, a description. */
function whyNotMeasured(value: unknown, stays: boolean): string | undefined {
  if (typeof value === 'object' && value !== null) return 'attribute that is no single value';
  if (typeof value === 'string') return 'text without a time of its own';
  return stays ? 'property without a time beside measured ones' : undefined;
}

function* instancesOf(entity: Members): Generator<Instance> {
  if (Array.isArray(entity.attributes) && Array.isArray(entity.index)) return yield* indexed(entity);
  const [ofEntity] = timesOf(entity);
  for (const [name, attribute] of Object.entries(entity)) {
    if (ABOUT.has(name)) continue;
    // Temporal: a list of instances; of two sets of data each has its name.
    const list = Array.isArray(attribute) && attribute.every(isObject) ? (attribute as Members[]) : [attribute];
    for (const one of list) {
      if (!isObject(one)) yield { name, value: one, time: ofEntity, unit: undefined, isTimed: false };
      else yield* ofAttribute(name, one, ofEntity);
    }
  }
}

function* ofAttribute(name: string, attribute: Members, ofEntity: unknown): Generator<Instance> {
  // A relationship names another entity, a geometry is no value.
  if (/^(?:Relationship|GeoProperty|LanguageProperty|geo:json|geo:point)$/.test(String(attribute.type))) {
    yield { name, value: {}, time: undefined, unit: undefined, isTimed: false };
    return;
  }
  const { metadata } = attribute;
  const unit = plain(attribute.unitCode ?? (isObject(metadata) ? (metadata.unitCode ?? metadata.unit) : undefined));
  const set = attribute.datasetId === undefined ? name : `${name}.${attribute.datasetId}`;
  if (Array.isArray(attribute.values)) {
    // Simplified temporal representation: pairs of value and time.
    for (const pair of attribute.values) {
      const [value, time] = Array.isArray(pair) ? pair : [pair];
      yield { name: set, value, time, unit, isTimed: true };
    }
    return;
  }
  const [own] = [...timesOf(attribute), ...(isObject(metadata) ? timesOf(metadata) : [])];
  const value = 'value' in attribute || '@value' in attribute ? plain(attribute) : attribute;
  yield { name: set, value, time: own ?? ofEntity, unit, isTimed: own !== undefined };
}

/** As the time series API of QuantumLeap gives an entity: one list of times, and of each attribute one of values. */
function* indexed({ index, attributes }: Members): Generator<Instance> {
  for (const attribute of attributes as unknown[]) {
    if (!isObject(attribute) || !Array.isArray(attribute.values)) continue;
    for (const [i, value] of attribute.values.entries())
      yield { name: String(attribute.attrName), value, time: (index as unknown[])[i], unit: undefined, isTimed: true };
  }
}

function timesOf(members: Members): unknown[] {
  return TIMES.map((name) => plain(members[name])).filter((time) => typeof time === 'string' && time !== '');
}
