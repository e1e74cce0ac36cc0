// The connectors of a node at work: what they hear, what is accepted of what they find, and by which mapping a message is read.
import type { Connector, FoundThing } from '@trine/mapping/connector.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { type MappedMessage, mapMessage } from '@trine/mapping/message/map.ts';
import { mappingHash } from '@trine/mapping/message/mapping.ts';
import type { RawMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { coversFilter, matchTopic, TrineError } from '@trine/protocol';
import type { Random } from '@trine/system/random.ts';
import type { Clock } from '@trine/system/time.ts';
import type { SandboxedCode } from './code.ts';
import { discovered, heardAs } from './discovered.ts';
import { type Entry, FoundThings, heard } from './found.ts';
import type { AcceptedThing, KeptConnectors } from './kept.ts';
import { moved } from './moved.ts';
import { RunningConnectors, speaksByMqtt, takesAny } from './running.ts';
import { Tally } from './tally.ts';

/** Things that somebody accepted. */
export const ACCEPTED_MAX = 100_000;

/** A message as one mapping reads it. */
export interface Routed {
  readonly mapping: Mapping;
  readonly mapped: MappedMessage;
}

/** When a message came, and the connector that it was pushed to. */
export type Heard = { readonly by: string | undefined; readonly nowMs: number };

export interface ConnectorsOptions {
  readonly connectors: readonly Connector[];
  readonly kept: KeptConnectors;
  /** Of the settings file: the first that is for a topic reads it. */
  readonly rules: readonly Mapping[];
  readonly code: SandboxedCode;
  readonly now: Clock;
  readonly random: Random;
}

interface Accepting {
  readonly entry: Entry;
  readonly mappings: readonly Mapping[];
  /** As it was found, where that is not as it is found now. */
  readonly offered?: readonly Mapping[];
}

export class Connectors {
  readonly running: RunningConnectors;
  readonly tally = new Tally();
  readonly things = new FoundThings();
  readonly #options: ConnectorsOptions;
  /** Of each connector the kinds that are accepted as they come, and the quantities whose usual unit somebody confirmed for them. */
  readonly #kinds = new Map<string, Map<string, ReadonlySet<string>>>();
  #accepted = 0;
  #onWanted: () => void = () => undefined;
  #onReleased: (subjects: readonly string[]) => void = () => undefined;

  constructor(options: ConnectorsOptions) {
    this.#options = options;
    const { connectors, kept, now, random } = options;
    this.running = new RunningConnectors(connectors, kept, random, options.code);
    for (const { manifest } of connectors) this.#kinds.set(manifest.name, kept.kinds(manifest.name));
    for (const { connector, acceptedMs, offered, ...thing } of kept.things()) {
      const found = offered ?? thing.mappings;
      const { entry } = this.things.see(connector, { ...thing, mappings: found }, now());
      this.things.accept(entry, thing.mappings, acceptedMs, found);
      this.#accepted++;
    }
  }

  /**
   * Loads the code of all mappings, and of those that are given besides.
   * @throws TrineError `invalid` where some cannot be loaded, `overloaded` where it is too much
   */
  async prepare(more: readonly Mapping[] = [], formatters: readonly string[] = []): Promise<void> {
    const { code, rules } = this.#options;
    const accepted = [...this.things.all()].flatMap((entry) => entry.accepted ?? []);
    const coded = [...rules, ...accepted, ...more].filter(({ codec, transform }) => (codec ?? transform) !== undefined);
    const sources = [...this.running.formatters, ...formatters];
    const codecs = sources.map((source) => ({ codec: { source, bytes: 'data', encoding: 'base64' as const } }));
    code.release(new Set([...sources, ...coded.flatMap(({ codec }) => codec?.source ?? [])]));
    for (const one of [...coded, ...codecs]) await code.prepare(one);
  }

  /** Told when other topics are wanted. */
  onWanted(listener: () => void): void {
    this.#onWanted = listener;
  }

  /** Told the subjects of which nothing more is sealed, because somebody released them. */
  onReleased(listener: (subjects: readonly string[]) => void): void {
    this.#onReleased = listener;
  }

  /** How much there is of what, for whoever asks often. */
  get counts(): { found: number; accepted: number; heard: number; refused: number; unread: number } {
    let [found, heard] = [0, 0];
    for (const one of this.running.all) {
      found += this.things.waiting(one.connector.manifest.name);
      heard += one.heard;
    }
    const { unread, refusedInAll: refused } = this.tally;
    return { found, accepted: this.#accepted, heard, refused, unread };
  }

  /**
   * Topic filters of what is wanted, none of which another covers.
   * @param isOwnBroker not to ask a broker of others for everything unless somebody says so
   */
  filters(isOwnBroker: boolean): string[] {
    const rules = this.#options.rules.map(({ topic }) => topic);
    const accepted = [...this.things.all()].flatMap((entry) => (entry.accepted ?? []).map(({ topic }) => topic));
    const all = [...new Set([...rules, ...this.running.filters(isOwnBroker), ...accepted])];
    const open = all.filter((filter) => /[+#]/.test(filter));
    return all.filter((filter) => !open.some((other) => other !== filter && coversFilter(other, filter)));
  }

  /**
   * What becomes of a message: connectors look at it for things, and the mappings that are for it read it.
   *
   * @param heard when, and for messages that came by HTTP the connector that it was pushed to
   * @param refuse told, in words, why a mapping could not read it
   * @returns what is to be sealed, by mapping
   */
  take(message: RawMessage, { by, nowMs }: Heard, refuse: (why: string) => void): Routed[] {
    const isAnnounced = this.#discover(message, by, nowMs);
    const told = (reader: string, why: string): void => {
      this.tally.refuse({ ms: nowMs, topic: message.topic, by: reader, why }, message.payload);
      refuse(why);
    };
    if (by === undefined) {
      const ruled = this.#byRule(message, nowMs, told);
      if (ruled !== undefined) return ruled;
    }
    const { routed, isRead } = this.#byThings(message, by, nowMs, told);
    if (!isRead && !isAnnounced && message.payload.length > 0) this.tally.pass(message.topic, message.payload, nowMs);
    return routed;
  }

  #byRule(message: RawMessage, nowMs: number, refuse: (by: string, why: string) => void): Routed[] | undefined {
    for (const mapping of this.#options.rules) {
      if (matchTopic(mapping.topic, message.topic) === undefined) continue;
      const mapped = this.#map(mapping, message, nowMs, (why) => refuse('settings', why));
      return mapped === undefined ? [] : [{ mapping, mapped }];
    }
    return undefined;
  }

  #byThings(
    message: RawMessage,
    by: string | undefined,
    nowMs: number,
    refuse: (by: string, why: string) => void,
  ): { readonly routed: Routed[]; readonly isRead: boolean } {
    const routed: Routed[] = [];
    let isRead = false;
    for (const { mapping, of } of this.things.for(message.topic)) {
      // What came by HTTP speaks of things of the connector that it was pushed to, and nothing else does.
      const one = this.running.get(of.connector);
      if (by === undefined ? one === undefined || !speaksByMqtt(one, message.topic) : of.connector !== by) continue;
      isRead = true;
      const isAccepted = of.accepted !== undefined;
      const mapped = this.#map(mapping, message, nowMs, isAccepted ? (why) => refuse(of.connector, why) : undefined);
      if (mapped === undefined) continue;
      heard(of, mapped, nowMs);
      if (isAccepted) routed.push({ mapping, mapped });
    }
    return { routed, isRead };
  }

  /**
   * @param refuse absent where nothing of it would be sealed
   * @throws MappingError where it is no use now, and may be later: then the message is to come again
   */
  #map(
    mapping: Mapping,
    message: RawMessage,
    nowMs: number,
    refuse?: (why: string) => void,
  ): MappedMessage | undefined {
    try {
      const mapped = mapMessage(mapping, message, nowMs, this.#options.code);
      for (const why of mapped?.refused ?? []) refuse?.(why);
      return mapped;
    } catch (error) {
      if (!(error instanceof MappingError)) throw error;
      if (error.retry !== 'never' && refuse !== undefined) throw error;
      refuse?.(error.message);
      return undefined;
    }
  }

  /** @returns whether a connector knows what the message is */
  #discover(message: RawMessage, by: string | undefined, nowMs: number): boolean {
    let isKnown = false;
    for (const one of this.running.hearing(heardAs(message), by)) {
      const { name } = one.connector.manifest;
      if (takesAny(one) && (isKnown || this.things.isAnothers(message.topic, name))) continue;
      one.heard++;
      try {
        const { found, gone = [] } = discovered(one.running, message);
        this.#see(name, found, nowMs);
        if (!takesAny(one)) this.things.takeOver(found, name);
        for (const id of gone) this.things.gone(name, id);
        isKnown ||= found.length > 0 || gone.length > 0 || !takesAny(one);
      } catch (error) {
        if (!(error instanceof MappingError)) throw error;
        one.refused++;
        one.lastRefused = error.message;
        this.tally.refuse({ ms: nowMs, topic: message.topic, by: name, why: error.message }, message.payload);
        isKnown ||= !takesAny(one);
      }
    }
    return isKnown;
  }

  #see(connector: string, found: readonly FoundThing[], nowMs: number): void {
    const fresh: Accepting[] = [];
    for (const thing of found) {
      const { entry } = this.things.see(connector, thing, nowMs);
      if (entry.accepted !== undefined) this.#follow(entry);
      // With its kind, as far as nobody has to be asked for a unit.
      const { assumed = [], mappings } = entry.thing;
      const sure = this.#kinds.get(connector)?.get(thing.kind);
      const isSaid = sure !== undefined && assumed.every((quantity) => sure.has(quantity));
      if (entry.accepted === undefined && isSaid) fresh.push({ entry, mappings });
    }
    // Those that cannot be stay among those that were found, where a person is told why.
    if (fresh.length > 0) this.#acceptAll(fresh, nowMs, true);
  }

  /** A thing that is called otherwise now, and read as before, is followed; anything else somebody accepts. */
  #follow(entry: Entry): void {
    const { accepted = [], offered = accepted, thing, acceptedMs = 0 } = entry;
    const next = thing.mayMove && moved(accepted, offered, thing.mappings);
    if (!next) return;
    this.#acceptAll([{ entry, ...next }], acceptedMs);
    this.#onWanted();
  }

  /** All of them, or those before one that cannot be; or all others. @throws TrineError `conflict` or `overloaded` */
  #acceptAll(given: readonly Accepting[], nowMs: number, passesOver = false): void {
    const kept: AcceptedThing[] = [];
    try {
      for (const { entry, mappings, offered = entry.thing.mappings } of given) {
        const problem = this.#problemOf(entry, mappings);
        if (problem !== undefined && passesOver) continue;
        if (problem !== undefined) throw problem;
        if (entry.accepted === undefined) this.#accepted++;
        kept.push({ ...entry.thing, mappings, offered, connector: entry.connector, acceptedMs: nowMs });
        this.things.accept(entry, mappings, nowMs, offered);
      }
    } finally {
      this.#options.kept.putThings(kept);
    }
  }

  /** @returns why it cannot be accepted */
  #problemOf(entry: Entry, mappings: readonly Mapping[]): TrineError | undefined {
    if (entry.accepted === undefined && this.#accepted >= ACCEPTED_MAX)
      return new TrineError('overloaded', `At most ${ACCEPTED_MAX} things of connectors are accepted: remove some.`);
    for (const { subject } of mappings) {
      const other = this.things.speaksOf(subject);
      if (other === undefined || other === entry) continue;
      const name = `${other.thing.name} of ${other.connector}`;
      return new TrineError('conflict', `${subject} is ${name} already: choose another subject.`);
    }
    return undefined;
  }

  /**
   * Accepts things that were found: what their messages say is sealed from now on.
   *
   * @param given how one is read, where that is not as it was found
   * @param isSure the units that nobody said are as they are shown
   * @throws TrineError `not-found`, `conflict` or `overloaded`; those before it are accepted
   */
  accept(
    connector: string,
    ids: readonly string[],
    {
      mappings: given,
      isSure = false,
    }: { readonly mappings?: readonly Mapping[] | undefined; readonly isSure?: boolean } = {},
  ): Entry[] {
    const entries = ids.map((id) => {
      const entry = this.things.get(connector, id);
      if (entry === undefined) throw new TrineError('not-found', `${connector} found no ${id}.`);
      const { assumed = [], name } = entry.thing;
      // Nobody's guess is sealed: the unit of a value is said by its maker, or by whoever accepts it.
      if (given === undefined && !isSure && assumed.length > 0)
        throw new TrineError(
          'ambiguous',
          `Nobody says in which unit ${name} gives ${assumed.join(', ')}: say that they are as shown, or give the mapping.`,
        );
      return entry;
    });
    this.#acceptAll(
      entries.map((entry) => ({ entry, mappings: given ?? entry.thing.mappings })),
      this.#options.now(),
    );
    for (const { topic } of given ?? []) this.tally.read(topic);
    this.#onWanted();
    return entries;
  }

  /**
   * Adds a thing that no message announced, such as a topic that nothing reads, and accepts it. One that was found is accepted
   * as it is given here.
   *
   * @throws TrineError `not-found`, `conflict` or `overloaded`: then nothing is added
   */
  add(connector: string, { id, name, mappings }: Pick<FoundThing, 'id' | 'name' | 'mappings'>): Entry {
    this.running.need(connector);
    const before = this.things.get(connector, id);
    const thing = { id, name, kind: '', mappings };
    const entry = before ?? this.things.see(connector, thing, this.#options.now()).entry;
    try {
      this.accept(connector, [id], { mappings });
    } catch (error) {
      if (before === undefined) this.things.gone(connector, id);
      throw error;
    }
    return entry;
  }

  /**
   * Accepts a kind: those that were found, and those that will be.
   * @param isSure the units that nobody said are as shown; of quantities that are not shown yet, somebody is asked
   * @returns how many were
   */
  acceptKind(connector: string, kind: string, isSure = false): number {
    this.running.need(connector);
    const shown = [...this.things.all(connector)].filter(({ thing }) => thing.kind === kind);
    const ids = shown.flatMap(({ thing, accepted }) => (accepted === undefined ? [thing.id] : []));
    const { length } = this.accept(connector, ids, { isSure });
    const sure = new Set(isSure ? shown.flatMap(({ thing }) => thing.assumed ?? []) : []);
    this.#options.kept.setKind(connector, kind, sure);
    this.#kinds.get(connector)?.set(kind, sure);
    return length;
  }

  kinds = (connector: string): string[] => [...(this.#kinds.get(connector)?.keys() ?? [])];

  /** Undoes both: nothing more is sealed of them. What is sealed stays. */
  release(connector: string, { ids = [], kind }: { readonly ids?: readonly string[]; readonly kind?: string }): number {
    this.running.need(connector);
    if (kind !== undefined) {
      this.#options.kept.setKind(connector, kind, undefined);
      this.#kinds.get(connector)?.delete(kind);
    }
    const entries = [...this.things.all(connector)].filter(
      ({ thing, accepted }) => accepted !== undefined && (ids.includes(thing.id) || thing.kind === kind),
    );
    this.#options.kept.removeThings(
      connector,
      entries.map(({ thing }) => thing.id),
    );
    this.#onReleased(entries.flatMap(({ accepted = [] }) => accepted.map(({ subject }) => subject)));
    for (const entry of entries) this.things.release(entry);
    this.#accepted -= entries.length;
    this.#onWanted();
    return entries.length;
  }

  /** @see RunningConnectors.set */
  async set(name: string, given: { readonly enabled: boolean; readonly settings: unknown }): Promise<void> {
    const next = this.running.prepared(name, given.settings);
    await this.prepare([], next.running.formatters ?? []);
    this.running.set(name, given.enabled, next);
    if (!given.enabled) this.things.clear(name);
    this.#onWanted();
  }

  /** What a message would become, without anything being sealed or remembered. */
  tryIt(
    message: RawMessage,
    mapping?: Mapping,
  ): {
    readonly found: readonly FoundThing[];
    readonly mapped: readonly Routed[];
    readonly refused: readonly string[];
  } {
    const nowMs = this.#options.now();
    const refused: string[] = [];
    const hearing = [...this.running.hearing(heardAs(message), undefined)];
    const isAnothers = hearing.some((one) => !takesAny(one));
    const found = hearing.flatMap((one) => {
      // As of a message that comes: those that look at any topic look at what no other knows.
      if (isAnothers && takesAny(one)) return [];
      try {
        return discovered(one.connector.start(one.settings, this.#options.code), message).found;
      } catch (error) {
        if (!(error instanceof MappingError)) throw error;
        refused.push(error.message);
        return [];
      }
    });
    const mappings =
      mapping === undefined
        ? [...this.#mappingsFor(message.topic), ...found.flatMap((thing) => thing.mappings)]
        : [mapping];
    const unique = new Map(mappings.map((one) => [mappingHash(one), one]));
    const mapped = [...unique.values()].flatMap((one): Routed[] => {
      const read = this.#map(one, message, nowMs, (why) => refused.push(why));
      return read === undefined ? [] : [{ mapping: one, mapped: read }];
    });
    return { found, mapped, refused };
  }

  #mappingsFor(topic: string): Mapping[] {
    const rule = this.#options.rules.find((one) => matchTopic(one.topic, topic) !== undefined);
    if (rule !== undefined) return [rule];
    return [...this.things.for(topic)].map(({ mapping }) => mapping);
  }
}
