// Inference of the time of each row: what the cells say decides. What could be another is asked, never guessed.
import { type CandidateOptions, type TimeChoice, TimeTrials, timeCandidates } from '@trine/mapping/times/candidates.ts';
import { formatNamed, inZone, namedFormats, type TimeFormat, wordsOfFormat } from '@trine/mapping/times/format.ts';
import { zoneOfCell, zoneOfHeading } from '@trine/mapping/times/heading-zone.ts';
import { TimeReader } from '@trine/mapping/times/reader.ts';
import { RowTimes, type TimeSource } from '@trine/mapping/times/row-times.ts';
import { type WideDay, wideDay } from '@trine/mapping/times/wide.ts';
import { Zone } from '@trine/mapping/times/zone.ts';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { CommandError } from '../output.ts';
import type { Given } from './mapping.ts';
import { cellsOf, columnAt, type Sample, type Say } from './sample.ts';

const DAY_MS = 86_400_000;

export interface FoundTime {
  readonly source: TimeSource;
  /** Where a row is a day: the columns that are its parts. */
  readonly wide?: WideDay;
}

/** What there is to know before the rows are looked at. */
interface Asked {
  readonly columns: readonly number[] | undefined;
  readonly wide: WideDay | undefined;
  readonly options: CandidateOptions;
}

function asked(sample: Sample, given: Given, nowMs: number): Asked {
  checkZone(given.timezone);
  const named = given.time === undefined ? undefined : namedColumns(sample, given.time);
  const inHeading = named === undefined && given.timeFormat === undefined ? patternInHeading(sample) : undefined;
  const columns = named ?? inHeading?.columns;
  const said = given.timeFormat ?? inHeading?.format;
  const wide = wideOf(sample, given);
  const skip = new Set([
    ...given.skip.map((name) => columnAt(sample, name, '--skip')),
    ...(wide?.columns.map(({ position }) => position) ?? []),
  ]);
  const options = {
    zone: given.timezone,
    zones,
    nowMs,
    skip,
    ...(columns && { columns }),
    ...(said && { format: said }),
    ...(given.interval && { slotsAt: given.interval }),
  };
  return { columns, wide, options };
}

/**
 * Where the beginning of a file leaves the time in doubt, all of it decides: what to give each row to.
 * @returns undefined where the beginning tells
 */
export function trialsOfAll(sample: Sample, given: Given, nowMs: number): TimeTrials | undefined {
  const { options } = asked(sample, given, nowMs);
  const { question } = timeCandidates(sample.columns, sample.rows, options);
  return question === undefined ? undefined : new TimeTrials(sample.columns, sample.rows, options);
}

/** What else tells. */
interface Evidence {
  /** What all rows of the file say, where the sample does not. */
  readonly whole?: TimeChoice | undefined;
  /** Numbers of the file have a decimal comma. */
  readonly hasCommas?: boolean;
}

/** Nobody who writes the month first writes decimal commas. */
function dayFirst(choice: TimeChoice): TimeChoice {
  const { best, runnerUp, question } = choice;
  if (question === undefined || best === undefined || runnerUp === undefined || best.name !== runnerUp.name)
    return choice;
  // Of two digits each, any of the three could be the year.
  if (!/\d{4}/.test(best.sample.text)) return choice;
  const kinds = [best, runnerUp].map(({ source }) => source.format.kind);
  if (!kinds.includes('day-first') || !kinds.includes('month-first')) return choice;
  return { best: kinds[0] === 'day-first' ? best : runnerUp };
}

/**
 * Finds the time of a table.
 *
 * @param nowMs what is dated later is no measured time
 * @param questions where it could be another: what to ask, and which flag answers
 * @throws CommandError saying which flag would help
 */
export function findTime(
  sample: Sample,
  given: Given,
  nowMs: number,
  note: Say,
  questions: string[],
  { whole, hasCommas }: Evidence = {},
): FoundTime {
  const { columns, wide, options } = asked(sample, given, nowMs);
  const choice = whole ?? timeCandidates(sample.columns, sample.rows, options);
  const { best, question } = hasCommas ? dayFirst(choice) : choice;
  const found = best?.source ?? forced(columns, given);
  if (found === undefined) throw noTime(sample, given, columns);
  if (question !== undefined && !(columns && given.timeFormat)) questions.push(`${question} ${advice(found, columns)}`);
  const zone = zoneOf(sample, given, found.columns);
  const format = withChoices(inZone(found.format, zone), given);
  const isWide = wide !== undefined && found.columns.length === 1 && isDate(sample, { ...found, format });
  const zoneColumn = isWide ? undefined : zoneColumnOf(sample, given, { ...found, format });
  const source = {
    ...found,
    format,
    ...(isWide && { join: wide.slots }),
    ...(zoneColumn !== undefined && { zoneColumn }),
  };
  const names = source.columns.map((position) => sample.columns[position]).join('+');
  const slots =
    source.join?.kind === 'slots' ? `, parts of ${source.join.minutes} min dated at their ${source.join.at}` : '';
  const inWhich =
    zoneColumn === undefined ? zone : `in the zone that ${sample.columns[zoneColumn]} names, else ${zone}`;
  note('time', `${names}, ${wordsOfFormat(format)}${slots}, ${inWhich}`, given.time ? 'given' : 'inferred');
  return { source, ...(isWide && { wide }) };
}

const ZONE_HEADING =
  /^(?:.*[ _-])?(?:time[ _-]?zone|tz|zeitzone|fuseau(?: horaire)?|huso(?: horario)?|fuso(?: orario)?|tijdzone|(?:utc|gmt|tz|time)[ _-]?offset)(?:[ _-]?(?:cd|code|name|abbr\w*|id))?$|^zone$/i;

