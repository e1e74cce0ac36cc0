// Flow of a stream 6, 12 and 24 hourly rows ahead from its own flow, stage, rain and temperature so far (no rain forecast).
// Run: node bench/scenarios/forecast-flood.ts [--data FOLDER]
// FOLDER holds one or more usgs_*.csv.gz (Kenduskeag Stream is given; South Chickamauga is hidden): each is run alike. The
// last 30 % of rows are tested, every row an origin; the forecaster goes on learning as rows arrive. Rows count as steps,
// as in the published anchor, though the record has a hole.
import { readdirSync } from 'node:fs';
import { auto } from '@trine/models/forecasters/auto.ts';
import { kge, nse } from '@trine/models/metrics/forecast.ts';
import { columnOf, dataFolder, readTable, toNumber } from '../lib/csv.ts';
import { noteOf } from '../lib/figure-notes.ts';
import type { Figure } from '../lib/figures.ts';
import { backtest, printQuality, printTable } from '../lib/forecast.ts';

const AHEAD = [6, 12, 24];
const HORIZON = 24;
const COMPANIONS = ['stage_ft', 'precip', 'temp'];

const isFlow = (series: number): boolean => series === 0;

function run(folder: string, file: string) {
  const { header, rows } = readTable(folder, file);
  const columns = [columnOf(header, 'cfs'), ...COMPANIONS.map((name) => header.indexOf(name))];
  const absent = COMPANIONS.filter((name) => !header.includes(name));
  if (absent.length > 0) process.stderr.write(`  ${file} has no ${absent.join(', no ')}: forecast without\n`);
  const values = rows.map((row) => columns.map((column) => toNumber(row[column])));
  const task = { series: 4, intervalMs: 3_600_000, seasons: [], horizon: HORIZON, levels: [0.8, 0.95] } as const;
  const from = Math.floor(0.7 * values.length);
  // An origin is the first step not known: the last one known is tested from.
  const origins = Array.from({ length: values.length - from - 1 }, (_, i) => from + 1 + i);
  const result = backtest(auto, task, { values }, origins);
  const scores = AHEAD.map((h) => {
    const trials = result.trials.filter(({ point }) => point[0]!.length >= h);
    const actual = trials.map((trial) => trial.actual[0]![h - 1]!);
    const ours = trials.map(({ point }) => point[0]![h - 1]!);
    const last = trials.map(({ origin }) => values[origin - 1]![0]!);
    return { h, nse: nse(actual, ours), kge: kge(actual, ours), last: nse(actual, last) };
  });
  return { file, result, scores };
}

const runAll = () => {
  const folder = dataFolder('flood');
  const files = readdirSync(folder).filter((file) => /^usgs_.*\.csv\.gz$/.test(file));
  return files.map((file) => run(folder, file));
};

/** NSE for each lead time and stream. */
export function figures(): Figure[] {
  return runAll().flatMap(({ file, result, scores }) =>
    scores.map(({ h, nse: value, last }) => ({
      dataset: `USGS hourly, ${file}`,
      metric: `NSE of flow ${h} rows ahead`,
      better: 'higher' as const,
      value,
      anchors: [{ name: 'last value', value: last, source: 'computed' as const }],
      split: 'first 70 % of rows, learning on / last 30 %',
      ...noteOf(result, isFlow),
    })),
  );
}

if (import.meta.main) {
  for (const { file, result, scores } of runAll()) {
    console.log(file);
    printTable([
      ['rows ahead', 'NSE', 'KGE', 'NSE of last value'],
      ...scores.map((s) => [String(s.h), s.nse, s.kge, s.last]),
    ]);
    printQuality(result, isFlow);
  }
}
