// Monthly demand of 767 hospital products, 12 months ahead (Monash "Hospital"; Godahewa et al. 2021), mean MASE.
// Run: node bench/scenarios/forecast-demand.ts [--data FOLDER]
// FOLDER holds hospital_train.csv.gz (2000-01..2005-12). The last 12 months of all that is there are forecast: with the
// hidden year beside it as any other hospital_*.csv.gz (same columns) that is the published test, without it 2005.
import { auto } from '@trine/models/forecasters/auto.ts';
import { fitSmoothing, forecastSmoothing, smoothingMethods } from '@trine/models/forecasters/smoothing.ts';
import { mae, naiveError } from '@trine/models/metrics/forecast.ts';
import { dataFolder, readParts, toNumber } from '../lib/csv.ts';
import { noteOf } from '../lib/figure-notes.ts';
import type { Figure } from '../lib/figures.ts';
import { backtest, printQuality, printTable } from '../lib/forecast.ts';

const HORIZON = 12;

function run() {
  const parts = readParts(dataFolder('demand-forecast'), 'hospital_train.csv.gz', /^hospital_/);
  const values = [parts.given, ...parts.hidden].flatMap(({ rows }) => rows.map((row) => row.slice(1).map(toNumber)));
  const hidden = parts.hidden.length > 0;
  const series = values[0]!.length;
  const task = {
    series,
    intervalMs: 2_629_800_000,
    seasons: [12],
    horizon: HORIZON,
    levels: [0.8, 0.95],
    point: 'median',
    floor: 0,
  } as const;
  const origin = values.length - HORIZON;
  const result = backtest(auto, task, { values }, [origin]);
  const [trial] = result.trials;
  const scale = Array.from({ length: series }, (_, i) =>
    naiveError(
      values.slice(0, origin).map((row) => row[i]!),
      12,
    ),
  );
  const score = (forecast: (series: number, step: number) => number): number => {
    const each = scale.map(
      (s, i) =>
        mae(
          trial!.actual[i]!,
          Float64Array.from({ length: HORIZON }, (_, h) => forecast(i, h)),
        ) / s,
    );
    const finite = each.filter(Number.isFinite);
    return finite.reduce((a, b) => a + b, 0) / finite.length;
  };
  // Each classical method alone, on the same months.
  const alone = smoothingMethods.map(() => scale.map(() => new Float64Array(HORIZON)));
  for (let i = 0; i < series; i++) {
    const y = Float64Array.from({ length: origin }, (_, t) => values[t]![i]!);
    forecastSmoothing(
      y,
      fitSmoothing(y, 12),
      HORIZON,
      alone.map((rows) => rows[i]!),
    );
  }
  return {
    classical: smoothingMethods.map((name, k) => ({ name, value: score((i, h) => alone[k]![i]![h]!) })),
    result,
    hidden,
    ours: score((i, h) => trial!.point[i]![h]!),
    naive: score((i) => values[origin - 1]![i]!),
    seasonal: score((i, h) => values[origin - 12 + h]![i]!),
  };
}

/** The figure of this scenario. */
export function figures(): Figure[] {
  const { result, hidden, ours, naive, seasonal, classical } = run();
  return [
    {
      dataset: hidden ? 'Monash Hospital, hidden year 2006' : 'Monash Hospital, backtest on 2005',
      metric: 'MASE, 12 months, mean over 767 series',
      better: 'lower',
      value: ours,
      anchors: [
        { name: 'seasonal naive', value: seasonal, source: 'computed' },
        { name: 'last value', value: naive, source: 'computed' },
        ...classical
          .filter(({ name }) => name === 'theta' || name === 'ses')
          .map(({ name, value }) => ({ name: `${name} alone`, value, source: 'computed' as const })),
        ...(hidden
          ? ([
              { name: 'Theta', value: 0.761, source: 'published' },
              { name: 'ETS', value: 0.765, source: 'published' },
              { name: 'DeepAR', value: 0.769, source: 'published' },
            ] as const)
          : []),
      ],
      split: 'all months before the last twelve / the last twelve',
      ...noteOf(result),
    },
  ];
}

if (import.meta.main) {
  const { result, hidden, ours, naive, seasonal, classical } = run();
  console.log(`Monash Hospital, ${hidden ? 'the hidden year' : 'backtest on the last year given'}; mean MASE`);
  printTable([
    ['auto', ours],
    ['seasonal naive', seasonal],
    ['last value', naive],
    ...classical.map(({ name, value }) => [`${name} alone`, value] as const),
    ...(hidden
      ? ([
          ['Theta, published', 0.761],
          ['ETS, published', 0.765],
        ] as const)
      : []),
  ]);
  printQuality(result);
}