/** A column that names the zone of each row: beside times that do not, and readable with each of them. */
function zoneColumnOf(sample: Sample, { skip }: Given, source: TimeSource): number | undefined {
  const { columns, rows } = sample;
  if (source.format.kind === 'unix' || (source.join && source.join.kind !== 'text')) return undefined;
  const position = columns.findIndex(
    (heading, i) =>
      ZONE_HEADING.test(heading.trim()) &&
      !source.columns.includes(i) &&
      !skip.includes(heading) &&
      // Zones of a town have numbers, too.
      rows.every(
        (row) => zoneOfCell(row[i] ?? '') !== undefined && !(/^zone$/i.test(heading.trim()) && /\d/.test(row[i] ?? '')),
      ) &&
      rows.some((row) => (row[i] ?? '').trim() !== ''),
  );
  if (position < 0) return undefined;
  const count = (one: TimeSource) => {
    const times = new RowTimes(one, zones);
    return rows.filter((row) => times.read(row).kind === 'time').length;
  };
  return count({ ...source, zoneColumn: position }) >= 0.8 * count(source) ? position : undefined;
}

/** A zone as it stands above a table: a name of the table of zones, an offset, or letters that mean one. */
export function zoneNamed(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return Zone.of(text, zones).name;
  } catch {
    return zoneOfHeading(text);
  }
}

/** What the flag says counts; else what the heading says, or a line above the table. */
function zoneOf({ columns, zone }: Sample, { timezone, hasTimezone }: Given, positions: readonly number[]): string {
  if (hasTimezone) return timezone;
  return (
    positions.map((position) => zoneOfHeading(columns[position] ?? '')).find((named) => named !== undefined) ??
    zone ??
    timezone
  );
}

function checkZone(name: string): void {
  try {
    Zone.of(name, zones);
  } catch (error) {
    throw new CommandError(`--timezone: ${(error as Error).message}`);
  }
}

/** Loggers write `dd/MM/yyyy HH:mm:ss` over their times, where others have units. */
function patternInHeading({ columns }: Sample): { columns: number[]; format: TimeFormat } | undefined {
  const at = columns.findIndex((heading) => /^(?=.*yy)(?=.*M)(?=.*d)[dMyHhms:/. -]+$/.test(heading));
  if (at < 0) return undefined;
  try {
    return { columns: [at], format: formatNamed(columns[at] as string) };
  } catch {
    return undefined;
  }
}

/** A heading may have a + in it. */
function namedColumns(sample: Sample, names: string): number[] {
  const position = sample.columns.indexOf(names);
  return position >= 0 ? [position] : names.split('+').map((name) => columnAt(sample, name, '--time'));
}

function wideOf(sample: Sample, given: Given): WideDay | undefined {
  const isPicked = given.columnsAre !== undefined || given.quantities.some(({ column }) => column !== undefined);
  return isPicked ? undefined : wideDay(sample.columns, given.interval);
}

/** What the flags say counts, also where few cells are so. */
function forced(columns: readonly number[] | undefined, given: Given): TimeSource | undefined {
  if (columns === undefined || given.timeFormat === undefined) return undefined;
  return { columns, format: given.timeFormat, ...(columns.length > 1 && { join: { kind: 'text' } as const }) };
}

function noTime(sample: Sample, given: Given, columns: readonly number[] | undefined): CommandError {
  const formats = `${Object.keys(namedFormats).join(', ')}, or a pattern such as "dd.MM.yyyy HH:mm"`;
  if (columns === undefined)
    return new CommandError(
      `No column looks like a time. Name it with --time, and its format with --time-format. There are: ${sample.columns.join(', ')}.`,
    );
  const cell = cellsOf(sample, columns)[0] ?? '';
  return new CommandError(
    `The times in ${given.time}, such as "${cell}", are in no format known here: give --time-format, ${formats}.`,
  );
}

function advice({ format, columns }: TimeSource, given: readonly number[] | undefined): string {
  const isOrder = format.kind === 'day-first' || format.kind === 'month-first' || format.kind === 'year-first';
  const which = columns.length > 1 ? '--time DATE+CLOCK' : '--time COLUMN';
  return `Say which with ${isOrder ? '--time-format day-first or --time-format month-first' : which}${isOrder || given ? '' : ' and --time-format'}.`;
}

function withChoices(format: TimeFormat, { interval, repeated }: Given): TimeFormat {
  if (format.kind === 'unix') return format;
  return { ...format, ...(interval && { interval }), ...(repeated && { repeated }) };
}

function isDate(sample: Sample, { columns, format }: TimeSource): boolean {
  const reader = new TimeReader(inZone(format, 'UTC'), zones);
  return cellsOf(sample, columns).every((cell) => {
    const found = reader.read(cell);
    return found.kind !== 'time' || found.ms % DAY_MS === 0;
  });
}

/**
 * The same rows with the moment in place of the cells that say it, so that rows of one moment are alike, and those of the
 * hour that clocks show twice are not.
 */
export function withMoments(sample: Sample, { source, wide }: FoundTime): Sample {
  if (wide) return sample;
  const times = new RowTimes(source, zones);
  const [first, ...others] = source.columns as readonly [number, ...number[]];
  const rows = sample.rows.map((row) => {
    const found = times.read(row);
    if (found.kind !== 'time') return row;
    const copy = [...row];
    copy[first] = new Date(found.ms).toISOString().replace('.000Z', 'Z');
    for (const position of others) copy[position] = '';
    return copy;
  });
  return { ...sample, rows };
}
