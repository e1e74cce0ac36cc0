// How soon change points tell of new leaks: BattLeDIM 2020 / L-TOWN (a simulated town, the field's reference benchmark),
// onset without location, from inflow and tank level alone. Run: node bench/scenarios/leaks.ts [--data FOLDER]
// FOLDER has battledim_2019_scada_flows_level_*.csv.gz and leaks_*.csv as in ../shared/data/water, the default. To score
// months that were kept back, join their files into a copy of that folder: all are read, in order of time.
import { parseArgs } from 'node:util';
import { changes } from '@trine/models/detectors/changes.ts';
import { median, type Onsets, onsets } from '@trine/models/metrics/detection.ts';
import { DAY_MS, type Day, daily, type Leak, readTown, waterFolder } from '../lib/battledim.ts';
import type { Anchor, Figure } from '../lib/figures.ts';

const HOUR_MS = 3_600_000;
/** Alarms at fixed intervals find leaks by chance: what a detector must beat. */
const CLOCK_DAYS = [7, 10, 14];

export interface LeakRun {
  readonly days: readonly Day[];
  /** Leaks that started within the days: those that can be found. */
  readonly leaks: readonly Leak[];
  /** When the consumption rose, milliseconds; falls are repairs and no detections. */
  readonly rises: readonly number[];
  readonly onsets: Onsets;
  readonly nanosecondsPerReading: number;
  readonly stateBytes: number;
}

/** Feeds daily consumption to the change-point detector. @param folder where BattLeDIM lies */
export function runLeaks(folder: string = waterFolder): LeakRun {
  const town = readTown(folder);
  const days = daily(town);
  const first = town.timesMs[0]!;
  const leaks = town.leaks.filter(({ startMs }) => startMs >= first);
  const detector = changes.create();
  const rises: number[] = [];
  for (const { endMs, knownMs, consumption } of days) {
    const { score, expected } = detector.update(endMs, consumption);
    if (score >= 0.5 && consumption > expected) rises.push(knownMs);
  }
  return {
    days,
    leaks,
    rises,
    onsets: onsets(rises, leaks),
    nanosecondsPerReading: timed(days),
    stateBytes: detector.state().length,
  };
}

/** Mean time of one update, over enough readings for it to mean something. */
function timed(days: readonly Day[]): number {
  const rounds = Math.ceil(200_000 / days.length);
  const start = process.hrtime.bigint();
  for (let round = 0; round < rounds; round++) {
    const detector = changes.create();
    for (const { endMs, consumption } of days) detector.update(endMs, consumption);
  }
  return Number(process.hrtime.bigint() - start) / rounds / days.length;
}

const medianHours = ({ delaysMs }: Onsets): number => median(delaysMs.map((delay) => delay / HOUR_MS));

/** What alarms every so many days would score. */
function clock({ days, leaks }: LeakRun, every: number): Onsets {
  const times: number[] = [];
  for (let t = days[0]!.endMs + 14 * DAY_MS; t <= days.at(-1)!.endMs; t += every * DAY_MS) times.push(t);
  return onsets(times, leaks);
}

/** Leaks found, false alarms and median time to detection. */
export function figures(folder: string = waterFolder): Figure[] {
  const run = runLeaks(folder);
  const chance = clock(run, 10);
  const nightFlow = 'night-flow step test, whole year, tuned on it';
  const figure = (
    metric: string,
    better: Figure['better'],
    value: number,
    anchors: readonly (readonly [name: string, value: number, source: Anchor['source']])[],
  ): Figure => ({
    dataset: `BattLeDIM 2019, ${run.days.length} days, ${run.leaks.length} new leaks`,
    metric,
    better,
    model: `${changes.name} ${changes.version}`,
    value,
    anchors: anchors.map(([name, of, source]) => ({ name, value: of, source })),
    split: 'parameters chosen on January to August; streaming over all days there are',
    seed: undefined,
    nanosecondsPerPoint: run.nanosecondsPerReading,
    bytesPerStream: run.stateBytes,
    note: 'a simulated town; inflow and tank level only, no pressures',
  });
  return [
    figure('new leaks found', 'higher', run.onsets.found, [
      [`${nightFlow} (of 19)`, 19, 'computed'],
      ['an alarm every 10 days, same days', chance.found, 'computed'],
    ]),
    figure('false alarms', 'lower', run.onsets.falseAlarms, [
      [nightFlow, 6, 'computed'],
      ['an alarm every 10 days, same days', chance.falseAlarms, 'computed'],
    ]),
    figure('median time to detection, hours', 'lower', medianHours(run.onsets), [
      [nightFlow, 87, 'computed'],
      ['LILA with 33 pressures, whole year', 116, 'published'],
      ['an alarm every 10 days, same days', medianHours(chance), 'computed'],
    ]),
  ];
}

function print(folder: string): void {
  const run = runLeaks(folder);
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  console.log(
    `BattLeDIM, ${day(run.days[0]!.endMs)} to ${day(run.days.at(-1)!.endMs)}, ${run.leaks.length} new leaks\n`,
  );
  const row = (name: string, of: Onsets): void =>
    console.log(
      `${name.padEnd(46)}${String(of.found).padStart(6)}${String(of.falseAlarms).padStart(14)}${medianHours(of).toFixed(0).padStart(14)}`,
    );
  console.log(`${' '.repeat(46)}${'found'.padStart(6)}${'false alarms'.padStart(14)}${'median hours'.padStart(14)}`);
  row(`${changes.name} ${changes.version}`, run.onsets);
  for (const days of CLOCK_DAYS) row(`an alarm every ${days} days, for comparison`, clock(run, days));
  console.log('night-flow step test, whole year, tuned on it     19             6            87');
  console.log('LILA with 33 pressures, whole year                19           n/a           116');
  console.log(`\nrises: ${run.rises.map(day).join(' ')}`);
  for (const { pipe, startMs, endMs } of run.leaks) {
    const found = run.rises.find((t) => startMs <= t && t <= endMs);
    const hours = found === undefined ? 'none' : `${((found - startMs) / HOUR_MS).toFixed(0)} h`;
    console.log(`${pipe.padEnd(6)} from ${new Date(startMs).toISOString().slice(0, 16)}, next rise after ${hours}`);
  }
  console.log(`${run.nanosecondsPerReading.toFixed(0)} ns a reading, ${run.stateBytes} bytes of state a stream`);
}

if (import.meta.main) {
  try {
    print(parseArgs({ options: { data: { type: 'string', default: waterFolder } } }).values.data);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
