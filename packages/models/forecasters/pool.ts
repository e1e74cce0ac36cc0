// The pool of methods, all asked for the same thing: forecasts of a series from an origin, using nothing after it.
import type { ForecastTask } from '../model.ts';
import { type Calendar, findEvents, readCalendar } from './calendar.ts';
import { config } from './config.ts';
import { Features, type Standard, standardise } from './features.ts';
import { usualSeasons, type Window } from './history.ts';
import type { Limits } from './limits.ts';
import { Profile, type Seasons } from './profile.ts';
import { type Coefficients, fitRegressions, type Group, groupHorizons, groupOfSteps, variants } from './regression.ts';
import { fitSmoothing, forecastSmoothing, type Smoothing, smoothed, smoothingMethods } from './smoothing.ts';

/** What the history's length and covariates make of a task; kept between two choices of methods. */
export interface Kind {
  readonly seasons: Seasons;
  /** Which covariates are events. */
  readonly events: readonly boolean[];
}

/** What the methods learnt. */
export interface Learnt {
  readonly standard: Standard;
  readonly coefficients: Coefficients;
  readonly smoothing: readonly Smoothing[];
}

/** The methods over one window. */
export class Pool {
  readonly names: readonly string[];
  readonly window: Window;
  readonly profiles: readonly Profile[];
  readonly groups: readonly Group[];
  /** Group of each step ahead. */
  readonly groupOf: Int32Array;
  readonly kind: Kind;
  readonly #seasons: Seasons;
  readonly #calendar: Calendar;
  /** Covariates of zeros and ones that are no events. */
  readonly #flags: readonly number[];

