// Reads recordings of motion sensors: falls and daily activities on a wrist, driving events in a phone.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Readings } from '@trine/models/features/resample.ts';

export const fallFolder: string = fileURLToPath(new URL('../../../shared/data/fall-detection', import.meta.url));
export const drivingFolder: string = fileURLToPath(new URL('../../../shared/data/driver-behaviour', import.meta.url));

/** One recording of one activity. */
export interface Trial {
  readonly user: string;
  readonly activity: string;
  readonly fall: boolean;
  /** x, y, z: m/s², gravity included. */
  readonly acceleration: Readings;
  /** x, y, z: rad/s. */
  readonly rotation: Readings;
}

function cells(file: string): string[][] {
  const [, ...rows] = gunzipSync(readFileSync(file)).toString('utf8').trim().split(/\r?\n/);
  return rows.map((row) => row.split(','));
}

/** Readings of rows whose columns are a time and three axes; sorted by time, for a few recordings have hiccups. */
function readingsOf(rows: readonly (readonly [timeMs: number, x: number, y: number, z: number])[]): Readings {
  const sorted = rows.toSorted((a, b) => a[0] - b[0]);
  const column = (i: number) => Float64Array.from(sorted, (row) => row[i]!);
  return { timesMs: column(0), axes: [column(1), column(2), column(3)] };
}

/** WEDA-FALL, every user whose files are there. @throws Error saying where the data are expected when they are absent */
export function readTrials(folder: string = fallFolder): Trial[] {
  const users = existsSync(folder)
    ? readdirSync(folder).flatMap((file) => /^(U\d+)_accel\.csv\.gz$/.exec(file)?.slice(1) ?? [])
    : [];
  if (users.length === 0) throw new Error(`There is no WEDA-FALL in ${folder}: put its U*_accel.csv.gz, … there.`);
  return users.sort().flatMap((user) => {
    const sensor = (name: string): Map<string, [number, number, number, number][]> => {
      const trials = new Map<string, [number, number, number, number][]>();
      for (const [activity, trial, time, x, y, z] of cells(join(folder, `${user}_${name}.csv.gz`))) {
        const key = `${activity},${trial}`;
        const rows = trials.get(key) ?? [];
        rows.push([1000 * Number(time), Number(x), Number(y), Number(z)]);
        trials.set(key, rows);
      }
      return trials;
    };
    const rotation = sensor('gyro');
    return [...sensor('accel')].map(([key, rows]): Trial => {
      const activity = key.split(',')[0]!;
      return {
        user,
        activity,
        fall: activity.startsWith('F'),
        acceleration: readingsOf(rows),
        rotation: readingsOf(rotation.get(key) ?? []),
      };
    });
  });
}

/** A labelled span of a trip. */
export interface DrivingEvent {
  readonly kind: string;
  readonly aggressive: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Trip {
  readonly name: string;
  readonly acceleration: Readings;
  readonly rotation: Readings;
  readonly events: readonly DrivingEvent[];
}

/** Trips that are there, by name. @throws Error saying where the data are expected when they are absent */
export function readTrips(folder: string = drivingFolder): Trip[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('trip-')) : [];
  if (names.length === 0) throw new Error(`There is no trip in ${folder}: put trip-17, … there.`);
  return names.sort().map((name) => {
    const trip = JSON.parse(readFileSync(join(folder, name, 'viagem.json'), 'utf8')) as {
      firstCollectionUptimeNanos: number;
    };
    const sensor = (file: string): Readings =>
      readingsOf(
        cells(join(folder, name, file)).map(([, nanos, x, y, z]) => [
          (Number(nanos) - trip.firstCollectionUptimeNanos) / 1e6,
          Number(x),
          Number(y),
          Number(z),
        ]),
      );
    const [, ...rows] = readFileSync(join(folder, name, 'groundTruth.csv'), 'utf8')
      .trim()
      .split(/\r?\n/);
    return {
      name,
      acceleration: sensor('acelerometro_terra.csv.gz'),
      rotation: sensor('giroscopio_terra.csv.gz'),
      events: rows.map((row) => {
        const [kind = '', from, to] = row.split(',').map((cell) => cell.trim());
        return {
          kind,
          aggressive: kind !== 'evento_nao_agressivo',
          fromMs: 1000 * Number(from),
          toMs: 1000 * Number(to),
        };
      }),
    };
  });
}
