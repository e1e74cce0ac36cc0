// One import from the first file to the last acknowledgement.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Reading, toHex } from '@trine/protocol';
import { type Opened, openFile } from './formats/open.ts';
import type { RecordMapping } from './formats/reader.ts';
import type { Known } from './known.ts';
import type { LeftOut, Mapping } from './mapping.ts';
import { importId, originOf } from './mapping.ts';
import { Progress } from './progress.ts';
import type { Problem } from './readings.ts';
import type { Duplicates, Repeats } from './repeats.ts';
import type { Sender } from './sender.ts';
import type { SourceFile } from './source.ts';

export interface ImportFile {
  readonly file: SourceFile;
  readonly mapping: Mapping | RecordMapping;
  /** Columns that are not imported. */
  readonly leftOut: readonly LeftOut[];
  /** What it says twice. */
  readonly repeats: Repeats;
}

export interface FileSummary {
  readonly file: string;
  /** What its packs name as their origin, hex. */
  readonly origin: { readonly mapping: string; readonly raw: string };
  readonly rows: number;
  readonly subjects: number;
  /** Readings that its rows gave, those imported before and those left out as dated ahead included. */
  readonly readings: number;
  /** Readings that it says again, each with the same value; and times of which it says two. */
  readonly repeats: { readonly same: number; readonly conflicts: number };
  /** Columns that were not imported, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Numbers in cells and rows that gave no reading. */
  readonly lost: number;
  /** Rows in the hour that clocks show twice: dated by their order, and the first of both times for want of one. */
  readonly repeatedHour: { readonly byOrder: number; readonly assumed: number };
  /** What the file says about readings, such as `estimated`, and of how many. */
  readonly marked: Readonly<Record<string, number>>;
  /** Cells and rows that gave no reading, by reason. */
  readonly left: Readonly<Record<string, Problem>>;
}

export interface ImportSummary {
  readonly files: readonly FileSummary[];
  readonly readings: number;
  readonly packs: number;
  /** Readings in packs that the log has, of this run and of what an earlier run had left. */
  readonly acknowledged: number;
  readonly alreadyImported: number;
  readonly datedAhead: number;
  readonly refused: Readonly<Record<string, { readonly packs: number; readonly readings: number }>>;
  readonly interrupted: boolean;
  readonly seconds: number;
  readonly readingsPerSecond: number;
}

export interface RunOptions {
  readonly open: boolean;
  /** Which of several values of one time counts. */
  readonly duplicates?: Duplicates;
  /** What the log has already of what a file speaks of. */
  readonly known: (file: ImportFile) => Promise<Known>;
  /** Times real time; undefined: as fast as it goes. */
  readonly speed?: number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Imports files one after the other.
 * @throws CommandError when the node falls silent
 */
export async function runImport(
  files: readonly ImportFile[],
  sender: Sender,
  options: RunOptions,
): Promise<ImportSummary> {
  const progress = new Progress(sender);
  const done: FileSummary[] = [];
  try {
    await sender.resume();
    for (const one of files) {
      const { file, mapping, leftOut, repeats } = one;
      if (options.signal.aborted) break;
      // Files may speak of the same things: what the one before brought is in the log when it is asked.
      await sender.drain();
      const known = await options.known(one);
      const opened = openFile(file, mapping);
      const { reader } = opened;
      progress.turnTo(file, reader);
      const before = sender.readings + sender.skipped + sender.dated;
      const hash = await file.hash();
      const origin = originOf(hash, mapping);
      sender.begin(importId(hash, mapping, options), known, origin);
      await readFile(opened, repeats, sender, options);
      // Also when interrupted: what is read is sent, and the next run goes on after it.
      await sender.flush();
      done.push({
        file: file.path,
        origin: { mapping: toHex(origin.mapping), raw: hash },
        rows: reader.rows,
        subjects: sender.subjects,
        readings: sender.readings + sender.skipped + sender.dated - before,
        repeats: { same: repeats.same, conflicts: repeats.conflicts },
        leftOut,
        lost: reader.lost,
        repeatedHour: reader.repeatedHour,
        marked: Object.fromEntries(reader.marks ?? []),
        left: Object.fromEntries(reader.problems),
      });
    }
    await sender.drain();
  } finally {
    progress.stop();
  }
  const { seconds } = progress;
  return {
    files: done,
    readings: sender.readings,
    packs: sender.packs,
    acknowledged: sender.acknowledged,
    alreadyImported: sender.skipped,
    datedAhead: sender.dated,
    refused: Object.fromEntries(sender.refused),
    interrupted: options.signal.aborted,
    seconds: Math.round(seconds * 1000) / 1000,
    readingsPerSecond: Math.round(sender.acknowledged / seconds),
  };
}

async function readFile(
  { reader, rows }: Opened,
  repeats: Repeats,
  sender: Sender,
  { speed, signal }: RunOptions,
): Promise<void> {
  let nth = 0;
  const take = (subject: string, reading: Reading) => {
    if (repeats.takes(subject, reading, ++nth)) sender.take(subject, reading, reader.row);
  };
  const before = sender.readings;
  let pace: Pace | undefined;
  for await (const row of rows) {
    if (signal.aborted) return;
    await pace?.until(reader.timeOf(row), sender, signal);
    const timeMs = reader.read(row, take);
    const flowing = sender.flow();
    if (flowing) await flowing;
    // What an earlier run has sent is passed over without waiting.
    if (speed !== undefined && pace === undefined && timeMs !== undefined && sender.readings > before)
      pace = new Pace(speed, timeMs);
  }
}

/** Replays event time: the first reading is now, the others follow at a multiple of their own pace. */
class Pace {
  readonly #speed: number;
  readonly #firstMs: number;
  readonly #began = performance.now();

  constructor(speed: number, firstMs: number) {
    this.#speed = speed;
    this.#firstMs = firstMs;
  }

  async until(timeMs: number, sender: Sender, signal: AbortSignal): Promise<void> {
    const waitMs = (timeMs - this.#firstMs) / this.#speed - (performance.now() - this.#began);
    if (!(waitMs > 1)) return;
    await sender.flush();
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
}
