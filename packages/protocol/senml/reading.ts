// What makes a reading, for whoever is about to say one. Whoever receives a pack asks the same, in senml.ts.
import type { ClockQuality } from '../assurance.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';
import { isUnit } from './units.ts';

/** One measured value of one thing at one event time. */
export interface Reading {
  readonly quantity: string;
  /** SenML unit symbol; '' for none. */
  readonly unit: string;
  /** Event time, milliseconds since 1970; with clock quality `none`: since the device started. */
  readonly timeMs: number;
  readonly value: number | boolean | string;
}

const QUANTITY = /^[A-Za-z0-9][A-Za-z0-9:._~/-]*$/;
/** SenML dates values below this relative to the time of reading the pack. */
export const RELATIVE_TIME_S_MAX: number = 2 ** 28;

/** Can it name a quantity? 1 to 96 of A-Z a-z 0-9 : . _ ~ / -, beginning with a letter or digit. */
export function isQuantity(text: string): boolean {
  return text.length <= limits.quantityCharsMax && QUANTITY.test(text);
}

/**
 * Checks what a program is about to say, whatever its types promise.
 *
 * @param nowMs the clock of whoever says it: a gateway refuses what is dated more than ten minutes ahead
 * @throws FormatError `malformed`, `wrong-unit`, `bad-value`, `too-large` or `absurd-time`, saying what to do
 * @example checkReading({ quantity: 'temperature', unit: 'Cel', timeMs: Date.now(), value: 21.5 }, 'synchronised', Date.now())
 */
export function checkReading(reading: Reading, clock: ClockQuality, nowMs: number): void {
  const { quantity, unit, timeMs, value } = reading ?? {};
  if (typeof quantity !== 'string' || !isQuantity(quantity))
    throw new FormatError(
      'malformed',
      `${named(quantity)} names no quantity: 1 to ${limits.quantityCharsMax} of A-Z a-z 0-9 : . _ ~ / - as in air-temperature.`,
    );
  if (typeof unit !== 'string' || !isUnit(unit))
    throw new FormatError(
      'wrong-unit',
      `${named(unit)} of ${quantity} is no SenML unit symbol (Cel, W, hPa, m3, /, …; RFC 8428 §12.1), nor '' for none.`,
    );
  checkValue(quantity, value);
  checkTime(quantity, timeMs, clock, nowMs);
}

function checkValue(quantity: string, value: unknown): void {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return;
  if (typeof value !== 'string')
    throw new FormatError(
      'bad-value',
      `${named(value)} is no value of ${quantity}: a finite number, a text or a boolean is.`,
    );
  if (value.length > limits.textValueCharsMax)
    throw new FormatError('too-large', `The text of ${quantity} has more than ${limits.textValueCharsMax} characters.`);
}

function checkTime(quantity: string, timeMs: unknown, clock: ClockQuality, nowMs: number): void {
  const fail = (problem: string) =>
    new FormatError('absurd-time', `The time of ${quantity}, ${named(timeMs)}, ${problem}.`);
  if (typeof timeMs !== 'number' || !Number.isFinite(timeMs)) throw fail('is no number of milliseconds');
  if (clock === 'none') {
    if (timeMs >= 0 && timeMs < RELATIVE_TIME_S_MAX * 1000) return;
    throw fail('is not within 8 years of the start of the device, which has no clock');
  }
  if (timeMs >= limits.eventTimeMsMin) {
    if (timeMs <= nowMs + limits.eventTimeAheadMsMax) return;
    throw fail('is more than ten minutes ahead of the clock here');
  }
  const isInSeconds = timeMs * 1000 >= limits.eventTimeMsMin;
  throw fail(
    isInSeconds ? 'is before 1990: it seems to be in seconds, and should be in milliseconds' : 'is before 1990',
  );
}

function named(given: unknown): string {
  return typeof given === 'string' ? `"${given.slice(0, 40)}"` : String(given).slice(0, 40);
}
