// What is usual for one series at a step: medians and means over the same slot of seasons before, without events, and
// what events and the same time of other years did to that. Everything is computed when first asked for, and only from
// values before the origin of the forecast it serves.
import type { Calendar } from './calendar.ts';
import { config } from './config.ts';
import type { Window } from './history.ts';

/** The season of the profile and the shortest one, in steps, 0 for none; and years. */
export interface Seasons {
  readonly main: number;
  readonly day: number;
  readonly rare: readonly number[];
}

const none = new Float64Array(1);

export class Profile {
  /** The season of the profile and the shortest one, steps; 0 for none. */
  readonly main: number;
  readonly day: number;
  readonly y: Float64Array;
  readonly #offset: number;
  readonly #rare: readonly number[];
  readonly #calendar: Calendar;
  readonly #medians: Float64Array;
  readonly #visited = new Float64Array(config.medianVisits);
  /** Sums of the deviations from the median up to each step, for means over stretches of them. */
  #deviationSums: Float64Array = none;
  /** The same of absolute deviations. */
  #sizeSums: Float64Array = none;
  /** For each event and template: sums of absolute errors up to each time the event held. */
  readonly #templateErrors = new Map<number, readonly Float64Array[]>();

  /** @param earlier of the same series over a window that began at the same step: what it computed stays true */
  constructor(window: Window, series: number, seasons: Seasons, calendar: Calendar, earlier?: Profile) {
    this.y = window.y[series]!;
    this.#offset = window.offset;
    this.main = seasons.main;
    this.day = seasons.day;
    this.#rare = seasons.rare;
    this.#calendar = calendar;
    this.#medians = new Float64Array(this.main > 0 ? window.length + this.main : 0).fill(Number.NaN);
    if (earlier && earlier.#offset === this.#offset && earlier.main === this.main && this.main > 0) {
      this.#medians.set(earlier.#medians);
      this.#deviationSums = earlier.#deviationSums;
      this.#sizeSums = earlier.#sizeSums;
    }
  }

  /** The latest step before `origin` in the same slot as `step`; below 0 where there is none. */
  visit(step: number, origin: number, season: number): number {
    return step < origin ? step - season : step - season * Math.floor((step - origin) / season + 1);
  }

