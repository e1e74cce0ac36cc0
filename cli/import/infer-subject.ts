// Which column says what a row is about. Its heading hints at it; what its cells do decides: they come again, and they
// tell apart rows of one time. Where two columns could be meant, or none is named like it, nobody but the user knows.
import { countOf, plural } from '@trine/protocol';
import { CommandError } from '../output.ts';
import { cellsOf, isNumber, type Sample, SHARE_MIN } from './sample.ts';

/** A table whose columns of the time (and of the quantity) are known. */
export interface Table {
  readonly sample: Sample;
  /** Columns that are something else. */
  readonly skip: ReadonlySet<number>;
  /** Columns that name the time, and the quantity where one does: each thing has one row for each. */
  readonly key: readonly number[];
}

/** Things that are measured, or that measure. */
const things = new Set(
  `sensor device dev station site node mote meter metre location subject bay space slot stall berth spot asset entity machine
  equipment pump tank well valve vehicle bus truck car bike tram train trip container bin lamp luminaire pole gate door
  zone room floor building house home household apartment charger connector line feeder substation transformer turbine
  inverter panel array gauge lot garage parking lane junction intersection street detector logger gateway tag probe
  transmitter patient customer household point marker segment serial beacon unitid
  zähler zaehler gerät geraet standort messstelle station stellplatz anlage fahrzeug raum gebäude`.split(/\s+/),
);
/** What makes a name of the word beside it, or is one alone. */
const names = new Set(
  'id ids uid uuid guid eui deveui euid mac key code name no nr num number nummer ref imei mpan mprn mpxn prm ean'.split(
    ' ',
  ),
);
/** What is said of a thing without naming it. */
const attributes = new Set(
  `type status state model kind class version quality unit value brand group description info mode battery owner event
  count total free available occupied used capacity level temperature speed reading flag firmware index`.split(/\s+/),
);

/** Rows of one time from this share on are no accident, such as the hour that a clock is set back by. */
const CROWDED = 0.1;
/** A column tells rows apart where at most this share of them stays alike. */
const ALIKE = 0.01;
/** Fewer rows show nothing. */
const ROWS_MIN = 4;

interface Candidate {
  readonly position: number;
  readonly isText: boolean;
  /** Named like a thing or a name of one. */
  readonly isNamed: boolean;
  /** Named like a name, such as `bay_id`. */
  readonly isId: boolean;
  readonly distinct: number;
  /** Rows that have the same cell, time and quantity as a row before. */
  readonly alike: number;
}

/** Is it a column of words? */
export function holdsText(sample: Sample, position: number): boolean {
  const cells = cellsOf(sample, [position]);
  const numbers = cells.filter(isNumber).length;
  return cells.length > 0 && numbers < SHARE_MIN * cells.length;
}

/**
 * Guesses the column that names the subject.
 *
 * @returns the column, and those left out because they say no more than it or number the rows; undefined where none
 * names a subject
 * @throws CommandError asking, where it could be one or another
 */
export function guessSubjectColumn(table: Table): { column: number; idle: readonly number[] } | undefined {
  const { sample } = table;
  const rows = sample.rows.length;
  const isCrowded = alikeRows(table, []).length >= CROWDED * rows && rows >= ROWS_MIN;
  const all = candidatesOf(table, isCrowded);
  const named = all.filter(({ isNamed }) => isNamed);
  const tells = ({ alike }: Candidate) => alike <= ALIKE * rows;
  if (isCrowded && !named.some(tells)) {
    const others = all.filter(tells);
    if (others.length > 0) throw ask(table, others, 'alike');
    if (named.length === 0) return undefined;
  }
  // A name comes again: what is new in every row numbers the rows, or is a list of things that the user must confirm.
  const isSnapshot = new Set(sample.rows.map((row) => row[table.key[0] as number])).size === 1;
  const numbering = named.filter(({ distinct }) => !isSnapshot && rows >= ROWS_MIN && distinct === rows);
  const repeated = named.filter((one) => !numbering.includes(one));
  if (repeated.length === 0) {
    if (numbering.length === 0) return undefined;
    throw ask(table, numbering, 'numbering');
  }
  const least = Math.min(...repeated.map(({ alike }) => alike));
  const best = repeated.filter(({ alike }) => alike <= least + ALIKE * rows);
  const column = best.find((one) => best.every((other) => determines(sample, one.position, other.position)));
  if (column === undefined) throw ask(table, best, 'unclear');
  if (!column.isText && !column.isId && !isCrowded) throw ask(table, [column], 'unclear');
  const idle = [...numbering, ...repeated].filter(
    (one) =>
      one !== column && !one.isText && (numbering.includes(one) || determines(sample, column.position, one.position)),
  );
  return { column: column.position, idle: idle.map(({ position }) => position) };
}

type Why = 'alike' | 'unclear' | 'numbering';

function ask(table: Table, columns: readonly Candidate[], why: Why): CommandError {
  const listed = columns.map(({ position }) => `"${table.sample.columns[position]}"`).join(', ');
  const first = table.sample.columns[columns[0]?.position ?? 0];
  const text = {
    alike: `Many rows have the same time, and ${listed} would tell them apart. If it is the time or a part of it, give --time.`,
    unclear: `It is not clear what the rows are about: ${listed} could name it.`,
    numbering: `No row has the same ${listed} as another: it may name what is measured, or number the rows.`,
  }[why];
  return new CommandError(
    `${text} Say which with --subject-column "${first}", leave out what is none with --skip "${first}", or name one subject for all rows with --subject.`,
  );
}

