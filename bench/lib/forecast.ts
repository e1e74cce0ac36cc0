// Backtests a forecaster as it would have been used: it learns step by step and is asked at each origin, knowing nothing
// after it.
import { performance } from 'node:perf_hooks';
import { intervalQuality } from '@trine/models/metrics/forecast.ts';
import type { ForecasterModel, ForecastTask } from '@trine/models/model.ts';

export interface Data {
  /** [step][series] */
  readonly values: readonly ArrayLike<number>[];
  /** [step][covariate] */
  readonly exogenous?: readonly ArrayLike<number>[];
}

/** Forecasts from one origin, [series][step], beside what came. */
export interface Trial {
  readonly origin: number;
  readonly actual: readonly Float64Array[];
  readonly point: readonly Float64Array[];
  readonly intervals: readonly { level: number; low: readonly Float64Array[]; high: readonly Float64Array[] }[];
}

export interface Backtest {
  readonly trials: readonly Trial[];
  readonly nanosecondsPerLearntValue: number;
  readonly millisecondsPerForecast: number;
  readonly bytesPerSeries: number;
  readonly methods: string;
}

/** @param origins steps (the first unknown one), in order @param steps asked for at each; fewer where data end */
export function backtest(
  model: ForecasterModel,
  task: ForecastTask,
  { values, exogenous = [] }: Data,
  origins: readonly number[],
): Backtest {
  const forecaster = model.create(task);
  const trials: Trial[] = [];
  let learnMs = 0;
  let forecastMs = 0;
  let learnt = 0;
  for (const origin of origins) {
    const start = performance.now();
    for (; learnt < origin; learnt++) forecaster.learn(learnt * task.intervalMs, values[learnt]!, exogenous[learnt]);
    const steps = Math.min(task.horizon, values.length - origin);
    const middle = performance.now();
    const forecast = forecaster.forecast(steps, exogenous.slice(origin, origin + steps));
    learnMs += middle - start;
    forecastMs += performance.now() - middle;
    const actual = Array.from({ length: task.series }, (_, i) =>
      Float64Array.from({ length: steps }, (_, h) => values[origin + h]![i]!),
    );
    trials.push({ origin, actual, ...forecast });
  }
  return {
    trials,
    nanosecondsPerLearntValue: (learnMs * 1e6) / (learnt * task.series),
    millisecondsPerForecast: forecastMs / origins.length,
    bytesPerSeries: forecaster.state().length / task.series,
    methods: forecaster.explain?.() ?? '',
  };
}

/** Values and forecasts of all trials in one row each. @param pick which series and steps count */
export function flatten(
  trials: readonly Trial[],
  of: (trial: Trial) => readonly Float64Array[],
  pick: (series: number, step: number) => boolean = () => true,
): Float64Array {
  return Float64Array.from(
    trials.flatMap((trial) => of(trial).flatMap((row, i) => Array.from(row).filter((_, h) => pick(i, h)))),
  );
}

/** Quality of the intervals of each level. Steps whose value is certain (an interval without width) do not count. */
export function coverage(
  trials: readonly Trial[],
  pick?: (series: number, step: number) => boolean,
): { level: number; coverage: number; width: number; score: number }[] {
  const levels = trials[0]?.intervals.map(({ level }) => level) ?? [];
  const actual = flatten(trials, ({ actual }) => actual, pick);
  return levels.map((level, l) => {
    const low = flatten(trials, ({ intervals }) => intervals[l]!.low, pick);
    const high = flatten(trials, ({ intervals }) => intervals[l]!.high, pick);
    const open = actual.map((x, i) => (low[i] === high[i] ? Number.NaN : x));
    return { level, ...intervalQuality(open, low, high, level) };
  });
}

/** Prints a table: name and cells. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  for (const [name, ...cells] of rows) {
    const text = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(4) : cell).padStart(12));
    console.log(String(name).padEnd(44) + text.join(''));
  }
}

/** Coverage and cost of a backtest in words. */
export function printQuality({ trials, ...cost }: Backtest, pick?: (series: number, step: number) => boolean): void {
  for (const { level, coverage: share, width, score } of coverage(trials, pick)) {
    console.log(
      `interval ${level * 100} %: covers ${(share * 100).toFixed(1)} %, width ${width.toPrecision(4)}, score ${score.toPrecision(4)}`,
    );
  }
  console.log(`methods: ${cost.methods}`);
  console.log(
    `${cost.nanosecondsPerLearntValue.toFixed(0)} ns a value learnt, ${cost.millisecondsPerForecast.toFixed(1)} ms a ` +
      `forecast with its share of choosing, ${cost.bytesPerSeries.toFixed(0)} bytes a series`,
  );
}
