// What becomes of each column of values: its quantity, its unit, how its numbers are written; or why it is left out.
import { nameHeadings } from '@trine/mapping/names.ts';
import { headingOf } from '@trine/mapping/units/headings.ts';
import { isSame, type WrittenUnit, writtenUnit } from '@trine/mapping/units/units.ts';
import { type NumberSigns, quote } from '@trine/mapping/values/numbers.ts';
import { countOf } from '@trine/protocol';
import { CommandError } from '../output.ts';
import type { Given, LeftOut } from './mapping.ts';
import { type Sample, SHARE_MIN } from './sample.ts';
import type { ColumnSurvey, Survey } from './survey.ts';

/** A column by what it says of itself. */
export interface OwnColumn {
  readonly quantity: string;
  /** SenML; '' for none. */
  readonly unit: string;
  /** As it is written, where values are converted or there is no symbol. */
  readonly written?: WrittenUnit;
}

/**
 * Quantity and unit of every column, from headings and cells. Quantities are all apart: what two columns would share,
 * the later names by its whole heading, or is numbered.
 */
export function ownColumns({ columns }: Sample, survey: Survey): OwnColumn[] {
  const headings = columns.map(headingOf);
  const first = new Map<string, string>();
  const names = headings.map(({ name }, i) => {
    const heading = columns[i] as string;
    const other = first.get(name);
    if (other === undefined) first.set(name, heading);
    return other === undefined || other === heading ? name : heading;
  });
  const quantities = nameHeadings(names);
  return headings.map(({ unit }, i) => {
    const written = unit ?? unitOfCells(survey.columns[i] as ColumnSurvey, columns[i] as string);
    return {
      quantity: quantities[i] as string,
      unit: written?.unit ?? '',
      ...(written && (written.unit === '' || !isSame(written)) && { written }),
    };
  });
}

/** The unit that stands in most of the cells. */
function unitOfCells({ units }: ColumnSurvey, heading: string): WrittenUnit | undefined {
  const [most] = [...units].sort((a, b) => b[1] - a[1]);
  return most && writtenUnit(most[0], heading);
}

/** Headings of columns that number the rows. */
const NUMBERS_ROWS =
  /^(?:|#|index|idx|id|no\.?|nr\.?|num(?:ber)?|row|row[ _]?(?:no|nr|num|number|id)\.?|rec(?:ord)?(?:[ _]?(?:no|nr|num|number|id)\.?)?|recnum|seq(?:uence)?(?:[ _]?(?:no|nr|num|number)\.?)?|line|zeile|lfd\.? ?nr\.?|unnamed.*)$/i;

/** Columns that hold values, and what is left out, with the reason. @param skip columns that are something else */
export function valueColumns(
  sample: Sample,
  survey: Survey,
  skip: ReadonlySet<number>,
): { positions: number[]; left: LeftOut[] } {
  const positions: number[] = [];
  const left: LeftOut[] = [];
  for (const [position, heading] of sample.columns.entries()) {
    if (skip.has(position)) continue;
    const column = survey.columns[position] as ColumnSurvey;
    if (column.isCounting && NUMBERS_ROWS.test(heading.trim()))
      left.push({ position, heading, why: 'it numbers the rows', numbers: column.numbers, isLoss: false });
    else if (column.filled === 0) left.push({ position, heading, why: 'it is empty', numbers: 0, isLoss: false });
    else if (column.numbers > 0 && column.numbers >= SHARE_MIN * (column.numbers + column.truths + column.texts))
      positions.push(position);
    else if (column.numbers === 0 && column.truths > 0 && column.truths >= SHARE_MIN * (column.truths + column.texts))
      positions.push(position);
    else {
      const numbers = column.numbers + column.unread;
      left.push({ position, heading, why: whyLeft(column), numbers, isLoss: numbers > 0 });
    }
  }
  return { positions, left };
}

function whyLeft({ numbers, truths, texts, words, unread }: ColumnSurvey): string {
  if (numbers + truths + texts === 0)
    return `${countOf(unread, 'number')} too large to be kept, or with an E that may be a letter`;
  const others = `${countOf(texts + truths, 'cell')} of text${words.length > 0 ? `, such as ${words.map(quote).join(', ')}` : ''}`;
  return numbers === 0 ? others : `${countOf(numbers, 'number')} among ${others}`;
}

/**
 * How the numbers of a column are written.
 * @param alike decimal sign of columns that are written as it is, where they have told
 * @throws CommandError asking, where that cannot be told
 */
export function signsOf(
  sample: Sample,
  survey: Survey,
  position: number,
  given: Given,
  alike?: '.' | ',',
): NumberSigns {
  const heading = sample.columns[position] as string;
  const column = survey.columns[position] as ColumnSurvey;
  const said = decimalOf(given, sample, position);
  const found = column.signs.found(said);
  if (found.is === 'certain') return found.signs;
  if (found.is === 'mixed')
    throw new CommandError(
      `The column "${heading}" has numbers written in two ways, ${quote(found.examples[0])} and ${quote(found.examples[1])}: say which decimal sign counts with --decimal "${heading}=." or --decimal "${heading}=,"; the others are left out and counted.`,
    );
  const asOthers = said === undefined ? found.readings.find(({ decimal }) => decimal === alike) : undefined;
  if (asOthers) return asOthers;
  const [plainest] = found.readings as [NumberSigns, ...NumberSigns[]];
  // Points are what machines write. A comma that could be either is asked for, and a point where decimals have commas:
  // beside such a column, or between semicolons.
  const isPlain = plainest.decimal === '.' && sample.delimiter !== ';' && !hasDecimalCommas(survey);
  if (said !== undefined || isPlain) return plainest;
  throw new CommandError(
    `The numbers of "${heading}", such as ${quote(found.example)}, can be read in two ways: say which decimal sign they have with --decimal "${heading}=." or --decimal "${heading}=,".`,
  );
}

function decimalOf({ decimal, decimals }: Given, { columns }: Sample, position: number): '.' | ',' | undefined {
  const heading = columns[position] as string;
  const own = decimals?.find(({ column }) => column === heading || column === `#${position + 1}`);
  return own?.decimal ?? decimal;
}

/** Does a column of numbers have them, beyond doubt? */
export function hasDecimalCommas(survey: Survey): boolean {
  return survey.columns.some(({ numbers, texts, signs }) => {
    const found = numbers > texts ? signs.found() : undefined;
    return found?.is === 'certain' && found.signs.decimal === ',';
  });
}

/**
 * Values of the chosen columns that stand for "no value", as far as the flags say.
 * @throws CommandError asking, where some look like it and nothing is said
 */
export function missingOf(sample: Sample, survey: Survey, position: number, given: Given): readonly number[] {
  const heading = sample.columns[position] as string;
  if (given.missing !== undefined)
    return given.missing
      .filter(({ column }) => column === undefined || column === heading || column === `#${position + 1}`)
      .flatMap(({ values }) => values);
  const [one] = survey.columns[position]?.sentinels.proposed() ?? [];
  if (one === undefined) return [];
  throw new CommandError(
    `The column "${heading}" has ${one.value} in ${countOf(one.count, 'cell')}: ${one.why}. Say --missing ${one.value} where it stands for no value, or --missing none where it was measured.`,
  );
}
