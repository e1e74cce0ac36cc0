// Files that would never end, fill a machine, or are no text: each is bounded, and says in one sentence what to do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { planFile } from './formats/plan.ts';
import type { Given } from './mapping.ts';
import { SourceFile } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'trine-hostile-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const given: Given = { timezone: 'UTC', quantities: [], skip: [] };
let count = 0;

function written(content: string | Uint8Array): string {
  const path = join(folder, `file${++count}.csv`);
  writeFileSync(path, content);
  return path;
}

const inferred = async (path: string, encoding?: string) =>
  planFile(new SourceFile(path, { encoding }), given, Number.POSITIVE_INFINITY);
async function columnsOf(path: string, encoding?: string): Promise<readonly string[]> {
  const { mapping } = await inferred(path, encoding);
  return 'columns' in mapping ? mapping.columns : [];
}
const refused = (content: string | Uint8Array, words: RegExp) =>
  assert.rejects(inferred(written(content)), (error: Error) => {
    assert.deepEqual([error.name, error.message.includes('\n')], ['CommandError', false]);
    assert.match(error.message, words);
    return true;
  });

const rows = (length: number, rest = '') => [
  'time,level',
  ...Array.from({ length }, (_, i) => `${new Date(Date.UTC(2024, 0, 1) + i * 60_000).toISOString()},${i % 9}${rest}`),
];
const good = (length: number, rest?: string) => `${rows(length, rest).join('\n')}\n`;

test('a line without an end: from the first byte on, and after a good beginning', async () => {
  await refused('a,'.repeat(1_000_000), /first line has no end within 1 MiB/);
  await refused(good(50_000) + 'x'.repeat(9_000_000), /row of more than 4 MiB: a line without an end/);
  await refused(`${good(50_000)}"${good(400_000)}`, /quotation mark that is not closed/);
  // Two gigabytes of nothing behind it are not read to their end.
  const path = written(good(50_000));
  truncateSync(path, 2_147_483_648);
  const before = process.memoryUsage().rss;
  await assert.rejects(inferred(path), /row of more than 4 MiB/);
  assert.ok(process.memoryUsage().rss - before < 268_435_456);
});

test('a gzip bomb, and a packed file that ends too early', async () => {
  const part = gzipSync(`2024-01-01 00:00,1,${'x'.repeat(1_000_000)}\n`.repeat(48));
  const bomb = Buffer.concat([gzipSync('time,level,note\n'), ...Array.from({ length: 8 }, () => part)]);
  await refused(bomb, /has unpacked to 2\d\d MiB, \d{3,4} times .*gunzip/);
  const packed = gzipSync(good(60_000));
  await refused(packed.subarray(0, packed.length - 100), /packed, and ends too early/);
  // So it is in a record format, which is read through another parser.
  const states = Array.from({ length: 60_000 }, (_, i) => `sensor.a,${i % 977},2024-06-01T00:00:00.${i}Z`).join('\n');
  const history = gzipSync(`entity_id,state,last_changed\n${states}\n`);
  await refused(history.subarray(0, history.length - 100), /packed, and ends too early/);
  for (const one of [packed, history]) {
    one.fill(0x55, 50_000, 51_000);
    await refused(one, /packed, and cannot be unpacked/);
  }
});

test('a hundred thousand columns', async () => {
  const wide = (cell: (i: number) => string) => Array.from({ length: 100_000 }, (_, i) => cell(i)).join(',');
  await refused(`time,${wide((i) => `q${i}`)}\n2024-01-01,${wide(String)}\n`, /100001 columns, and at most 16384/);
});

test('what is no text, and text in UTF-16 without its mark', async () => {
  await refused(Buffer.alloc(5_000), /100 % of its first bytes are NUL/);
  const lost = good(100) + '\0'.repeat(4_096) + good(20);
  await refused(lost, /are NUL, as in no text/);
  for (const bytes of [Buffer.from(good(50), 'utf16le'), Buffer.from(good(50), 'utf16le').swap16()])
    assert.deepEqual(await columnsOf(written(bytes)), ['time', 'level']);
  for (const [head, words] of [
    ['%PDF-1.7', /a PDF/],
    ['SQLite format 3', /SQLite/],
  ] as const)
    await refused(`${head}\n1,2\n`, words);
});

test('bytes that are no UTF-8 behind a beginning that is: stopped, until the encoding is said', async () => {
  const bytes = Buffer.concat([Buffer.from(good(50_000)), Buffer.from('2025-01-01 00:00,7,K\xfcche\n', 'latin1')]);
  await refused(bytes, /byte \d{7} is no UTF-8.*--encoding/);
  assert.deepEqual((await columnsOf(written(bytes), 'latin1')).slice(0, 2), ['time', 'level']);
  assert.throws(() => new SourceFile(written(bytes), { encoding: 'klingon' }), /no encoding known here/);
  // Characters of two to four bytes that fall between two pieces of the file are whole.
  const names = `${good(1)}${'2025-01-01 00:00,7,aü€😀\n'.repeat(60_000)}`;
  assert.equal((await inferred(written(names))).left.length, 1);
});

test('what is no file', async () => {
  const path = join(folder, 'folder.csv');
  mkdirSync(path);
  const pipe = join(folder, 'pipe.csv');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  for (const one of [path, pipe, '/dev/null']) assert.throws(() => new SourceFile(one), /is no file: save/);
  assert.throws(() => new SourceFile(join(folder, 'none.csv')), /there is no such file/);
  await refused('', /empty/);
});
