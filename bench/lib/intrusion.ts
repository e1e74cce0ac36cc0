// Reads network flows labelled as normal or attack, from data folders that are not part of this repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { columnOf } from './csv.ts';

export const intrusionFolder: string = fileURLToPath(new URL('../../../shared/data/iot-intrusion', import.meta.url));

/** Labelled rows; class 1 is an attack. */
export interface Flows {
  readonly features: readonly string[];
  readonly rows: readonly Float64Array[];
  readonly labels: Uint8Array;
  /** Name of each row's kind of attack, or `normal`; only where the set has them. */
  readonly kinds?: readonly string[];
}

const lines = (file: string): string[] => {
  if (!existsSync(file))
    throw new Error(`There is no ${file}: put the data set at ../shared/data/iot-intrusion beside this repository.`);
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split(/\r?\n/);
};

/** Columns that tell who spoke when: they leak the label. */
const IDENTIFIERS = new Set(['Flow_ID', 'Src_IP', 'Src_Port', 'Dst_IP', 'Dst_Port', 'Timestamp']);

/** A stream of flows in file order: IoTID20 or CICIDS2017 as PWPAE has them, without the identifying columns. */
export function readStream(file: string): Flows {
  const [head = '', ...rest] = lines(file);
  const names = head.split(',');
  const kept = names.flatMap((name, i) => (name === 'Label' || IDENTIFIERS.has(name) ? [] : [i]));
  const label = columnOf(names, 'Label');
  const cells = rest.map((line) => line.split(','));
  return {
    features: kept.map((i) => names[i]!),
    rows: cells.map((row) => Float64Array.from(kept, (i) => Number(row[i]))),
    labels: Uint8Array.from(cells, (row) => (Number(row[label]) > 0 ? 1 : 0)),
  };
}

/** NSL-KDD's columns by its `Field Names.csv`, in order; the three that are words. */
const SYMBOLIC = 3;

/** The words that NSL-KDD's symbolic columns take, so that other files get the same columns. */
export type Vocabulary = readonly (readonly string[])[];

/** Words in order of name. @param file such as `nsl-kdd/KDDTrain+_20Percent.txt.gz` */
export function vocabulary(file: string): Vocabulary {
  const cells = lines(file).map((line) => line.split(','));
  return Array.from({ length: SYMBOLIC }, (_, k) => [...new Set(cells.map((row) => row[k + 1]!))].sort());
}

/**
 * NSL-KDD: 38 numbers and the three symbolic columns as one feature a word (0 or 1; a word that is not in the vocabulary
 * sets none). The last column, how hard a row is, is left out.
 */
export function readNslKdd(file: string, words: Vocabulary): Flows {
  const cells = lines(file).map((line) => line.split(','));
  const names = readFileSync(join(intrusionFolder, 'nsl-kdd', 'Field Names.csv'), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(',')[0]!);
  const numeric = names.flatMap((_, i) => (i >= 1 && i <= SYMBOLIC ? [] : [i]));
  const spread = words.flatMap((list, k) => list.map((word) => [k + 1, word] as const));
  return {
    features: [...numeric.map((i) => names[i]!), ...spread.map(([i, word]) => `${names[i]} ${word}`)],
    rows: cells.map((row) =>
      Float64Array.from([
        ...numeric.map((i) => Number(row[i])),
        ...spread.map(([i, word]) => (row[i] === word ? 1 : 0)),
      ]),
    ),
    labels: Uint8Array.from(cells, (row) => (row[41] === 'normal' ? 0 : 1)),
    kinds: cells.map((row) => row[41]!),
  };
}

export const nslKddTrain: string = join(intrusionFolder, 'nsl-kdd', 'KDDTrain+_20Percent.txt.gz');
