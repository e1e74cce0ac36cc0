// What people see of an import: the mapping before it, the summary after it.

import type { Reading } from '@trine/protocol';
import { countOf, plural } from '@trine/protocol';
import { print, printJson, say, table } from '../output.ts';
import { openFile } from './formats/open.ts';
import type { RecordMapping } from './formats/reader.ts';
import type { Inferred } from './infer.ts';
import { wordsOfLeft } from './infer-values.ts';
import type { Mapping } from './mapping.ts';
import type { ImportSummary } from './run.ts';
import type { SourceFile } from './source.ts';

const PREVIEW_ROWS = 3;
const PREVIEW_READINGS = 12;
const WORDS_MAX = 300;

export function showMapping(
  file: SourceFile,
  { notes, warnings, questions }: Pick<Inferred, 'notes' | 'warnings' | 'questions'>,
): void {
  say(`${file.path} (${Math.ceil(file.bytes / 1024)} KiB${file.encoding === undefined ? '' : `, ${file.encoding}`})`);
  say(table(notes.map(({ what, value, from }) => [`  ${what}`, from, shorten(value)])));
  for (const warning of warnings) say(`  ! ${warning}`);
  for (const question of questions) say(`  ? ${question}`);
}

function shorten(text: string): string {
  return text.length > WORDS_MAX ? `${text.slice(0, WORDS_MAX)}…` : text;
}

/** Prints the first readings as they would be signed. */
export async function preview(file: SourceFile, mapping: Mapping | RecordMapping, json: boolean): Promise<void> {
  const { reader, rows } = openFile(file, mapping);
  const found: ({ subject: string; time: string } & Omit<Reading, 'timeMs'>)[] = [];
  for await (const row of rows) {
    reader.read(row, (subject, { timeMs, ...rest }) => {
      found.push({ subject, time: new Date(timeMs).toISOString(), ...rest });
    });
    // One thing may stand after the other: rows of record formats have a value each.
    if ('format' in mapping ? found.length >= PREVIEW_READINGS : reader.rows >= PREVIEW_ROWS) break;
  }
  if (json) return printJson({ file: file.path, mapping, readings: found });
  const shown = found.slice(0, PREVIEW_READINGS);
  print(table(shown.map(({ subject, time, quantity, unit, value }) => [time, subject, quantity, `${value} ${unit}`])));
  if (found.length > shown.length)
    print(`… ${found.length - shown.length} more in the first ${countOf(reader.rows, 'row')}`);
}

export function showSummary(summary: ImportSummary): void {
  const rows = summary.files.reduce((sum, file) => sum + file.rows, 0);
  const lines = [
    `${countOf(rows, 'row')} gave ${countOf(summary.readings, 'reading')} in ${countOf(summary.packs, 'pack')}.`,
    `${countOf(summary.acknowledged, 'reading')} ${plural(summary.acknowledged, 'is', 'are')} sealed in the log, in ${summary.seconds.toFixed(1)} s (${summary.readingsPerSecond} readings/s).`,
  ];
  if (summary.alreadyImported > 0)
    lines.push(
      `${countOf(summary.alreadyImported, 'reading')} ${plural(summary.alreadyImported, 'was', 'were')} known from before and passed over.`,
    );
  if (summary.datedAhead > 0)
    lines.push(
      `${countOf(summary.datedAhead, 'reading')} ${plural(summary.datedAhead, 'is', 'are')} dated in the future and left out: check --timezone.`,
    );
  for (const [reason, { packs, readings }] of Object.entries(summary.refused))
    lines.push(
      `${countOf(readings, 'reading')} in ${countOf(packs, 'pack')} ${plural(readings, 'was', 'were')} refused by the node: ${reason}.`,
    );
  for (const file of summary.files) {
    if (file.readings === 0)
      lines.push(`${file.file}: no reading came of ${countOf(file.rows, 'row')}: see how it is read with --dry-run.`);
    const { same, conflicts } = file.repeats;
    if (same > 0)
      lines.push(
        `${file.file}: ${countOf(same, 'reading')} came again with the same value and ${plural(same, 'was', 'were')} passed over.`,
      );
    if (conflicts > 0) lines.push(`${file.file}: ${countOf(conflicts, 'time')} had several values: see --duplicates.`);
    const { byOrder, assumed } = file.repeatedHour;
    const twice = 'of the hour that clocks show twice dated as';
    if (byOrder > 0) lines.push(`${file.file}: ${countOf(byOrder, 'row')} ${twice} the rows follow.`);
    if (assumed > 0)
      lines.push(`${file.file}: ${countOf(assumed, 'row')} ${twice} the first of both: see --repeated-hour.`);
    for (const [mark, count] of Object.entries(file.marked))
      lines.push(`${file.file}: ${countOf(count, 'reading')} ${plural(count, 'is', 'are')} marked ${mark}.`);
    for (const left of file.leftOut.filter(({ isLoss }) => isLoss)) lines.push(`${file.file}: ${wordsOfLeft(left)}`);
    for (const [reason, { count, examples }] of Object.entries(file.left))
      lines.push(`${file.file}: ${count} × ${reason} (${examples.join('; ')}${count > examples.length ? '; …' : ''}).`);
  }
  if (summary.interrupted) lines.push('Interrupted: run the same command again to go on.');
  print(lines);
}
