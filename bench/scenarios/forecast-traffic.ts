// Speed at 207 loop detectors in Los Angeles, every 5 minutes (Los-loop; Zhao et al. 2019, T-GCN): 15 to 60 minutes ahead.
// Run: node bench/scenarios/forecast-traffic.ts [--data FOLDER]
// FOLDER holds los_speed_train.csv.gz (the first 1612 rows). With the hidden 404 rows beside it as any other
// los_speed_*.csv.gz (same columns) that is the paper's test; without it the last fifth of the given rows is forecast. The windows are
// the paper's: 12 steps in, the next 3 (6, 9, 12) out, starting at rows 0 … n − 12 − steps − 1 of the tested part.
import { auto } from '@trine/models/forecasters/auto.ts';
import { solveRidge } from '@trine/models/forecasters/linear.ts';
import { mae, rmse } from '@trine/models/metrics/forecast.ts';
import { dataFolder, readParts, type Table, toNumber } from '../lib/csv.ts';
import { noteOf } from '../lib/figure-notes.ts';
import type { Figure } from '../lib/figures.ts';
import { backtest, flatten, printQuality, printTable } from '../lib/forecast.ts';

const LAGS = 12;
const HORIZON = 12;
const TGCN = { rmse: 5.1264, mae: 3.1802 };

type Rows = readonly (readonly number[])[];

/** The linear autoregression of 12 steps with one set of coefficients for all detectors, step by step. */
function pooledAutoregression(rows: Rows): (past: readonly number[]) => number[] {
  const size = LAGS + 1;
  const a = new Float64Array(size * size);
  const b = new Float64Array(size);
  for (let t = LAGS; t < rows.length; t++) {
    for (let s = 0; s < rows[t]!.length; s++) {
      const x = [1, ...Array.from({ length: LAGS }, (_, k) => rows[t - 1 - k]![s]!)];
      for (let i = 0; i < size; i++) {
        b[i]! += x[i]! * rows[t]![s]!;
        for (let j = 0; j <= i; j++) a[i * size + j]! += x[i]! * x[j]!;
      }
    }
  }
  const beta = solveRidge(a, b, size, 0);
  return (past) => {
    const recent = [...past].reverse();
    for (let h = 0; h < HORIZON; h++)
      recent.unshift(recent.slice(0, LAGS).reduce((sum, x, k) => sum + beta[k + 1]! * x, beta[0]!));
    return recent.slice(0, HORIZON).reverse();
  };
}

function run() {
  const parts = readParts(dataFolder('traffic-forecast'), 'los_speed_train.csv.gz', /^los_speed_/);
  const numbers = ({ rows }: Table): Rows => rows.map((row) => row.map(toNumber));
  const given = numbers(parts.given);
  const hidden = parts.hidden.length > 0;
  const values = [...given, ...parts.hidden.flatMap(numbers)];
  const from = hidden ? given.length : Math.floor(0.8 * given.length);
  const tested = values.length - from;
  const series = given[0]!.length;
  const task = { series, intervalMs: 300_000, seasons: [288, 2016], horizon: HORIZON, levels: [0.8, 0.95] } as const;
  const origins = Array.from({ length: tested - LAGS - 3 }, (_, i) => from + LAGS + i);
  const result = backtest(auto, task, { values }, origins);
  const predict = pooledAutoregression(values.slice(0, from));
  const anchors = origins.map((origin) => {
    const past = Array.from({ length: series }, (_, s) => values.slice(origin - LAGS, origin).map((row) => row[s]!));
    return { last: past.map((p) => p.map(() => p.at(-1)!)), linear: past.map(predict) };
  });
  const rows = [3, 6, 9, 12].map((steps) => {
    const used = result.trials.slice(0, tested - LAGS - steps);
    const actual = flatten(
      used,
      ({ actual: rows }) => rows,
      (_, h) => h < steps,
    );
    const errors = (forecast: ArrayLike<number>) => ({ rmse: rmse(actual, forecast), mae: mae(actual, forecast) });
    const other = (name: 'last' | 'linear') =>
      Float64Array.from(anchors.slice(0, used.length).flatMap((a) => a[name].flatMap((row) => row.slice(0, steps))));
    return {
      minutes: steps * 5,
      ours: errors(
        flatten(
          used,
          ({ point }) => point,
          (_, h) => h < steps,
        ),
      ),
      last: errors(other('last')),
      linear: errors(other('linear')),
    };
  });
  return { hidden, rows, result };
}

/** RMSE and MAE at 15 and 60 minutes. */
export function figures(): Figure[] {
  const { hidden, rows, result } = run();
  return rows
    .filter(({ minutes }) => minutes === 15 || minutes === 60)
    .flatMap(({ minutes, ours, last, linear }) =>
      (['rmse', 'mae'] as const).map((metric) => ({
        dataset: `Los-loop, ${hidden ? 'hidden rows' : 'backtest on the last fifth given'}`,
        metric: `${metric.toUpperCase()} mph, ${minutes} min`,
        better: 'lower' as const,
        value: ours[metric],
        anchors: [
          { name: 'last value', value: last[metric], source: 'computed' as const },
          { name: 'pooled AR(12)', value: linear[metric], source: 'computed' as const },
          ...(hidden && minutes === 15 ? [{ name: 'T-GCN', value: TGCN[metric], source: 'published' as const }] : []),
        ],
        split: 'rows before / the last fifth, windows of the paper',
        ...noteOf(result),
      })),
    );
}

if (import.meta.main) {
  const { hidden, rows, result } = run();
  console.log(`Los-loop, ${hidden ? 'the hidden rows' : 'backtest on the last fifth given'}`);
  printTable([['', 'RMSE', 'MAE']]);
  for (const { minutes, ours, last, linear } of rows) {
    printTable([
      [`${minutes} min: auto`, ours.rmse, ours.mae],
      ['  last value', last.rmse, last.mae],
      ['  pooled AR(12)', linear.rmse, linear.mae],
    ]);
  }
  if (hidden) printTable([['T-GCN, published, 15 min', TGCN.rmse, TGCN.mae]]);
  printQuality(result);
}
