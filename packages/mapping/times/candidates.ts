// Which column, or pair of columns, is the time of a table, and how it is written: what the cells do decides, over all
// rows; a heading only tips the balance. Where two answers are close nobody may guess.
import type { ZoneTable } from '@trine/protocol/calendar/zones.ts';
import { isClockHeading, type Look, lookAt } from './cells.ts';
import { inZone, type TimeFormat, wordsOfFormat } from './format.ts';
import { zoneOfHeading } from './heading-zone.ts';
import { Measure } from './measure.ts';
import { partsOf } from './parts.ts';
import { type Join, RowTimes, type TimeSource } from './row-times.ts';
import { DAY_MS } from './said.ts';

export interface Candidate {
  readonly source: TimeSource;
  /** Headings of its columns, joined by +. */
  readonly name: string;
  readonly score: number;
  /** Share of the filled cells that are times. */
  readonly share: number;
  readonly rows: number;
  /** Rows at the moment of the row before. */
  readonly alike: number;
  /** Cells of the first row that it could read, and the moment. */
  readonly sample: { readonly text: string; readonly ms: number };
}

export interface TimeChoice {
  readonly best?: Candidate;
  readonly runnerUp?: Candidate;
  /** In words, where nobody may guess: a person says which, or the table is refused. */
  readonly question?: string;
}

export interface CandidateOptions {
  /** Of cells that name none. */
  readonly zone: string;
  readonly zones: ZoneTable;
  /** What is dated later is no measured time. */
  readonly nowMs: number;
  /** Only these columns, and how they make one time if that is known. */
  readonly columns?: readonly number[];
  /** Only this format. */
  readonly format?: TimeFormat;
  /** Columns that are something else. */
  readonly skip?: ReadonlySet<number>;
  /** Numbered parts of a day are dated at their start, unless this says their end. */
  readonly slotsAt?: 'start' | 'end';
}

const LOOK_ROWS = 400;
const TRIALS_MAX = 24;
const SHARE_MIN = 0.9;
/** A trial that cannot read this share of so many rows is given up. */
const GIVE_UP = { rows: 1_000, share: 0.5 } as const;
/** Scores that lie closer are no difference. */
const CLOSE = 0.1;

const HEADING =
  /time|date|stamp|^ts$|epoch|unix|zeit|datum|tag$|uhr|fecha|hora|heure|horodat|jour|tijd|^data|^ora\b|giorno|begin|start|^from\b|^von\b|^dag/i;

const SLOT_HEADING = /hour|hora|heure|stunde|std|uur|\bora\b|\bh[eh]\b|period|slot|interval|quarter|viertel|half/i;

/**
 * Scores what could be the time of a table.
 *
 * @param names headings
 * @param rows all of them, or the first: each is looked at once
 * @example timeCandidates(['Datum', 'Uhrzeit', 'kWh'], rows, { zone: 'Europe/Berlin', zones, nowMs }).best?.name // 'Datum+Uhrzeit'
 */
export function timeCandidates(
  names: readonly string[],
  rows: Iterable<readonly string[]>,
  options: CandidateOptions,
): TimeChoice {
  const iterator = rows[Symbol.iterator]();
  const head: (readonly string[])[] = [];
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    head.push(next.value);
    if (head.length >= LOOK_ROWS) break;
  }
  const trials = new TimeTrials(names, head, options);
  for (const row of head) trials.take(row);
  for (let next = iterator.next(); !next.done; next = iterator.next()) trials.take(next.value);
  return trials.choice;
}

/** What {@link timeCandidates} does, for rows that come one after the other. */
export class TimeTrials {
  readonly #trials: readonly Trial[];
  readonly #pairs: readonly Pair[];

  /** @param head the first rows: they say what could be a time at all, and are to be taken like all others */
  constructor(names: readonly string[], head: readonly (readonly string[])[], options: CandidateOptions) {
    const first = head.slice(0, LOOK_ROWS);
    const open = names.map((_, i) => i).filter((i) => !options.skip?.has(i) && (options.columns?.includes(i) ?? true));
    const looks = open.map((i) =>
      lookAt(i, names[i] as string, filled(first, i), options.zone, options.zones, only(options)),
    );
    const parts = options.columns ? undefined : partsOf(looks, (position) => filled(first, position), options.zone);
    this.#trials = [...(parts ? [parts] : []), ...sourcesOf(looks, options)]
      .slice(0, TRIALS_MAX)
      .map((source) => new Trial(source, looks, names, options));
    this.#pairs = this.#trials.flatMap((a, i) => this.#trials.slice(i + 1).map((b) => new Pair(a, b)));
  }

