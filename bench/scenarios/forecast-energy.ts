// Day-ahead load and solar power of homes in Fontana, California, hour by hour (CityLearn Challenge 2022).
// Run: node bench/scenarios/forecast-energy.ts [--data FOLDER]
// FOLDER holds Building_<n>.csv.gz, assets.json and weather.csv.gz of any homes (1–10 given, 11–17 hidden). One forecast
// of 24 hours each midnight of the last 245 days; covariates are the weather as it was forecast 24 hours before each hour.
// Medians are asked for where absolute errors are judged, means where squared ones are.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auto } from '@trine/models/forecasters/auto.ts';
import { mae, rmse } from '@trine/models/metrics/forecast.ts';
import { columnOf, dataFolder, readTable, toNumber } from '../lib/csv.ts';
import { noteOf } from '../lib/figure-notes.ts';
import type { Figure } from '../lib/figures.ts';
import { backtest, flatten, printQuality, printTable, type Trial } from '../lib/forecast.ts';

const DAY = 24;
const FIRST_DAY = 120;

function run() {
  const folder = dataFolder('energy');
  const assets = JSON.parse(readFileSync(join(folder, 'assets.json'), 'utf8')) as Record<string, { pv_kw: number }>;
  const homes = readdirSync(folder).flatMap((file) => /^(Building_\d+)\.csv\.gz$/.exec(file)?.[1] ?? []);
  const tables = homes.map((home) => {
    const { header, rows } = readTable(folder, `${home}.csv.gz`);
    const [load, solar] = [columnOf(header, 'non_shiftable_load'), columnOf(header, 'solar_generation')];
    return rows.map((row) => [toNumber(row[load]), (toNumber(row[solar]) * assets[home]!.pv_kw) / 1000] as const);
  });
  const values = tables[0]!.map((_, t) => tables.flatMap((table) => table[t]!));
  const weather = readTable(folder, 'weather.csv.gz');
  const columns = ['outdoor_dry_bulb_temperature', 'diffuse_solar_irradiance', 'direct_solar_irradiance'].map((name) =>
    columnOf(weather.header, `${name}_predicted_3`),
  );
  const exogenous = values.map((_, t) =>
    columns.map((column) => toNumber(weather.rows[Math.max(0, t - DAY)]?.[column])),
  );
  const task = {
    series: 2 * homes.length,
    intervalMs: 3_600_000,
    seasons: [DAY, 7 * DAY],
    exogenous: columns.length,
    horizon: DAY,
    levels: [0.8, 0.95],
    floor: 0,
  } as const;
  // The first row is the hour before midnight: days begin at the second.
  const days = Math.floor((values.length - 1) / DAY);
  const origins = Array.from({ length: days - FIRST_DAY }, (_, i) => 1 + (FIRST_DAY + i) * DAY);
  const ask = (point: 'mean' | 'median') => backtest(auto, { ...task, point }, { values, exogenous }, origins);
  const results = { mae: ask('median'), rmse: ask('mean') };
  const rows = (['load', 'solar'] as const).map((name, kind) => {
    const pick = (series: number): boolean => series % 2 === kind;
    const actual = flatten(results.mae.trials, (trial) => trial.actual, pick);
    const errors = (of: (trial: Trial) => readonly Float64Array[]) => ({
      mae: mae(actual, flatten(results.mae.trials, of, pick)),
      rmse: rmse(actual, flatten(results.rmse.trials, of, pick)),
    });
    const anchor = (lags: readonly number[]) =>
      errors(({ origin, actual: rows }) =>
        rows.map((row, i) =>
          row.map((_, h) => lags.reduce((sum, lag) => sum + values[origin + h - lag]![i]!, 0) / lags.length),
        ),
      );
    return {
      name,
      pick,
      ours: errors(({ point }) => point),
      day: anchor([DAY]),
      week: anchor([7 * DAY]),
      sevenDays: anchor([1, 2, 3, 4, 5, 6, 7].map((k) => k * DAY)),
    };
  });
  return { homes, results, rows };
}

/** MAE and RMSE of load and of solar power. */
export function figures(): Figure[] {
  const { homes, results, rows } = run();
  return rows.flatMap(({ name, pick, ours, day, week, sevenDays }) =>
    (['mae', 'rmse'] as const).map((metric) => ({
      dataset: `CityLearn 2022, ${homes.length} homes`,
      metric: `${metric.toUpperCase()} of ${name} kWh, 24 h ahead`,
      better: 'lower' as const,
      value: ours[metric],
      anchors: [
        { name: 'same hour yesterday', value: day[metric], source: 'computed' as const },
        { name: 'same hour last week', value: week[metric], source: 'computed' as const },
        { name: 'mean of 7 days', value: sevenDays[metric], source: 'computed' as const },
      ],
      split: 'all days before / the day, from day 120 on',
      ...noteOf(results[metric], pick),
    })),
  );
}

if (import.meta.main) {
  const { homes, results, rows } = run();
  console.log(`CityLearn 2022, ${homes.length} homes, 24 h ahead each midnight: MAE and RMSE in kWh`);
  for (const { name, pick, ours, day, week, sevenDays } of rows) {
    printTable([
      [`${name}: auto`, ours.mae, ours.rmse],
      ['  same hour yesterday', day.mae, day.rmse],
      ['  same hour last week', week.mae, week.rmse],
      ['  mean of the last 7 days', sevenDays.mae, sevenDays.rmse],
    ]);
    for (const result of [results.mae, results.rmse]) printQuality(result, pick);
  }
}
