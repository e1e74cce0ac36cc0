// Numbers, names and units as they stand in CSV files.
import { isUnit, limits } from '@trine/protocol';

/** Ways to write "no value". */
const MISSING = /^(?:|-|na|n\/a|nan|null|none|missing|\?)$/i;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

export function isMissing(cell: string): boolean {
  return MISSING.test(cell);
}

/**
 * @param decimal the decimal sign; with `,` points group thousands
 * @returns NaN when the cell is no finite number
 */
export function readNumber(cell: string, decimal: '.' | ','): number {
  const text = decimal === ',' ? cell.replaceAll('.', '').replace(',', '.') : cell;
  if (!NUMBER.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}

/**
 * Text as a part of a subject or the name of a quantity: characters that may not stand there become `-`.
 * @returns '' when nothing is left of it
 */
export function nameOf(text: string, charsMax: number = limits.quantityCharsMax): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .trim()
    .replace(/[^A-Za-z0-9:._~/-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[-/]+$/g, '')
    .slice(0, charsMax);
}

/** What people write, and the SenML symbol for it. */
const written: Readonly<Record<string, string>> = {
  '°c': 'Cel',
  '℃': 'Cel',
  degc: 'Cel',
  celsius: 'Cel',
  percent: '%',
  'µg/m3': 'ug/m3',
  'μg/m3': 'ug/m3',
  'µg/m³': 'ug/m3',
  'μg/m³': 'ug/m3',
  'ug/m³': 'ug/m3',
  'm³': 'm3',
  'm²': 'm2',
  'm³/s': 'm3/s',
  'w/m²': 'W/m2',
  mbar: 'hPa',
  kmh: 'km/h',
  kph: 'km/h',
  sec: 's',
  lux: 'lx',
  ohm: 'Ohm',
};

/** The SenML symbol of a unit as written, or undefined. @example unitOf('°C') // 'Cel' */
export function unitOf(text: string): string | undefined {
  return isUnit(text) ? text : written[text.toLowerCase()];
}

export interface Named {
  readonly quantity: string;
  readonly unit: string;
}

/** A column's heading as quantity and unit. @example headingOf('Temp (°C)') // { quantity: 'Temp', unit: 'Cel' } */
export function headingOf(heading: string): Named {
  const found = /^(.*?)\s*[([]\s*([^()[\]]+?)\s*[)\]]\s*$/.exec(heading);
  const unit = found?.[2] === undefined ? undefined : unitOf(found[2]);
  if (found === null || unit === undefined) return { quantity: nameOf(heading), unit: '' };
  return { quantity: nameOf(found[1] as string), unit };
}
