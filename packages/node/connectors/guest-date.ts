// A Date without a clock, for code in the sandbox: what it says of a moment in UTC is right, and it does not know the present
// one. It is handed over as text, so that nothing outside of the function may be named in it.

/** Puts `Date`, in UTC alone, and an exact `Math.pow` into a sandbox. @example `(${installDate})(globalThis);` */
export function installDate(scope: Record<string, unknown>): void {
  const DAY = 86_400_000;
  const unknown = () => {
    throw new Error('the present time is not known here: it would not give the same each time');
  };
  // Days from civil and back: H. Hinnant, chrono-Compatible Low-Level Date Algorithms.
  const daysOf = (year: number, month: number, day: number): number => {
    const years = year + Math.floor(month / 12);
    const m = ((month % 12) + 12) % 12;
    const y = m < 2 ? years - 1 : years;
    const era = Math.floor(y / 400);
    const yearOfEra = y - era * 400;
    const dayOfYear = Math.floor((153 * (m + (m > 1 ? -2 : 10)) + 2) / 5) + day - 1;
    return (
      era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
    );
  };
  const civilOf = (days: number): [year: number, month: number, day: number] => {
    const z = days + 719_468;
    const era = Math.floor(z / 146_097);
    const dayOfEra = z - era * 146_097;
    const yearOfEra = Math.floor(
      (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
    );
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const m = Math.floor((5 * dayOfYear + 2) / 153);
    const month = m < 10 ? m + 2 : m - 10;
    return [yearOfEra + era * 400 + (month < 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * m + 2) / 5) + 1];
  };
  const utc = (year: number, month = 0, day = 1, hour = 0, minute = 0, second = 0, ms = 0): number =>
    daysOf(year, month, 1) * DAY + (day - 1) * DAY + hour * 3_600_000 + minute * 60_000 + second * 1_000 + ms;
  const ISO = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;
  const parse = (text: unknown): number => {
    const [, y, mo = '1', d = '1', h = '0', mi = '0', s = '0', f = '', zone = 'Z'] = ISO.exec(`${text}`) ?? [];
    if (y === undefined) return Number.NaN;
    const sign = zone[0] === '-' ? -1 : 1;
    const digits = zone.replace(/\D/g, '');
    const offset = zone === 'Z' ? 0 : sign * (+digits.slice(0, 2) * 60 + +digits.slice(2));
    return utc(+y, +mo - 1, +d, +h, +mi, +s, +f.padEnd(3, '0').slice(0, 3)) - offset * 60_000;
  };
  const two = (n: number, width = 2): string => `${n}`.padStart(width, '0');
  class UtcDate {
    readonly #ms: number;
    constructor(...given: unknown[]) {
      const [first, second] = given;
      if (given.length === 0) unknown();
      if (given.length > 1) this.#ms = utc(...(given as [number, number]));
      else this.#ms = typeof first === 'string' ? parse(first) : Number(first);
      if (second === null) this.#ms = Number.NaN;
    }
    static now = unknown;
    static UTC = utc;
    static parse = parse;
    getTime(): number {
      return this.#ms;
    }
    valueOf(): number {
      return this.#ms;
    }
    getUTCFullYear = (): number => civilOf(Math.floor(this.#ms / DAY))[0];
    getUTCMonth = (): number => civilOf(Math.floor(this.#ms / DAY))[1];
    getUTCDate = (): number => civilOf(Math.floor(this.#ms / DAY))[2];
    getUTCDay = (): number => (((Math.floor(this.#ms / DAY) + 4) % 7) + 7) % 7;
    #part = (size: number, count: number): number => ((Math.floor(this.#ms / size) % count) + count) % count;
    getUTCHours = (): number => this.#part(3_600_000, 24);
    getUTCMinutes = (): number => this.#part(60_000, 60);
    getUTCSeconds = (): number => this.#part(1_000, 60);
    getUTCMilliseconds = (): number => this.#part(1, 1_000);
    toISOString(): string {
      const day = `${two(this.getUTCFullYear(), 4)}-${two(this.getUTCMonth() + 1)}-${two(this.getUTCDate())}`;
      const time = `${two(this.getUTCHours())}:${two(this.getUTCMinutes())}:${two(this.getUTCSeconds())}`;
      return `${day}T${time}.${two(this.getUTCMilliseconds(), 3)}Z`;
    }
    toJSON(): string {
      return this.toISOString();
    }
  }
  scope.Date = UtcDate;
  // QuickJS computes it the same wherever it runs.
  (Math as unknown as Record<string, unknown>).pow = (base: number, exponent: number): number => base ** exponent;
}
