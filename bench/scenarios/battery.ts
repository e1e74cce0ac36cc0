// What a receding-horizon controller with HiGHS makes of the batteries of CityLearn's homes (Challenge 2022), beside the
// rules computed on exactly the same homes. Run: node bench/scenarios/battery.ts [--data FOLDER] [--homes 11-17,…]
// About three minutes on a quiet core. The default data folder is ../shared/data/energy. Homes held back are scored by
// putting their Building_*.csv.gz, and an assets.json that names them, into a folder of the same layout (pricing and carbon
// intensity too): --data FOLDER --homes 11-17.
import { parseArgs } from 'node:util';
import { follow, storeForDearHours, storeSurplus } from '@trine/models/citylearn/battery.ts';
import { energyFolder, readYear, type Year } from '@trine/models/citylearn/dataset.ts';
import { type EnergyScores, energyScores } from '@trine/models/metrics/energy.ts';
import { highs } from '@trine/models/optimisers/highs.ts';
import { type Aims, control } from '../lib/battery-control.ts';
import type { Figure } from '../lib/figures.ts';

/** The challenge's first phase weighs the bill and the emissions; its later ones the grid as well. */
const aims: Readonly<Record<'mean2' | 'mean3', Aims>> = {
  mean2: { cost: 1, emission: 1, grid: 0 },
  mean3: { cost: 1, emission: 1, grid: 1 },
};

export interface Options {
  readonly data?: string;
  /** Ranges of homes, each a district of its own. */
  readonly homes?: readonly (readonly [from: number, to: number])[];
}

interface Row {
  readonly homes: string;
  readonly controller: string;
  readonly scores: EnergyScores;
  readonly nanosecondsPerPlan?: number;
}

async function measure({
  data = energyFolder,
  homes: ranges = [
    [1, 5],
    [6, 10],
  ],
}: Options): Promise<Row[]> {
  const year = readYear(data);
  const optimiser = await highs.open();
  return ranges.flatMap(([from, to]): Row[] => {
    const homes = year.homes.filter(({ number }) => number >= from && number <= to);
    if (homes.length !== to - from + 1) throw new Error(`Homes ${from} to ${to} are not all in ${data}.`);
    const district: Year = { ...year, homes };
    const score = (nets: readonly Float64Array[]): EnergyScores =>
      energyScores(
        homes.map(({ net }, i) => ({ net: nets[i]!, baseline: net })),
        year.price,
        year.carbon,
      );
    const label = `homes ${from}-${to}`;
    const rules = Object.entries({ storeSurplus, storeForDearHours }).map(
      ([controller, rule]): Row => ({
        homes: label,
        controller,
        scores: score(homes.map(({ net }) => follow(rule, net, year.price))),
      }),
    );
    const plans = Object.entries(aims).map(([aim, weights]): Row => {
      const { net, nanosecondsPerPlan } = control(district, (problem) => optimiser.solve(problem), weights);
      return { homes: label, controller: `HiGHS for ${aim}`, scores: score(net), nanosecondsPerPlan };
    });
    return [...rules, ...plans];
  });
}

/** @throws Error saying where the data are expected when they are absent */
export async function figures(options: Options = {}): Promise<Figure[]> {
  return figuresOf(await measure(options));
}

function figuresOf(rows: readonly Row[]): Figure[] {
  const names = [...new Set(rows.map(({ homes }) => homes))];
  return names.flatMap((homes) =>
    (['mean2', 'mean3'] as const).flatMap((metric): Figure[] => {
      const here = rows.filter((row) => row.homes === homes);
      const ours = here.find(({ controller }) => controller === `HiGHS for ${metric}`);
      if (!ours) return [];
      return [
        {
          dataset: `CityLearn Challenge 2022, ${homes}, one year`,
          metric: metric === 'mean2' ? 'mean of cost and emission ratio' : 'mean of cost, emission and grid ratio',
          better: 'lower',
          model: `${highs.name} ${highs.version}, 18 h receding horizon`,
          value: ours.scores[metric],
          anchors: here
            .filter(({ controller }) => !controller.startsWith('HiGHS'))
            .map(({ controller: name, scores }) => ({ name, value: scores[metric], source: 'computed' })),
          split: 'controller set on homes 1-5; forecasts from each home’s own past; the tariff ahead is known',
          seed: undefined,
          nanosecondsPerPoint: ours.nanosecondsPerPlan,
          bytesPerStream: undefined,
          note: 'no battery is 1; the first days of the year are controlled with nothing learnt',
        },
      ];
    }),
  );
}

function parseRanges(text: string): [number, number][] {
  return text.split(',').map((range) => {
    const [, from, to] = /^(\d+)-(\d+)$/.exec(range) ?? [];
    if (from === undefined || to === undefined) throw new Error(`Expected homes like 1-5,6-10, got ${text}.`);
    return [Number(from), Number(to)];
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { data: { type: 'string' }, homes: { type: 'string' } } });
  try {
    const rows = await measure({
      ...(values.data !== undefined && { data: values.data }),
      ...(values.homes !== undefined && { homes: parseRanges(values.homes) }),
    });
    console.table(
      rows.map(({ homes, controller, scores, nanosecondsPerPlan }) => ({
        homes,
        controller,
        ...Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, value.toFixed(3)])),
        'ms a plan': nanosecondsPerPlan === undefined ? '' : (nanosecondsPerPlan / 1e6).toFixed(1),
      })),
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
