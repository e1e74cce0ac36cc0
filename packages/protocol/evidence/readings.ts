// The readings of an evidence file as a table.
import { csvCell } from '../csv.ts';
import type { ReportedReading } from './report.ts';
import { formatTime } from './time.ts';

const HEAD = [
  'time',
  'subject',
  'quantity',
  'value',
  'unit',
  'signed by',
  'arrived',
  'log',
  'leaf',
  'went in',
  'dated by',
];

/** @returns CSV (RFC 4180) with a head; lines end with CR LF */
export function readingsCsv(readings: readonly ReportedReading[]): string {
  const rows = readings.map(
    ({ timeMs, subject, quantity, value, unit, keyOwner, arrivalMs, origin, leaf, wentIn, datedBy }) =>
      [
        ...[formatTime(timeMs), subject, quantity, value, unit, keyOwner, formatTime(arrivalMs), origin, leaf],
        wentIn ? 'yes' : 'no',
        datedBy,
      ].map(csvCell),
  );
  return [HEAD, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
