// Measure: what a customer used within a period, from what the meters said. Nothing is estimated: where the readings do
// not show it, it is not known.
import type { LoggedReading } from '@trine/engine';
import type { Obligation } from '@trine/protocol';
import { bandAt } from './tariff.ts';
import type { MeteringTerms } from './terms.ts';

export interface Measured {
  /** Thousandths of the unit by band; what is missing is not in it. */
  readonly quantities: ReadonlyMap<string, number>;
  /** A meter of which a boundary is unknown, or of which too many intervals are. */
  readonly missing: readonly string[];
  /** Meters whose counter went back, or that said less than nothing. */
  readonly backward: readonly string[];
  /** Missing intervals of all meters; of intervals with two values too, because nobody can say which is right. */
  readonly gaps: number;
  /** Of counters: what they showed at the boundaries, in thousandths. */
  readonly boundaries: ReadonlyMap<string, { readonly start: number; readonly end: number }>;
}

interface MeterReading {
  readonly timeMs: number;
  readonly milli: number;
}

/** Readings of each meter that are of the quantity and in the unit, in the order of their times. */
function byMeter(
  { quantity, unit }: MeteringTerms,
  meters: readonly string[],
  readings: readonly LoggedReading[],
): Map<string, MeterReading[]> {
  const found = new Map<string, MeterReading[]>(meters.map((meter) => [meter, []]));
  for (const { subject, timeMs, value, ...one } of readings) {
    if (one.quantity !== quantity || one.unit !== unit || typeof value !== 'number') continue;
    // The nearest thousandth, so that what is added and subtracted from here on is exact.
    const milli = Math.round(value * 1_000);
    if (Number.isSafeInteger(milli)) found.get(subject)?.push({ timeMs, milli });
  }
  return found;
}

export function measure(
  terms: MeteringTerms,
  obligation: Obligation,
  meters: readonly string[],
  readings: readonly LoggedReading[],
): Measured {
  const own = byMeter(terms, meters, readings);
  return terms.kind === 'counter' ? counters(terms, obligation, own) : intervals(terms, obligation, own);
}

/** From the last reading at or before the beginning to the last one at or before the end: nothing is billed twice or lost. */
function counters(
  { boundaryMs, bands }: MeteringTerms,
  { fromMs, toMs }: Obligation,
  own: ReadonlyMap<string, readonly MeterReading[]>,
): Measured {
  const missing: string[] = [];
  const backward: string[] = [];
  const boundaries = new Map<string, { start: number; end: number }>();
  let used = 0;
  for (const [meter, readings] of own) {
    const first = readings.findLastIndex(({ timeMs }) => timeMs <= fromMs && timeMs >= fromMs - boundaryMs);
    const last = readings.findLastIndex(({ timeMs }) => timeMs <= toMs && timeMs >= toMs - boundaryMs);
    if (first < 0 || last <= first) {
      missing.push(meter);
      continue;
    }
    const between = readings.slice(first, last + 1);
    if (between.some(({ milli }, i) => milli < (between[i - 1]?.milli ?? 0))) {
      backward.push(meter);
      continue;
    }
    const [start, end] = [(readings[first] as MeterReading).milli, (readings[last] as MeterReading).milli];
    boundaries.set(meter, { start, end });
    used += end - start;
  }
  return { quantities: new Map([[bands[0]?.name ?? '', used]]), missing, backward, gaps: 0, boundaries };
}

/** An interval belongs to the period in which it begins, and to the band that holds at its beginning. */
function intervals(
  terms: MeteringTerms,
  { fromMs, toMs }: Obligation,
  own: ReadonlyMap<string, readonly MeterReading[]>,
): Measured {
  const { intervalMs, gapsMax } = terms;
  const bandOf = bandAt(terms);
  const due = Math.ceil(toMs / intervalMs) - Math.ceil(fromMs / intervalMs);
  const quantities = new Map<string, number>();
  const missing: string[] = [];
  const backward: string[] = [];
  let gaps = 0;
  for (const [meter, readings] of own) {
    const values = intervalValues(readings, intervalMs);
    const known = [...values].flatMap(([timeMs, milli]) => (milli === undefined ? [] : [{ timeMs, milli }]));
    const ownGaps = due - known.length;
    gaps += ownGaps;
    if (ownGaps > gapsMax) missing.push(meter);
    if (known.some(({ milli }) => milli < 0)) backward.push(meter);
    for (const { timeMs, milli } of known)
      quantities.set(bandOf(timeMs), (quantities.get(bandOf(timeMs)) ?? 0) + milli);
  }
  return { quantities, missing, backward, gaps, boundaries: new Map() };
}

/** By beginning; undefined where two readings of the same interval differ. What begins at no interval is none. */
function intervalValues(readings: readonly MeterReading[], intervalMs: number): Map<number, number | undefined> {
  const values = new Map<number, number | undefined>();
  for (const { timeMs, milli } of readings) {
    if (timeMs % intervalMs !== 0) continue;
    values.set(timeMs, !values.has(timeMs) || values.get(timeMs) === milli ? milli : undefined);
  }
  return values;
}
