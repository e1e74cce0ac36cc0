// Occupancy of 28 car parks in Birmingham, a whole week ahead, half-hourly 08:00–16:30 (UCI 482; split of Camero et al.,
// LION 12, 2018). Run: node bench/scenarios/forecast-parking.ts [--data FOLDER]
// FOLDER holds birmingham_train.csv.gz (2016-10-04..12-12). With the hidden week beside it as any other birmingham_*.csv.gz that
// week is forecast from the training rows alone; without it the last seven weeks given are, each from the
// three or more before it. Where a slot has no value the week before, the anchors take the last week that has one, so that
// all are judged on the same values.
import { auto } from '@trine/models/forecasters/auto.ts';
import { mae } from '@trine/models/metrics/forecast.ts';
import { columnOf, dataFolder, readParts, type Table, toNumber } from '../lib/csv.ts';
import { noteOf } from '../lib/figure-notes.ts';
import type { Figure } from '../lib/figures.ts';
import { backtest, flatten, printQuality, printTable } from '../lib/forecast.ts';

const DAY = 18;
const WEEK = 7 * DAY;
const FIRST = Date.parse('2016-10-04T08:00:00Z');
const BACKTESTS = 7;

/** Car parks that both parts have, as in the paper. */
const carParks = (table: Table): string[] =>
  table.header.filter((name) => !['Datetime', 'weekday', 'time', 'NIA North', 'BHMBRTARC01'].includes(name));

/** The half hour of the 18 a day that a row belongs to, the nearest one where it lies outside of them. */
function stepOf(row: readonly string[]): number {
  const halfHours = Math.round((Date.parse(`${row[0]!.replace(' ', 'T')}Z`) - FIRST) / 1_800_000);
  const day = Math.floor((halfHours + 16) / 48);
  return day * DAY + Math.max(0, Math.min(DAY - 1, halfHours - day * 48));
}

/** Rows by half hour of the 18 a day that are measured; a half hour without row is missing, of repeated ones the first holds. */
function place(table: Table, names: readonly string[], values: number[][], steps: number): void {
  const columns = names.map((name) => columnOf(table.header, name));
  for (let i = values.length; i < steps; i++) values.push(names.map(() => Number.NaN));
  const filled = new Set<number>();
  for (const row of table.rows) {
    const step = stepOf(row);
    if (step < 0 || step >= steps || filled.has(step)) continue;
    filled.add(step);
    values[step] = columns.map((column) => toNumber(row[column]));
  }
}

const mean = (values: readonly number[]): number => {
  const finite = values.filter(Number.isFinite);
  return finite.reduce((a, b) => a + b, 0) / finite.length;
};

function run() {
  const parts = readParts(dataFolder('parking'), 'birmingham_train.csv.gz', /^birmingham_/);
  const train = parts.given;
  const names = carParks(train);
  const values: number[][] = [];
  place(train, names, values, 10 * WEEK);
  const hidden = parts.hidden.length > 0;
  for (const table of parts.hidden) place(table, names, values, 11 * WEEK);
  const weeks = values.length / WEEK;
  const origins = Array.from(
    { length: hidden ? 1 : BACKTESTS },
    (_, i, all = hidden ? 1 : BACKTESTS) => (weeks - all + i) * WEEK,
  );
  const task = {
    series: names.length,
    intervalMs: 1_800_000,
    seasons: [DAY, WEEK],
    horizon: WEEK,
    levels: [0.8, 0.95],
    point: 'median',
    floor: 0,
  } as const;
  const result = backtest(auto, task, { values }, origins);
  const anchor = (of: (origin: number, series: number, h: number) => number) =>
    result.trials.map((trial) =>
      mae(
        trial.actual.flatMap((row) => Array.from(row)),
        trial.actual.flatMap((row, i) => Array.from(row, (_, h) => of(trial.origin, i, h))),
      ),
    );
  const before = (origin: number, series: number, h: number): number[] => {
    const found: number[] = [];
    for (let t = origin + h - WEEK; t >= 0; t -= WEEK) found.push(values[t]![series]!);
    return found.filter(Number.isFinite);
  };
  // The hidden part repeats rows: as published all count, else those of distinct times.
  const rowErrors = (distinct: boolean): number => {
    const seen = new Set<string>();
    return mean(
      parts.hidden.flatMap(({ header, rows }) =>
        rows.flatMap((row) => {
          if (distinct && seen.has(row[0]!)) return [];
          seen.add(row[0]!);
          const h = stepOf(row) - origins[0]!;
          return names.map((name, i) =>
            Math.abs(toNumber(row[columnOf(header, name)]) - (result.trials[0]!.point[i]![h] ?? Number.NaN)),
          );
        }),
      ),
    );
  };
  return {
    hidden,
    rows: { all: rowErrors(false), distinct: rowErrors(true) },
    result,
    ours: anchor((origin, i, h) => result.trials.find((trial) => trial.origin === origin)!.point[i]![h]!),
    week: anchor((...at) => before(...at)[0] ?? Number.NaN),
    three: anchor((...at) => mean(before(...at).slice(0, 3))),
    all: anchor((...at) => mean(before(...at))),
    values: flatten(result.trials, ({ actual }) => actual).length,
  };
}

/** The figure of this scenario. */
export function figures(): Figure[] {
  const { hidden, result, ours, week, three, all } = run();
  return [
    {
      dataset: `Birmingham car parks, ${hidden ? 'hidden week' : `backtest on the last ${BACKTESTS} weeks given`}`,
      metric: 'MAE of the occupancy rate, a week ahead',
      better: 'lower',
      value: mean(ours),
      anchors: [
        { name: 'same slot a week before', value: mean(week), source: 'computed' },
        { name: 'mean of 3 weeks', value: mean(three), source: 'computed' },
        { name: 'mean by weekday and slot', value: mean(all), source: 'computed' },
      ],
      split: 'all weeks before / the week',
      ...noteOf(result),
    },
  ];
}

if (import.meta.main) {
  const { hidden, rows, result, ours, week, three, all } = run();
  console.log(
    `Birmingham car parks, ${hidden ? 'the hidden week' : 'the last weeks given'}: MAE of the rate, each week and mean`,
  );
  printTable([
    ['auto', ...ours, mean(ours)],
    ['same slot a week before', ...week, mean(week)],
    ['mean of the last 3 weeks', ...three, mean(three)],
    ['mean by weekday and slot', ...all, mean(all)],
  ]);
  if (hidden) {
    printTable([
      ['auto, all rows of the hidden part', rows.all],
      ['auto, rows of distinct times', rows.distinct],
    ]);
  }
  printQuality(result);
}
