// Forecast: what a stream will say, with intervals, from what it said. Computed in a thread of its own, one at a time:
// advice for people, appended nowhere.
import { Worker } from 'node:worker_threads';
import { countOf, TrineError } from '@trine/protocol';
import type { Store } from '../projections/tables/store.ts';

export interface StreamForecast {
  readonly stream: number;
  readonly intervalMs: number;
  /** The last values it was made from, on the grid of the interval; null for a missing one. */
  readonly pastMs: readonly number[];
  readonly past: readonly (number | null)[];
  readonly timeMs: readonly number[];
  readonly point: readonly number[];
  readonly intervals: readonly {
    readonly level: number;
    readonly low: readonly number[];
    readonly high: readonly number[];
  }[];
  /** The methods it came to use, in words. */
  readonly methods: string;
  readonly model: string;
}

/** What the thread is given: values on a regular grid. */
export interface ForecastWork {
  readonly startMs: number;
  readonly intervalMs: number;
  readonly values: Float64Array;
  readonly seasons: readonly number[];
  readonly steps: number;
}

export type ForecastResult = Pick<StreamForecast, 'point' | 'intervals' | 'methods' | 'model'>;

/** It cannot be forecast now, or not at all: the message says why. */
export class ForecastError extends TrineError {
  override readonly name = 'ForecastError';
  constructor(message: string, code: 'invalid' | 'busy' | 'timed-out' = 'invalid') {
    super(code, message);
  }
}

const GRID_STEPS_MAX = 8_192;
const STEPS_MIN = 24;
const STEPS_MAX = 336;
const DAY_MS = 86_400_000;
const PAST_SHOWN = 3;
const WAIT_MS = 60_000;
/** Its square is still a number, and so is a sum of many. */
const VALUE_MAX = 1e150;

export class ForecastJobs {
  readonly #store: Pick<Store, 'query'>;
  readonly #waitMs: number;
  #busy = false;

  constructor(store: Pick<Store, 'query'>, waitMs: number = WAIT_MS) {
    this.#store = store;
    this.#waitMs = waitMs;
  }

  /**
   * @param stream number of the stream
   * @param steps ahead; by default a day, at least 24 and at most 336
   * @throws ForecastError where there is too little to go by, or another forecast is being made
   */
  async forecast(stream: number, steps?: number): Promise<StreamForecast> {
    const rows = await this.#store.query<{ t: number; value: number }>(
      `SELECT event_ms AS t, value FROM (SELECT event_ms, value FROM readings WHERE stream = $1 AND NOT isnan(value)
       ORDER BY event_ms DESC LIMIT ${4 * GRID_STEPS_MAX}) ORDER BY t`,
      [stream],
    );
    const work = gridOf(rows, steps);
    if (this.#busy) throw new ForecastError('Another forecast is being made: ask again in a moment.', 'busy');
    this.#busy = true;
    try {
      const result = await inThread(work, this.#waitMs);
      checkFinite(result);
      const shown = Math.min(work.values.length, PAST_SHOWN * work.steps);
      const from = work.values.length - shown;
      const timeAt = (i: number) => work.startMs + i * work.intervalMs;
      return {
        stream,
        intervalMs: work.intervalMs,
        pastMs: Array.from({ length: shown }, (_, i) => timeAt(from + i)),
        past: Array.from(work.values.subarray(from), (value) => (Number.isNaN(value) ? null : value)),
        timeMs: Array.from({ length: work.steps }, (_, i) => timeAt(work.values.length + i)),
        ...result,
      };
    } finally {
      this.#busy = false;
    }
  }
}

/** Mean values on a grid of the usual interval; gaps stay gaps. */
function gridOf(rows: readonly { t: number; value: number }[], wanted: number | undefined): ForecastWork {
  if (rows.length < STEPS_MIN)
    throw new ForecastError(`${countOf(rows.length, 'reading')}: at least ${STEPS_MIN} are needed for a forecast.`);
  if (rows.some(({ value }) => Math.abs(value) > VALUE_MAX))
    throw new ForecastError(`There are readings beyond ${VALUE_MAX}: they are too large to compute with.`);
  const steps = rows.slice(1).map(({ t }, i) => t - (rows[i]?.t ?? t));
  const usual = steps.filter((step) => step > 0).sort((a, b) => a - b);
  const intervalMs = niceInterval(usual[usual.length >> 1] ?? 0);
  const endMs = (rows.at(-1) as { t: number }).t;
  const startMs = Math.max(rows[0]?.t ?? 0, endMs - (GRID_STEPS_MAX - 1) * intervalMs);
  const first = Math.floor(startMs / intervalMs);
  const length = Math.floor(endMs / intervalMs) - first + 1;
  if (length < STEPS_MIN)
    throw new ForecastError(
      `The readings span ${countOf(length, 'step')} of ${intervalMs / 1000} s: at least ${STEPS_MIN} are needed.`,
    );
  const sums = new Float64Array(length);
  const counts = new Float64Array(length);
  for (const { t, value } of rows) {
    const at = Math.floor(t / intervalMs) - first;
    if (at < 0) continue;
    sums[at]! += value;
    counts[at]! += 1;
  }
  const values = sums.map((sum, i) => ((counts[i] ?? 0) > 0 ? sum / (counts[i] as number) : Number.NaN));
  const day = Math.round(DAY_MS / intervalMs);
  // A season must have been seen twice to be one.
  const seasons = [day, 7 * day].filter((season) => season >= 2 && 2 * season <= length);
  const ahead = wanted ?? Math.min(STEPS_MAX, Math.max(STEPS_MIN, day));
  return {
    startMs: first * intervalMs,
    intervalMs,
    values,
    seasons,
    steps: Math.max(1, Math.min(ahead, STEPS_MAX, Math.floor(length / 4))),
  };
}

const NICE_MS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400].map(
  (s) => s * 1_000,
);

/** The usual interval as a clock has it: seconds, minutes, hours that divide a day. */
function niceInterval(ms: number): number {
  return NICE_MS.findLast((nice) => nice <= ms * 1.2) ?? (NICE_MS[0] as number);
}

/** Of values near the ends of what a double holds sums and squares are none. @throws ForecastError */
function checkFinite({ point, intervals }: ForecastResult): void {
  if ([...point, ...intervals.flatMap(({ low, high }) => [...low, ...high])].every(Number.isFinite)) return;
  throw new ForecastError('The readings are too large or too small to compute with.');
}

function inThread(work: ForecastWork, waitMs: number): Promise<ForecastResult> {
  const worker = new Worker(new URL('./forecast-worker.ts', import.meta.url), { workerData: work });
  const timer = setTimeout(() => void worker.terminate(), waitMs);
  return new Promise<ForecastResult>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () =>
      reject(new ForecastError(`No forecast within ${waitMs / 1_000} s: ask for fewer steps.`, 'timed-out')),
    );
  }).finally(() => clearTimeout(timer));
}
