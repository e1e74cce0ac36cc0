// What was heard of things: when each spoke last, when with a usable value, and in which rhythm.
import { assuranceClasses, statementKinds } from '@trine/protocol';
import { type AppendedBatch, subjectAt } from '../ingest/batch.ts';
import { type KeptRhythm, Rhythm } from './rhythm.ts';

/** Things beyond are not waited for: how many they are is said. */
export const THINGS_MAX = 100_000;
/** What was brought in from files, and what is simulated, owes nobody a next word. */
const WAITED_FOR: readonly number[] = [assuranceClasses.hardware, assuranceClasses.software, assuranceClasses.gateway];

export interface HeardThing {
  /** When it came last with a usable value; undefined: never. */
  valuedMs: number | undefined;
  /** Time of the newest of these values. */
  eventMs: number | undefined;
  /** When the first word without one came since then, and how many did. */
  voidSinceMs: number | undefined;
  voids: number;
  lastVoidMs: number;
  /** Somebody said that nothing more is expected of it: until it speaks again. */
  isDismissed: boolean;
  readonly rhythm: Rhythm;
}

/** As it is kept between two runs. */
export interface KeptThing {
  readonly subject: string;
  readonly valuedMs?: number | undefined;
  readonly eventMs?: number | undefined;
  readonly isDismissed: boolean;
  readonly rhythm: KeptRhythm;
}

export class Heard {
  readonly #things = new Map<string, HeardThing>();
  readonly #isIgnored: (subject: string) => boolean;
  /** Statements of things that are not waited for, because there are too many. */
  left = 0;

  /** @param isIgnored of whom nothing is expected: the node itself */
  constructor(isIgnored: (subject: string) => boolean) {
    this.#isIgnored = isIgnored;
  }

  get size(): number {
    return this.#things.size;
  }

  entries(): IterableIterator<[string, HeardThing]> {
    return this.#things.entries();
  }

  get(subject: string): HeardThing | undefined {
    return this.#things.get(subject);
  }

  #of(subject: string): HeardThing | undefined {
    const known = this.#things.get(subject);
    if (known !== undefined || this.#isIgnored(subject)) return known;
    if (this.#things.size >= THINGS_MAX) {
      this.left++;
      return undefined;
    }
    const thing: HeardThing = {
      ...{
        valuedMs: undefined,
        eventMs: undefined,
        voidSinceMs: undefined,
        voids: 0,
        lastVoidMs: 0,
        isDismissed: false,
      },
      rhythm: new Rhythm(),
    };
    this.#things.set(subject, thing);
    return thing;
  }

  /** What became durable. @returns subjects that came with a usable value */
  take({ columns, leaf, lastMs }: AppendedBatch): Set<string> {
    const valued = new Set<string>();
    const texts = columns.texts.length === 0 ? undefined : new Map(columns.texts);
    for (let i = 0; i < columns.count; i++) {
      if ((leaf[i] as number) < 0 || columns.kind[i] !== statementKinds.pack) continue;
      if (!WAITED_FOR.includes(columns.class[i] as number)) continue;
      const subject = subjectAt(columns, i);
      const arrivalMs = columns.arrivalMs[i] as number;
      if (!hasValue(columns, i, texts)) this.void(subject, arrivalMs);
      else if (this.#valued(subject, arrivalMs, lastMs[i] as number)) valued.add(subject);
    }
    return valued;
  }

  #valued(subject: string, arrivalMs: number, eventMs: number): boolean {
    const thing = this.#of(subject);
    if (thing === undefined) return false;
    if (thing.eventMs !== undefined) thing.rhythm.take(eventMs - thing.eventMs, arrivalMs);
    thing.valuedMs = Math.max(thing.valuedMs ?? arrivalMs, arrivalMs);
    thing.eventMs = Math.max(thing.eventMs ?? eventMs, eventMs);
    thing.voidSinceMs = undefined;
    thing.voids = 0;
    thing.isDismissed = false;
    return true;
  }

  /** It spoke, and said that it has no value. */
  void(subject: string, nowMs: number): void {
    const thing = this.#of(subject);
    if (thing === undefined) return;
    thing.voidSinceMs ??= nowMs;
    thing.lastVoidMs = nowMs;
    thing.voids++;
  }

  /** As the tables, or a run before, know it; what was heard since stays. */
  restore({ subject, valuedMs, eventMs, isDismissed, rhythm }: KeptThing): void {
    if (this.#things.has(subject) || this.#isIgnored(subject)) return;
    if (this.#things.size >= THINGS_MAX) {
      this.left++;
      return;
    }
    const nothing = { voidSinceMs: undefined, voids: 0, lastVoidMs: 0 };
    this.#things.set(subject, { valuedMs, eventMs, isDismissed, ...nothing, rhythm: new Rhythm(rhythm) });
  }

  kept(): KeptThing[] {
    return [...this.#things].map(([subject, { valuedMs, eventMs, isDismissed, rhythm }]) => ({
      ...{ subject, valuedMs, eventMs, isDismissed },
      rhythm: rhythm.kept(),
    }));
  }
}

/** The same as `isUsable` of the engine, from the columns. */
function hasValue(
  { readingStart, readingName, readingValue, words }: AppendedBatch['columns'],
  i: number,
  texts: ReadonlyMap<number, string> | undefined,
): boolean {
  const end = readingStart[i + 1] as number;
  for (let reading = readingStart[i] as number; reading < end; reading++) {
    if (Number.isFinite(readingValue[reading])) return true;
    const text = texts?.get(reading);
    if (text !== undefined && text !== '' && words[readingName[reading] as number]?.endsWith('\n')) return true;
  }
  return false;
}