function candidatesOf(table: Table, isCrowded: boolean): Candidate[] {
  const { sample, skip, key } = table;
  const open = sample.columns.map((_, i) => i).filter((i) => !skip.has(i) && !key.includes(i));
  const numeric = open.filter((i) => cellsOf(sample, [i]).length > 0 && !holdsText(sample, i));
  return open.flatMap((position) => {
    const cells = cellsOf(sample, [position]);
    if (cells.length === 0) return [];
    const isText = !numeric.includes(position);
    const words = wordsOf(sample.columns[position] as string);
    const isName = (word: string) =>
      names.has(word) || things.has(word) || (isText && things.has(word.replace(/s$/, '')));
    // Numbers are names only where nothing else is said of them: "free spaces" are counted.
    const isNamed =
      words.length > 0 &&
      !words.some((word) => attributes.has(word)) &&
      (isText ? words.some(isName) : words.every(isName));
    const distinct = new Set(cells).size;
    if (!isText) {
      // Whole numbers beside another column that holds the values.
      if (numeric.length < 2 || !cells.every((cell) => /^\d+$/.test(cell))) return [];
      if (!isNamed && (!isCrowded || distinct > cells.length / 2)) return [];
    }
    const alike = alikeRows(table, [position]).length;
    return [{ position, isText, isNamed, isId: words.some((word) => names.has(word)), distinct, alike }];
  });
}

/** Words of a heading. @example wordsOf('bayMarkerID (no.)') // ['bay', 'marker', 'id', 'no'] */
const wordsOf = (heading: string): string[] =>
  heading
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
    .flatMap((word) => (names.has(word) || things.has(word) ? [word] : halves(word)));

/** `stationid` is a station's id. */
function halves(word: string): string[] {
  const end = [...names].find((name) => word.endsWith(name) && things.has(word.slice(0, -name.length)));
  return end === undefined ? [word] : [word.slice(0, -end.length), end];
}

/** Has each cell of one column always the same cell of the other beside it? */
function determines({ rows }: Sample, one: number, other: number): boolean {
  const beside = new Map<string, string>();
  return rows.every((row) => {
    const [a, b] = [(row[one] ?? '').trim(), (row[other] ?? '').trim()];
    const before = beside.get(a);
    beside.set(a, b);
    return before === undefined || before === b;
  });
}

/** Rows that have the same time, quantity and further cells as a row before: index of both. */
function alikeRows({ sample, key }: Table, more: readonly number[]): [before: number, row: number][] {
  const seen = new Map<string, number>();
  const found: [number, number][] = [];
  for (const [i, row] of sample.rows.entries()) {
    const cells = [...key, ...more].map((position) => (row[position] ?? '').trim());
    if (cells[0] === '') continue;
    const text = cells.join('\0');
    const before = seen.get(text);
    if (before === undefined) seen.set(text, i);
    else found.push([before, i]);
  }
  return found;
}

/** What to say where rows give several readings of one thing at one time; undefined where none do. */
export function wordsOfRepeats(table: Table, column: number | undefined): string | undefined {
  const { sample, key } = table;
  const found = alikeRows(table, column === undefined ? [] : [column]);
  const [pair] = found;
  if (pair === undefined) return undefined;
  const same = found.filter(([a, b]) => sample.rows[a]?.join('\0') === sample.rows[b]?.join('\0')).length;
  const where = pair.map((row) => row + 1).join(' and ');
  const cells = [...(column === undefined ? [] : [column]), ...key].map((position) => sample.rows[pair[0]]?.[position]);
  const what =
    same === found.length ? 'the same as a row before, in every cell' : 'of the same thing and time as a row before';
  return `${found.length} of ${countOf(sample.rows.length, 'row')} looked at ${plural(found.length, 'is', 'are')} ${what}, such as rows ${where} of the data (${cells.join(', ')}). If a column tells them apart, name it with --subject-column.`;
}

/** Months in which clocks go back somewhere, 0 is January. */
const BACK_MONTHS: readonly number[] = [3, 9, 10];

/** Is it a time of the night to a Sunday in which clocks may go back? @param time ISO 8601, as in a sample with moments */
function mayBeTwice(time: string): boolean {
  const at = new Date(time);
  return at.getUTCDay() === 0 && at.getUTCHours() <= 3 && BACK_MONTHS.includes(at.getUTCMonth());
}

/**
 * What to ask where the only rows of a time that was before are those of an hour that clocks show twice: their zone was not
 * said.
 */
export function hourShownTwice(table: Table, column: number | undefined): string | undefined {
  const { rows } = table.sample;
  const found = alikeRows(table, column === undefined ? [] : [column]).filter(
    ([before, row]) => rows[before]?.join('\0') !== rows[row]?.join('\0'),
  );
  const timeOf = ([, row]: [number, number]) => rows[row]?.[table.key[0] as number] ?? '';
  const [first] = found;
  if (first === undefined || !found.every((pair) => mayBeTwice(timeOf(pair)))) return undefined;
  return `The only times that come twice, such as ${timeOf(first).replace('Z', '')}, are of a night in which clocks go back. Name the zone of the times with --timezone, such as Europe/Berlin; if they are UTC, say --timezone UTC.`;
}

/** What to ask where so many rows give several readings of one thing at one time that it is no accident. */
export function crowdedRepeats(table: Table, column: number | undefined): string | undefined {
  const { rows: all } = table.sample;
  const rows = all.length;
  // What is alike in every cell is one reading that was written twice.
  const found = alikeRows(table, column === undefined ? [] : [column]).filter(
    ([before, row]) => all[before]?.join('\0') !== all[row]?.join('\0'),
  ).length;
  if (found === 0 || found < CROWDED * rows) return undefined;
  return `${found} of ${countOf(rows, 'row')} looked at ${plural(found, 'has', 'have')} the time of a row before. Say what tells them apart: a part of the time with --time DATE+CLOCK, whom they are about with --subject-column, or name one subject for all rows with --subject.`;
}
