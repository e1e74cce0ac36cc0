// What a forecaster remembers: the last steps of every series, gaps filled, in bounded memory and canonical bytes.
import type { ForecastTask } from '../model.ts';
import { readState, type StateParts, stateBytes, writeState } from '../state.ts';
import { config } from './config.ts';
import { farFrom, isCode } from './sentinels.ts';

/** A stretch of history. Index 0 is its first step; `offset` is how many steps were learnt before that one. */
export interface Window {
  readonly length: number;
  readonly offset: number;
  /** Values by series; a missing one is filled. */
  readonly y: readonly Float64Array[];
  /** 1 where the value was missing. */
  readonly missing: readonly Uint8Array[];
  /** Covariates, filled; longer than `length` where the future's are known. */
  readonly x: readonly Float64Array[];
}

/** Steps kept for a task. */
export function historySteps({ series, exogenous = 0, historySteps = config.historySteps }: ForecastTask): number {
  return Math.min(historySteps, Math.floor(config.historyValues / (series + exogenous)));
}

/** @param least steps of history needed @throws RangeError naming what is wrong with a task */
export function checkTask(task: ForecastTask, least: number): void {
  const { series, intervalMs, seasons, exogenous = 0, horizon, levels } = task;
  const demand = (holds: boolean, what: string, got: unknown): void => {
    if (!holds) throw new RangeError(`Expected ${what}, got ${JSON.stringify(got)}.`);
  };
  const count = (x: number, least: number): boolean => Number.isInteger(x) && x >= least;
  demand(count(series, 1), 'one series or more', series);
  demand(intervalMs > 0 && Number.isFinite(intervalMs), 'an interval above 0 ms', intervalMs);
  demand(
    seasons.every((season, i) => count(season, 2) && (i === 0 || season > seasons[i - 1]!)),
    'seasons of two steps or more, shortest first',
    seasons,
  );
  demand(count(exogenous, 0), 'a count of covariates', exogenous);
  demand(count(horizon, 1), 'a horizon of one step or more', horizon);
  demand(
    levels.every((level) => level > 0 && level < 1),
    'levels between 0 and 1',
    levels,
  );
  const kept = historySteps(task);
  demand(count(kept, least), `a history of ${least} steps or more`, kept);
}

/** Bytes of the state of a history of so many steps. */
export const historyBytes = ({ series, exogenous = 0 }: ForecastTask, steps: number): number =>
  stateBytes([new Float64Array(2)]) + steps * (9 * series + 8 * exogenous);

const isPowerOfTwo = (x: number): boolean => Number.isInteger(x) && (x & (x - 1)) === 0;

const usable = (x: number | undefined): boolean => x !== undefined && Math.abs(x) <= config.valueMax;

export class History {
  /** Steps learnt in all. */
  count = 0;
  /** Steps kept at most. */
  readonly keep: number;
  #held = 0;
  #lastTimeMs = 0;
  #y: Float64Array[];
  #missing: Uint8Array[];
  #x: Float64Array[];
  readonly #task: ForecastTask;
  readonly #tag: string;
  readonly #version: number;

  constructor(task: ForecastTask, tag: string, version: number) {
    this.#task = task;
    this.#tag = tag;
    this.#version = version;
    this.keep = historySteps(task);
    const room = Math.min(256, this.keep);
    this.#y = Array.from({ length: task.series }, () => new Float64Array(room));
    this.#missing = Array.from({ length: task.series }, () => new Uint8Array(room));
    this.#x = Array.from({ length: task.exogenous ?? 0 }, () => new Float64Array(room));
  }

