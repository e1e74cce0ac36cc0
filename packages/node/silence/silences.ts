// Silence and death of things, noticed without any agreement: who used to speak and does not, and who speaks without a usable
// value. Nothing of it is sealed: it is what this node hears now, like its health, and goes away by itself; what is owed for a
// silence is decided under an agreement, from the log.
import { join } from 'node:path';
import { formatDuration } from '@trine/engine';
import { countOf, formatTime } from '@trine/protocol';
import { type Disk, isMissing, replaceNow } from '@trine/system/disk.ts';
import type { Clock } from '@trine/system/time.ts';
import type { Transport } from '../ingest/transport.ts';
import type { KeyEntry } from '../projections/keys.ts';
import type { Commit, ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';
import { Heard, type HeardThing, type KeptThing, THINGS_MAX } from './heard.ts';
import { GAPS_MIN, QUIET_MS_MIN } from './rhythm.ts';

export interface Silence {
  readonly subject: string;
  /** It says nothing, or it speaks and has no usable value. */
  readonly code: 'silent' | 'no-value';
  /** When it came last with a usable value, or where it never did, with none first. */
  readonly sinceMs: number;
  /** Between two words of it; undefined: it never had a rhythm. */
  readonly usualMs?: number | undefined;
  readonly reason: string;
}

/** Told to another system: one thing, or of many at once how many. */
export interface ToldSilence {
  readonly code: Silence['code'] | 'many-silent';
  readonly severity: 'warning';
  readonly subject?: string;
  readonly count: number;
  readonly sinceMs: number;
  readonly usualMs?: number | undefined;
  readonly reason: string;
}

export interface SilencesOptions {
  readonly home: string;
  readonly disk: Disk;
  readonly store: Pick<Store, 'query'>;
  readonly runner: Pick<ProjectionRunner, 'onCommit'>;
  readonly clock: Clock;
  readonly keys: { entries(): readonly Pick<KeyEntry, 'keyOwner' | 'revokedAt'>[] };
  /** What things speak through. */
  readonly mqtt: Pick<Transport, 'health'>;
  /** Of whom nothing is expected now: the node itself, a device that somebody paused. */
  readonly isIgnored: (subject: string) => boolean;
  readonly isPaused: (subject: string) => boolean;
  readonly onNew: (key: string, told: ToldSilence) => void;
}

/** Between two rounds. After a longer pause the machine slept: then nobody was listened to. */
export const SILENCE_ROUND_MS = 10_000;
const SLEPT_MS = 6 * SILENCE_ROUND_MS;
/** After that a thing is gone for good, and no news. */
const GONE_MS = 30 * 86_400_000;
/** Words without a value, one after the other, of a thing that has no rhythm. */
const VOIDS_MIN = 8;
/** Beyond, those of one round are told as one. */
const SINGLY_MAX = 20;
/** Silent beyond, and more than this part of all: then it is what they come through. */
const MANY_MIN = 50;
const MANY_PART = 0.2;
const KEEP_MS = 3_600_000;

export class Silences {
  readonly #options: SilencesOptions;
  readonly #heard: Heard;
  readonly #open = new Map<string, Silence>();
  /** Since when things could be heard without a break. */
  #awakeMs: number;
  #roundMs: number;
  #keptMs: number;
  #isShut = false;

  private constructor(options: SilencesOptions) {
    this.#options = options;
    this.#heard = new Heard(options.isIgnored);
    this.#awakeMs = this.#roundMs = this.#keptMs = options.clock();
    options.runner.onCommit((commit) => this.#take(commit));
  }

  /** Goes on from what a run before had learnt, and from what the tables know. */
  static async open(options: SilencesOptions): Promise<Silences> {
    const silences = new Silences(options);
    for (const thing of readKept(options)) silences.#heard.restore(thing);
    const known = await options.store.query<{ subject: string; n: number; first: number; last: number; event: number }>(
      `SELECT subject, count(*) AS n, min(arrival_ms) AS first, max(arrival_ms) AS last, max(last_ms) AS event
       FROM statements JOIN sequences USING (sequence) WHERE kind = 1 AND class <= 3 AND readings > 0
       GROUP BY subject ORDER BY max(arrival_ms) DESC LIMIT ${THINGS_MAX}`,
    );
    for (const { subject, n, first, last, event } of known) silences.#know(subject, n, { first, last, event });
    return silences;
  }

  /** @param n how many statements of it there are, from the first arrival to the last */
  #know(subject: string, n: number, { first, last, event }: { first: number; last: number; event: number }): void {
    const known = this.#heard.get(subject);
    if (known !== undefined) {
      if ((known.valuedMs ?? 0) >= last) return;
      known.valuedMs = last;
      known.eventMs = Math.max(known.eventMs ?? event, event);
      return;
    }
    // Nothing is known of its rhythm but the mean: enough to notice that it died.
    const rhythm = { usualMs: n > GAPS_MIN ? Math.ceil((last - first) / (n - 1)) : undefined, pauseMs: 0 };
    this.#heard.restore({ subject, valuedMs: last, eventMs: event, isDismissed: false, rhythm });
  }

  #take({ batches }: Commit): void {
    for (const batch of batches) for (const subject of this.#heard.take(batch)) this.#open.delete(subject);
  }

  /** A message of a thing said that it has no value. */
  noValue(subject: string, nowMs: number): void {
    this.#heard.void(subject, nowMs);
  }

  /** Nothing more is expected of things, until they speak again. @returns how many of them are known */
  dismiss(subjects: readonly string[]): number {
    const known = subjects.flatMap((subject) => this.#heard.get(subject) ?? []);
    for (const thing of known) thing.isDismissed = true;
    for (const subject of subjects) this.#open.delete(subject);
    if (known.length > 0) this.keep();
    return known.length;
  }

  /** Looks who is silent. */
  round(): void {
    const { clock, mqtt } = this.#options;
    const nowMs = clock();
    const hasSlept = nowMs - this.#roundMs > SLEPT_MS || nowMs < this.#roundMs;
    this.#roundMs = nowMs;
    const wasShut = this.#isShut;
    this.#isShut = !mqtt.health.connected;
    if (hasSlept || wasShut || this.#isShut) this.#awakeMs = nowMs;
    if (this.#open.size > 0) this.#drop(nowMs);
    if (!this.#isShut) this.#look(nowMs);
    if (nowMs - this.#keptMs > KEEP_MS) this.keep();
  }

  /** Who is expected no longer. */
  #drop(nowMs: number): void {
    const isRetired = this.#retired();
    for (const subject of this.#open.keys()) {
      const { valuedMs = nowMs } = this.#heard.get(subject) as HeardThing;
      if (isRetired(subject) || nowMs - valuedMs > GONE_MS || this.#options.isPaused(subject))
        this.#open.delete(subject);
    }
  }

  /** Things of which every key is revoked. */
  #retired(): (subject: string) => boolean {
    const standing = new Map<string, boolean>();
    for (const { keyOwner, revokedAt } of this.#options.keys.entries())
      standing.set(keyOwner, standing.get(keyOwner) === true || revokedAt === undefined);
    return (subject) => standing.get(subject) === false;
  }

  #look(nowMs: number): void {
    let isRetired: ((subject: string) => boolean) | undefined;
    const fresh: Silence[] = [];
    for (const [subject, thing] of this.#heard.entries()) {
      const silence = this.#silenceOf(subject, thing, nowMs);
      if (silence === undefined) continue;
      const known = this.#open.get(subject);
      if (known?.code === silence.code) continue;
      isRetired ??= this.#retired();
      if (this.#options.isPaused(subject) || isRetired(subject)) continue;
      this.#open.set(subject, silence);
      if (known === undefined) fresh.push(silence);
    }
    this.#tell(fresh, nowMs);
  }

  #silenceOf(subject: string, thing: HeardThing, nowMs: number): Silence | undefined {
    const { valuedMs, voidSinceMs, voids, lastVoidMs, rhythm } = thing;
    const sinceMs = valuedMs ?? voidSinceMs;
    if (sinceMs === undefined || thing.isDismissed) return undefined;
    const quietMs = nowMs - Math.max(sinceMs, this.#awakeMs);
    if (quietMs <= QUIET_MS_MIN || nowMs - sinceMs > GONE_MS) return undefined;
    const afterMs = rhythm.silentAfterMs ?? (voids >= VOIDS_MIN ? QUIET_MS_MIN : undefined);
    if (afterMs === undefined || quietMs <= afterMs) return undefined;
    const speaks = voids > 0 && nowMs - lastVoidMs <= afterMs;
    const [code, what] = speaks ? (['no-value', 'no usable value'] as const) : (['silent', 'silent'] as const);
    const usualMs = rhythm.silentAfterMs === undefined ? undefined : rhythm.usualMs;
    const usual = usualMs === undefined ? '' : `; usually it speaks every ${formatDuration(usualMs)}`;
    return { subject, code, sinceMs, usualMs, reason: `${what} since ${formatTime(sinceMs)}${usual}` };
  }

  #tell(fresh: readonly Silence[], nowMs: number): void {
    const severity = 'warning';
    if (fresh.length <= SINGLY_MAX) {
      for (const one of fresh)
        this.#options.onNew(`${one.code}:${encodeURIComponent(one.subject)}:${one.sinceMs}`, {
          ...one,
          ...{ severity, count: 1 },
        });
      return;
    }
    const sinceMs = Math.min(...fresh.map((one) => one.sinceMs));
    const reason = `${countOf(fresh.length, 'thing')} fell silent at once, ${fresh[0]?.subject} among them`;
    this.#options.onNew(`many-silent:${nowMs}`, {
      code: 'many-silent',
      severity,
      count: fresh.length,
      sinceMs,
      reason,
    });
  }

  /** Everything that is silent now, longest first, at most so many. */
  list(limit: number): Silence[] {
    return [...this.#open.values()]
      .sort((a, b) => a.sinceMs - b.sinceMs || (a.subject < b.subject ? -1 : 1))
      .slice(0, limit);
  }

  get counts(): { readonly total: number; readonly watched: number; readonly left: number } {
    return { total: this.#open.size, watched: this.#heard.size, left: this.#heard.left };
  }

  /** What is so of all of them, where it is not the single thing: in words. */
  get common(): { readonly sinceMs: number; readonly reason: string } | undefined {
    const { health } = this.#options.mqtt;
    if (!health.connected)
      return {
        sinceMs: health.sinceMs,
        reason: `nothing can come in over MQTT since ${formatTime(health.sinceMs)}: who falls silent is not known`,
      };
    const { total, watched } = this.counts;
    if (total <= MANY_MIN || total <= MANY_PART * watched) return undefined;
    const sinceMs = [...this.#open.values()].reduce((least, one) => Math.min(least, one.sinceMs), Number.MAX_VALUE);
    const reason = `${total} of ${countOf(watched, 'thing')} are silent: look at what they come through`;
    return { sinceMs, reason };
  }

  /** Writes down what was learnt. */
  keep(): void {
    const { disk, home, clock } = this.#options;
    this.#keptMs = clock();
    replaceNow(disk, fileOf(home), JSON.stringify({ things: this.#heard.kept() }));
  }
}

const fileOf = (home: string): string => join(home, 'silences.json');

/** What cannot be read is learnt again. */
function readKept({ disk, home }: Pick<SilencesOptions, 'disk' | 'home'>): KeptThing[] {
  try {
    return (JSON.parse(disk.read(fileOf(home)).toString('utf8')) as { things: KeptThing[] }).things;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return [];
    throw error;
  }
}
