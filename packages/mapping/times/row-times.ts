// Where the time of a row stands: in one column, or a date in one and a clock, or the number of an hour, in another.
import type { ZoneTable } from '@trine/protocol/calendar/zones.ts';
import type { TimeFormat } from './format.ts';
import { zoneOfCell } from './heading-zone.ts';
import { OrderedTimes } from './ordered.ts';
import type { TimeResult } from './reader.ts';

/** Numbered parts of a day: hours 1 to 24, quarters of an hour 0 to 95, half hours 1 to 50. */
export interface Slots {
  readonly kind: 'slots';
  readonly minutes: number;
  /** Number of the first. */
  readonly first: 0 | 1;
  /** What they number: what clocks show, or the time since midnight, so that days have 23 and 25 hours. */
  readonly counts: 'clock' | 'elapsed';
  /** A part is dated at its start or its end. */
  readonly at: 'start' | 'end';
}

/** How the cells of two columns make one time. */
export type Join =
  /** Date and clock, with a space between. */
  | { readonly kind: 'text' }
  /** A clock in digits alone: 0030, 003000. */
  | { readonly kind: 'digits' }
  /** Beginning and end of a part of the day: 00:00 - 01:00, 00-01. */
  | { readonly kind: 'span'; readonly at: 'start' | 'end' }
  /** Year, month, day, and hour and minute perhaps, each in a column; hours from 0, or numbered from 1. */
  | { readonly kind: 'parts'; readonly first: 0 | 1 }
  | Slots;

/** Data: which cells of a row are its time, and how they are read. */
export interface TimeSource {
  readonly columns: readonly number[];
  readonly format: TimeFormat;
  /** Absent where one column says it all. */
  readonly join?: Join;
  /** Column with the zone of each row. */
  readonly zoneColumn?: number;
}

const MINUTE_MS = 60_000;
/** A date that carries a clock at midnight, as exports of databases do, beside a column with the clock. */
const MIDNIGHT = /(?:T|\s+)(?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)?\s*AM)$/i;
/** Two clocks, or two hours. */
export const CLOCK_SPAN: RegExp = /^(\d{1,2}(?::\d{2})?)\s*[-\u2013]\s*(\d{1,2}(?::\d{2})?)$/;
const DIGITS = /^(\d{2})(\d{2})(\d{2})?$/;
const pad = (value: number) => String(value).padStart(2, '0');

export class RowTimes {
  readonly #source: TimeSource;
  readonly #times: OrderedTimes;

  /** @throws FormatError where the zone of the format is not known */
  constructor(source: TimeSource, zones: ZoneTable) {
    this.#source = source;
    this.#times = new OrderedTimes(source.format, zones);
  }

  /** Rows in an hour that clocks show twice: dated by their order, and dated by nothing but custom. */
  get repeated(): { readonly byOrder: number; readonly assumed: number } {
    return { byOrder: this.#times.byOrder, assumed: this.#times.assumed };
  }

  /** The cells that are the time, as they stand. */
  textOf(row: readonly string[]): string {
    return this.#source.columns.map((position) => (row[position] ?? '').trim()).join(' ');
  }

  /** Reads the time of the next row. @param thing whose row it is: see `OrderedTimes` */
  read(row: readonly string[], thing?: string): TimeResult {
    const { columns, join, zoneColumn } = this.#source;
    const date = (row[columns[0] as number] ?? '').trim();
    if (zoneColumn !== undefined) return this.#inZone(row, zoneColumn, thing);
    if (columns.length === 1 || join === undefined) return this.#times.read(this.textOf(row), thing);
    if (join.kind === 'parts')
      return this.#times.read(
        partsText(
          columns.map((at) => row[at] ?? ''),
          join.first,
        ),
        thing,
      );
    const cell = (row[columns[1] as number] ?? '').trim();
    if (date === '' || cell === '') return { kind: 'none', why: 'the date or the clock is empty' };
    if (join.kind === 'slots') return this.readSlot(date, cell, thing);
    if (join.kind === 'span') return this.#times.read(spanText(date.replace(MIDNIGHT, ''), cell, join.at), thing);
    const clock = join.kind === 'digits' ? cell.replace(DIGITS, (_, h, m, s) => `${h}:${m}${s ? `:${s}` : ''}`) : cell;
    const padded = /^\d[:.h]/i.test(clock) ? `0${clock}` : clock;
    return this.#times.read(`${date.replace(MIDNIGHT, '')} ${padded}`, thing);
  }

  /** Date and clock, and the zone that another cell of the row names. */
  #inZone(row: readonly string[], zoneColumn: number, thing?: string): TimeResult {
    const cells = this.#source.columns.map((position) => (row[position] ?? '').trim());
    const zone = zoneOfCell(row[zoneColumn] ?? '');
    if (cells.includes('')) return { kind: 'none', why: 'the date or the clock is empty' };
    if (zone === undefined)
      return { kind: 'refused', reason: 'no zone', why: `"${row[zoneColumn] ?? ''}" names no zone.` };
    const text =
      cells.length === 1 ? (cells[0] as string) : `${(cells[0] as string).replace(MIDNIGHT, '')} ${cells[1]}`;
    return this.#times.read(zone === '' ? text : `${text} ${zone}`, thing);
  }

  /**
   * Reads the time of a numbered part of a day.
   * @param slot its number, as a cell or a heading says it
   */
  readSlot(date: string, slot: string, thing?: string): TimeResult {
    const { join } = this.#source;
    if (join?.kind !== 'slots') throw new RangeError('This time has no numbered parts of a day.');
    const { minutes, first, counts, at } = join;
    const text = `"${date} ${slot}"`;
    const place = /^\d{1,3}(?:\.0+)?$/.test(slot) ? Number(slot) - first : -1;
    const minute = (place + (at === 'end' ? 1 : 0)) * minutes;
    // Days have an hour more when clocks go back.
    if (place < 0 || (place + 1) * minutes > (counts === 'elapsed' ? 25 : 24) * 60)
      return { kind: 'refused', reason: 'unreadable', why: `${text} is no part of a day that has ${minutes} minutes.` };
    const bare = date.replace(MIDNIGHT, '');
    if (counts === 'clock')
      return this.#times.read(`${bare} ${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`, thing);
    const midnight = this.#times.read(bare, thing);
    return midnight.kind === 'time' ? { ...midnight, ms: midnight.ms + minute * MINUTE_MS } : midnight;
  }
}

/** Date and clock of one end of a span. What ends at midnight ends the day. */
function spanText(date: string, span: string, at: 'start' | 'end'): string {
  const found = CLOCK_SPAN.exec(span);
  if (found === null) return `${date} ${span}`;
  const whole = (clock: string) => `${clock.length % 3 === 1 ? '0' : ''}${clock}${clock.includes(':') ? '' : ':00'}`;
  const [from, to] = [whole(found[1] as string), whole(found[2] as string)];
  return `${date} ${at === 'start' ? from : to === '00:00' ? '24:00' : to}`;
}

/** Year, month, day, hour and minute as ISO 8601 has them; empty where one of them is. */
function partsText(cells: readonly string[], first: 0 | 1): string {
  const numbers = cells.map((cell) => (/^\s*\d{1,4}(?:\.0+)?\s*$/.test(cell) ? Number(cell) : Number.NaN));
  if (numbers.some(Number.isNaN)) return cells.some((cell) => cell.trim() === '') ? '' : cells.join(' ');
  const [year = 0, month = 0, day = 0, hour = first, minute = 0] = numbers;
  return `${year}-${pad(month)}-${pad(day)} ${pad(hour - first)}:${pad(minute)}`;
}
