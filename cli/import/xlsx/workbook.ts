// A workbook (.xlsx, ISO/IEC 29500) as the CSV that one of its sheets would be saved as, but for its times, which stand
// as they were counted and not as somebody's machine shows them.
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { countOf } from '@trine/protocol';
import { CommandError } from '../../output.ts';
import { Archive } from './archive.ts';
import { type Shown, shownAs } from './dates.ts';
import { type Book, rowsOfSheet } from './sheet.ts';
import { readWhole } from './xml.ts';

/** Texts that cells share are kept in memory. */
const STRINGS_BYTES_MAX = 268_435_456;
const SMALL_BYTES_MAX = 67_108_864;
/** Rows of a sheet that are looked at to see whether it holds a table. */
const LOOK_ROWS = 100;

interface Sheet {
  readonly name: string;
  readonly part: string;
  readonly isVisible: boolean;
}

interface Contents {
  readonly archive: Archive;
  readonly sheets: readonly Sheet[];
  readonly book: Book;
}

/**
 * The sheet that is meant: of that name or number, or else the only one that holds a table.
 * @throws CommandError where several do, or none, or it is no workbook
 */
export async function chooseSheet(path: string, asked: string | undefined): Promise<string> {
  const contents = await read(path);
  try {
    const { sheets } = contents;
    const names = sheets.map(({ name }) => JSON.stringify(name)).join(', ');
    if (asked !== undefined) {
      const found = sheets.find(({ name }) => name === asked) ?? sheets[Number(asked) - 1];
      if (found === undefined)
        throw new CommandError(`--sheet: there is no sheet ${JSON.stringify(asked)}. There are: ${names}.`);
      return found.name;
    }
    const visible = sheets.filter(({ isVisible }) => isVisible);
    const tables: Sheet[] = [];
    for (const sheet of visible.length > 1 ? visible : []) if (await isTable(contents, sheet)) tables.push(sheet);
    const [only = visible[0], ...others] = tables;
    if (only === undefined) throw new CommandError('The workbook has no sheet that is shown.');
    if (others.length > 0)
      throw new CommandError(
        `The workbook has ${countOf(tables.length, 'sheet')} with a table, ${tables.map(({ name }) => JSON.stringify(name)).join(', ')}: say which with --sheet, and import the others after it.`,
      );
    return only.name;
  } finally {
    contents.archive.close();
  }
}

/** A heading and a row, and numbers in it. */
async function isTable({ archive, book }: Contents, sheet: Sheet): Promise<boolean> {
  const part = await archive.part(sheet.part);
  let rows = 0;
  let withNumbers = 0;
  let seen = 0;
  if (part === undefined) return false;
  for await (const row of rowsOfSheet(part, book)) {
    const filled = row.filter((cell) => cell !== '');
    if (filled.length > 1) rows++;
    if (filled.length > 1 && filled.some((cell) => /^-?\d/.test(cell))) withNumbers++;
    if (++seen >= LOOK_ROWS) break;
  }
  return rows > 1 && withNumbers > 0;
}

/** A sheet as CSV, in UTF-8. @param progress is told which share of it is read */
export function sheetAsCsv(path: string, name: string, progress: (share: number) => void): Readable {
  return Readable.from(csvOf(path, name, progress), { objectMode: false, highWaterMark: 262_144 });
}

async function* csvOf(path: string, name: string, progress: (share: number) => void): AsyncGenerator<Buffer> {
  const { archive, sheets, book } = await read(path);
  try {
    const sheet = sheets.find((one) => one.name === name);
    const part = sheet && (await archive.part(sheet.part));
    if (sheet === undefined || part === undefined)
      throw new CommandError(`The workbook has lost its sheet ${JSON.stringify(name)}.`);
    const bytes = archive.bytesOf(sheet.part);
    let read = 0;
    part.on('data', (piece: Buffer) => {
      read += piece.length;
      progress(read / bytes);
    });
    part.pause();
    let lines = '';
    for await (const row of rowsOfSheet(part, book)) {
      lines += `${row.map(csvCell).join(',')}\n`;
      if (lines.length < 65_536) continue;
      yield Buffer.from(lines);
      lines = '';
    }
    yield Buffer.from(lines);
  } finally {
    archive.close();
  }
}

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** All but the sheets themselves. */
async function read(path: string): Promise<Contents> {
  const archive = await Archive.open(path);
  try {
    if (!archive.names.includes('xl/workbook.xml'))
      throw new CommandError(
        'The file is an archive, and none of a workbook (.xlsx): unpack it first, or save the table as .xlsx or CSV.',
      );
    const parts = await relations(archive);
    const { sheets, is1904 } = await workbook(archive, parts);
    const book = { strings: await strings(archive), styles: await styles(archive), is1904 };
    return { archive, sheets, book };
  } catch (error) {
    archive.close();
    throw error;
  }
}

async function relations(archive: Archive): Promise<Map<string, string>> {
  const parts = new Map<string, string>();
  await readWhole(await archive.part('xl/_rels/workbook.xml.rels', SMALL_BYTES_MAX), {
    open: (name, { Id = '', Target = '' }) => {
      if (name === 'Relationship')
        parts.set(Id, posix.join('/xl', Target.startsWith('/') ? posix.relative('/xl', Target) : Target).slice(1));
    },
  });
  return parts;
}

async function workbook(
  archive: Archive,
  parts: ReadonlyMap<string, string>,
): Promise<{ sheets: Sheet[]; is1904: boolean }> {
  const sheets: Sheet[] = [];
  let is1904 = false;
  await readWhole(await archive.part('xl/workbook.xml', SMALL_BYTES_MAX), {
    open: (tag, attributes) => {
      if (tag === 'workbookPr') is1904 = /^(?:1|true)$/.test(attributes.date1904 ?? '');
      if (tag !== 'sheet') return;
      const id = Object.entries(attributes).find(([name]) => /^(?:\w+:)?id$/.test(name))?.[1] ?? '';
      const part = parts.get(id) ?? '';
      // Sheets of charts hold no rows.
      if (/worksheets\//.test(part))
        sheets.push({ name: attributes.name ?? '', part, isVisible: (attributes.state ?? 'visible') === 'visible' });
    },
  });
  return { sheets, is1904 };
}

async function strings(archive: Archive): Promise<string[]> {
  const found: string[] = [];
  let text: string | undefined;
  let isInside = false;
  let isPhonetic = false;
  await readWhole(await archive.part('xl/sharedStrings.xml', STRINGS_BYTES_MAX), {
    open: (name) => {
      if (name === 'si') text = '';
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 't') isInside = !isPhonetic;
    },
    text: (piece) => {
      if (isInside && text !== undefined) text += piece;
    },
    close: (name) => {
      if (name === 't') isInside = false;
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 'si') found.push(text ?? '');
    },
  });
  return found;
}

async function styles(archive: Archive): Promise<Shown[]> {
  const codes = new Map<number, string>();
  const found: Shown[] = [];
  let isCells = false;
  await readWhole(await archive.part('xl/styles.xml', SMALL_BYTES_MAX), {
    open: (name, { numFmtId, formatCode }) => {
      if (name === 'numFmt') codes.set(Number(numFmtId), formatCode ?? '');
      else if (name === 'cellXfs') isCells = true;
      else if (name === 'xf' && isCells) found.push(shownAs(Number(numFmtId ?? 0), codes.get(Number(numFmtId))));
    },
    close: (name) => {
      if (name === 'cellXfs') isCells = false;
    },
  });
  return found;
}
