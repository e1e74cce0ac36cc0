// Workbooks: cells of every kind, both ways to count days, several sheets; and those made to do harm.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Reading } from '@trine/protocol';
import { inferFile } from '../infer.ts';
import type { Given } from '../mapping.ts';
import { RowReader } from '../readings.ts';
import { SourceFile } from '../source.ts';
import { dayText, shownAs } from './dates.ts';
import { type Lie, partsOfBook, type SheetParts, zipOf } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'trine-xlsx-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const given: Given = { timezone: 'UTC', quantities: [], skip: [] };
let count = 0;

function fileOf(bytes: Uint8Array, sheet?: string): SourceFile {
  const path = join(folder, `book${++count}.xlsx`);
  writeFileSync(path, bytes);
  return new SourceFile(path, { sheet });
}

async function readAll(book: SheetParts, sheet?: string) {
  const file = fileOf(zipOf(partsOfBook(book)), sheet);
  const { mapping } = await inferFile(file, given);
  const readings: (Reading & { subject: string })[] = [];
  const reader = new RowReader(mapping);
  for await (const row of file.rows(mapping)) reader.read(row, (subject, one) => readings.push({ subject, ...one }));
  return { mapping, readings, problems: reader.problems };
}

const text = (cell: string, words: string) => `<c r="${cell}" t="inlineStr"><is><t>${words}</t></is></c>`;
const table = (rows: number, first = 45_444, style = 1) =>
  `<row r="1">${text('A1', 'Time')}${text('B1', 'Level (m)')}</row>${Array.from(
    { length: rows },
    (_, i) =>
      `<row r="${i + 2}"><c r="A${i + 2}" s="${style}"><v>${first + i / 48}</v></c><c r="B${i + 2}"><v>${i / 10}</v></c></row>`,
  ).join('')}`;

test('days since 1900 and since 1904 are the same times, by how their cells are shown', async () => {
  const since1900 = await readAll({ sheets: [{ name: 'A', rows: table(6) }] });
  assert.deepEqual(
    since1900.readings
      .slice(0, 2)
      .map(({ timeMs, quantity, unit }) => [new Date(timeMs).toISOString(), quantity, unit]),
    [
      ['2024-06-01T00:00:00.000Z', 'Level', 'm'],
      ['2024-06-01T00:30:00.000Z', 'Level', 'm'],
    ],
  );
  const since1904 = await readAll({ sheets: [{ name: 'A', rows: table(6, 45_444 - 1_462) }], is1904: true });
  assert.deepEqual(
    since1904.readings.map(({ timeMs }) => timeMs),
    since1900.readings.map(({ timeMs }) => timeMs),
  );
});

test('how a number is shown says what it is', () => {
  for (const [id, code, expected] of [
    [0, undefined, 'number'],
    [14, undefined, 'date'],
    [22, undefined, 'both'],
    [46, undefined, 'number'],
    [164, 'yyyy-mm-dd h:mm:ss', 'both'],
    [164, '[$-407]d. mmmm yyyy;@', 'date'],
    [164, 'h:mm AM/PM', 'clock'],
    [164, '[h]:mm', 'number'],
    [164, '0.00E+00', 'number'],
    [164, '#,##0.00 "days"', 'number'],
    [164, '[Red]0.0', 'number'],
  ] as const)
    assert.equal(shownAs(id, code), expected, code);
  assert.equal(dayText(0.5, 'clock', false), '12:00');
  assert.equal(dayText(1, 'clock', false), '24:00');
  assert.equal(dayText(45_444, 'date', false), '2024-06-01');
  assert.equal(dayText(45_444.000_005_787, 'both', false), '2024-06-01 00:00:00.500');
  assert.equal(dayText(-1, 'both', false), undefined);
});

