// What is usual at this time: a long-run level, and profiles of the day and of the week around it, each believed only
// while it predicts better than the plainer one.
import { config } from './config.ts';

const DAY_BINS = 48;
const WEEK_BINS = 168;
const HALF_HOUR_MS = 1_800_000;
const HOUR_MS = 3_600_000;
const VISITS_MAX = 255;

// Places in `scalars`.
const LEVEL = 0;
const SPREAD = 1;
const PLAIN_ERROR = 2;
const DAY_ERROR = 3;
const WEEK_ERROR = 4;
const RAW_SPREAD = 5;
const SCALARS = 6;

const bin = (timeMs: number, widthMs: number, bins: number): number => {
  const index = Math.floor(timeMs / widthMs) % bins;
  return index < 0 ? index + bins : index;
};

/** Online seasonal expectation of one stream. Days and weeks are counted in UTC: the bins need only recur. */
export class Profile {
  readonly scalars: Float64Array = new Float64Array(SCALARS);
  readonly day: Float64Array = new Float64Array(DAY_BINS);
  readonly week: Float64Array = new Float64Array(WEEK_BINS);
  readonly dayVisits: Uint8Array = new Uint8Array(DAY_BINS);
  readonly weekVisits: Uint8Array = new Uint8Array(WEEK_BINS);

  /**
   * The most that one reading may count for when a typical size is learnt. The raw mean lets a stream that was constant
   * grow: five times nothing is nothing.
   *
   * @param typical the size learnt so far
   */
  limit(typical: number): number {
    return config.spreadClip * Math.max(typical, this.scalars[RAW_SPREAD]!) + this.floor;
  }

  /** Below this a difference never matters. */
  get floor(): number {
    // The least normal number keeps a stream of zeros from having no floor at all.
    return config.boundFloor * (Math.abs(this.scalars[LEVEL]!) * 0.1 + this.scalars[SPREAD]!) + 2.3e-308;
  }

  start(value: number): void {
    this.scalars[LEVEL] = value;
  }

  /** The value expected at a time. */
  expect(timeMs: number): number {
    const s = this.scalars;
    const half = bin(timeMs, HALF_HOUR_MS, DAY_BINS);
    const hour = bin(timeMs, HOUR_MS, WEEK_BINS);
    let expected = s[LEVEL]!;
    let error = s[PLAIN_ERROR]!;
    if (this.dayVisits[half]! >= config.profileVisits && s[DAY_ERROR]! < config.trust * error) {
      expected = s[LEVEL]! + this.day[half]!;
      error = s[DAY_ERROR]!;
    }
    if (this.weekVisits[hour]! >= config.profileVisits && s[WEEK_ERROR]! < config.trust * error) {
      expected = s[LEVEL]! + this.week[hour]!;
    }
    return expected;
  }

  /**
   * Learns one reading.
   *
   * @param seen readings learnt before this one, at least 1
   * @param residual value minus what `expect` gave
   */
  learn(timeMs: number, value: number, seen: number, residual: number): void {
    const s = this.scalars;
    const warm = 1 / (seen + 1);
    const floor = this.floor;
    const size = Math.abs(residual);
    s[RAW_SPREAD]! += Math.max(config.errorRate, warm) * (size - s[RAW_SPREAD]!);
    const most = seen < config.warmUp ? size : Math.min(size, this.limit(s[SPREAD]!));
    s[SPREAD]! += Math.max(config.spreadRate, warm) * (most - s[SPREAD]!);

    const half = bin(timeMs, HALF_HOUR_MS, DAY_BINS);
    const hour = bin(timeMs, HOUR_MS, WEEK_BINS);
    const offset = value - s[LEVEL]!;
    this.#compare(offset, half, hour, Math.max(config.errorRate, warm));

    const limit = seen < config.settle ? Number.POSITIVE_INFINITY : config.clipSpreads * s[SPREAD]! + floor;
    follow(this.day, this.dayVisits, half, offset, limit);
    follow(this.week, this.weekVisits, hour, offset, limit);
    s[LEVEL]! += Math.max(config.levelRate, warm) * Math.max(-limit, Math.min(limit, offset));
  }

  /** Keeps score of the three predictions on the same readings, so that the comparison is fair. */
  #compare(offset: number, half: number, hour: number, rate: number): void {
    if (this.dayVisits[half]! < config.profileVisits) return;
    const s = this.scalars;
    s[PLAIN_ERROR]! += rate * (Math.abs(offset) - s[PLAIN_ERROR]!);
    s[DAY_ERROR]! += rate * (Math.abs(offset - this.day[half]!) - s[DAY_ERROR]!);
    if (this.weekVisits[hour]! < config.profileVisits) s[WEEK_ERROR] = s[DAY_ERROR]!;
    else s[WEEK_ERROR]! += rate * (Math.abs(offset - this.week[hour]!) - s[WEEK_ERROR]!);
  }
}

function follow(profile: Float64Array, visits: Uint8Array, index: number, offset: number, limit: number): void {
  const count = Math.min(visits[index]! + 1, VISITS_MAX);
  visits[index] = count;
  const step = Math.max(-limit, Math.min(limit, offset - profile[index]!));
  profile[index]! += Math.max(config.profileRate, 1 / count) * step;
}
