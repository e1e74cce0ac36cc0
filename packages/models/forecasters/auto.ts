// The automatic forecaster: a pool of methods, compared on the last part of the history by forecasts from many origins,
// combined by weights that would have been best there, with intervals from what the combination missed. What it learnt
// is a function of the history alone, so its state is the history.
import type { Forecast, Forecaster, ForecasterModel, ForecastTask } from '../model.ts';
import { type Trials, type Weights, weigh } from './combine.ts';
import { config } from './config.ts';
import { checkTask, History, historyBytes, historySteps } from './history.ts';
import { type Bounds, binOf, clues, expectedMiss, learnBounds } from './intervals.ts';
import { limitsOf, windowWithin } from './limits.ts';
import { type Kind, type Learnt, Pool } from './pool.ts';
import { foldOf, variants } from './regression.ts';

const TAG = 'AUTO';
const VERSION = 2;

interface Fit {
  /** Steps learnt when it was made. */
  readonly at: number;
  readonly kind: Kind;
  readonly learnt: Learnt;
  readonly weights: Weights;
  readonly bounds: Bounds;
  readonly spread: Float64Array;
  readonly names: readonly string[];
}

class Auto implements Forecaster {
  readonly #task: ForecastTask;
  readonly #history: History;
  /** Derived from the history when first needed, not state. */
  #fitted: Fit | undefined;
  /** The one of the last forecast, to go on from. */
  #pool: Pool | undefined;

  constructor(task: ForecastTask) {
    this.#task = task;
    this.#history = new History(task, TAG, VERSION);
  }