test('cells of every kind: shared and rich texts, truths, errors, formulas, numbers with too many digits, gaps', async () => {
  const strings =
    '<si><t>Time</t></si><si><r><t>Water </t></r><r><t xml:space="preserve">level</t></r><rPh><t>no</t></rPh></si><si><t>a, &amp; "b"</t></si>';
  const head = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="D2" t="s"><v>2</v></c></row>';
  const cells = [
    '<c r="B4"><v>0.30000000000000004</v></c><c r="D4" t="b"><v>1</v></c>',
    '<c r="B5" t="e"><v>#N/A</v></c><c r="D5" t="b"><v>0</v></c>',
    '<c r="B6" t="str"><f>1+1</f><v>2.5</v></c><c r="D6" t="b"><v>1</v></c>',
    '<c r="B7"><f>A1+1</f></c><c r="D7" t="b"><v>1</v></c>',
    '<c r="B8"><v>1.5E-7</v></c>',
  ].map((rest, i) => `<row r="${i + 4}"><c r="A${i + 4}" s="2"><v>${45_444 + i}</v></c>${rest}</row>`);
  const lines = [
    ...cells,
    ...Array.from(
      { length: 20 },
      (_, i) =>
        `<row r="${i + 9}"><c r="A${i + 9}" s="2"><v>${45_449 + i}</v></c><c r="B${i + 9}"><v>${i}</v></c></row>`,
    ),
  ];
  const { readings, problems, mapping } = await readAll({
    sheets: [{ name: 'A', rows: head + lines.join('') }],
    strings,
  });
  assert.deepEqual(mapping.columns, ['Time', 'Water level', '', 'a, & "b"']);
  const level = readings.filter(({ quantity }) => quantity === 'Water-level').map(({ value }) => value);
  assert.deepEqual(level.slice(0, 4), [0.3, 2.5, 0.000_000_15, 0]);
  assert.deepEqual(
    readings.filter(({ quantity }) => quantity !== 'Water-level').map(({ value }) => value),
    [true, false, true, true],
  );
  assert.deepEqual(
    problems.get('no number')?.examples.map((one) => one.replace(/^.*: /, '')),
    ['"=A1+1"'],
  );
});

test('one sheet with a table is it; of several one is asked for, by name or number', async () => {
  const note = `<row r="1">${text('A1', 'Made by Ada')}</row>`;
  const two = {
    sheets: [
      { name: 'Notes', rows: note },
      { name: 'Data', rows: table(5) },
    ],
  };
  const alone = await readAll(two);
  assert.deepEqual([alone.readings.length, alone.mapping.sheet], [5, 'Data']);
  const months = { sheets: [...two.sheets, { name: 'June', rows: table(7) }] };
  await assert.rejects(readAll(months), /2 sheets with a table, "Data", "June": say which with --sheet/);
  assert.equal((await readAll(months, 'June')).readings.length, 7);
  assert.equal((await readAll(months, '3')).readings.length, 7);
  await assert.rejects(readAll(months, 'July'), /no sheet "July". There are: "Notes", "Data", "June"/);
  const hidden = { sheets: [...two.sheets, { name: 'Old', rows: table(7), state: 'hidden' }] };
  assert.equal((await readAll(hidden)).mapping.sheet, 'Data');
});

test('what is made to do harm, or is none, is refused in one sentence', async () => {
  const good = partsOfBook({ sheets: [{ name: 'A', rows: table(5) }] });
  const sheet = 'xl/worksheets/sheet1.xml';
  const refused = async (parts: Record<string, string | Buffer>, words: RegExp, lies?: Record<string, Lie>) =>
    assert.rejects(inferFile(fileOf(zipOf(parts, lies)), given), words);
  const entity = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>';
  await refused({ ...good, [sheet]: `${entity}${good[sheet]}`.replace('Time', '&b;') }, /document type declaration/);
  await refused({ ...good, [sheet]: (good[sheet] as string).replace('Time', '&b;') }, /damaged: .*entity/);
  await refused(good, /damaged: .*too many bytes/i, { [sheet]: { bytes: 100 } });
  await refused(good, /would be 3072 MiB long/, { [sheet]: { bytes: 3_221_225_472 } });
  await refused({ ...good, [sheet]: Buffer.alloc(80_000_000, 0x20) }, /packed to a \d+th/);
  await refused(
    { ...good, [sheet]: `<worksheet><sheetData><row r="1"><c><is><t>${'x'.repeat(9_000_000)}` },
    /cell of more than 4 MiB/,
  );
  await refused({ ...good, [sheet]: '<worksheet><sheetData><row r="7"/><row r="3"/>' }, /out of order/);
  await refused({ ...good, [sheet]: '<worksheet><sheetData><row r="1"><c r="ZZZZ1"/>' }, /beyond 16384 columns/);
  await refused({ 'data.csv': 'time,level\n' }, /an archive, and none of a workbook/);
  await refused(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`x${i}`, ''])), /10001 parts/);
  await assert.rejects(inferFile(fileOf(zipOf(good).subarray(0, 600)), given), /is none/);
  const old = Buffer.from('d0cf11e0a1b11ae10000', 'hex');
  await assert.rejects(inferFile(fileOf(old), given), /an old workbook \(\.xls\)/);
});
