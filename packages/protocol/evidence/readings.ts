// The readings of an evidence file as a table.
import type { ReportedReading } from './report.ts';
import { formatTime } from './time.ts';

const HEAD = ['time', 'subject', 'quantity', 'value', 'unit', 'signed by', 'arrived', 'log', 'leaf', 'went in'];

/** @returns CSV (RFC 4180) with a head; lines end with CR LF */
export function readingsCsv(readings: readonly ReportedReading[]): string {
  const rows = readings.map(({ timeMs, subject, quantity, value, unit, keyOwner, arrivalMs, origin, leaf, wentIn }) =>
    [
      ...[formatTime(timeMs), subject, quantity, value, unit, keyOwner, formatTime(arrivalMs), origin, leaf],
      wentIn ? 'yes' : 'no',
    ].map(cell),
  );
  return [HEAD, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function cell(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  // What a device says is a text, and no formula to a spreadsheet.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
