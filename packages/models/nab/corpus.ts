// Reads the Numenta Anomaly Benchmark (NAB v1.1) from a data folder that is not part of this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** One NAB file: a univariate series and its labelled windows. */
export interface Series {
  /** `category/file.csv`, as NAB names it. */
  readonly name: string;
  readonly category: string;
  /** Event times in milliseconds; NAB gives no zone, so they are read as UTC. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** First and last row of each window, both inside it, in order of time. */
  readonly windows: readonly (readonly [number, number])[];
}

/** Weights of one application profile (NAB `profiles.json`). */
export interface Profile {
  readonly name: string;
  readonly tpWeight: number;
  readonly fpWeight: number;
  readonly fnWeight: number;
}

/** Where the data set lies relative to this repository. */
export const nabFolder: string = fileURLToPath(new URL('../../../../shared/data/anomaly/nab', import.meta.url));

/** Is the data set there? */
export const hasNab = (): boolean => existsSync(join(nabFolder, 'labels', 'combined_windows.json'));

function milliseconds(text: string): number {
  const value = Date.parse(`${text.trim().replace(' ', 'T').slice(0, 23)}Z`);
  if (Number.isNaN(value))
    throw new RangeError(`Expected a time like 2014-04-01 00:00:00, got ${JSON.stringify(text)}.`);
  return value;
}

function readSeries(folder: string, name: string, limits: readonly (readonly [string, string])[]): Series {
  const lines = gunzipSync(readFileSync(join(folder, 'data', `${name}.gz`)))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1);
  const times = new Float64Array(lines.length);
  const values = new Float64Array(lines.length);
  for (const [i, line] of lines.entries()) {
    const comma = line.indexOf(',');
    times[i] = milliseconds(line.slice(0, comma));
    values[i] = Number(line.slice(comma + 1));
  }
  // A clock set back repeats times; NAB means the first row that bears the time.
  const row = (text: string): number => {
    const index = times.indexOf(milliseconds(text));
    if (index < 0) throw new RangeError(`${name}: the window limit ${text} is not the time of any row.`);
    return index;
  };
  const windows = limits.map(([from, to]) => [row(from), row(to)] as const);
  return { name, category: name.split('/')[0] ?? '', times, values, windows };
}

/**
 * Every NAB file that is there, in order of name, with its windows.
 *
 * @param folder the data set's folder, with `data/`, `labels/` and `profiles.json`
 * @throws Error saying where the data are expected when they are absent
 */
export function readCorpus(folder: string = nabFolder): Series[] {
  const labels = join(folder, 'labels', 'combined_windows.json');
  if (!existsSync(labels)) {
    throw new Error(
      'The Numenta Anomaly Benchmark is not here: put its files (data/, labels/, profiles.json) at ' +
        '../shared/data/anomaly/nab beside this repository.',
    );
  }
  const windows = JSON.parse(readFileSync(labels, 'utf8')) as Record<string, [string, string][]>;
  return readdirSync(join(folder, 'data'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: category }) =>
      readdirSync(join(folder, 'data', category))
        .filter((file) => file.endsWith('.csv.gz'))
        .map((file) => `${category}/${file.slice(0, -3)}`),
    )
    .sort()
    .map((name) => readSeries(folder, name, windows[name] ?? []));
}

/** The application profiles: `standard`, `reward_low_FP_rate`, `reward_low_FN_rate`. */
export function readProfiles(folder: string = nabFolder): Profile[] {
  const profiles = JSON.parse(readFileSync(join(folder, 'profiles.json'), 'utf8')) as Record<
    string,
    { CostMatrix: Omit<Profile, 'name'> }
  >;
  return Object.entries(profiles).map(([name, { CostMatrix }]) => ({
    name,
    tpWeight: CostMatrix.tpWeight,
    fpWeight: CostMatrix.fpWeight,
    fnWeight: CostMatrix.fnWeight,
  }));
}

/** Published raw scores by file under the standard profile: detector → file → score (null where not published). */
export function readAnchors(folder: string = nabFolder): Map<string, Map<string, number>> {
  const [head = '', ...rows] = readFileSync(join(folder, 'standard_raw_scores_by_file.csv'), 'utf8').trim().split('\n');
  const detectors = head.split(',').slice(2);
  const anchors = new Map(detectors.map((name) => [name, new Map<string, number>()]));
  for (const row of rows) {
    const [file = '', , ...scores] = row.split(',');
    for (const [i, score] of scores.entries()) {
      if (score.trim() !== '') anchors.get(detectors[i] ?? '')?.set(file, Number(score));
    }
  }
  return anchors;
}
