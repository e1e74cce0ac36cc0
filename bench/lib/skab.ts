// Reads SKAB v0.9, measured on a real water loop (github.com/waico/SKAB, GPL-3.0), from a folder outside this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const skabFolder: string = fileURLToPath(new URL('../../../shared/data/water/skab', import.meta.url));

/** Rows at the start of each file that are for training; the rest is scored. */
export const TRAIN_ROWS = 400;

/** One experiment: a row a second. */
export interface Experiment {
  /** Such as `valve1/0`. */
  readonly name: string;
  readonly group: string;
  readonly timesMs: Float64Array;
  /** Eight sensors a row, in the file's order. */
  readonly rows: readonly Float64Array[];
  /** 1 where the row is anomalous. */
  readonly labels: Uint8Array;
}

const GROUPS = ['valve1', 'valve2', 'other'];

/**
 * Every experiment in `valve1`, `valve2` and `other`, as far as they are there.
 *
 * @throws Error saying where the data are expected when there is none
 */
export function readSkab(folder: string = skabFolder): Experiment[] {
  const experiments = GROUPS.filter((group) => existsSync(join(folder, group))).flatMap((group) =>
    readdirSync(join(folder, group))
      .filter((file) => file.endsWith('.csv.gz'))
      .sort()
      .map((file) => readExperiment(join(folder, group, file), `${group}/${file.slice(0, -7)}`)),
  );
  if (experiments.length === 0) {
    throw new Error(`SKAB is not here: put its folders valve1, valve2 and other (*.csv.gz) into ${folder}.`);
  }
  return experiments;
}

function readExperiment(path: string, name: string): Experiment {
  const cells = gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(';'));
  return {
    name,
    group: name.split('/')[0] ?? '',
    timesMs: Float64Array.from(cells, ([time = '']) => Date.parse(`${time.replace(' ', 'T')}Z`)),
    rows: cells.map((row) => Float64Array.from(row.slice(1, 9), Number)),
    labels: Uint8Array.from(cells, (row) => Number(row[9])),
  };
}
