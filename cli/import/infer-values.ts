// Inference of who is spoken of, and of which columns hold what is said.
import { isSame, ruleUnit, writtenUnit } from '@trine/mapping/units/units.ts';
import { countOf } from '@trine/protocol';
import { CommandError } from '../output.ts';
import { missingOf, type OwnColumn, ownColumns, signsOf, valueColumns } from './columns.ts';
import { guessSubjectColumn, holdsText, wordsOfRepeats } from './infer-subject.ts';
import {
  DEFAULT_SUBJECTS,
  fillSubject,
  type Given,
  type LeftOut,
  type Note,
  nameInTemplate,
  type ValueColumn,
} from './mapping.ts';
import { columnAt, type Sample, type Say } from './sample.ts';
import type { Survey } from './survey.ts';

/** The gateway's bound on quantities of one thing. */
const QUANTITIES_MAX = 512;

export interface Who {
  readonly template: string;
  readonly column?: number;
  readonly quantityColumn?: number;
  readonly unitColumn?: number;
}

/** Which column, if any, names the subject, and which the quantity. Both are added to `skip`. @param time its columns */
export function findSubject(
  sample: Sample,
  given: Given,
  skip: Set<number>,
  time: readonly number[],
  note: Say,
  warnings: string[],
): Who {
  const quantityColumn =
    given.quantityColumn !== undefined
      ? columnAt(sample, given.quantityColumn, '--quantity-column')
      : findQuantityColumn(sample, skip);
  if (quantityColumn !== undefined) {
    note('quantity column', sample.columns[quantityColumn] as string, given.quantityColumn ? 'given' : 'inferred');
    skip.add(quantityColumn);
  }
  const isFixed =
    given.columnsAre === 'subjects' || (given.subject !== undefined && !given.subject.includes('{subject}'));
  const table = { sample, skip, key: quantityColumn === undefined ? time : [...time, quantityColumn] };
  const guess = given.subjectColumn === undefined && !isFixed ? guessSubjectColumn(table) : undefined;
  const column =
    given.subjectColumn !== undefined ? columnAt(sample, given.subjectColumn, '--subject-column') : guess?.column;
  const template =
    given.subject ??
    `${DEFAULT_SUBJECTS}${column !== undefined ? '/{subject}' : given.columnsAre === 'subjects' ? '/{column}' : ''}`;
  if (column === undefined && template.includes('{subject}'))
    throw new CommandError('--subject names {subject}: say with --subject-column which column that is.');
  if (given.columnsAre === 'subjects' && !template.includes('{column}'))
    throw new CommandError('--columns-are subjects: put {column} into --subject, so that the subjects differ.');
  if (column !== undefined) {
    note('subject column', sample.columns[column] as string, given.subjectColumn ? 'given' : 'inferred');
    skip.add(column);
  }
  if (guess && guess.idle.length > 0) {
    note('left out', guess.idle.map((position) => sample.columns[position]).join(', '), 'inferred');
    for (const position of guess.idle) skip.add(position);
  }
  const twice = wordsOfRepeats(table, column);
  if (twice) warnings.push(twice);
  note('subject', template, given.subject ? 'given' : 'default');
  const unitColumn = findUnitColumn(sample, given, skip);
  if (unitColumn !== undefined) {
    note('unit column', sample.columns[unitColumn] as string, given.unitColumn ? 'given' : 'inferred');
    skip.add(unitColumn);
  }
  return {
    template,
    ...(column !== undefined && { column }),
    ...(quantityColumn !== undefined && { quantityColumn }),
    ...(unitColumn !== undefined && { unitColumn }),
  };
}

function findUnitColumn(sample: Sample, given: Given, skip: ReadonlySet<number>): number | undefined {
  if (given.unitColumn !== undefined) return columnAt(sample, given.unitColumn, '--unit-column');
  const at = sample.columns.findIndex(
    (column, i) =>
      !skip.has(i) &&
      /^(?:units?|uom|einheit|unité|unidad|eenheid|(?:measurement[ _]?)?unit(?:[ _]?of[ _]?measure(?:ment)?)?)$/i.test(
        column,
      ) &&
      holdsText(sample, i),
  );
  return at < 0 ? undefined : at;
}

function findQuantityColumn(sample: Sample, skip: ReadonlySet<number>): number | undefined {
  const at = sample.columns.findIndex(
    (column, i) =>
      !skip.has(i) &&
      /^(?:quantity|parameter|metric|variable|measure(?:ment)?|measurand|property|pollutant|register|obis(?:[ _-]?(?:code|kennzahl))?|kennzahl|messgröße|messgroesse|grandeur|magnitud)$/i.test(
        column,
      ) &&
      holdsText(sample, i),
  );
  return at < 0 ? undefined : at;
}