  /**
   * @param kind absent: found in the window
   * @param earlier over a window that began at the same step, to go on from
   */
  constructor(task: ForecastTask, window: Window, kind: Kind = findKind(task, window), earlier?: Pool) {
    this.window = window;
    this.kind = kind;
    this.#seasons = kind.seasons;
    const { main, day, rare } = this.#seasons;
    this.#calendar = readCalendar(window, kind.events);
    this.profiles = window.y.map((_, i) => new Profile(window, i, this.#seasons, this.#calendar, earlier?.profiles[i]));
    this.#flags = this.#calendar.plain.filter((i) => window.x[i]!.every((x) => x === 0 || x === 1));
    this.groups = groupHorizons(task.horizon);
    this.groupOf = groupOfSteps(this.groups);
    this.names = [
      'last value',
      ...(main > 0
        ? ['last season', 'mean of last seasons', 'seasons at the last level', 'fading seasons', 'median of seasons']
        : []),
      ...(main > day ? ['last day'] : []),
      ...(rare.length > 0 ? ['median and last years'] : []),
      ...(this.#smooths ? smoothingMethods : []),
      ...variants(task.series),
    ];
  }

  get #smooths(): boolean {
    return this.#seasons.main <= config.smoothingSeason;
  }

  /** The first step whose forecast can be judged: there is a season before it, and some part of the history. */
  get firstTrial(): number {
    return Math.min(
      this.window.length - 1,
      Math.max(this.#start, Math.ceil((1 - config.trialShare) * this.window.length)),
    );
  }

  get #start(): number {
    return Math.min(this.window.length - 1, this.#seasons.main + config.lags);
  }

  /**
   * Learns for each fold from the steps before it, to be judged there; and from all, to forecast.
   *
   * @param folds first step of each and the end of the last
   * @param limits that the window lies within
   * @returns one for each fold, then the one from all
   */
  fit(folds: readonly number[], limits: readonly Limits[]): readonly Learnt[] {
    const calendar = this.#calendar;
    const seasons = this.#seasons;
    const start = this.#start;
    const { window, profiles, groups } = this;
    const horizon = groups.at(-1)!.last + 1;
    const ahead = Math.max(1, Math.min(Math.ceil(horizon / 3), window.length >> 2));
    const standard = standardise(window, limits, ahead, Math.min(config.rows, window.length - start));
    const features = new Features(window, profiles, calendar, standard);
    // One or two parameters learn nothing of a fold by heart: smoothing is fitted once.
    const smoothing = this.#smooths ? window.y.map((y) => fitSmoothing(smoothed(y, window.length), seasons.main)) : [];
    return fitRegressions(window, features, standard, groups, start, folds).map((coefficients) => ({
      standard,
      coefficients,
      smoothing,
    }));
  }

  /**
   * Writes what is known of the size of a miss, see `intervals.ts`: the series' spread (1), how much the slot varied, how
   * much the series moves just now, how far the forecast is from the mean, how unusual the last season was, whether a
   * covariate marks the step, and how far its neighbours are from their means just now.
   */
  hint(
    out: Float64Array,
    at: number,
    standard: Standard,
    series: number,
    origin: number,
    step: number,
    x: number,
  ): void {
    const y = this.window.y[series]!;
    const scale = 1 / standard.spread[series]!;
    out[at] = 1;
    out[at + 1] = this.profiles[series]!.variation(step, origin) * scale;
    let moves = 0;
    const from = Math.max(1, origin - config.lags);
    for (let i = from; i < origin; i++) moves += Math.abs(y[i]! - y[i - 1]!);
    out[at + 2] = (moves / Math.max(1, origin - from)) * scale;
    out[at + 3] = Math.abs(x - standard.centre[series]!) * scale;
    out[at + 4] = this.profiles[series]!.unusual(origin) * scale;
    out[at + 5] = this.#marked(step) ? 1 : 0;
    const neighbours = standard.neighbours[series]!;
    let away = 0;
    for (const other of neighbours) {
      const z = this.window.y[other]!;
      const centre = standard.centre[other]!;
      const [low, high] = standard.limits[other]!;
      let sum = 0;
      for (let k = 1; k <= 3; k++) sum += Math.abs(Math.max(low, Math.min(high, z[Math.max(0, origin - k)]!)) - centre);
      away += sum / (3 * standard.spread[other]!);
    }
    out[at + 6] = neighbours.length > 0 ? away / neighbours.length : 0;
  }

  /** Does an event hold, or is another covariate of zeros and ones 1? */
  #marked(step: number): boolean {
    return this.#calendar.rarest[step]! > 0 || this.#flags.some((i) => this.window.x[i]![step] === 1);
  }

  /** A function that writes the forecasts of every method for a series from an origin to `out` [method][step]. */
  forecaster(learnt: Learnt): (series: number, origin: number, steps: number, out: readonly Float64Array[]) => void {
    const calendar = this.#calendar;
    const seasons = this.#seasons;
    const { window, profiles, groups } = this;
    const features = new Features(window, profiles, calendar, learnt.standard);
    const row = new Float64Array(features.size);
    return (series, origin, steps, out) => {
      const profile = profiles[series]!;
      const last = window.y[series]![origin - 1]!;
      const or = (x: number): number => (Number.isNaN(x) ? last : x);
      let k = 0;
      const each = (value: (step: number) => number): void => {
        for (let h = 0; h < steps; h++) out[k]![h] = value(origin + h);
        k++;
      };
      each(() => last);
      if (seasons.main > 0) {
        const effect = Float64Array.from({ length: steps }, (_, h) => profile.effect(origin + h, origin));
        const with_ = (value: (step: number) => number): void =>
          each((step) => or(value(step) + effect[step - origin]!));
        with_((step) => profile.recent(step, origin, 1));
        with_((step) => profile.recent(step, origin));
        const rise =
          features.mean(series, origin, seasons.main) - features.mean(series, origin, config.meanVisits * seasons.main);
        with_((step) => profile.recent(step, origin) + rise);
        with_((step) => profile.fading(step, origin));
        with_((step) => profile.usual(step, origin));
        if (seasons.main > seasons.day) with_((step) => profile.recent(step, origin, 1, seasons.day));
        if (seasons.rare.length > 0)
          with_((step) => profile.usual(step, origin) + profile.analogue(step, origin, seasons.day));
      }
      if (this.#smooths) {
        const into = out.slice(k, k + smoothingMethods.length);
        forecastSmoothing(smoothed(window.y[series]!, origin), learnt.smoothing[series]!, steps, into);
        k += smoothingMethods.length;
      }
      const level = features.level(series, origin);
      const spread = learnt.standard.spread[series]!;
      for (const [g, { first, last }] of groups.entries()) {
        for (let h = first; h <= last && h < steps; h++) {
          features.fill(row, series, origin, origin + h);
          for (const [v, of] of learnt.coefficients.entries()) {
            const beta = of[g]![series]!;
            let sum = 0;
            for (let a = 0; a < row.length; a++) sum += beta[a]! * row[a]!;
            out[k + v]![h] = level + spread * sum;
          }
        }
      }
    };
  }
}

function findKind(task: ForecastTask, window: Window): Kind {
  const seasons = chooseSeasons(task.seasons, window.length);
  return { seasons, events: findEvents(window, seasons.day) };
}

/** The season of the profile is the longest usual one of which there are two; years serve as analogues. */
function chooseSeasons(seasons: readonly number[], length: number): Seasons {
  const usual = usualSeasons(seasons).filter((season) => 2 * season <= length);
  const rare = seasons.slice(usualSeasons(seasons).length).filter((season) => season < length);
  return { main: usual.at(-1) ?? 0, day: usual[0] ?? 0, rare: usual.length > 0 ? rare : [] };
}
