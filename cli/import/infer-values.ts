// Inference of who is spoken of, and of which columns hold what is said.
import { limits } from '@trine/protocol';
import { CommandError } from '../output.ts';
import { guessSubjectColumn, holdsText, wordsOfRepeats } from './infer-subject.ts';
import { DEFAULT_SUBJECTS, fillSubject, type Given, type ValueColumn } from './mapping.ts';
import { cellsOf, columnAt, type Sample, type Say, SHARE_MIN } from './sample.ts';
import { headingOf, nameOf, readNumber } from './values.ts';

/** The gateway's bound on quantities of one thing. */
const QUANTITIES_MAX = 512;

export interface Who {
  readonly template: string;
  readonly column?: number;
  readonly quantityColumn?: number;
  readonly valueColumn?: number;
}

/** Which column, if any, names the subject, and which the quantity. Both are added to `skip`. @param time its columns */
export function findSubject(
  sample: Sample,
  given: Given,
  skip: Set<number>,
  decimal: '.' | ',',
  time: readonly number[],
  note: Say,
  warnings: string[],
): Who {
  const quantityColumn =
    given.quantityColumn !== undefined
      ? columnAt(sample, given.quantityColumn, '--quantity-column')
      : findQuantityColumn(sample, skip, decimal);
  if (quantityColumn !== undefined) {
    note('quantity column', sample.columns[quantityColumn] as string, given.quantityColumn ? 'given' : 'inferred');
    skip.add(quantityColumn);
  }
  const isFixed =
    given.columnsAre === 'subjects' || (given.subject !== undefined && !given.subject.includes('{subject}'));
  const table = { sample, decimal, skip, key: quantityColumn === undefined ? time : [...time, quantityColumn] };
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
  const valueName = given.value ?? (quantityColumn === undefined ? undefined : valueHeading(sample));
  const valueColumn = valueName === undefined ? undefined : columnAt(sample, valueName, '--value');
  return {
    template,
    ...(column !== undefined && { column }),
    ...(quantityColumn !== undefined && { quantityColumn }),
    ...(valueColumn !== undefined && { valueColumn }),
  };
}

function findQuantityColumn(sample: Sample, skip: ReadonlySet<number>, decimal: '.' | ','): number | undefined {
  const at = sample.columns.findIndex(
    (column, i) =>
      !skip.has(i) &&
      /^(?:quantity|parameter|metric|variable|measure(?:ment)?|property|pollutant)$/i.test(column) &&
      holdsText(sample, i, decimal),
  );
  return at < 0 ? undefined : at;
}

function valueHeading({ columns }: Sample): string {
  const found = columns.find((name) => /^(?:value|reading|result|amount)s?$/i.test(name));
  if (found === undefined) throw new CommandError('Name the column with the values: --value COLUMN.');
  return found;
}

/** The columns with values, and what each is. */
export function findValues(
  sample: Sample,
  given: Given,
  skip: ReadonlySet<number>,
  decimal: '.' | ',',
  who: Who,
  stem: string,
  note: Say,
  warnings: string[],
): ValueColumn[] {
  const heading = (position: number) => sample.columns[position] as string;
  if (who.valueColumn !== undefined) {
    note('values', heading(who.valueColumn), given.value ? 'given' : 'inferred');
    const named = given.quantities[0];
    const quantity = named?.quantity ?? headingOf(heading(who.valueColumn)).quantity;
    return [
      {
        position: who.valueColumn,
        heading: heading(who.valueColumn),
        ...(who.quantityColumn === undefined && { quantity }),
        unit: named?.unit || given.unit || '',
      },
    ];
  }
  const picked = given.quantities.filter(({ column }) => column !== undefined);
  const named = given.columnsAre === 'subjects' ? given.quantities[0] : undefined;
  const wanted =
    picked.length > 0
      ? picked.map(({ column, quantity, unit }) => ({
          position: columnAt(sample, column as string, '--quantity'),
          quantity,
          unit,
        }))
      : numericColumns(sample, skip, decimal).map((position) => {
          const own = headingOf(heading(position));
          const spec = named ?? given.quantities.find(({ quantity }) => quantity === own.quantity);
          return {
            position,
            quantity: spec?.quantity ?? (own.quantity || `column${position + 1}`),
            unit: spec?.unit || given.unit || own.unit,
          };
        });
  if (wanted.length === 0)
    throw new CommandError('No column holds numbers. Name one with --quantity COLUMN=NAME:UNIT.');
  const from = picked.length > 0 || named ? 'given' : 'inferred';
  if (given.columnsAre === 'subjects') {
    if (named === undefined)
      throw new CommandError('--columns-are subjects: say what they measure, such as --quantity occupancy:/');
    note('columns', `${wanted.length} as subjects, each ${named.quantity}${unitWords(named.unit)}`, from);
    return subjectColumns(wanted, heading, who, stem, warnings);
  }
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
  const words = wanted.map(({ position, quantity, unit }) => {
    const name = heading(position) === quantity ? quantity : `${heading(position)} as ${quantity}`;
    return name + unitWords(unit);
  });
  note(wanted.length === 1 ? 'quantity' : 'quantities', words.join('; '), from);
  return wanted.map(({ position, quantity, unit }) => ({ position, heading: heading(position), quantity, unit }));
}

function unitWords(unit: string): string {
  return unit === '' ? ' (no unit)' : ` in ${unit}`;
}

function subjectColumns(
  wanted: readonly { position: number; quantity: string; unit: string }[],
  heading: (position: number) => string,
  who: Who,
  stem: string,
  warnings: string[],
): ValueColumn[] {
  const taken = new Map<string, string>();
  return wanted.map(({ position, quantity, unit }) => {
    const parts = { file: nameOf(stem) || 'file', column: nameOf(heading(position), limits.subjectCharsMax) };
    const subject = fillSubject(who.template, parts);
    if (who.column === undefined && subject === undefined)
      throw new CommandError(
        `The column "${heading(position)}" cannot be made part of a subject: leave it out with --skip.`,
      );
    const template = who.template.replaceAll('{column}', parts.column);
    const other = taken.get(template);
    if (other !== undefined)
      throw new CommandError(
        `The columns "${other}" and "${heading(position)}" would be one subject, ${template}: leave one out with --skip.`,
      );
    taken.set(template, heading(position));
    if (parts.column !== heading(position)) warnings.push(`Column "${heading(position)}" becomes ${template}.`);
    return { position, heading: heading(position), subject: template.replaceAll('{file}', parts.file), quantity, unit };
  });
}

function numericColumns(sample: Sample, skip: ReadonlySet<number>, decimal: '.' | ','): number[] {
  return sample.columns.flatMap((name, position) => {
    if (skip.has(position) || (name === '' && sample.columns.length > 1)) return [];
    const cells = cellsOf(sample, [position]);
    const numbers = cells.filter((cell) => !Number.isNaN(readNumber(cell, decimal))).length;
    return cells.length > 0 && numbers >= SHARE_MIN * cells.length ? [position] : [];
  });
}
