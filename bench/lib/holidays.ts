// Public holidays of Melbourne (Victoria, Australia) by rule, for the years of the pedestrian counts: known in advance,
// as covariates must be. Rules: Public Holidays Act 1993 (Vic) as it stood in 2012–2015.

const DAY_MS = 86_400_000;

/** Days since 1970-01-01. */
const dayOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / DAY_MS;
const weekdayOf = (day: number): number => (day + 4) % 7; // Sunday: 0

/** The n-th weekday of a month. */
const nth = (year: number, month: number, weekday: number, n: number): number => {
  const first = dayOf(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1);
};

/** Easter Sunday (the anonymous Gregorian algorithm, Nature 1876). */
function easter(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return dayOf(year, Math.floor(f / 31), (f % 31) + 1);
}

/** Kinds of days, each a covariate of zeros and ones. */
export const dayKinds = [
  'public holiday',
  'Christmas Eve',
  'Christmas Day',
  'Boxing Day',
  'between Boxing Day and New Year',
  "New Year's Eve",
  "New Year's Day",
  'Australia Day',
  'day before Melbourne Cup',
  'Good Friday',
  'Moomba',
  'three weeks before Christmas',
  'summer holidays',
] as const;

/** What kinds a local day is of. @param day days since 1970-01-01 */
export function kindsOf(day: number): number[] {
  const year = new Date(day * DAY_MS).getUTCFullYear();
  const date = day - dayOf(year, 1, 1);
  const christmas = dayOf(year, 12, 25);
  const moved = (of: number): number => (weekdayOf(of) === 0 ? of + 1 : weekdayOf(of) === 6 ? of + 2 : of);
  const sunday = easter(year);
  const cup = nth(year, 11, 2, 1);
  const moomba = nth(year, 3, 1, 2);
  const newYear = dayOf(year, 1, 1);
  const australia = moved(dayOf(year, 1, 26));
  const publicHolidays = [
    newYear,
    moved(newYear),
    australia,
    moomba,
    sunday - 2,
    sunday - 1,
    sunday + 1,
    dayOf(year, 4, 25),
    nth(year, 6, 1, 2),
    cup,
    christmas,
    christmas + 1,
    weekdayOf(christmas) === 6 || weekdayOf(christmas) === 0 ? christmas + 2 : christmas,
  ];
  return [
    publicHolidays.includes(day),
    day === christmas - 1,
    day === christmas,
    day === christmas + 1,
    day > christmas + 1 && day < christmas + 6,
    day === christmas + 6,
    date === 0,
    day === australia || day === dayOf(year, 1, 26),
    day === cup - 1,
    day === sunday - 2,
    day === moomba,
    day < christmas - 1 && day >= christmas - 22,
    // Schools close about 20 December and open in the last days of January.
    day >= christmas - 4 || date < 28,
  ].map(Number);
}
