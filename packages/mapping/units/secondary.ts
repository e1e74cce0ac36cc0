// From one SenML unit to another of the same kind: the secondary units of RFC 8798 (§3) and what they scale.
import { divided, type Rational, rational } from './rational.ts';

/** Unit, what it scales, and by how much. */
const secondary = `ms s 1/1000; min s 60; h s 3600; MHz Hz 1000000; kW W 1000; kVA VA 1000; kvar var 1000; Ah C 3600;
  Wh J 3600; kWh J 3600000; varh vars 3600; kvarh vars 3600000; kVAh VAs 3600000; Wh/km J/m 3.6; KiB B 1024;
  GB B 1000000000; Mbit/s bit/s 1000000; B/s bit/s 8; MB/s bit/s 8000000; mV V 1/1000; mA A 1/1000;
  ug/m3 kg/m3 1e-9; mm/h m/s 1/3600000; m/h m/s 1/3600; ppm / 1/1000000; /100 / 1/100; /1000 / 1/1000; hPa Pa 100;
  mm m 1/1000; cm m 1/100; km m 1000; km/h m/s 5/18`;

const ONE = rational('1');
const scales = new Map<string, { readonly base: string; readonly factor: Rational }>(
  secondary.split(';').map((row) => {
    const [unit, base, factor] = row.trim().split(' ') as [string, string, string];
    return [unit, { base, factor: rational(factor) }];
  }),
);

/**
 * By what a value in one SenML unit is multiplied to be in another.
 *
 * @returns as a decimal or a fraction, or undefined where they are not of one kind
 * @example scaleBetween('kW', 'W') // '1000'
 * @example scaleBetween('km/h', 'm/s') // '5/18'
 */
export function scaleBetween(from: string, to: string): string | undefined {
  const [a, b] = [from, to].map((unit) => scales.get(unit) ?? { base: unit, factor: ONE });
  if (a === undefined || b === undefined || a.base !== b.base) return undefined;
  const { over, under } = divided(a.factor, b.factor);
  const common = greatestCommon(over, under);
  return under === common ? String(over / common) : `${over / common}/${under / common}`;
}

function greatestCommon(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommon(b, a % b);
}
