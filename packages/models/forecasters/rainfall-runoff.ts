// Flow of a river from rain, temperature and evaporation: four conceptual catchments, each calibrated on three quarters
// of the years, averaged. The quarter each has not seen shows how far off they are: that gives the intervals. Where flow
// was measured lately, what was missed there is carried on and fades.
import type { Forecast, Forecaster, ForecasterModel, ForecastTask } from '../model.ts';
import { parameters, simulate } from './catchment.ts';
import { evolve } from './evolve.ts';
import { checkTask, History, historyBytes, historySteps } from './history.ts';

const TAG = 'RAIN';
const VERSION = 2;

const settings = {
  /** Catchments; each leaves out every fourth year. */
  catchments: 4,
  population: 36,
  generations: 90,
  seed: 1,
  /** Days whose flow is not judged: the stores fill. */
  warmUp: 365,
  /** Days of flow that a calibration needs at least. */
  daysMin: 730,
  /** Calibrated anew every 365 days, later when an eighth more days are there. */
  refitDays: 365,
  refitParts: 8,
} as const;

/** Last days ahead of each group with an interval of its own; the last group knows nothing of today's flow. */
const groups = [1, 3, 7, 30, Number.POSITIVE_INFINITY] as const;

interface Fit {
  readonly at: number;
  readonly catchments: readonly Float64Array[];
  /** Share of a miss that is there again the next day. */
  readonly persistence: number;
  /** Expected absolute miss: constant, and share of the flow; for each group. */
  readonly sizes: readonly (readonly [number, number])[];
  /** [group][level] bounds in expected misses. */
  readonly bounds: readonly (readonly (readonly [number, number])[])[];
}

type Forcing = readonly [Float64Array, Float64Array, Float64Array];

class RainfallRunoff implements Forecaster {
  readonly #task: ForecastTask;
  readonly #history: History;
  #fitted: Fit | undefined;

  constructor(task: ForecastTask) {
    this.#task = task;
    this.#history = new History(task, TAG, VERSION);
  }