/** The column with the one value of each row, where there is one. */
function findValueColumn(sample: Sample, given: Given, { quantityColumn }: Who): number | undefined {
  const name = given.value ?? (quantityColumn === undefined ? undefined : valueHeading(sample));
  return name === undefined ? undefined : columnAt(sample, name, '--value');
}

function valueHeading({ columns }: Sample): string {
  const found = columns.find((name) =>
    /^(?:(?:value|reading|result|amount)s?|wert|messwert|valeur|valor|waarde)$/i.test(name),
  );
  if (found === undefined) throw new CommandError('Name the column with the values: --value COLUMN.');
  return found;
}

/** What is known before the columns of values are looked for. */
export interface Table {
  readonly sample: Sample;
  readonly survey: Survey;
  readonly given: Given;
  /** Columns that are something else. */
  readonly skip: ReadonlySet<number>;
  readonly who: Who;
  /** File name without endings. */
  readonly stem: string;
}

/** What was found; the columns that are left out are all named. */
export interface Values {
  readonly values: readonly ValueColumn[];
  readonly left: readonly LeftOut[];
}

/** A column of values, before its subject and the spelling of its numbers. */
interface Wanted extends OwnColumn {
  readonly position: number;
}

/** The columns with values, and what each is. */
export function findValues(table: Table, note: Say, warnings: string[]): Values {
  const { sample, survey, given, skip, who } = table;
  const own = ownColumns(sample, survey);
  const { positions, left } = valueColumns(sample, survey, skip);
  const valueColumn = findValueColumn(sample, given, who);
  if (valueColumn !== undefined)
    return oneValue(table, valueColumn, own, [...positions, ...left.map((one) => one.position)], note);
  const picked = given.quantities.filter(({ column }) => column !== undefined);
  const named = given.columnsAre === 'subjects' ? given.quantities[0] : undefined;
  const wanted =
    picked.length > 0
      ? picked.map((spec) => {
          const position = columnAt(sample, spec.column as string, '--quantity');
          return {
            ...withUnit(own[position] as OwnColumn, spec.unit || given.unit),
            position,
            quantity: spec.quantity,
          };
        })
      : positions.map((position) => {
          const column = own[position] as OwnColumn;
          const spec = named ?? given.quantities.find(({ quantity }) => quantity === column.quantity);
          const unit = withUnit(column, spec?.unit || given.unit);
          return { ...unit, position, quantity: spec?.quantity ?? column.quantity };
        });
  if (sample.unit !== undefined && picked.length === 0) unitOfAll(wanted, sample.unit, note, warnings);
  if (wanted.length === 0)
    throw new CommandError(
      `No column holds numbers. Name one with --quantity COLUMN=NAME:UNIT. ${left.map(wordsOfLeft).join(' ')}`.trim(),
    );
  const chosen = new Set(wanted.map(({ position }) => position));
  const others =
    picked.length === 0
      ? left
      : [...positions, ...left.map(({ position }) => position)]
          .filter((position) => !chosen.has(position))
          .map((position) => notChosen(table, position, 'not picked with --quantity'));
  const from = picked.length > 0 || named ? 'given' : 'inferred';
  const isSubjects = given.columnsAre === 'subjects';
  const columns = isSubjects
    ? subjectsOf(table, wanted, named, note, warnings, from)
    : quantitiesOf(table, wanted, note, from);
  return { values: columns.map((column) => withSpelling(table, column)), left: others };
}

/** A unit that stands above the table is that of the one column that has no other. */
function unitOfAll(wanted: Wanted[], written: string, note: Say, warnings: string[]): void {
  const without = wanted.filter(({ unit, written: own }) => unit === '' && own === undefined);
  const [only] = without;
  if (only === undefined) return;
  const unit = writtenUnit(written, only.quantity);
  if (unit === undefined) return;
  if (without.length > 1) {
    warnings.push(
      `"${written}" stands as a unit above the table; if it is that of all columns, say --unit ${written}.`,
    );
    return;
  }
  note('unit', `${written}, as above the table`, 'inferred');
  const { written: _, ...rest } = only;
  wanted[wanted.indexOf(only)] = {
    ...rest,
    unit: unit.unit,
    ...((unit.unit === '' || !isSame(unit)) && { written: unit }),
  };
}

/** One value in each row: the other columns say what it is of. */
function oneValue(
  table: Table,
  position: number,
  own: readonly OwnColumn[],
  others: readonly number[],
  note: Say,
): Values {
  const { sample, given, who } = table;
  const heading = sample.columns[position] as string;
  const named = given.quantities[0];
  const { quantity, unit, written } = withUnit(own[position] as OwnColumn, named?.unit || given.unit);
  note('values', `${heading}${unitWords({ unit, ...(written && { written }) })}`, given.value ? 'given' : 'inferred');
  const column: ValueColumn = {
    position,
    heading,
    ...(who.quantityColumn === undefined && { quantity: named?.quantity ?? quantity }),
    unit,
    ...(written && unit !== '' && { written: written.written }),
  };
  const left = others.filter((other) => other !== position);
  return {
    values: [withSpelling(table, column)],
    left: left.map((other) => notChosen(table, other, `the value of a row stands in "${heading}"`)),
  };
}