  /** The value at a step before the origin, or what was usual where an event held. */
  clean(step: number): number {
    if (step < 0) return Number.NaN;
    if (this.main === 0 || this.#calendar.rarest[step] === 0 || this.#calendar.rarest[step] === undefined)
      return this.y[step]!;
    const usual = this.median(step);
    return Number.isNaN(usual) ? this.y[step]! : usual;
  }

  /** Median of the same slot in up to eight seasons before the step; NaN without any. */
  median(step: number): number {
    if (step < this.main) return Number.NaN;
    const known = this.#medians[step]!;
    if (!Number.isNaN(known)) return known;
    const v = this.#visited;
    // The scratch space is shared with the calls that `clean` makes: take all values first.
    const values: number[] = [];
    for (let k = 1; k <= config.medianVisits && step >= k * this.main; k++)
      values.push(this.clean(step - k * this.main));
    for (let i = 0; i < values.length; i++) {
      const x = values[i]!;
      let j = i;
      for (; j > 0 && v[j - 1]! > x; j--) v[j] = v[j - 1]!;
      v[j] = x;
    }
    const half = values.length >> 1;
    const median = values.length % 2 === 1 ? v[half]! : (v[half - 1]! + v[half]!) / 2;
    this.#medians[step] = median;
    return median;
  }

  /** The median as it is known at the origin. */
  usual(step: number, origin: number): number {
    return this.median(this.visit(step, origin, this.main) + this.main);
  }

  /** Mean of the same slot in the last seasons before the origin. */
  recent(step: number, origin: number, visits: number = config.meanVisits, season: number = this.main): number {
    let sum = 0;
    let count = 0;
    for (let at = this.visit(step, origin, season); count < visits && at >= 0; at -= season) {
      sum += this.clean(at);
      count++;
    }
    return sum / count;
  }

  /** Exponentially weighted mean of the same slot, the last season weighing most. */
  fading(step: number, origin: number): number {
    let sum = 0;
    let weights = 0;
    let weight: number = config.fading;
    for (let at = this.visit(step, origin, this.main); at >= 0 && weight > 0.01; at -= this.main) {
      sum += weight * this.clean(at);
      weights += weight;
      weight *= 1 - config.fading;
    }
    return sum / weights;
  }

  /** What the event that holds at a step does to the usual value, as far as earlier times tell; 0 without event. */
  effect(step: number, origin: number): number {
    const event = this.#calendar.rarest[step]! - 1;
    if (!(event >= 0) || this.main === 0) return 0;
    const times = this.#calendar.steps[event]!;
    let before = 0;
    while (before < times.length && times[before]! < Math.min(origin, step)) before++;
    if (before === 0) return 0;
    const template = this.#template(event, before);
    const usual = this.usual(step, origin);
    const like = template < 0 ? usual : this.usual(step - this.#shift(step, template), origin);
    let sum = 0;
    let count = 0;
    for (let k = 0; k < before; k++) {
      const at = times[k]!;
      if ((step - at) % this.day !== 0) continue;
      const other = this.median(template < 0 ? at : at - this.#shift(at, template));
      if (Number.isNaN(other)) continue;
      sum += this.y[at]! - other;
      count++;
    }
    const effect = like - usual + sum / (count + config.eventPrior);
    return Number.isNaN(effect) ? 0 : effect;
  }

  /** Steps back to the same slot on the weekday `template`. */
  #shift(step: number, template: number): number {
    const weekdays = this.main / this.day;
    const weekday = Math.floor(((this.#offset + step) % this.main) / this.day);
    return ((weekday - template + weekdays) % weekdays) * this.day;
  }

  /** The weekday that an event's days resembled most so far: a holiday may be like a Sunday. −1: none more than their own. */
  #template(event: number, before: number): number {
    const weekdays = this.main / this.day;
    if (!Number.isInteger(weekdays) || weekdays < 2) return -1;
    let errors = this.#templateErrors.get(event);
    if (errors === undefined) {
      const times = this.#calendar.steps[event]!.filter((at) => at < this.y.length);
      errors = Array.from({ length: weekdays + 1 }, (_, template) => {
        const sums = new Float64Array(times.length);
        let sum = 0;
        for (const [k, at] of times.entries()) {
          const error = Math.abs(this.y[at]! - this.median(template === 0 ? at : at - this.#shift(at, template - 1)));
          if (!Number.isNaN(error)) sum += error;
          sums[k] = sum;
        }
        return sums;
      });
      this.#templateErrors.set(event, errors);
    }
    let best = 0;
    for (let k = 1; k <= weekdays; k++) if (errors[k]![before - 1]! < errors[best]![before - 1]!) best = k;
    return best - 1;
  }

  /** Mean deviation from the median over a stretch of steps before the origin; 0 where none is known. */
  deviation(from: number, to: number): number {
    const sums = this.#sums();
    const [a, b] = [Math.max(from, this.main), Math.min(to, sums.length - 1)];
    return b > a ? (sums[b]! - sums[a]!) / (b - a) : 0;
  }

  /** Mean absolute deviation from the median in the last seasons at the step's slot; 0 without season. */
  variation(step: number, origin: number): number {
    if (this.main === 0) return 0;
    let sum = 0;
    let count = 0;
    for (let at = this.visit(step, origin, this.main); count < 4 && at >= this.main; at -= this.main) {
      sum += Math.abs(this.clean(at) - this.median(at));
      count++;
    }
    return count > 0 ? sum / count : 0;
  }

  /** Mean absolute deviation from the median over the last season; 0 without season. */
  unusual(origin: number): number {
    if (this.main === 0) return 0;
    const from = Math.max(this.main, origin - this.main);
    this.#sums();
    return origin > from ? (this.#sizeSums[origin]! - this.#sizeSums[from]!) / (origin - from) : 0;
  }

  /** The value of a slot of the day that never changed lately; NaN where it did. */
  still(step: number, origin: number): number {
    if (this.day === 0 || step < config.stillDays * this.day) return Number.NaN;
    let at = this.visit(step, origin, this.day);
    const value = this.y[at]!;
    for (let k = 1; k < config.stillDays; k++) {
      at -= this.day;
      if (at < 0 || this.y[at] !== value) return Number.NaN;
    }
    return value;
  }

  /** Mean deviation around the same time of earlier years, over `width` steps. */
  analogue(step: number, origin: number, width: number): number {
    let sum = 0;
    let count = 0;
    for (const season of this.#rare) {
      for (let at = this.visit(step, origin, season); at >= 2 * this.main && count < 3; at -= season) {
        sum += this.deviation(at - (width >> 1), Math.min(origin, at + ((width + 1) >> 1)));
        count++;
      }
    }
    return count > 0 ? sum / count : 0;
  }

  #sums(): Float64Array {
    const known = this.#deviationSums.length - 1;
    if (known === this.y.length) return this.#deviationSums;
    const sums = new Float64Array(this.y.length + 1);
    const sizes = new Float64Array(this.y.length + 1);
    sums.set(this.#deviationSums);
    sizes.set(this.#sizeSums);
    for (let i = known; i < this.y.length; i++) {
      const found = this.main > 0 && i >= this.main ? this.clean(i) - this.median(i) : 0;
      const deviation = Number.isNaN(found) ? 0 : found;
      sums[i + 1] = sums[i]! + deviation;
      sizes[i + 1] = sizes[i]! + Math.abs(deviation);
    }
    this.#deviationSums = sums;
    this.#sizeSums = sizes;
    return sums;
  }
}
