// Mapping: which cell of a row is the time, the subject, the quantity and the value.
import { createHash } from 'node:crypto';
import { escapeName } from '@trine/mapping/names.ts';
import type { TimeFormat, UnixUnit } from '@trine/mapping/times/format.ts';
import type { TimeSource } from '@trine/mapping/times/row-times.ts';
import type { NumberSigns } from '@trine/mapping/values/numbers.ts';
import { canonicalJson, fromHex, isSubject, limits, type PackOrigin } from '@trine/protocol';

export interface Named {
  readonly quantity: string;
  readonly unit: string;
}

/** A column with values. */
export interface ValueColumn {
  readonly position: number;
  readonly heading: string;
  /** Where the columns are subjects: the one this column speaks of. */
  readonly subject?: string;
  /** Absent where another column names the quantity. */
  readonly quantity?: string;
  /** SenML unit; '' for none. */
  readonly unit: string;
  /** The unit that the values are written in, where they are converted. */
  readonly written?: string;
  /** How its numbers are written, where that is another way than that of the file. */
  readonly signs?: NumberSigns;
  /** Numbers that stand for "no value". */
  readonly missing?: readonly number[];
  /** Number of the part of the day, in tables with a day in each row. */
  readonly slot?: string;
}

/** A column that is not imported, and why. */
export interface LeftOut {
  readonly position: number;
  readonly heading: string;
  readonly why: string;
  /** Numbers in it, in the whole file. */
  readonly numbers: number;
  /** Its numbers are missing from the import, and nobody said that they should be. */
  readonly isLoss: boolean;
}

export interface Mapping {
  /** Of a workbook. */
  readonly sheet?: string;
  readonly delimiter: string;
  /** Lines above the table; absent where there are none. */
  readonly remarks?: number;
  readonly header: boolean;
  /** Rows of headings, where there are several. */
  readonly headingRows?: number;
  readonly decimal: '.' | ',';
  readonly columns: readonly string[];
  readonly time: TimeSource;
  /** Template of the subject: `{file}`, `{column}` and `{subject}` stand for what they name. */
  readonly subject: string;
  readonly subjectColumn?: number;
  readonly quantityColumn?: number;
  /** Names the unit of each row. */
  readonly unitColumn?: number;
  /** With a column of quantities: the unit of each that has one. */
  readonly units: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly values: readonly ValueColumn[];
}

/** Beginning of the subjects, where `--subject` is not given. */
export const DEFAULT_SUBJECTS = 'import/{file}';

/** How a part of the mapping came about, for people. */
export interface Note {
  readonly what: string;
  readonly value: string;
  readonly from: 'given' | 'inferred' | 'default';
}

/** What the flags say. */
export interface Given {
  readonly time?: string;
  readonly timeFormat?: TimeFormat;
  readonly timezone: string;
  /** The zone was said: what a heading names counts less. */
  readonly hasTimezone?: boolean;
  /** What counts since 1970 count, in record formats. */
  readonly precision?: UnixUnit;
  /** Which of both ends dates a span of time, or a numbered part of a day. */
  readonly interval?: 'start' | 'end';
  /** Which is meant of the hour that clocks show twice; without it the order of rows says so. */
  readonly repeated?: 'earlier' | 'later';
  readonly subject?: string;
  readonly subjectColumn?: string;
  readonly quantityColumn?: string;
  readonly value?: string;
  readonly quantities: readonly (Named & { readonly column?: string })[];
  readonly unit?: string;
  readonly skip: readonly string[];
  readonly columnsAre?: 'subjects' | 'quantities';
  readonly delimiter?: string;
  readonly decimal?: '.' | ',';
  readonly decimals?: readonly { readonly column: string; readonly decimal: '.' | ',' }[];
  /** Numbers that stand for "no value", in all columns or one; an empty list: none does. */
  readonly missing?: readonly { readonly column?: string; readonly values: readonly number[] }[];
  readonly unitColumn?: string;
  /** Lines above the table. */
  readonly skipRows?: number;
  /** Rows of headings. */
  readonly headingRows?: number;
}

/**
 * A name that is filled into a template: what differs stays apart, slashes separate levels. The whole fits a subject, where
 * it can.
 * @returns '' for none
 * @example nameInTemplate('a/{subject}', '{subject}', 'Küche 1') // 'K~C3~BCche~_1'
 */
export function nameInTemplate(template: string, place: '{column}' | '{file}' | '{subject}', name: string): string {
  if (name.trim() === '') return '';
  const charsMax = Math.max(24, limits.subjectCharsMax - template.length + place.length);
  return escapeName(name, { charsMax, isInside: !template.startsWith(place), keepsSlashes: true });
}

/**
 * Fills a subject template.
 * @returns undefined when the result cannot be a subject
 */
export function fillSubject(template: string, parts: Readonly<Record<string, string>>): string | undefined {
  const subject = template.replace(/\{(\w+)\}/g, (place, name: string) => parts[name] ?? place);
  return isSubject(subject) ? subject : undefined;
}

/** Pattern of all subjects a template can make, as an enrolment names them. @example patternOf('a/{file}') // 'a/*' */
export function patternOf(template: string): string {
  const open = template.indexOf('{');
  return open < 0 ? template : `${template.slice(0, open)}*`;
}

/** What was mapped, and how: SHA-256 of the file, and of the mapping's canonical JSON (RFC 8785), as `--dry-run --json` prints it. */
export function originOf(fileHash: string, mapping: object): Pick<PackOrigin, 'mapping' | 'raw'> {
  const canonical = canonicalJson(JSON.parse(JSON.stringify(mapping)));
  return { mapping: createHash('sha256').update(canonical).digest(), raw: fromHex(fileHash) };
}

/** Names this mapping of this file: the same import again has the same name. */
export function importId(
  fileHash: string,
  mapping: object,
  { open, duplicates }: { open: boolean; duplicates?: string },
): string {
  return createHash('sha256')
    .update(JSON.stringify([fileHash, mapping, open, ...(duplicates === undefined ? [] : [duplicates])]))
    .digest('hex');
}
