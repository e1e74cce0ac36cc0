// Daily flow of the Piscataquis River, Maine, from rain, temperature and potential evaporation (CAMELS-US 01031500).
// Run: node bench/scenarios/forecast-runoff.ts [--data FOLDER]
// FOLDER holds camels_01031500_daily.csv.gz, whose OBS_RUN is blank in 1989-10..1999-09. With the hidden values beside it as
// any other camels_01031500_*.csv.gz (date, OBS_RUN, MOD_RUN) that decade is the test; without, 1999-10..2008-09. The decade is simulated without any flow of
// it, learning from all other years; and forecast one day ahead, knowing the flow of the day before.
import { rainfallRunoff } from '@trine/models/forecasters/rainfall-runoff.ts';
import { kge, nse } from '@trine/models/metrics/forecast.ts';
import { columnOf, dataFolder, readParts, toNumber } from '../lib/csv.ts';
import type { Figure } from '../lib/figures.ts';
import { type Backtest, backtest, coverage, printQuality, printTable } from '../lib/forecast.ts';

const YEAR = 365;

function run() {
  const parts = readParts(dataFolder('flood'), 'camels_01031500_daily.csv.gz', /^camels_01031500_/);
  const { header, rows } = parts.given;
  const dates = rows.map(([date = '']) => date);
  // A blank is filled by what another part says of the same day.
  const others = parts.hidden.map((part) => ({
    header: part.header,
    byDate: new Map(part.rows.map((row) => [row[0], row])),
  }));
  const column = (name: string): number[] =>
    rows.map((row) => {
      const cells = [
        row[columnOf(header, name)],
        ...others.map((o) => o.byDate.get(row[0]!)?.[columnOf(o.header, name)]),
      ];
      return cells.map(toNumber).find(Number.isFinite) ?? Number.NaN;
    });
  const observed = column('OBS_RUN');
  const other = column('MOD_RUN');
  const covariates = ['PRCP', 'TAIR', 'PET'].map(column);
  const forcing = dates.map((_, t) => covariates.map((values) => values[t]!));
  const decade = (from: string, to: string) => [dates.indexOf(from), dates.indexOf(to)] as const;
  const blind = decade('1989-10-01', '1999-10-01');
  const hidden = !Number.isNaN(observed[blind[0]]!);
  const [from, to] = hidden ? blind : decade('1999-10-01', '2008-10-01');
  // The years after the test come first, so that those before it lead up to it. A year of weather without flow goes before
  // each stretch, for the stores to fill.
  const stretch = (a: number, b: number) => [
    ...Array.from({ length: YEAR }, (_, k) => ({ flow: Number.NaN, weather: forcing[a + k]! })),
    ...Array.from({ length: b - a }, (_, k) => ({ flow: observed[a + k]!, weather: forcing[a + k]! })),
  ];
  const past = [...stretch(to, dates.length), ...stretch(0, from)];
  const tested = Array.from({ length: to - from }, (_, k) => ({
    flow: observed[from + k]!,
    weather: forcing[from + k]!,
  }));
  const data = {
    values: [...past, ...tested].map(({ flow }) => [flow]),
    exogenous: [...past, ...tested].map(({ weather }) => weather),
  };
  const task = (horizon: number) =>
    ({ series: 1, exogenous: 3, intervalMs: 86_400_000, seasons: [], horizon, levels: [0.8, 0.95] }) as const;
  const actual = observed.slice(from, to);
  const scores = (forecast: readonly number[]) => ({ nse: nse(actual, forecast), kge: kge(actual, forecast) });
  const judge = (result: Backtest) => ({
    result,
    ...scores(result.trials.flatMap(({ point }) => Array.from(point[0]!))),
  });
  return {
    hidden,
    simulated: judge(backtest(rainfallRunoff, task(tested.length), data, [past.length])),
    ahead: judge(
      backtest(
        rainfallRunoff,
        task(1),
        data,
        tested.map((_, k) => past.length + k),
      ),
    ),
    sacramento: scores(other.slice(from, to)),
    persistence: scores(observed.slice(from - 1, to - 1)),
  };
}

/** NSE and KGE of the simulation, NSE one day ahead. */
export function figures(): Figure[] {
  const { hidden, simulated, ahead, sacramento, persistence } = run();
  const figure = (metric: string, of: typeof ahead, value: number, anchor: string, other: number): Figure => ({
    dataset: `CAMELS 01031500, ${hidden ? 'hidden decade 1989–1999' : 'backtest 1999–2008'}`,
    metric,
    better: 'higher',
    model: `${rainfallRunoff.name} ${rainfallRunoff.version}`,
    value,
    anchors: [{ name: anchor, value: other, source: anchor === 'SAC-SMA' ? 'published' : 'computed' }],
    split: 'all other years / the decade',
    seed: 1,
    nanosecondsPerPoint: of.result.nanosecondsPerLearntValue,
    bytesPerStream: of.result.bytesPerSeries,
    note: coverage(of.result.trials)
      .map(({ level, coverage: share }) => `${level * 100} % interval covers ${(share * 100).toFixed(1)} %`)
      .join(', '),
  });
  return [
    figure('NSE, simulated from weather alone', simulated, simulated.nse, 'SAC-SMA', sacramento.nse),
    figure('KGE, simulated from weather alone', simulated, simulated.kge, 'SAC-SMA', sacramento.kge),
    figure('NSE, one day ahead', ahead, ahead.nse, "yesterday's flow", persistence.nse),
  ];
}

if (import.meta.main) {
  const { hidden, simulated, ahead, sacramento, persistence } = run();
  console.log(`Piscataquis River, ${hidden ? 'the hidden decade 1989–1999' : 'backtest 1999–2008'}`);
  printTable([
    ['', 'NSE', 'KGE'],
    ['rainfall-runoff, from weather alone', simulated.nse, simulated.kge],
    ['SAC-SMA, published run', sacramento.nse, sacramento.kge],
    ['rainfall-runoff, one day ahead', ahead.nse, ahead.kge],
    ["yesterday's flow", persistence.nse, persistence.kge],
  ]);
  for (const { result } of [simulated, ahead]) printQuality(result);
}