  /**
   * Appends a step. Steps left out before it are taken as missing; one that is not after the last is ignored.
   *
   * @returns whether steps learnt before changed: what was made of them is to be made anew
   */
  learn(timeMs: number, values: ArrayLike<number>, exogenous: ArrayLike<number> = []): boolean {
    const { series, exogenous: covariates = 0, intervalMs } = this.#task;
    if (values.length !== series)
      throw new RangeError(`Expected ${series} values, one for each series, got ${values.length}.`);
    if (exogenous.length !== covariates)
      throw new RangeError(`Expected ${covariates} covariates, as the task says, got ${exogenous.length}.`);
    if (!Number.isFinite(timeMs)) return false;
    let changed = false;
    if (this.count > 0) {
      const steps = Math.floor((timeMs - this.#lastTimeMs) / intervalMs + 0.5);
      if (steps < 1) return false;
      for (let gap = Math.min(steps - 1, this.keep); gap > 0; gap--) changed = this.#append([], []) || changed;
    }
    changed = this.#append(values, exogenous) || changed;
    this.#lastTimeMs = timeMs;
    return changed;
  }

  #append(values: ArrayLike<number>, exogenous: ArrayLike<number>): boolean {
    this.#makeRoom();
    const at = this.#held;
    for (const [i, y] of this.#y.entries()) {
      const there = usable(values[i]) && !this.#isNone(values[i]!, y, this.#missing[i]);
      this.#missing[i]![at] = there ? 0 : 1;
      y[at] = there ? values[i]! : this.#fill(y, at, 0);
    }
    for (const [i, x] of this.#x.entries()) {
      const there = usable(exogenous[i]) && !this.#isNone(exogenous[i]!, x);
      x[at] = there ? exogenous[i]! : at > 0 ? x[at - 1]! : 0;
    }
    this.#held++;
    this.count++;
    // A code that came first had nothing to be measured against: it is looked at again, ever more seldom.
    return this.count >= 16 && isPowerOfTwo(this.count) && this.#revise();
  }

  /** Is it a number that stands for "no value", by what was learnt before? */
  #isNone(x: number, values: Float64Array, missing?: Uint8Array): boolean {
    return isCode(x) && farFrom(values, missing, this.#first, this.#held)?.(x) === true;
  }

  /** The first step that is kept: only what is in the state may tell. */
  get #first(): number {
    return Math.max(0, this.#held - this.keep);
  }

  /** Takes out numbers that stand for "no value", now that there are others to tell. @returns whether there were any */
  #revise(): boolean {
    let changed = false;
    const [first, end] = [this.#first, this.#held];
    for (const [i, y] of this.#y.entries()) {
      const missing = this.#missing[i]!;
      const from = this.#firstNone(y, missing);
      if (from < 0) continue;
      changed = true;
      const far = farFrom(y, missing, first, end)!;
      for (let t = from; t < end; t++) if (isCode(y[t]!) && far(y[t]!)) missing[t] = 1;
      const known = missing.indexOf(0, first);
      for (let t = from; t < end; t++) if (missing[t] === 1) y[t] = t < known ? y[known]! : this.#fill(y, t, first);
    }
    for (const x of this.#x) {
      const from = this.#firstNone(x);
      if (from < 0) continue;
      changed = true;
      const far = farFrom(x, undefined, first, end)!;
      const isNone = (value: number): boolean => isCode(value) && far(value);
      const known = x.findIndex((value, t) => t >= first && !isNone(value));
      for (let t = from; t < end; t++) if (isNone(x[t]!)) x[t] = t < known ? x[known]! : x[t - 1]!;
    }
    return changed;
  }

  /** The first step kept whose value stands for none; -1 where there is none such. */
  #firstNone(values: Float64Array, missing?: Uint8Array): number {
    const coded = (x: number, t: number): boolean =>
      t >= this.#first && t < this.#held && isCode(x) && missing?.[t] !== 1;
    if (!values.some(coded)) return -1;
    const far = farFrom(values, missing, this.#first, this.#held);
    return values.findIndex((x, t) => coded(x, t) && far?.(x) === true);
  }

  /**
   * What stands for a missing value: the one a season before, of the longest season that is not rare; else the last.
   *
   * @param first step before which there is nothing
   */
  #fill(y: Float64Array, at: number, first: number): number {
    const season = usualSeasons(this.#task.seasons).findLast((steps) => steps <= at - first);
    return at === first ? 0 : y[at - (season ?? 1)]!;
  }

  /** Arrays double until they hold a quarter more than is kept; then that quarter is dropped at once. */
  #makeRoom(): void {
    const room = this.#missing[0]!.length;
    if (this.#held < room) return;
    const most = this.keep + Math.max(1, this.keep >> 2);
    if (room < most) {
      const size = Math.min(most, 2 * room);
      const grown = <A extends Float64Array | Uint8Array>(old: A, fresh: A): A => {
        fresh.set(old);
        return fresh;
      };
      this.#y = this.#y.map((old) => grown(old, new Float64Array(size)));
      this.#missing = this.#missing.map((old) => grown(old, new Uint8Array(size)));
      this.#x = this.#x.map((old) => grown(old, new Float64Array(size)));
      return;
    }
    const from = this.#held - this.keep;
    for (const array of [...this.#y, ...this.#missing, ...this.#x]) array.copyWithin(0, from, this.#held);
    this.#held = this.keep;
  }

  /**
   * The steps `from` to `to` (counted from the first ever learnt; the earliest kept is `count − keep`).
   *
   * @param future covariates of the steps after `to`
   */
  window(from: number, to: number, future: readonly ArrayLike<number>[] = []): Window {
    const [a, b] = [from - this.count + this.#held, to - this.count + this.#held];
    const x = this.#x.map((known, i) => {
      if (future.length === 0) return known.subarray(a, b);
      const all = new Float64Array(b - a + future.length);
      all.set(known.subarray(a, b));
      for (const [step, row] of future.entries()) {
        const there = usable(row[i]) && !this.#isNone(row[i]!, known);
        all[b - a + step] = there ? row[i]! : all[b - a + step - 1]!;
      }
      return all;
    });
    return {
      length: b - a,
      offset: from,
      y: this.#y.map((values) => values.subarray(a, b)),
      missing: this.#missing.map((values) => values.subarray(a, b)),
      x,
    };
  }

  state(): Uint8Array {
    const kept = Math.min(this.#held, this.keep);
    const { y, missing, x } = this.window(this.count - kept, this.count);
    return writeState(this.#tag, this.#version, [
      Float64Array.of(this.count, this.#lastTimeMs),
      ...y,
      ...missing,
      ...x,
    ]);
  }

  restore(bytes: Uint8Array): void {
    const { series, exogenous = 0 } = this.#task;
    const row = 9 * series + 8 * exogenous;
    const kept = (bytes.length - historyBytes(this.#task, 0)) / row;
    if (!Number.isInteger(kept) || kept < 0 || kept > this.keep)
      throw new RangeError(`A state of ${this.#tag} has whole steps of ${row} bytes, at most ${this.keep} of them.`);
    const scalars = new Float64Array(2);
    const room = Math.max(1, Math.min(256, this.keep), kept);
    const arrays = (count: number) => Array.from({ length: count }, () => new Float64Array(room));
    const [y, x] = [arrays(series), arrays(exogenous)];
    const missing = Array.from({ length: series }, () => new Uint8Array(room));
    const parts: StateParts = [scalars, ...[...y, ...missing, ...x].map((array) => array.subarray(0, kept))];
    readState(this.#tag, this.#version, parts, bytes);
    const [count, lastTimeMs] = scalars as unknown as [number, number];
    if (
      !Number.isInteger(count) ||
      Math.min(count, this.keep) !== kept ||
      missing.some((flags) => flags.some((flag) => flag > 1))
    )
      throw new RangeError(`The state of ${this.#tag} contradicts itself: the bytes are damaged.`);
    this.#y = y;
    this.#x = x;
    this.#missing = missing;
    this.count = count;
    this.#lastTimeMs = lastTimeMs;
    this.#held = kept;
  }
}

/** Seasons that recur often enough for a profile: those before one that is many times as long. */
export function usualSeasons(seasons: readonly number[]): readonly number[] {
  const rare = seasons.findIndex((steps, i) => i > 0 && steps >= config.rareSeason * seasons[i - 1]!);
  return rare < 0 ? seasons : seasons.slice(0, rare);
}
