// Mapping: which cell of a row is the time, the subject, the quantity and the value.
import { createHash } from 'node:crypto';
import type { TimeFormat } from '@trine/mapping/times/format.ts';
import type { TimeSource } from '@trine/mapping/times/row-times.ts';
import { isSubject } from '@trine/protocol';
import type { Named } from './values.ts';

/** A column with values. */
export interface ValueColumn {
  readonly position: number;
  readonly heading: string;
  /** Where the columns are subjects: the one this column speaks of. */
  readonly subject?: string;
  /** Absent where another column names the quantity. */
  readonly quantity?: string;
  readonly unit: string;
  /** Number of the part of the day, in tables with a day in each row. */
  readonly slot?: string;
}

export interface Mapping {
  readonly delimiter: string;
  /** Lines of remarks above the table; absent where there are none. */
  readonly remarks?: number;
  readonly header: boolean;
  readonly decimal: '.' | ',';
  readonly columns: readonly string[];
  readonly time: TimeSource;
  /** Template of the subject: `{file}`, `{column}` and `{subject}` stand for what they name. */
  readonly subject: string;
  readonly subjectColumn?: number;
  readonly quantityColumn?: number;
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
  readonly header?: boolean;
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

/** Names this mapping of this file: the same import again has the same name. */
export function importId(fileHash: string, mapping: Mapping, pack: { open: boolean }): string {
  return createHash('sha256')
    .update(JSON.stringify([fileHash, mapping, pack.open]))
    .digest('hex');
}
