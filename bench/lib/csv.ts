// Reads the data sets that lie beside this repository, and says where they are expected when they do not.
import { existsSync, readFileSync } from 'node:fs';
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

/** Is a file of a data set there? */
export const hasData = (folder: string, file: string): boolean => existsSync(join(folder, file));

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

/** A cell as a number; NaN where it is empty. */
export const toNumber = (cell: string | undefined): number =>
  cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell);