  learn(timeMs: number, values: ArrayLike<number>, exogenous?: ArrayLike<number>): void {
    if (this.#history.learn(timeMs, values, exogenous)) this.#fitted = undefined;
  }

  forecast(steps: number, exogenous: readonly ArrayLike<number>[] = []): Forecast {
    const { horizon, levels } = this.#task;
    if (!(Number.isInteger(steps) && steps >= 1 && steps <= horizon))
      throw new RangeError(`Expected 1 to ${horizon} steps, the task's horizon, got ${steps}.`);
    if (exogenous.length !== steps || exogenous.some((row) => row.length !== 3))
      throw new RangeError(`Expected ${steps} rows of precipitation, temperature and potential evaporation.`);
    const point = new Float64Array(steps).fill(Number.NaN);
    const intervals = levels.map((level) => ({ level, low: [point.slice()], high: [point.slice()] }));
    const fit = this.#fit();
    if (!fit) return { point: [point], intervals };
    const { count, keep } = this.#history;
    const { y, missing, x, length } = this.#history.window(Math.max(0, count - keep), count, exogenous);
    const flow = ensemble(x as unknown as Forcing, fit.catchments, length + steps);
    // The last flow that was measured, and how much of what was missed there is left.
    let known = length - 1;
    while (known >= 0 && missing[0]![known] === 1) known--;
    let left = known >= 0 ? y[0]![known]! - flow[known]! : 0;
    for (let t = known + 1; t < length; t++) left *= fit.persistence;
    for (let h = 0; h < steps; h++) {
      left *= fit.persistence;
      const expected = Math.max(0, flow[length + h]! + left);
      point[h] = expected;
      const ahead = length + h - known;
      const group = groups.findIndex((last) => ahead <= last);
      const [constant, share] = fit.sizes[group]!;
      const size = constant + share * flow[length + h]!;
      for (const [l, { low, high }] of intervals.entries()) {
        const [below, above] = fit.bounds[group]![l]!;
        low[0]![h] = Math.max(0, Math.min(expected, expected + below * size));
        high[0]![h] = Math.max(expected, expected + above * size);
      }
    }
    return { point: [point], intervals };
  }

  explain(): string {
    const fit = this.#fit();
    return fit
      ? `mean of ${fit.catchments.length} catchments; ${Math.floor(100 * fit.persistence)} % of a miss is there the next day`
      : 'Too few days of flow yet.';
  }

  state(): Uint8Array {
    return this.#history.state();
  }

  restore(bytes: Uint8Array): void {
    this.#history.restore(bytes);
    this.#fitted = undefined;
  }

  #fit(): Fit | undefined {
    const { count, keep } = this.#history;
    let every: number = settings.refitDays;
    while (2 * every * settings.refitParts <= count) every *= 2;
    const at = count - (count % every);
    if (this.#fitted?.at === at) return this.#fitted;
    const { y, missing, x, length } = this.#history.window(Math.max(0, at - (keep - (keep >> 3))), at);
    const observed = y[0]!.map((flow, t) => (missing[0]![t] === 1 || t < settings.warmUp ? Number.NaN : flow));
    if (observed.filter((flow) => !Number.isNaN(flow)).length < settings.daysMin) return undefined;
    const forcing = x as unknown as Forcing;
    const catchments = Array.from({ length: settings.catchments }, (_, k) =>
      calibrate(forcing, observed, (t) => fold(t) !== k, settings.seed + k),
    );
    // What each catchment made of the years that it had not seen.
    const flows = catchments.map((share) => ensemble(forcing, [share], length));
    const unseen = observed.map((_, t) => flows[fold(t)]![t]!);
    const miss = observed.map((flow, t) => flow - unseen[t]!);
    const persistence = lagOne(miss);
    const each = groups.map((last, g) =>
      this.#spreadOf(miss, unseen, persistence, g === 0 ? 1 : groups[g - 1]! + 1, last),
    );
    this.#fitted = {
      at,
      catchments,
      persistence,
      sizes: each.map(({ sizes }) => sizes),
      bounds: each.map(({ bounds }) => bounds),
    };
    return this.#fitted;
  }

  /** Size and quantiles of what is missed `from` to `to` days after a flow was known. */
  #spreadOf(miss: Float64Array, flow: Float64Array, persistence: number, from: number, to: number) {
    let fade = 1;
    const days = Number.isFinite(to) ? Math.floor((from + to) / 2) : 0;
    for (let k = 0; k < days; k++) fade *= persistence;
    const rest = miss.map((m, t) => (days > 0 ? (t >= days ? m - fade * miss[t - days]! : Number.NaN) : m));
    const sizes = expectedSize(rest, flow);
    const ratios = rest
      .map((r, t) => r / (sizes[0] + sizes[1] * flow[t]!))
      .filter((r) => !Number.isNaN(r))
      .sort();
    const at = (share: number): number =>
      ratios[Math.max(0, Math.min(ratios.length - 1, Math.floor(share * ratios.length)))]!;
    return { sizes, bounds: this.#task.levels.map((level) => [at((1 - level) / 2), at((1 + level) / 2)] as const) };
  }
}

/** Which of the catchments leaves out a day: whole years of 365 days in turn. */
const fold = (t: number): number => Math.floor(t / 365) % settings.catchments;

function ensemble(forcing: Forcing, catchments: readonly Float64Array[], length: number): Float64Array {
  const mean = new Float64Array(length);
  const flow = new Float64Array(length);
  for (const share of catchments) {
    simulate(forcing, share, flow);
    for (let t = 0; t < length; t++) mean[t]! += flow[t]! / catchments.length;
  }
  return mean;
}

