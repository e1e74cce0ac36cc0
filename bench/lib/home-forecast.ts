// A plain forecast of one hourly quantity from its own past: what is usual at this hour, and how far the last hour was
// off it.

/** How a quantity is forecast. */
export interface Habit {
  /** Weight of the newest day in what is usual at an hour, 0 to 1. */
  readonly rate: number;
  /** How much of the last hour's departure is left an hour later, 0 to 1. */
  readonly keep: number;
  /** The departure is a share of what is usual (sunshine under clouds), not a difference. */
  readonly relative?: boolean;
}

/** Learns an hour at a time; knows nothing of the future. */
export class HourlyForecast {
  readonly #habit: Habit;
  readonly #usual = new Float64Array(24);
  readonly #errors = new Float64Array(24);
  readonly #seen = new Uint32Array(24);
  #hour = 0;
  #departure = 0;

  constructor(habit: Habit) {
    this.#habit = habit;
  }

  /** @param hour counted from any midnight */
  learn(hour: number, value: number): void {
    const at = hour % 24;
    const before = this.#usual[at]!;
    const { rate, keep, relative } = this.#habit;
    // A share of next to nothing (the sun at dawn) says nothing: it is weighed by what it is a share of.
    if (relative) {
      if (before > 0.05)
        this.#departure += (1 - keep) * (Math.max(-1, Math.min(2, value / before - 1)) - this.#departure);
    } else this.#departure = value - before;
    const count = Math.min(this.#seen[at]! + 1, Math.round(1 / rate));
    this.#seen[at] = this.#seen[at]! + 1;
    this.#usual[at] = before + (value - before) / count;
    this.#errors[at]! += (Math.abs(value - before) - this.#errors[at]!) / count;
    this.#hour = hour;
  }

  /** @returns values of the hours after the last one learnt */
  forecast(hours: number): number[] {
    const { keep, relative } = this.#habit;
    let left = this.#departure;
    return Array.from({ length: hours }, (_, k) => {
      left *= keep;
      const usual = this.#usual[(this.#hour + 1 + k) % 24]!;
      return relative ? usual * (1 + left) : usual + left;
    });
  }

  /** Mean absolute difference from what is usual, of each of the hours after the last one learnt. */
  spread(hours: number): number[] {
    return Array.from({ length: hours }, (_, k) => this.#errors[(this.#hour + 1 + k) % 24]!);
  }
}
