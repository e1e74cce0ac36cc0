// Tables for spreadsheets (RFC 4180).

/** Begins of what a spreadsheet computes, in both widths, and of what it skips before. */
const COMPUTED = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * One cell. A text that somebody else wrote is a text, and no formula to a spreadsheet.
 * @example csvCell('=1+1') // "'=1+1" @example csvCell(-5) // '-5'
 */
export function csvCell(value: string | number | boolean | undefined): string {
  if (typeof value !== 'string') return String(value ?? '');
  const text = COMPUTED.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