  /** Tries each way on the next row. */
  take(row: readonly string[]): void {
    for (const trial of this.#trials) trial.take(row);
    for (const pair of this.#pairs) pair.take();
  }

  get choice(): TimeChoice {
    return choose(this.#trials, this.#pairs);
  }
}

/** A format that was said may be of digits or texts; of a pair it reads both cells together. */
function only({ format, columns }: CandidateOptions): TimeFormat | undefined {
  return columns && columns.length > 1 ? undefined : format;
}

function filled(rows: readonly (readonly string[])[], position: number): string[] {
  return rows.map((row) => (row[position] ?? '').trim()).filter((cell) => cell !== '' && cell !== '-');
}

/** What is worth a closer look, single columns first. */
function sourcesOf(looks: readonly Look[], options: CandidateOptions): TimeSource[] {
  const { columns, format, slotsAt = 'start' } = options;
  const single: TimeSource[] = [];
  const joined: TimeSource[] = [];
  const counts = (join: Omit<Extract<Join, { kind: 'slots' }>, 'at' | 'counts'>) =>
    (['clock', 'elapsed'] as const).map((one) => ({ ...join, counts: one, at: slotsAt }));
  for (const look of looks)
    for (const { format: found, isDate } of look.formats) {
      if (columns === undefined || columns.length === 1) single.push({ columns: [look.position], format: found });
      if (!isDate || found.kind === 'unix') continue;
      for (const beside of looks) {
        if (beside === look || (columns && columns[0] !== look.position)) continue;
        const joins: Join[] = [
          ...(beside.clock
            ? [beside.clock === 'span' ? { kind: beside.clock, at: slotsAt } : { kind: beside.clock }]
            : []),
          ...(beside.slots ? counts(beside.slots) : []),
        ];
        for (const kept of format ? [inZone(format, options.zone)] : withClocks(found))
          for (const join of joins) joined.push({ columns: [look.position, beside.position], format: kept, join });
      }
    }
  // What was said to be two columns may be anything that reads together.
  if (columns && columns.length > 1 && joined.length === 0)
    for (const found of format ? [format] : textFormats)
      joined.push({ columns, format: inZone(found, options.zone), join: { kind: 'text' } });
  return [...joined, ...single];
}

/** Dates of ISO stand beside other clocks, too: 2:30 PM. */
const withClocks = (format: TimeFormat): TimeFormat[] =>
  format.kind === 'iso' ? [format, { ...format, kind: 'year-first' }] : [format];

const textFormats: readonly TimeFormat[] = [
  { kind: 'iso' },
  { kind: 'year-first' },
  { kind: 'day-first' },
  { kind: 'month-first' },
];

/** Days with digits enough that none but a time comes to whole minutes. */
const FINE = /[.,]\d{4}/;

/** One way to read the time, tried on every row. */
class Trial {
  readonly source: TimeSource;
  readonly name: string;
  readonly measure = new Measure();
  /** Digits could be anything; dates are nothing else. */
  readonly isDigits: boolean;
  readonly hasHeading: boolean;
  readonly isClockNamed: boolean;
  readonly isSlotNamed: boolean;
  /** Its heading names a zone. */
  readonly hasZone: boolean;
  readonly #times: RowTimes;
  readonly #nowMs: number;
  #sample: Candidate['sample'] | undefined;
  #round = 0;
  /** Of numbered parts of a day: the date and number before, and how often the numbers went on over a change of date. */
  #slotBefore: readonly [string, number] | undefined;
  #wentOn = 0;
  /** Of the row at hand, and of the one before. */
  ms = Number.NaN;
  beforeMs = Number.NaN;
  isOver = false;

  constructor(
    source: TimeSource,
    looks: readonly Look[],
    names: readonly string[],
    { zones, nowMs }: CandidateOptions,
  ) {
    this.source = source;
    const [date, clock] = source.columns;
    this.name = source.columns.map((position) => names[position]).join('+');
    this.isDigits = source.columns.length === 1 && (looks.find(({ position }) => position === date)?.isDigits ?? false);
    this.hasHeading = HEADING.test(names[date as number] ?? '');
    this.isSlotNamed = clock !== undefined && SLOT_HEADING.test(names[clock] ?? '');
    this.hasZone = source.columns.some((position) => zoneOfHeading(names[position] ?? '') !== undefined);
    this.isClockNamed = clock !== undefined && isClockHeading(names[clock] ?? '');
    this.#times = new RowTimes(source, zones);
    this.#nowMs = nowMs;
  }

  take(row: readonly string[]): void {
    if (this.isOver) return;
    this.beforeMs = this.ms;
    this.ms = Number.NaN;
    const found = this.#times.read(row);
    if (found.kind === 'none') return;
    const { measure } = this;
    measure.rows++;
    if (this.source.join?.kind === 'slots') this.#takeSlot(row);
    if (found.kind === 'time') {
      this.#sample ??= { text: this.#times.textOf(row), ms: found.ms };
      measure.add(found.ms, this.#nowMs);
      this.ms = found.ms;
      if (found.ms % 60_000 === 0 && FINE.test(row[this.source.columns[0] as number] ?? '')) this.#round++;
    }
    this.isOver = measure.rows >= GIVE_UP.rows && measure.readable < GIVE_UP.share * measure.rows;
  }

  #takeSlot(row: readonly string[]): void {
    const [date = '', slot = ''] = this.source.columns.map((position) => row[position]);
    const before = this.#slotBefore;
    if (before && before[0] !== date && Math.abs(Number(slot) - before[1]) <= 1) this.#wentOn++;
    this.#slotBefore = [date, Number(slot)];
  }

  get fits(): boolean {
    const { measure } = this;
    if (this.isOver || measure.readable === 0 || measure.share < SHARE_MIN) return false;
    if (this.isDigits && measure.changes === 0 && measure.readable > 1) return false;
    if (this.source.format.kind === 'excel') return measure.oneWay > 0.99;
    // A day begins with its first part.
    return this.source.join?.kind !== 'slots' || (measure.oneWay > 0.97 && this.#wentOn === 0);
  }

  /** Better kinds first: what changes before what never does, dates before digits. */
  get tier(): number {
    if (this.measure.changes === 0 && this.measure.readable > 1) return 2;
    return this.isDigits ? 1 : 0;
  }

  get score(): number {
    const { share, oneWay, density, change, regularity } = this.measure;
    return share * (0.3 * oneWay + 0.25 * density + 0.35 * change + 0.1 * regularity);
  }

  /** Digits without a telling heading: do their steps or their roundness speak for a time? */
  get isDoubtful(): boolean {
    if (!this.isDigits || this.hasHeading || this.source.format.kind === 'compact') return false;
    if (this.source.format.kind === 'excel')
      return this.#round < 0.95 * this.measure.readable || this.measure.change < 1;
    return this.measure.regularity <= 0.5;
  }

  get candidate(): Candidate {
    const { share, rows, alike } = this.measure;
    const sample = this.#sample ?? { text: '', ms: Number.NaN };
    return { source: this.source, name: this.name, score: this.score, share, rows, alike, sample };
  }
}

/** Two trials beside each other: the same moments, or beginning and end of one span? */
class Pair {
  readonly a: Trial;
  readonly b: Trial;
  #both = 0;
  #same = 0;
  /** One ends where the next row of the other begins. */
  #chained = 0;
  #ofSpan = 0;
  #spanMs: number | undefined;

  constructor(a: Trial, b: Trial) {
    this.a = a;
    this.b = b;
  }

  take(): void {
    const { a, b } = this;
    if (Number.isNaN(a.ms) || Number.isNaN(b.ms)) return;
    this.#both++;
    const spanMs = b.ms - a.ms;
    if (spanMs === 0) this.#same++;
    this.#spanMs ??= spanMs;
    if (spanMs === this.#spanMs) this.#ofSpan++;
    if (a.ms === b.beforeMs || b.ms === a.beforeMs) this.#chained++;
  }

  is(a: Trial, b: Trial): boolean {
    return (this.a === a && this.b === b) || (this.a === b && this.b === a);
  }

  get isSame(): boolean {
    return this.#both > 0 && this.#same >= 0.99 * this.#both;
  }

  get isSpan(): boolean {
    // One that names its zone and one that does not are two clocks, not two ends.
    if (this.a.hasZone !== this.b.hasZone) return false;
    const long = 0.9 * (this.#both - 1);
    const isShort = Math.abs(this.#spanMs ?? 0) <= DAY_MS;
    return this.#both > 1 && (this.#chained >= long || (isShort && this.#ofSpan >= long));
  }
}

function choose(trials: readonly Trial[], pairs: readonly Pair[]): TimeChoice {
  const fitting = withoutIdleClocks(trials.filter(({ fits }) => fits));
  const order = (a: Trial, b: Trial) =>
    a.tier - b.tier ||
    Number(a.isDoubtful) - Number(b.isDoubtful) ||
    weight(b) - weight(a) ||
    (a.source.columns[0] as number) - (b.source.columns[0] as number) ||
    (a.source.columns[1] ?? -1) - (b.source.columns[1] ?? -1);
  const [best, ...others] = fitting.sort(order);
  if (best === undefined) return {};
  const pairOf = (other: Trial) => pairs.find((pair) => pair.is(best, other));
  const different = others.filter((other) => !pairOf(other)?.isSame);
  const rival = different.find((other) => isClose(best, other, pairOf(other)));
  const runnerUp = rival ?? different[0];
  const question = rival
    ? questionOf(best.candidate, rival.candidate)
    : best.isDoubtful
      ? `The numbers in ${best.name}, such as ${best.candidate.sample.text}, could be ${wordsOfFormat(best.source.format)}, or something else.`
      : undefined;
  return {
    best: best.candidate,
    ...(runnerUp && { runnerUp: runnerUp.candidate }),
    ...(question !== undefined && { question }),
  };
}

/** A heading tips the balance, no more. */
const weight = (trial: Trial) => trial.score + (trial.hasHeading ? 0.02 : 0);

/** A clock beside a date belongs to it where the date alone stands still, or where it says that it is one. */
function withoutIdleClocks(trials: readonly Trial[]): Trial[] {
  const alone = (trial: Trial) =>
    trials.find(({ source }) => source.columns.length === 1 && source.columns[0] === trial.source.columns[0]);
  const gains = (trial: Trial) => {
    const date = alone(trial);
    // Of one day alone, numbers from 1 on may number the rows.
    const isOneDay = trial.source.join?.kind === 'slots' && date?.measure.changes === 0;
    if (isOneDay && !trial.isSlotNamed) return false;
    const isMore = date === undefined || trial.measure.change - date.measure.change >= 0.2;
    return isMore || (trial.isClockNamed && trial.source.join?.kind !== 'slots');
  };
  const joined = trials.filter(({ source }) => source.columns.length > 1).filter(gains);
  // The numbers of a day's parts are what clocks show, unless only the time since midnight can be read.
  const sameCells = (a: Trial, b: Trial) =>
    a.source.columns.join() === b.source.columns.join() && a.source.format.kind === b.source.format.kind;
  const slots = joined.filter((trial) => {
    const { join } = trial.source;
    if (join?.kind !== 'slots') return true;
    const other = joined.find((one) => one !== trial && one.source.join?.kind === 'slots' && sameCells(one, trial));
    if (other === undefined) return true;
    const better = trial.measure.share - other.measure.share;
    return better === 0 ? join.counts === 'clock' : better > 0;
  });
  const isDateOf = (trial: Trial) =>
    trial.source.columns.length === 1 && slots.some(({ source }) => source.columns[0] === trial.source.columns[0]);
  return [...slots, ...trials.filter((trial) => trial.source.columns.length === 1 && !isDateOf(trial))];
}

function isClose(best: Trial, other: Trial, pair: Pair | undefined): boolean {
  if (other.tier !== best.tier) return false;
  const [a, b] = [best.measure, other.measure];
  if (best.source.columns.join() === other.source.columns.join())
    return (
      Math.abs(a.share - b.share) <= 0.002 && Math.abs(a.oneWay - b.oneWay) <= 0.02 && a.density - b.density <= 0.2
    );
  if (pair?.isSpan) return false;
  if (other.isDoubtful && !best.isDoubtful) return false;
  if (best.hasHeading && !other.hasHeading) return false;
  return best.score - other.score < CLOSE;
}

function questionOf(best: Candidate, rival: Candidate): string {
  const day = ({ sample }: Candidate) => new Date(sample.ms).toISOString().slice(0, 16).replace('T', ' ');
  if (best.name === rival.name)
    return `"${best.sample.text}" in ${best.name} could be ${day(best)} (${wordsOfFormat(best.source.format)}) or ${day(rival)} (${wordsOfFormat(rival.source.format)}), in UTC.`;
  return `The time could be in ${best.name} (${best.sample.text}) or in ${rival.name} (${rival.sample.text}).`;
}