  learn(timeMs: number, values: ArrayLike<number>, exogenous?: ArrayLike<number>): void {
    if (!this.#history.learn(timeMs, values, exogenous)) return;
    this.#fitted = undefined;
    this.#pool = undefined;
  }

  forecast(steps: number, exogenous: readonly ArrayLike<number>[] = []): Forecast {
    const { horizon, exogenous: covariates = 0, series, levels, floor = Number.NEGATIVE_INFINITY } = this.#task;
    if (!(Number.isInteger(steps) && steps >= 1 && steps <= horizon))
      throw new RangeError(`Expected 1 to ${horizon} steps, the task's horizon, got ${steps}.`);
    if (covariates > 0 && (exogenous.length !== steps || exogenous.some((row) => row.length !== covariates)))
      throw new RangeError(`Expected ${steps} rows of ${covariates} covariates, one row for each step to forecast.`);
    const make = () => Array.from({ length: series }, () => new Float64Array(steps).fill(Number.NaN));
    const point = make();
    const intervals = levels.map((level) => ({ level, low: make(), high: make() }));
    const fit = this.#fit();
    if (!fit) {
      const { y, length } = this.#history.window(Math.max(0, this.#history.count - 1), this.#history.count);
      if (length > 0) for (const [i, values] of point.entries()) values.fill(y[i]![0]!);
      return { point, intervals };
    }
    const { count, keep } = this.#history;
    const pool = new Pool(
      this.#task,
      this.#history.window(Math.max(0, count - keep), count, exogenous),
      fit.kind,
      this.#pool,
    );
    this.#pool = pool;
    const origin = pool.window.length;
    const each = pool.forecaster(fit.learnt);
    const out = fit.names.map(() => new Float64Array(steps));
    const hints = new Float64Array(clues);
    for (let i = 0; i < series; i++) {
      each(i, origin, steps, out);
      for (let h = 0; h < steps; h++) {
        const group = pool.groupOf[h]!;
        let x = combine(fit.weights[group]![i]!, out, h);
        pool.hint(hints, 0, fit.learnt.standard, i, origin, origin + h, x);
        // Where nothing ever happens (the sun at night), nothing will.
        const still = pool.profiles[i]!.still(origin + h, origin);
        const isStill = !Number.isNaN(still);
        const spreads = isStill ? 0 : expectedMiss(fit.bounds.sizes[group]!, hints, 0) * fit.bounds.series[i]!;
        const size = spreads * fit.spread[i]!;
        const bin = binOf(fit.bounds.cuts[group]!, spreads);
        const combined = isStill ? still : x;
        x = Math.max(floor, this.#task.point === 'median' ? combined + fit.bounds.middle[i]! * size : combined);
        point[i]![h] = x;
        for (const [l, { low, high }] of intervals.entries()) {
          const below = combined + fit.bounds.low[group]![l]![bin]! * size;
          const upper = below > floor ? fit.bounds.high : fit.bounds.top;
          low[i]![h] = Math.max(floor, Math.min(x, below));
          high[i]![h] = Math.max(x, combined + upper[group]![l]![bin]! * size);
        }
      }
    }
    return { point, intervals };
  }

  explain(): string {
    const fit = this.#fit();
    if (!fit) return 'Too little history yet: the last value.';
    const mean = (stretch: readonly Float64Array[], k: number): number =>
      stretch.reduce((sum, w) => sum + w[k]!, 0) / stretch.length;
    return fit.names
      .map((name, k) => [name, fit.weights.reduce((sum, s) => sum + mean(s, k), 0) / fit.weights.length] as const)
      .filter(([, share]) => share >= 0.005)
      .sort(([, a], [, b]) => b - a)
      .map(([name, share]) => `${Math.floor(share * 100 + 0.5)} % ${name}`)
      .join(', ');
  }

  state(): Uint8Array {
    return this.#history.state();
  }

  restore(bytes: Uint8Array): void {
    this.#history.restore(bytes);
    this.#fitted = undefined;
    this.#pool = undefined;
  }

  /** What follows from the history up to the last step at which methods are chosen; undefined where it is too short. */
  #fit(): Fit | undefined {
    const { count, keep } = this.#history;
    const { horizon, series, levels } = this.#task;
    const every = refitSteps(count, horizon, keep);
    const at = count - (count % every);
    if (at < config.stepsMin) return undefined;
    if (this.#fitted?.at === at) return this.#fitted;
    // The window is the same whenever this is asked before the next choice.
    const known = this.#history.window(Math.max(0, at - (keep - refitSteps(keep, horizon, keep))), at);
    const limits = limitsOf(known);
    const window = windowWithin(known, limits);
    const pool = new Pool(this.#task, window);
    const from = Math.max(pool.firstTrial, window.length - config.trialHorizons * horizon);
    const folds = Array.from({ length: config.folds + 1 }, (_, f) =>
      Math.floor(from + ((window.length - from) * f) / config.folds),
    );
    const learntOf = pool.fit(folds, limits);
    const learnt = learntOf.at(-1)!;
    const { spread } = learnt.standard;
    const trials = tryOut(pool, learntOf, folds, horizon, series);
    const doubt = pool.groups.map(({ last }) => (last + 1) / (window.length - from));
    const weights = weigh(trials, spread, doubt, variants(series).length, this.#task.point === 'median');
    const combined = new Float64Array(trials.actual.length);
    const hints = new Float64Array(clues * combined.length);
    for (let t = 0; t < combined.length; t++) {
      const [i, h] = [trials.series[t]!, trials.step[t]!];
      combined[t] = combine(weights[trials.group[t]!]![i]!, trials.forecasts, t);
      pool.hint(hints, t * clues, learnt.standard, i, trials.origin[t]!, trials.origin[t]! + h, combined[t]!);
    }
    const bounds = learnBounds(
      trials,
      combined,
      hints,
      spread,
      doubt,
      levels,
      this.#task.floor ?? Number.NEGATIVE_INFINITY,
    );
    this.#fitted = { at, kind: pool.kind, learnt, weights, bounds, spread, names: pool.names };
    return this.#fitted;
  }
}

/** Steps between two choices of methods when so many were learnt: a multiple of the horizon that doubles now and then. */
function refitSteps(count: number, horizon: number, keep: number): number {
  let steps = Math.max(1, Math.min(horizon, keep >> 3));
  while (2 * steps * config.refitParts <= count && 2 * steps <= keep >> 3) steps *= 2;
  return steps;
}

function combine(weights: Float64Array, forecasts: readonly Float64Array[], at: number): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) if (weights[k]! > 0) sum += weights[k]! * forecasts[k]![at]!;
  return sum;
}

/** Forecasts from origins spread over the folds, each by what was learnt before its fold. */
function tryOut(
  pool: Pool,
  learnt: readonly Learnt[],
  folds: readonly number[],
  horizon: number,
  series: number,
): Trials {
  const { window } = pool;
  const stride = Math.max(1, Math.floor(((window.length - folds[0]!) * series * horizon) / config.trials));
  const forecasters = learnt.map((of) => pool.forecaster(of));
  const out = pool.names.map(() => new Float64Array(horizon));
  const room = series * Math.ceil((window.length - folds[0]!) / stride) * horizon;
  const actual = new Float64Array(room);
  const forecasts = pool.names.map(() => new Float64Array(room));
  const [seriesOf, stepOf, groupOf, originOf] = [0, 0, 0, 0].map(() => new Int32Array(room)) as Int32Array[];
  let t = 0;
  for (let i = 0; i < series; i++) {
    const profile = pool.profiles[i]!;
    for (let origin = folds[0]!; origin < window.length; origin += stride) {
      const steps = Math.min(horizon, window.length - origin);
      forecasters[foldOf(origin, folds)]!(i, origin, steps, out);
      for (let h = 0; h < steps; h++) {
        // A sun that is down teaches nothing about the day.
        if (window.missing[i]![origin + h] === 1 || !Number.isNaN(profile.still(origin + h, origin))) continue;
        actual[t] = window.y[i]![origin + h]!;
        seriesOf![t] = i;
        stepOf![t] = h;
        groupOf![t] = pool.groupOf[h]!;
        originOf![t] = origin;
        for (let k = 0; k < out.length; k++) forecasts[k]![t] = out[k]![h]!;
        t++;
      }
    }
  }
  return {
    actual: actual.subarray(0, t),
    forecasts: forecasts.map((values) => values.subarray(0, t)),
    series: seriesOf!.subarray(0, t),
    step: stepOf!.subarray(0, t),
    group: groupOf!.subarray(0, t),
    origin: originOf!.subarray(0, t),
  };
}

/**
 * The automatic forecaster; see `auto.md` for what it was measured on and what it cannot tell.
 *
 * @example
 * const forecaster = auto.create({ series: 1, intervalMs: 3_600_000, seasons: [24, 168], horizon: 24, levels: [0.8] });
 * for (const [timeMs, value] of readings) forecaster.learn(timeMs, [value]);
 * const { point, intervals } = forecaster.forecast(24);
 */
export const auto: ForecasterModel = {
  family: 'forecaster',
  name: 'auto',
  version: VERSION,
  runtime: 'strict',
  config,
  sources: [
    'state.ts',
    'forecasters/config.ts',
    'forecasters/linear.ts',
    'forecasters/sentinels.ts',
    'forecasters/history.ts',
    'forecasters/limits.ts',
    'forecasters/calendar.ts',
    'forecasters/profile.ts',
    'forecasters/smoothing.ts',
    'forecasters/features.ts',
    'forecasters/regression.ts',
    'forecasters/pool.ts',
    'forecasters/combine.ts',
    'forecasters/intervals.ts',
    'forecasters/auto.ts',
  ],
  stateBytesMax: (task) => historyBytes(task, historySteps(task)),
  create(task) {
    checkTask(task, 4 * task.horizon);
    return new Auto(task);
  },
};