function notChosen({ sample, survey }: Table, position: number, why: string): LeftOut {
  const numbers = survey.columns[position]?.numbers ?? 0;
  return { position, heading: sample.columns[position] as string, why, numbers, isLoss: false };
}

/** A unit that a flag gives counts; where it is that of the heading in SenML, values are converted as the heading says. */
export function withUnit(column: OwnColumn, said: string | undefined): OwnColumn {
  const given = said === undefined || said === '' ? undefined : ruleUnit(said);
  if (given === undefined || (isSame(given) && given.unit === column.unit)) return column;
  return { quantity: column.quantity, unit: given.unit, ...(!isSame(given) && { written: given }) };
}

/** How its numbers are written, and which stand for "no value". @param decimal of columns that are written alike */
export function withSpelling({ sample, survey, given }: Table, column: ValueColumn, decimal?: '.' | ','): ValueColumn {
  const signs = signsOf(sample, survey, column.position, given, decimal);
  const missing = missingOf(sample, survey, column.position, given);
  const says = survey.columns[column.position]?.signs.hasSeparators;
  return { ...column, ...(says && { signs }), ...(missing.length > 0 && { missing }) };
}

function quantitiesOf(table: Table, wanted: readonly Wanted[], note: Say, from: Note['from']): ValueColumn[] {
  const heading = (position: number) => table.sample.columns[position] as string;
  const seen = new Set<string>();
  for (const { quantity } of wanted) {
    if (seen.has(quantity))
      throw new CommandError(`Two columns would be the quantity ${quantity}: name them with --quantity.`);
    seen.add(quantity);
  }
  if (wanted.length > QUANTITIES_MAX)
    throw new CommandError(
      `${wanted.length} quantities are more than one thing may have (${QUANTITIES_MAX}): choose with --quantity.`,
    );
  const words = wanted.map(({ position, quantity, ...unit }) => {
    const name = heading(position) === quantity ? quantity : `${heading(position)} as ${quantity}`;
    return name + unitWords(unit);
  });
  note(wanted.length === 1 ? 'quantity' : 'quantities', words.join('; '), from);
  return wanted.map(({ position, quantity, unit, written }) => ({
    position,
    heading: heading(position),
    quantity,
    unit,
    ...(written && unit !== '' && { written: written.written }),
  }));
}

/** Behind the name of a quantity. */
export function unitWords({ unit, written }: Pick<OwnColumn, 'unit' | 'written'>): string {
  if (unit !== '') return written ? ` in ${unit}, converted from ${written.written}` : ` in ${unit}`;
  return written ? ` (no unit: ${written.written}: ${written.why})` : ' (no unit)';
}

function subjectsOf(
  table: Table,
  wanted: readonly Wanted[],
  named: Given['quantities'][number] | undefined,
  note: Say,
  warnings: string[],
  from: Note['from'],
): ValueColumn[] {
  if (named === undefined)
    throw new CommandError('--columns-are subjects: say what they measure, such as --quantity occupancy:/');
  note('columns', `${wanted.length} as subjects, each ${named.quantity}${unitWords(wanted[0] as Wanted)}`, from);
  const { sample, who, stem } = table;
  const taken = new Map<string, string>();
  return wanted.map(({ position, quantity, unit, written }) => {
    const heading = sample.columns[position] as string;
    const parts = {
      file: nameInTemplate(who.template, '{file}', stem) || 'file',
      column: nameInTemplate(who.template, '{column}', heading),
    };
    const subject = fillSubject(who.template, parts);
    if (who.column === undefined && subject === undefined)
      throw new CommandError(`The column "${heading}" cannot be made part of a subject: leave it out with --skip.`);
    const template = who.template.replaceAll('{column}', parts.column);
    const other = taken.get(template);
    if (other !== undefined)
      throw new CommandError(
        `The columns "${other}" and "${heading}" would be one subject, ${template}: leave one out with --skip "#${position + 1}".`,
      );
    taken.set(template, heading);
    if (parts.column !== heading) warnings.push(`Column "${heading}" becomes ${template}.`);
    const filled = template.replaceAll('{file}', parts.file);
    return {
      position,
      heading,
      subject: filled,
      quantity,
      unit,
      ...(written && unit !== '' && { written: written.written }),
    };
  });
}

/** What is said of a column that is left out. @example wordsOfLeft({ heading: 'note', … }) // '"note" is left out: 3 cells of text, such as "dry".' */
export function wordsOfLeft({ heading, why, numbers, isLoss }: LeftOut): string {
  const count = isLoss || numbers === 0 ? '' : ` (${countOf(numbers, 'number')})`;
  return `"${heading}" is left out: ${why}${count}.`;
}
