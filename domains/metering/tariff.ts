// Tariff: from quantities to the lines of a bill, in integers. Quantities are thousandths of the unit; a line's amount is
// rounded once, half a minor unit upwards; their sum is what is owed.
import { Calendar, zones } from '@trine/engine';
import { type Band, type MeteringTerms, weekdays } from './terms.ts';

export interface BillLine {
  readonly band: string;
  /** From 1; 0 for the base fee. */
  readonly step: number;
  readonly quantityMilli: number;
  /** Minor units for 1,000,000 units. */
  readonly price: number;
  readonly amount: number;
}

/** Thousandths of a unit that cost the price once. */
const MILLI_PER_PRICE = 1_000_000_000n;

/** @example amountOfLine(1_000, 32_570_000) // 1 kWh at 32.57 cents: 33 */
export function amountOfLine(quantityMilli: number, price: number): number {
  const exact = BigInt(quantityMilli) * BigInt(price);
  return Number((exact * 2n + MILLI_PER_PRICE) / (MILLI_PER_PRICE * 2n));
}

/** The steps of one band that were reached. */
function linesOf({ name, steps }: Band, quantityMilli: number): BillLine[] {
  let doneMilli = 0;
  return steps.flatMap(({ upTo, price }, i): BillLine[] => {
    const untilMilli = Math.min(quantityMilli, (upTo ?? Number.POSITIVE_INFINITY) * 1_000);
    const own = untilMilli - doneMilli;
    if (own <= 0) return [];
    doneMilli = untilMilli;
    return [{ band: name, step: i + 1, quantityMilli: own, price, amount: amountOfLine(own, price) }];
  });
}

/** @param quantities thousandths by band */
export function billOf(
  { bands, baseFee }: Pick<MeteringTerms, 'bands' | 'baseFee'>,
  quantities: ReadonlyMap<string, number>,
): BillLine[] {
  const used = bands.flatMap((band) => linesOf(band, quantities.get(band.name) ?? 0));
  const base = { band: 'base-fee', step: 0, quantityMilli: 0, price: 0, amount: baseFee };
  return baseFee > 0 ? [...used, base] : used;
}

/** Which band holds at a moment, by local clocks: the first that says so. */
export function bandAt({ bands, timeZone }: MeteringTerms): (ms: number) => string {
  const last = (bands.at(-1) as Band).name;
  if (bands.length === 1) return () => last;
  const calendar = new Calendar(zones, timeZone);
  return (ms) => {
    const { minuteOfDay, weekday } = calendar.clockAt(ms);
    const found = bands.find(({ when }) =>
      when?.some(
        ({ days, fromMinute, toMinute }) =>
          days.includes(weekdays[weekday] as string) && minuteOfDay >= fromMinute && minuteOfDay < toMinute,
      ),
    );
    return found?.name ?? last;
  };
}
