// Things that connectors have found: announced or heard, and what they would say. Nothing of it is sealed before somebody
// accepts it. Bounded: who announces a hundred thousand things pushes out what nobody accepted, and nothing else.
import type { FoundThing } from '@trine/mapping/connector.ts';
import type { MappedMessage } from '@trine/mapping/message/map.ts';
import { mappingHash } from '@trine/mapping/message/mapping.ts';
import type { MappedField, Mapping } from '@trine/mapping/message/shape.ts';
import type { Reading } from '@trine/protocol';
import { Routing } from './routing.ts';

/** Of one connector, those that nobody accepted. */
export const FOUND_MAX = 10_000;
const FIELDS_MAX = 500;
const MAPPINGS_MAX = 200;
const PREVIEW_MAX = 50;

export interface Entry {
  readonly connector: string;
  /** As it was found last; of an accepted one that is silent since the start, as it was accepted. */
  thing: FoundThing;
  /** How it is read, where somebody accepted it. */
  accepted: readonly Mapping[] | undefined;
  /** As it was found when somebody accepted it, maybe otherwise. */
  offered: readonly Mapping[] | undefined;
  acceptedMs: number | undefined;
  readonly foundMs: number;
  heardMs: number | undefined;
  /** Messages since the start of the node. */
  messages: number;
  /** What its last message says, or would say. */
  preview: readonly Reading[];
  /** Values of its last message that say that there is none. */
  noValue: number;
}

const keyOf = (connector: string, id: string): string => `${connector}\n${id}`;
const subjectsOf = (mappings: readonly Mapping[]): string[] => [...new Set(mappings.map(({ subject }) => subject))];

export class FoundThings {
  readonly #entries = new Map<string, Entry>();
  /** Of each connector, what nobody accepted, in the order in which it was found. */
  readonly #waiting = new Map<string, Set<string>>();
  readonly #routing = new Routing<Entry>();
  readonly #subjects = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  *all(connector?: string): Generator<Entry> {
    for (const entry of this.#entries.values())
      if (connector === undefined || entry.connector === connector) yield entry;
  }

  get(connector: string, id: string): Entry | undefined {
    return this.#entries.get(keyOf(connector, id));
  }

  /** How many of a connector wait for somebody who accepts them. */
  waiting(connector: string): number {
    return this.#waiting.get(connector)?.size ?? 0;
  }

  /** Who is spoken of by this name. */
  speaksOf(subject: string): Entry | undefined {
    return this.#subjects.get(subject);
  }

  for(topic: string): Iterable<{ readonly mapping: Mapping; readonly of: Entry }> {
    return this.#routing.of(topic);
  }

  /** A thing that a message announced. @returns its entry, and whether it is new here */
  see(connector: string, found: FoundThing, nowMs: number): { readonly entry: Entry; readonly isNew: boolean } {
    const key = keyOf(connector, found.id);
    const before = this.#entries.get(key);
    if (before !== undefined) {
      this.#renew(before, found);
      return { entry: before, isNew: false };
    }
    const entry: Entry = {
      ...{ connector, thing: found, foundMs: nowMs, accepted: undefined, offered: undefined },
      acceptedMs: undefined,
      ...{ heardMs: undefined, messages: 0, preview: [], noValue: 0 },
    };
    this.#entries.set(key, entry);
    const waiting = this.#waiting.get(connector) ?? new Set();
    this.#waiting.set(connector, waiting.add(key));
    for (const mapping of found.mappings) this.#routing.add(mapping, entry);
    if (waiting.size > FOUND_MAX) this.#drop(waiting.values().next().value as string);
    return { entry, isNew: true };
  }

