// The flags of `trine import`, and what they mean.
import { formatNamed, namedFormats, type TimeFormat, type UnixUnit } from '@trine/mapping/times/format.ts';
import { ruleUnit } from '@trine/mapping/units/units.ts';
import { isSubject, limits } from '@trine/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type NodeFlags, withNode } from '../client.ts';
import { examples, positiveNumber, wholeNumber } from '../output.ts';
import type { Given } from './mapping.ts';

interface DecimalFlag {
  readonly column?: string;
  readonly decimal: '.' | ',';
}
interface MissingFlag {
  readonly column?: string;
  readonly values: readonly number[];
}

export interface ImportFlags extends NodeFlags {
  readonly time?: string;
  readonly timeFormat?: TimeFormat;
  readonly timezone?: string;
  readonly interval?: 'start' | 'end';
  readonly precision?: UnixUnit;
  readonly repeatedHour?: 'earlier' | 'later';
  readonly subject?: string;
  readonly subjectColumn?: string;
  readonly quantity: Given['quantities'];
  readonly quantityColumn?: string;
  readonly value?: string;
  readonly unit?: string;
  readonly skip?: string;
  readonly columnsAre?: 'subjects' | 'quantities';
  readonly delimiter?: string;
  readonly decimal: readonly DecimalFlag[];
  readonly missing: readonly MissingFlag[];
  readonly unitColumn?: string;
  readonly sheet?: string;
  readonly encoding?: string;
  readonly skipRows?: number;
  readonly headingRows?: number;
  readonly header: boolean;
  readonly duplicates?: 'first' | 'last' | 'all';
  readonly speed?: number;
  readonly pack: number;
  readonly open?: boolean;
  readonly as?: string;
  readonly mqtt?: string;
  readonly timeout: number;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const LINES_ABOVE_MAX = 10_000;
const PACK_DEFAULT = 100;
/** A statement that carries its pack in the log has to fit a leaf: about 20 bytes a reading and 96 of its name. */
const PACK_MAX = 1_000;

export function givenOf(flags: ImportFlags): Given {
  const { time, timeFormat, subject, subjectColumn, quantityColumn, value, unit, columnsAre, delimiter } = flags;
  const decimal = flags.decimal.findLast(({ column }) => column === undefined)?.decimal;
  const decimals = flags.decimal.flatMap(({ column, decimal: sign }) =>
    column === undefined ? [] : [{ column, decimal: sign }],
  );
  return {
    timezone: flags.timezone ?? 'UTC',
    hasTimezone: flags.timezone !== undefined,
    quantities: flags.quantity,
    skip: flags.skip?.split(',').map((name) => name.trim()) ?? [],
    ...(time !== undefined && { time }),
    ...(timeFormat && { timeFormat }),
    ...(flags.precision && { precision: flags.precision }),
    ...(flags.interval && { interval: flags.interval }),
    ...(flags.repeatedHour && { repeated: flags.repeatedHour }),
    ...(subject !== undefined && { subject }),
    ...(subjectColumn !== undefined && { subjectColumn }),
    ...(quantityColumn !== undefined && { quantityColumn }),
    ...(value !== undefined && { value }),
    ...(unit !== undefined && { unit }),
    ...(columnsAre && { columnsAre }),
    ...(delimiter !== undefined && { delimiter }),
    ...(decimal && { decimal }),
    ...(decimals.length > 0 && { decimals }),
    ...(flags.missing.length > 0 && { missing: flags.missing }),
    ...(flags.unitColumn !== undefined && { unitColumn: flags.unitColumn }),
    ...(flags.skipRows !== undefined && { skipRows: flags.skipRows }),
    ...((flags.headingRows !== undefined || flags.header === false) && { headingRows: flags.headingRows ?? 0 }),
  };
}

/** @example quantityFlag('temp_c=temperature:Cel', []) // [{ column: 'temp_c', quantity: 'temperature', unit: 'Cel' }] */
export function quantityFlag(text: string, before: Given['quantities']): Given['quantities'] {
  const equals = text.lastIndexOf('=');
  const column = equals < 0 ? undefined : text.slice(0, equals);
  const rest = text.slice(equals + 1);
  const colon = rest.lastIndexOf(':');
  const unit = colon < 0 ? '' : unitFlag(rest.slice(colon + 1));
  const quantity = colon < 0 ? rest : rest.slice(0, colon);
  if (!isSubject(quantity) || quantity.length > limits.quantityCharsMax)
    throw new InvalidArgumentError(`"${quantity}" cannot name a quantity: use A-Z a-z 0-9 : . _ ~ / -.`);
  return [...before, { quantity, unit, ...(column !== undefined && { column }) }];
}

function unitFlag(text: string): string {
  if (ruleUnit(text) === undefined)
    throw new InvalidArgumentError(
      `"${text}" is no SenML unit symbol, such as Cel, W, m3, km/h, %, / or count (RFC 8428, RFC 8798), and no usual spelling of one, such as °F or kwh.`,
    );
  return text;
}

/** @example missingFlag('rain=-999,-1', []) // [{ column: 'rain', values: [-999, -1] }] */
function missingFlag(text: string, before: readonly MissingFlag[]): readonly MissingFlag[] {
  const equals = text.lastIndexOf('=');
  const column = equals < 0 ? undefined : text.slice(0, equals);
  const list = text.slice(equals + 1);
  const values = list === 'none' ? [] : list.split(',').map(Number);
  if (values.some((value) => !Number.isFinite(value)) || list.trim() === '')
    throw new InvalidArgumentError('Expected numbers with commas between, such as -999,-9999, or none.');
  return [...before, { values, ...(column !== undefined && { column }) }];
}

/** @example decimalFlag('level=,', []) // [{ column: 'level', decimal: ',' }] */
function decimalFlag(text: string, before: readonly DecimalFlag[]): readonly DecimalFlag[] {
  const equals = text.lastIndexOf('=');
  const decimal = text.slice(equals + 1);
  if (decimal !== '.' && decimal !== ',') throw new InvalidArgumentError('Expected . or , or COLUMN=.');
  return [...before, { decimal, ...(equals >= 0 && { column: text.slice(0, equals) }) }];
}

function timeFormatFlag(text: string): TimeFormat {
  try {
    return formatNamed(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function lineCount(text: string): number {
  const count = wholeNumber(text);
  if (count > LINES_ABOVE_MAX) throw new InvalidArgumentError(`Expected 0 to ${LINES_ABOVE_MAX}.`);
  return count;
}

function packSize(text: string): number {
  const count = wholeNumber(text);
  if (count < 1 || count > PACK_MAX) throw new InvalidArgumentError(`Expected 1 to ${PACK_MAX}.`);
  return count;
}

function delimiterFlag(text: string): string {
  const delimiter = text === 'tab' || text === '\\t' ? '\t' : text;
  if (delimiter.length !== 1) throw new InvalidArgumentError('Expected one character, or tab.');
  return delimiter;
}

/** How the file is written, and what of it counts. */
function tableOptions(command: Command): Command {
  return command
    .option('--skip <columns>', 'columns to leave out, with commas between')
    .option('--delimiter <character>', 'between cells: one character, or tab', delimiterFlag)
    .option('--decimal <sign>', 'decimal sign, of all columns or COLUMN=SIGN; may be repeated', decimalFlag, [])
    .option(
      '--missing <values>',
      'numbers that stand for "no value", or COLUMN=VALUES, or none; may be repeated',
      missingFlag,
      [],
    )
    .option('--sheet <name>', 'sheet of a workbook, by name or number (default: the only one with a table)')
    .option('--encoding <name>', 'of the characters, such as windows-1252 (default: as the bytes say)')
    .option('--skip-rows <count>', 'lines above the table (default: as the rows say)', lineCount)
    .option('--heading-rows <count>', 'rows of headings (default: as the rows say)', lineCount)
    .option('--no-header', 'the first row is data already');
}

/** What the columns are. */
function columnOptions(command: Command): Command {
  return command
    .description('replay files of measurements, signed by the importer about each subject (class imported)')
    .argument('<file...>', 'CSV, .xlsx, line protocol, JSON and more, packed with gzip or not')
    .option('--time <column>', 'column with the time; DATE+CLOCK joins two')
    .option(
      '--time-format <format>',
      `how the times are written: ${Object.keys(namedFormats).join(', ')}, or a pattern such as "dd.MM.yyyy HH:mm"`,
      timeFormatFlag,
    )
    .option(
      '--timezone <zone>',
      'zone of times that name none, such as Europe/Berlin (default: as the heading says, or UTC)',
    )
    .addOption(
      new Option('--interval <end>', 'what dates a numbered hour (default: its start) or a span (its end)').choices([
        'start',
        'end',
      ]),
    )
    .addOption(
      new Option('--repeated-hour <which>', 'of the hour shown twice in autumn (default: as the rows follow)').choices([
        'earlier',
        'later',
      ]),
    )
    .addOption(
      new Option(
        '--precision <unit>',
        'what counts since 1970 count, in record formats (default: what makes times of them)',
      ).choices(['s', 'ms', 'us', 'ns']),
    )
    .option('--subject <template>', 'whom the readings are about; {file}, {column} and {subject} are filled in')
    .option('--subject-column <column>', 'column that names the subject, for {subject}')
    .option('--quantity <spec>', 'COLUMN=NAME[:UNIT], or NAME[:UNIT]; may be repeated', quantityFlag, [])
    .option('--quantity-column <column>', 'column that names the quantity, in tables with one value a row')
    .option('--value <column>', 'column with the value, in such tables')
    .option('--unit <unit>', 'unit of what has no other', unitFlag)
    .option('--unit-column <column>', 'column that names the unit of each row')
    .addOption(
      new Option('--columns-are <what>', 'what the columns with numbers stand for').choices(['subjects', 'quantities']),
    );
}

export function importOptions(command: Command): Command {
  withNode(
    tableOptions(columnOptions(command))
      .addOption(
        new Option(
          '--duplicates <which>',
          'of several values of one time (default: to stop): the first, the last, or all',
        ).choices(['first', 'last', 'all']),
      )
      .option('--speed <factor>', 'replay at this multiple of real time (default: as fast as it goes)', positiveNumber)
      .option('--pack <count>', `readings signed together, at most ${PACK_MAX}`, packSize, PACK_DEFAULT)
      .option('--open', 'publish the readings in the log for everyone (default: sealed)')
      .option('--as <name>', 'name of the importer (default: from the subject)')
      .option('--mqtt <url>', 'MQTT address (default: as the node says)')
      .option('--timeout <seconds>', 'give up after this long without an acknowledgement', positiveNumber, 60)
      .option('--dry-run', 'show the mapping and the first readings, and do nothing')
      .option('--yes', 'do not ask')
      .option('--json', 'print the summary as one JSON document'),
  );
  return examples(
    command,
    `Examples:
  trine import nyc_taxi.csv.gz
  trine import weather.csv --timezone Europe/Berlin --subject weather/roof --quantity 'T=temperature:Cel'
  trine import birmingham.csv.gz --columns-are subjects --subject 'parking/{column}' --quantity occupancy:/ --skip weekday,time
  trine import air.csv --subject-column station --subject 'air/{subject}' --quantity-column pollutant --value value --unit ug/m3
  trine import meters.csv --speed 60

Whatever is not said is inferred and shown. What the log has already is passed over: no reading is taken twice. Exit status: 0 everything is sealed, 1 something was refused or not acknowledged, numbers were left out, or a file
gave no reading, 2 not started, 130 interrupted.
A pack has at most ${limits.readingsPerPackMax} readings by the format.`,
  );
}
