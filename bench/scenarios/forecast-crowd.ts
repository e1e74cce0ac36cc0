// Hourly pedestrian counts in Melbourne, a week ahead, at 13 sensors. Run: node bench/scenarios/forecast-crowd.ts [--data FOLDER]
// FOLDER holds melbourne_hourly_2012-01-01_2014-11-01.csv.gz. With the hidden hours beside it as any other
// melbourne_hourly_*.csv.gz (2014-11-02..2015-02-14, same columns) the test is run: 15 weekly origins from 2014-11-02.
// Without it the same 15 weeks one year and two years before, each origin knowing only what lies before it.
import { auto } from '@trine/models/forecasters/auto.ts';
import { mae, naiveError } from '@trine/models/metrics/forecast.ts';
import { columnOf, dataFolder, readParts, toNumber } from '../lib/csv.ts';
import { noteOf } from '../lib/figure-notes.ts';
import type { Figure } from '../lib/figures.ts';
import { backtest, printQuality, printTable } from '../lib/forecast.ts';
import { dayKinds, kindsOf } from '../lib/holidays.ts';

const SENSORS = ['2', '3', '4', '5', '6', '8', '9', '10', '11', '13', '14', '17', '18'];
const GIVEN = 'melbourne_hourly_2012-01-01_2014-11-01.csv.gz';
const FIRST_DAY = Date.parse('2012-01-01T00:00:00Z') / 86_400_000;
const WEEK = 168;
const ORIGINS = 15;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** One test: 15 weeks from a Sunday on. @param first its first hour */
function test(values: readonly (readonly number[])[], exogenous: readonly (readonly number[])[], first: number) {
  const task = {
    series: SENSORS.length,
    intervalMs: 3_600_000,
    seasons: [24, WEEK, 52 * WEEK],
    exogenous: dayKinds.length,
    horizon: WEEK,
    levels: [0.8, 0.95],
    point: 'median',
    floor: 0,
  } as const;
  const origins = Array.from({ length: ORIGINS }, (_, i) => first + i * WEEK).filter((o) => o + WEEK <= values.length);
  const result = backtest(auto, task, { values, exogenous }, origins);
  const scale = SENSORS.map((_, i) =>
    naiveError(
      values.slice(0, first).map((row) => row[i]!),
      24,
    ),
  );
  const score = (of: (origin: number, series: number, h: number) => number) =>
    result.trials.map((trial) => {
      const errors = trial.actual.map((row, i) =>
        mae(
          row,
          Float64Array.from(row, (_, h) => of(trial.origin, i, h)),
        ),
      );
      return { mae: mean(errors), mase: mean(errors.map((error, i) => error / scale[i]!)) };
    });
  const median = (numbers: number[]): number => {
    const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  };
  const weeks = (origin: number, i: number, h: number, count: number): number[] =>
    Array.from({ length: count }, (_, k) => values[origin + h - WEEK * (k + 1)]?.[i] ?? Number.NaN);
  return {
    result,
    ours: score((origin, i, h) => result.trials.find((trial) => trial.origin === origin)!.point[i]![h]!),
    week: score((origin, i, h) => weeks(origin, i, h, 1)[0]!),
    median: score((...at) => median(weeks(...at, 8))),
  };
}

function run() {
  const parts = readParts(dataFolder('crowd'), GIVEN, /^melbourne_hourly_/);
  const values = [parts.given, ...parts.hidden].flatMap(({ header, rows }) => {
    const columns = SENSORS.map((name) => columnOf(header, name));
    return rows.map((row) => columns.map((column) => toNumber(row[column])));
  });
  // Covariates of hours beyond the data are never needed: forecasts are made for hours that are there.
  const exogenous = values.map((_, hour) => kindsOf(FIRST_DAY + Math.floor(hour / 24)));
  const given = parts.given.rows.length;
  const hidden = parts.hidden.length > 0;
  const firsts = hidden ? [given] : [given - 104 * WEEK, given - 52 * WEEK];
  const names = hidden ? ['hidden weeks 2014-15'] : ['backtest 2012-13', 'backtest 2013-14'];
  return firsts.map((first, i) => ({ name: names[i]!, ...test(values, exogenous, first) }));
}

/** One figure for each test. */
export function figures(): Figure[] {
  return run().map(({ name, result, ours, week, median }) => ({
    dataset: `Melbourne pedestrians, ${name}`,
    metric: 'MASE, 168 h, 15 weekly origins, 13 sensors',
    better: 'lower',
    value: mean(ours.map(({ mase }) => mase)),
    anchors: [
      { name: 'same hour last week', value: mean(week.map(({ mase }) => mase)), source: 'computed' },
      { name: 'median of 8 weeks', value: mean(median.map(({ mase }) => mase)), source: 'computed' },
    ],
    split: 'all hours before each origin / the week after it',
    ...noteOf(result),
  }));
}

if (import.meta.main) {
  for (const { name, result, ours, week, median } of run()) {
    console.log(`\nMelbourne pedestrians, ${name}: MAE and MASE, mean over origins; then MASE of each origin`);
    for (const [method, scores] of [
      ['auto', ours],
      ['same hour last week', week],
      ['median of 8 weeks', median],
    ] as const) {
      printTable([[method, mean(scores.map((s) => s.mae)), mean(scores.map((s) => s.mase))]]);
      console.log(`    ${scores.map(({ mase }) => mase.toFixed(2)).join(' ')}`);
    }
    printQuality(result);
  }
}
