// Reads the homes of the CityLearn Challenge 2022 from a data folder that is not part of this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export interface Home {
  readonly number: number;
  /** Net energy without a battery, kWh an hour: load less the sun's. */
  readonly net: Float64Array;
  readonly load: Float64Array;
  readonly solar: Float64Array;
}

export interface Year {
  /** By number; those whose file is there. */
  readonly homes: readonly Home[];
  /** Per kWh, each hour. */
  readonly price: Float64Array;
  /** kg per kWh, each hour. */
  readonly carbon: Float64Array;
}

/** Where the data set lies relative to this repository. */
export const energyFolder: string = fileURLToPath(new URL('../../../../shared/data/energy', import.meta.url));

export const hasEnergy = (folder: string = energyFolder): boolean => existsSync(join(folder, 'assets.json'));

function column(folder: string, file: string, name: string): Float64Array {
  const [head = '', ...rows] = gunzipSync(readFileSync(join(folder, file)))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  const at = head.split(',').indexOf(name);
  if (at < 0) throw new RangeError(`${file} has no column ${name}.`);
  return Float64Array.from(rows, (row) => Number(row.split(',')[at]));
}

/** @throws Error saying where the data are expected when they are absent */
export function readYear(folder: string = energyFolder): Year {
  if (!hasEnergy(folder))
    throw new Error(
      'The CityLearn Challenge 2022 is not here: put its files (Building_*.csv.gz, assets.json, …) at ' +
        '../shared/data/energy beside this repository.',
    );
  const assets = JSON.parse(readFileSync(join(folder, 'assets.json'), 'utf8')) as Record<string, { pv_kw: number }>;
  const numbers = readdirSync(folder)
    .flatMap((file) => /^Building_(\d+)\.csv\.gz$/.exec(file)?.slice(1).map(Number) ?? [])
    .sort((a, b) => a - b);
  const homes = numbers.map((number): Home => {
    const file = `Building_${number}.csv.gz`;
    const load = column(folder, file, 'non_shiftable_load');
    const watts = column(folder, file, 'solar_generation');
    const kilowatts = assets[`Building_${number}`]?.pv_kw;
    if (kilowatts === undefined) throw new RangeError(`assets.json does not say how large the sun roof of ${file} is.`);
    const solar = watts.map((w) => (w * kilowatts) / 1000);
    return { number, load, solar, net: load.map((l, t) => l - solar[t]!) };
  });
  return {
    homes,
    price: column(folder, 'pricing.csv.gz', 'electricity_pricing'),
    carbon: column(folder, 'carbon_intensity.csv.gz', 'carbon_intensity'),
  };
}
