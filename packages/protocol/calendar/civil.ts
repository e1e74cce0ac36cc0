// Days of the Gregorian calendar as integers, without the machine's clock or its `Date`: what decides has neither. After
// Howard Hinnant, chrono-compatible low-level date algorithms, §days_from_civil and §civil_from_days.

const DAYS_PER_ERA = 146_097;

/**
 * Days since 1970-01-01.
 * @param month 0 to 11, or beyond: of the years after @param day of the month, from 1; 0 and less lie in the months before
 */
export function daysOf(year: number, month: number, day: number): number {
  const years = year + Math.floor(month / 12);
  const inYear = month - Math.floor(month / 12) * 12;
  // Years begin in March, so that the day that comes and goes is their last.
  const shifted = inYear < 2 ? years - 1 : years;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((inYear + 10) % 12) + 2) / 5);
  const dayOfEra = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - 719_468 + day - 1;
}

/** The date of a day since 1970-01-01. @returns month 0 to 11, day from 1 */
export function civilOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const ofEra = shifted - era * DAYS_PER_ERA;
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = (fromMarch + 2) % 12;
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return { year: year + era * 400 + (month < 2 ? 1 : 0), month, day };
}
