// Simulated systems: what they say comes on topics below `simulated/`, through the connectors of the real ones; its things have
// subjects below `simulated/`, and its readings the class `simulated`, which moves no money outside a test network.
import type { FoundThing } from '@trine/mapping/connector.ts';
import type { RawMessage } from '@trine/mapping/message/message.ts';
import type { Clock, Timer, Timers } from '@trine/system/time.ts';

const PREFIX = 'simulated/';
const ROUND_MS = 5_000;
/** Announcements are repeated so often, for whoever is switched on later. */
const ANNOUNCED_EVERY = 12;

export function isSimulated({ topic }: Pick<RawMessage, 'topic'>): boolean {
  return topic.startsWith(PREFIX);
}

/** The message as its real system would send it. */
export function asReal(message: RawMessage): RawMessage {
  return { ...message, topic: message.topic.slice(PREFIX.length) };
}

/** A thing that a simulated message announced: none of the real ones has its names. */
export function asSimulated(thing: FoundThing): FoundThing {
  const mappings = thing.mappings.map((mapping) => ({
    ...mapping,
    topic: PREFIX + mapping.topic,
    subject: PREFIX + mapping.subject,
  }));
  return { ...thing, id: PREFIX + thing.id, name: `${thing.name} (simulated)`, mappings };
}

/** What a simulated system announces, and what it says at a time. */
export interface SimulatedSystem {
  announces(): readonly RawMessage[];
  /** @param step how many times it spoke before */
  says(nowMs: number, step: number): readonly RawMessage[];
}

/** Lets a simulated system speak for a while. */
export class Simulation {
  readonly #system: SimulatedSystem | undefined;
  readonly #take: (message: RawMessage) => Promise<void>;
  readonly #now: Clock;
  readonly #timers: Timers;
  #timer: Timer | undefined;
  #step = 0;
  /** Until when it speaks, milliseconds since 1970. */
  untilMs: number | undefined;

  constructor(
    system: SimulatedSystem | undefined,
    take: (message: RawMessage) => Promise<void>,
    { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  ) {
    this.#system = system;
    this.#take = take;
    this.#now = clock;
    this.#timers = timers;
  }

  /** Speaks at once, and then every few seconds. @returns undefined where there is none to speak */
  start(minutes: number): number | undefined {
    this.stop();
    if (this.#system === undefined || minutes === 0) return undefined;
    this.untilMs = this.#now() + minutes * 60_000;
    this.#timer = this.#timers.setInterval(() => this.#speak(), ROUND_MS);
    this.#speak();
    return this.untilMs;
  }

  #speak(): void {
    const nowMs = this.#now();
    if (this.#system === undefined || this.untilMs === undefined || nowMs >= this.untilMs) {
      this.stop();
      return;
    }
    const announced = this.#step % ANNOUNCED_EVERY === 0 ? this.#system.announces() : [];
    // What cannot be taken now is counted like that of any other, and nobody keeps it.
    for (const message of [...announced, ...this.#system.says(nowMs, this.#step)])
      this.#take(message).catch(() => undefined);
    this.#step++;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.untilMs = undefined;
  }
}
