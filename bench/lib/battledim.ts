// Reads BattLeDIM 2020 (the simulated town L-TOWN, 2019) from a folder outside this repository: inflow, tank level, leaks.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const waterFolder: string = fileURLToPath(new URL('../../../shared/data/water', import.meta.url));

/** Rows are five minutes apart. */
const ROWS_A_DAY = 288;
export const DAY_MS = 86_400_000;
/** Tank T1 is a cylinder of 16 m diameter (L-TOWN.inp). */
const TANK_M2 = Math.PI * 8 * 8;
/** Samples of the level, to each side, that make the level at a moment: it is given to a centimetre. */
const LEVEL_SAMPLES = 3;

export interface Leak {
  readonly pipe: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Town {
  readonly timesMs: readonly number[];
  /** Inflow at both inlets, m³/h. */
  readonly inflow: readonly number[];
  /** Level of the tank, m. */
  readonly level: readonly number[];
  /** Leaks in order of start; some started before the first row. */
  readonly leaks: readonly Leak[];
}

const time = (text = ''): number => Date.parse(`${text.trim().replace(' ', 'T')}Z`);

function rowsOf(folder: string, pattern: RegExp): string[][] {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => pattern.test(file)) : [];
  if (files.length === 0)
    throw new Error(`BattLeDIM is not here: there is no file like ${pattern.source} in ${folder}.`);
  return files.flatMap((file) => {
    const bytes = readFileSync(join(folder, file));
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    return text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
  });
}

/**
 * All `battledim_2019_scada_flows_level_*.csv.gz` and `leaks_*.csv` of a folder, joined in order of time.
 *
 * @throws Error saying what is expected where when it is absent
 */
export function readTown(folder: string = waterFolder): Town {
  const scada = new Map(
    rowsOf(folder, /^battledim_2019_scada_flows_level_.*\.csv\.gz$/).map(([at, ...cells]) => [
      time(at),
      cells.map(Number),
    ]),
  );
  const rows = [...scada].sort(([a], [b]) => a - b);
  const leaks = new Map(
    rowsOf(folder, /^leaks_.*\.csv(\.gz)?$/).map(([pipe = '', start, end]) => [
      `${pipe} ${start}`,
      { pipe, startMs: time(start), endMs: time(end) },
    ]),
  );
  return {
    timesMs: rows.map(([at]) => at),
    inflow: rows.map(([, [first = 0, second = 0]]) => first + second),
    level: rows.map(([, cells]) => cells[3]!),
    leaks: [...leaks.values()].sort((a, b) => a.startMs - b.startMs),
  };
}

/** Mean consumption of one day, leaks included, by mass balance. */
export interface Day {
  /** Its end. */
  readonly endMs: number;
  /** When it is known: the level needs some samples after the end. */
  readonly knownMs: number;
  /** m³/h. */
  readonly consumption: number;
}

/** Inflow less what the tank took up, day by day. */
export function daily({ timesMs, inflow, level }: Town): Day[] {
  const levelAt = (row: number): number => {
    const samples = level.slice(Math.max(0, row - LEVEL_SAMPLES), row + LEVEL_SAMPLES + 1);
    return samples.reduce((a, b) => a + b, 0) / samples.length;
  };
  const days: Day[] = [];
  for (let from = 0; from + ROWS_A_DAY + LEVEL_SAMPLES < timesMs.length; from += ROWS_A_DAY) {
    const to = from + ROWS_A_DAY;
    let sum = 0;
    for (let i = from; i < to; i++) sum += (inflow[i]! + inflow[i + 1]!) / 2;
    const stored = (TANK_M2 * (levelAt(to) - levelAt(from))) / 24;
    days.push({
      endMs: timesMs[to]!,
      knownMs: timesMs[to + LEVEL_SAMPLES]!,
      consumption: sum / ROWS_A_DAY - stored,
    });
  }
  return days;
}