/** Parameters that make 1 − NSE of the flow and of its square root least together: floods and low water both count. */
function calibrate(forcing: Forcing, observed: Float64Array, uses: (t: number) => boolean, seed: number): Float64Array {
  const days: number[] = [];
  for (let t = 0; t < observed.length; t++) if (!Number.isNaN(observed[t]!) && uses(t)) days.push(t);
  const roots = observed.map((flow) => Math.sqrt(Math.max(0, flow)));
  const variation = (values: Float64Array): number => {
    const mean = days.reduce((sum, t) => sum + values[t]!, 0) / days.length;
    return days.reduce((sum, t) => sum + (values[t]! - mean) * (values[t]! - mean), 0) + 1e-12;
  };
  const [plain, rooted] = [variation(observed), variation(roots)];
  const used = Int32Array.from(days);
  const flow = new Float64Array(observed.length);
  return evolve(
    (share) => {
      simulate(forcing, share, flow);
      let [a, b] = [0, 0];
      for (let k = 0; k < used.length; k++) {
        const t = used[k]!;
        const d = observed[t]! - flow[t]!;
        const r = roots[t]! - Math.sqrt(flow[t]!);
        a += d * d;
        b += r * r;
      }
      return a / plain + b / rooted;
    },
    { size: parameters.length, members: settings.population, generations: settings.generations, seed },
  );
}

/** Share of a value that is in the next one, by least squares over pairs that are both there; 0 to 0.99. */
function lagOne(miss: Float64Array): number {
  let [xy, xx] = [0, 0];
  for (let t = 1; t < miss.length; t++) {
    if (Number.isNaN(miss[t]! * miss[t - 1]!)) continue;
    xy += miss[t]! * miss[t - 1]!;
    xx += miss[t - 1]! * miss[t - 1]!;
  }
  return xx > 0 ? Math.max(0, Math.min(0.99, xy / xx)) : 0;
}

/** Least-squares line of the absolute miss over the flow, weighted towards small flows; both parts at least 0. */
function expectedSize(miss: Float64Array, flow: Float64Array): readonly [number, number] {
  let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
  for (let t = 0; t < miss.length; t++) {
    if (Number.isNaN(miss[t]!)) continue;
    const w = 1 / ((0.1 + flow[t]!) * (0.1 + flow[t]!));
    n += w;
    sx += w * flow[t]!;
    sy += w * Math.abs(miss[t]!);
    sxx += w * flow[t]! * flow[t]!;
    sxy += w * flow[t]! * Math.abs(miss[t]!);
  }
  const slope = Math.max(0, (n * sxy - sx * sy) / (n * sxx - sx * sx));
  return Number.isFinite(slope) ? [Math.max(1e-9, (sy - slope * sx) / n), slope] : [Math.max(1e-9, sy / n), 0];
}

/**
 * The rainfall-runoff forecaster: one river, days, and three covariates known also of the days to come: precipitation
 * (mm), mean air temperature (°C), potential evaporation (mm). Flow in mm a day over the catchment. Without flow measured
 * lately it simulates. See `rainfall-runoff.md` for what it was measured on and what it cannot tell.
 *
 * @example
 * const river = rainfallRunoff.create({ series: 1, exogenous: 3, intervalMs: 86_400_000, seasons: [], horizon: 5, levels: [0.8] });
 * for (const day of days) river.learn(day.timeMs, [day.flow], [day.rain, day.temperature, day.evaporation]);
 * const { point } = river.forecast(5, weatherOfFiveDays);
 */
export const rainfallRunoff: ForecasterModel = {
  family: 'forecaster',
  name: 'rainfall-runoff',
  version: VERSION,
  runtime: 'strict',
  config: settings,
  sources: [
    'random.ts',
    'state.ts',
    'forecasters/config.ts',
    'forecasters/sentinels.ts',
    'forecasters/history.ts',
    'forecasters/catchment.ts',
    'forecasters/evolve.ts',
    'forecasters/rainfall-runoff.ts',
  ],
  stateBytesMax: (task) => historyBytes(task, historySteps(task)),
  create(task) {
    if (task.series !== 1 || task.exogenous !== 3)
      throw new RangeError(
        'Expected one series and three covariates: precipitation, temperature, potential evaporation.',
      );
    checkTask(task, 100);
    return new RainfallRunoff(task);
  },
};
