// Reads the data sets that lie beside this repository, and says where they are expected when they do not.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

/** A table of text: `columns.get(name)![row]`. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The folder of a data set: what `--data FOLDER` says, else `../shared/data/<topic>` beside this repository. */
export function dataFolder(topic: string): string {
  const beside = fileURLToPath(new URL(`../../../shared/data/${topic}`, import.meta.url));
  if (!isScenario()) return beside;
  return parseArgs({ options: { data: { type: 'string' } }, strict: false }).values.data?.toString() ?? beside;
}

/** Options are read only where a scenario was started by itself, not by the whole benchmark. */
const isScenario = (): boolean => /bench[\\/]scenarios[\\/][^\\/]+\.ts$/.test(process.argv[1] ?? '');

/** @throws Error saying where the file is expected when it is absent */
export function readTable(folder: string, file: string): Table {
  const path = join(folder, file);
  if (!existsSync(path)) {
    throw new Error(`${file} is not here: put it into ../shared/data beside this repository, or say --data FOLDER.`);
  }
  const text = gunzipSync(readFileSync(path)).toString('utf8').trim();
  const [header = [], ...rows] = text.split(/\r?\n/).map((line) => line.split(','));
  return { header, rows };
}

/**
 * The part of a data set that is given, and what lies beside it of the same kind: parts that are hidden from those who
 * made the models, for a tester who has them.
 *
 * @param pattern names of all parts, such as /^hospital_/
 */
export function readParts(folder: string, given: string, pattern: RegExp): { given: Table; hidden: readonly Table[] } {
  const table = readTable(folder, given);
  const others = readdirSync(folder).filter((file) => pattern.test(file) && file.endsWith('.csv.gz') && file !== given);
  return { given: table, hidden: others.sort().map((file) => readTable(folder, file)) };
}

/** A cell as a number; NaN where it is empty. */
export const toNumber = (cell: string | undefined): number =>
  cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell);

/**
 * Where a column is.
 * @throws Error naming the columns there are: a figure from a column that is not there would be nonsense
 * @example columnOf(['time', 'cfs'], 'cfs') // 1
 */
export function columnOf(header: readonly string[], name: string): number {
  const found = header.indexOf(name);
  if (found < 0) throw new Error(`There is no column ${name}: there are ${header.join(', ')}.`);
  return found;
}