  #renew(entry: Entry, found: FoundThing): void {
    const { mappings, unknown = [], assumed = [] } = entry.thing;
    // Of what is added, topic by topic, what nobody said stays unsaid until somebody says it.
    const thing = found.isWhole
      ? found
      : {
          ...found,
          mappings: joined(mappings, found.mappings),
          unknown: [...new Set([...unknown, ...(found.unknown ?? [])])],
          assumed: [...new Set([...assumed, ...(found.assumed ?? [])])],
        };
    if (entry.accepted === undefined) this.#route(entry, entry.thing.mappings, thing.mappings);
    entry.thing = thing;
  }

  #route(entry: Entry, before: readonly Mapping[], after: readonly Mapping[]): void {
    if (before === after) return;
    for (const mapping of before) this.#routing.remove(mapping);
    for (const mapping of after) this.#routing.add(mapping, entry);
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    for (const mapping of entry.accepted ?? entry.thing.mappings) this.#routing.remove(mapping);
    for (const subject of subjectsOf(entry.accepted ?? [])) this.#subjects.delete(subject);
    this.#waiting.get(entry.connector)?.delete(key);
    this.#entries.delete(key);
  }

  /** @param offered as it was found then */
  accept(entry: Entry, mappings: readonly Mapping[], acceptedMs: number, offered: readonly Mapping[]): void {
    const key = keyOf(entry.connector, entry.thing.id);
    this.#route(entry, entry.accepted ?? entry.thing.mappings, mappings);
    for (const subject of subjectsOf(entry.accepted ?? [])) this.#subjects.delete(subject);
    for (const subject of subjectsOf(mappings)) this.#subjects.set(subject, entry);
    entry.accepted = mappings;
    entry.offered = offered;
    entry.acceptedMs = acceptedMs;
    this.#waiting.get(entry.connector)?.delete(key);
  }

  /** It stays in the list as one that was found, until it is pushed out or gone. */
  release(entry: Entry): void {
    if (entry.accepted === undefined) return;
    const key = keyOf(entry.connector, entry.thing.id);
    this.#route(entry, entry.accepted, entry.thing.mappings);
    for (const subject of subjectsOf(entry.accepted)) this.#subjects.delete(subject);
    entry.accepted = undefined;
    entry.offered = undefined;
    entry.acceptedMs = undefined;
    this.#waiting.set(entry.connector, (this.#waiting.get(entry.connector) ?? new Set()).add(key));
  }

  /** Does another connector read this topic? */
  isAnothers(topic: string, connector: string): boolean {
    return [...this.#routing.of(topic)].some(({ of }) => of.connector !== connector);
  }

  /** What others heard by its topic alone, before who speaks there announced itself, waits no more. */
  takeOver(found: readonly FoundThing[], connector: string): void {
    for (const { topic } of found.flatMap(({ mappings }) => mappings))
      for (const { of } of [...this.#routing.of(topic)])
        if (of.connector !== connector && of.thing.id === topic) this.gone(of.connector, topic);
  }

  /** It is said to be there no longer. What was accepted stays: a message does not end what somebody decided. */
  gone(connector: string, id: string): void {
    const entry = this.get(connector, id);
    if (entry?.accepted === undefined) this.#drop(keyOf(connector, id));
  }

  /** Nothing of a connector that is switched off waits any more. */
  clear(connector: string): void {
    for (const key of [...(this.#waiting.get(connector) ?? [])]) this.#drop(key);
  }
}

/** What a message of a thing says, or would say. */
export function heard(entry: Entry, { packs, noValue }: MappedMessage, nowMs: number): void {
  entry.messages++;
  entry.heardMs = nowMs;
  entry.noValue = noValue;
  const readings = packs.flatMap((pack) => pack.readings).slice(0, PREVIEW_MAX);
  if (readings.length > 0) entry.preview = readings;
}

/** Those of both, and of the same topic the fields of both: messages that describe themselves show a part of them each. */
function joined(before: readonly Mapping[], after: readonly Mapping[]): readonly Mapping[] {
  const all = new Map(before.map((mapping) => [mapping.topic, mapping]));
  let isChanged = false;
  for (const mapping of after) {
    const known = all.get(mapping.topic);
    const fields = known && withMore(known.fields, mapping.fields);
    const next = fields === undefined ? mapping : { ...mapping, fields };
    if (known !== undefined && mappingHash(known) === mappingHash(next)) continue;
    all.set(mapping.topic, next);
    isChanged = true;
  }
  return isChanged ? [...all.values()].slice(0, MAPPINGS_MAX) : before;
}

/** Those before, and those whose member and whose quantity are new. */
function withMore(before: readonly MappedField[], after: readonly MappedField[]): MappedField[] {
  const paths = new Set(before.map(({ path }) => path));
  const quantities = new Set(before.map(({ quantity }) => quantity));
  const fresh = after.filter(({ path, quantity }) => !paths.has(path) && !quantities.has(quantity));
  return [...before, ...fresh].slice(0, FIELDS_MAX);
}
