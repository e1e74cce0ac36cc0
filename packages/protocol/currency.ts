// Currencies by ISO 4217: how many digits the minor unit has. A table of our own: runtimes disagree (CLDR counts forints and
// rupiahs without digits), and what a node says of its token is not what a signer of its terms may rest on.

/** ISO 4217:2015, list one (2026-01-01): those that have not two digits. */
const DIGITS: Readonly<Record<string, readonly string[]>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '),
  3: 'BHD IQD JOD KWD LYD OMR TND'.split(' '),
  4: ['CLF', 'UYW'],
};
const byCurrency = new Map(Object.entries(DIGITS).flatMap(([digits, all]) => all.map((one) => [one, Number(digits)])));

/** Digits of a currency's minor unit; tokens have as many. @param currency ISO 4217 code @example currencyDigits('HUF') // 2 */
export function currencyDigits(currency: string): number {
  return byCurrency.get(currency) ?? 2;
}

/**
 * A whole number of minor units as a decimal, exactly.
 * @example inDecimals(-5, 2) // '-0.05'
 */
export function inDecimals(minorUnits: number | bigint, digits: number): string {
  const text = String(minorUnits);
  const sign = text.startsWith('-') ? '-' : '';
  const whole = text.slice(sign.length).padStart(digits + 1, '0');
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole.slice(0, -digits)}.${whole.slice(-digits)}`;
}

/**
 * A decimal as a whole number of minor units, exactly.
 * @returns undefined for what is none, finer than that, or more than a safe integer
 * @example fromDecimals('12.5', 2) // 1250
 */
export function fromDecimals(text: string, digits: number): number | undefined {
  const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const shown = part.replace(/0+$/, '');
  if (whole === undefined || shown.length > digits) return undefined;
  const value = Number(`${sign}${whole}${shown.padEnd(digits, '0')}`);
  // Zero has no sign.
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}
