// How a file is read: as a record format that it shows to be of, as a table that is made of it, or as CSV.
import { SentinelsOfColumn } from '@trine/mapping/values/sentinels.ts';
import { countOf } from '@trine/protocol';
import { CommandError } from '../../output.ts';
import { type Inferred, inferFile } from '../infer.ts';
import { wordsOfLeft } from '../infer-values.ts';
import { DEFAULT_SUBJECTS, type Given, type Mapping, type Note, nameInTemplate } from '../mapping.ts';
import type { SourceFile } from '../source.ts';
import type { Format } from './format.ts';
import { formats } from './formats.ts';
import { headOf } from './lines.ts';
import { tableOfParquet } from './parquet.ts';
import { type RecordMapping, RecordReader } from './reader.ts';
import { type TableMade, tableOfJson } from './tables.ts';

export interface Plan extends Omit<Inferred, 'mapping'> {
  readonly mapping: Mapping | RecordMapping;
}

const SHOWN_MAX = 12;

/**
 * Finds out how to read a file, from its beginning and from what the whole of it holds.
 * @throws CommandError saying what would help
 */
export async function planFile(file: SourceFile, given: Given, nowMs: number): Promise<Plan> {
  const parquet = await tableOfParquet(file, given);
  if (parquet !== undefined) return planTable(file, parquet, nowMs);
  const head = await headOf(file);
  const format = formats.find((one) => one.recognises(head));
  if (format === undefined) {
    const table = await tableOfJson(file, head, given);
    if (table !== undefined) return planTable(file, table, nowMs);
  }
  if (format === undefined || isTableBy(given, format)) return inferFile(file, given, nowMs);
  const flag = tableFlags(given, format)[0];
  if (flag !== undefined)
    throw new CommandError(`${flag} is of tables, and this file is ${format.name}, which says so itself.`);
  return planRecords(file, format, given);
}

async function planTable(file: SourceFile, { given, notes, left }: TableMade, nowMs: number): Promise<Plan> {
  const found = await inferFile(file, given, nowMs);
  const words = left.map((one) => ({ what: 'left out', value: wordsOfLeft(one), from: 'inferred' as const }));
  return { ...found, notes: [...notes, ...found.notes, ...words], left: [...found.left, ...left] };
}

/** Flags that say how a table is read, but for what the format says so as well. */
function tableFlags(given: Given, { table }: Format): string[] {
  const flags = {
    '--time': given.time !== table?.time && given.time,
    '--time-format': given.timeFormat,
    '--subject-column': given.subjectColumn !== table?.subjectColumn && given.subjectColumn,
    '--quantity-column': given.quantityColumn,
    '--value': given.value !== table?.value && given.value,
    '--unit-column': given.unitColumn,
    '--columns-are': given.columnsAre,
    '--delimiter': given.delimiter,
    '--decimal': given.decimal ?? given.decimals,
    '--repeated-hour': given.repeated,
    '--skip-rows': given.skipRows !== undefined,
    '--heading-rows or --no-header': given.headingRows !== undefined,
  };
  return Object.entries(flags).flatMap(([flag, said]) => (said ? [flag] : []));
}

const isTableBy = (given: Given, format: Format) => format.table !== undefined && tableFlags(given, format).length > 0;

/** Reads a whole file of a record format once, to say what is in it. */
async function planRecords(file: SourceFile, format: Format, given: Given): Promise<Plan> {
  const template = given.subject ?? `${DEFAULT_SUBJECTS}/{subject}`;
  const inTemplate = (one: string) => one.replaceAll('{file}', nameInTemplate(one, '{file}', file.stem) || 'file');
  const rules = {
    timezone: given.timezone,
    ...(given.precision && { precision: given.precision }),
    ...(given.interval && { interval: given.interval }),
  };
  const mapping: RecordMapping = {
    format: format.name,
    subject: inTemplate(template),
    rules,
    quantities: given.quantities,
    skip: given.skip,
    unit: given.unit ?? '',
    missing: given.missing ?? [],
  };
  const found = await surveyed(file, format, mapping);
  // What names no thing is about the file.
  const isNameless = given.subject === undefined && !found.isNamed;
  const whole = isNameless ? { ...mapping, subject: inTemplate(DEFAULT_SUBJECTS) } : mapping;
  const survey = isNameless ? await surveyed(file, format, whole) : found;
  return {
    mapping: whole,
    notes: notesOf(format, whole, survey),
    warnings: warningsOf(survey),
    left: [],
    questions: questionsOf(whole, survey),
  };
}

