// Numbers that stand for "no value". They are proposed with a reason, and never applied by themselves: 85 °C is a
// power-on value of one sensor and a tank's temperature for another.

/** The usual ones: fill values of data sets, ends of integer ranges. */
const usual: ReadonlySet<number> = new Set([
  ...[-99, -99.9, -99.99, -200, -888, -999, -999.9, -999.99, -6999, -7999, -9999, -9999.9, -99999, -999999],
  ...[999, 999.9, 999.99, 9999, 9999.9, 99999, 999999, 32767, 32768, -32767, -32768, 3276.7, -3276.8, 65535, 6553.5],
  ...[2147483647, -2147483648, 4294967295],
]);
/** A DS18B20 that is absent (-127) or was just switched on (85). */
const ofThermometers: ReadonlySet<number> = new Set([-127, 85]);

/** Fewer other values show no spread. */
const OTHERS_MIN = 5;
/** The distance to the nearest other value, in widths of all others. */
const GAP_MIN = 2;

export interface Sentinel {
  readonly value: number;
  readonly count: number;
  /** In words. */
  readonly why: string;
}

/** Looks at the numbers of a column one after the other, in constant memory. */
export class SentinelsOfColumn {
  readonly #counts = new Map<number, number>();
  #lowest = Number.POSITIVE_INFINITY;
  #highest = Number.NEGATIVE_INFINITY;
  #others = 0;
  readonly #isTemperature: boolean;

  /** @param isTemperature the column holds temperatures: values of thermometers count, too */
  constructor(isTemperature = false) {
    this.#isTemperature = isTemperature;
  }

  add(value: number): void {
    if (usual.has(value) || (this.#isTemperature && ofThermometers.has(value))) {
      this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
      return;
    }
    this.#others++;
    if (value < this.#lowest) this.#lowest = value;
    if (value > this.#highest) this.#highest = value;
  }

  /** Usual ones that lie clearly apart from every other value. */
  proposed(): Sentinel[] {
    if (this.#others < OTHERS_MIN) return [];
    const [lowest, highest] = [this.#lowest, this.#highest];
    const gapMin = GAP_MIN * Math.max(highest - lowest, Math.abs(highest) * 0.1, Math.abs(lowest) * 0.1, 1);
    return [...this.#counts].flatMap(([value, count]) => {
      const gap = value < lowest ? lowest - value : value > highest ? value - highest : 0;
      if (gap < gapMin) return [];
      const why = `${value} is often written for "no value", and all other values lie between ${lowest} and ${highest}`;
      return [{ value, count, why }];
    });
  }
}

/**
 * Proposes which values of a column stand for "no value".
 * @example proposeSentinels([12.1, 12.4, 11.9, -999, 12, 12.2, 13]) // [{ value: -999, count: 1, why: '…' }]
 */
export function proposeSentinels(values: Iterable<number>, isTemperature = false): Sentinel[] {
  const column = new SentinelsOfColumn(isTemperature);
  for (const value of values) column.add(value);
  return column.proposed();
}