function warningsOf({ reader }: Surveyed): string[] {
  return [...reader.withoutSymbol].map(
    (unit) =>
      `"${unit}": SenML has no symbol for it, or it is not known: such values stay as they are, without a unit.`,
  );
}

interface Surveyed {
  readonly reader: RecordReader;
  readonly isNamed: boolean;
  /** By name and unit: how many readings. */
  readonly quantities: ReadonlyMap<string, number>;
  readonly names: ReadonlySet<string>;
  readonly subjects: ReadonlySet<string>;
  /** Numbers of each quantity that may stand for "no value". */
  readonly sentinels: ReadonlyMap<string, SentinelsOfColumn>;
}

async function surveyed(file: SourceFile, format: Format, mapping: RecordMapping): Promise<Surveyed> {
  const reader = new RecordReader(mapping, format.place);
  const quantities = new Map<string, number>();
  const [names, subjects] = [new Set<string>(), new Set<string>()];
  const sentinels = new Map<string, SentinelsOfColumn>();
  let isNamed = false;
  for await (const item of format.read(file, mapping.rules)) {
    if (!('why' in item)) {
      isNamed ||= item.thing.length > 0;
      names.add(item.quantity);
    }
    reader.read(item, (subject, { quantity, unit, value }) => {
      const name = unit === '' ? quantity : `${quantity} (${unit})`;
      quantities.set(name, (quantities.get(name) ?? 0) + 1);
      if (subjects.size < SHOWN_MAX) subjects.add(subject);
      if ('why' in item || typeof value !== 'number') return;
      const column = sentinels.get(item.quantity) ?? new SentinelsOfColumn(unit === 'Cel');
      sentinels.set(item.quantity, column);
      column.add(item.value as number);
    });
  }
  return { reader, isNamed, quantities, names, subjects, sentinels };
}

function notesOf(format: Format, mapping: RecordMapping, { reader, quantities, subjects }: Surveyed): Note[] {
  const shown = (all: Iterable<string>, count: number) => {
    const list = [...all].slice(0, SHOWN_MAX).join(', ');
    return count > SHOWN_MAX ? `${list}, … (${count})` : list;
  };
  const each = [...quantities].map(([name, count]) => `${name} × ${count}`);
  const marks = [...reader.marks].map(([mark, count]) => `${count} ${mark}`);
  return [
    { what: 'format', value: format.name, from: 'inferred' },
    { what: 'subjects', value: `${mapping.subject}: ${shown(subjects, reader.things)}`, from: 'inferred' },
    { what: 'quantities', value: shown(each, each.length), from: 'inferred' },
    ...(marks.length > 0 ? [{ what: 'marked', value: marks.join(', '), from: 'inferred' as const }] : []),
    ...[...reader.unwanted].map(([name, count]) => ({
      what: 'left out',
      value: `${name}: ${countOf(count, 'value')}, as told`,
      from: 'given' as const,
    })),
    ...[...reader.problems].map(([why, { count, examples }]) => ({
      what: 'left out',
      value: `${count} × ${why} (${examples.join('; ')})`,
      from: 'inferred' as const,
    })),
  ];
}

function questionsOf(mapping: RecordMapping, { reader, names, sentinels }: Surveyed): string[] {
  const questions: string[] = [];
  if (!mapping.subject.includes('{subject}') && reader.things > 1)
    questions.push(
      `${countOf(reader.things, 'thing')} would become the one subject ${mapping.subject}: write {subject} into --subject.`,
    );
  const plain = mapping.quantities.find(({ column }) => column === undefined);
  if (plain && names.size > 1)
    questions.push(
      `${countOf(names.size, 'quantity', 'quantities')} would become the one quantity ${plain.quantity}: say which is meant, as in --quantity ${[...names][0]}=${plain.quantity}.`,
    );
  for (const [name, column] of sentinels) {
    if (mapping.missing.some(({ column: one }) => one === undefined || one === name)) continue;
    for (const { value, count, why } of column.proposed())
      questions.push(
        `"${name}" has ${value} in ${countOf(count, 'reading')}: ${why}. Say --missing ${value}, or --missing none where it was measured.`,
      );
  }
  return questions;
}
