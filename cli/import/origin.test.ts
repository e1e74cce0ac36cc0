// What an import seals names the file, the mapping and the rows that it came of: read back from the log's own bytes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { canonicalJson, decodeBundle, decodeLeaf, parseStatement, readOrigin, tilePath } from '@trine/protocol';
import { Bench } from '../testing.ts';
import type { ImportSummary } from './run.ts';

const bench = new Bench();
before(() => bench.up());
after(() => bench.close());

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const bytesOf = async (path: string) => new Uint8Array(await (await fetch(`${bench.logUrl}/${path}`)).arrayBuffer());

/** Origins of the open packs about a subject, in the order of the log, once a checkpoint covers so many. */
const origins = (subject: string, count: number) =>
  bench.until(async () => {
    const found = await originsNow(subject);
    return found.length < count ? undefined : found;
  });

async function originsNow(subject: string): Promise<unknown[]> {
  const size = Number(
    Buffer.from(await bytesOf('checkpoint'))
      .toString()
      .split('\n')[1],
  );
  const found: unknown[] = [];
  for (let from = 0; from < size; from += 256) {
    const width = Math.min(256, size - from);
    const path = tilePath({ level: 'entries', index: from / 256, width });
    for (const entry of decodeBundle(await bytesOf(path), width)) {
      const leaf = decodeLeaf(entry);
      if (leaf.kind !== 'statement') continue;
      const { header, payload } = parseStatement(leaf.statement);
      if (header.kind !== 'pack' || header.subject !== subject) continue;
      const origin = readOrigin(payload as Uint8Array);
      found.push([hex(origin?.mapping), hex(origin?.raw), origin?.rows]);
    }
  }
  return found;
}

/** Imports a file openly. @returns hashes of the mapping as the dry run prints it and of the file, and what the summary says of them */
async function imported(name: string, content: string | Uint8Array, ...flags: string[]) {
  const path = bench.file(name, content);
  const dry = (await bench.trine(['import', path, ...flags, '--dry-run', '--json'])).json<{ mapping: unknown }>();
  const { out, words } = await bench.trine(['import', path, ...flags, '--open', '--json']);
  assert.notEqual(out, '', words);
  const expected = { mapping: sha256(canonicalJson(dry.mapping)), raw: sha256(readFileSync(path)) };
  assert.deepEqual((JSON.parse(out) as ImportSummary).files[0]?.origin, expected);
  return [expected.mapping, expected.raw];
}

const time = (i: number) => new Date(Date.UTC(2024, 5, 1) + i * 3_600_000).toISOString();

test('a table: rows as the import counts them, the heading the first of them, whatever is left out between', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${time(i)},${i === 3 ? '' : i / 100}`);
  const made = await imported('tank.csv.gz', gzipSync(['time,level (m)', ...rows].join('\n')), '--pack', '7');
  assert.deepEqual(await origins('import/tank', 3), [
    [...made, [2, 9]],
    [...made, [10, 16]],
    [...made, [17, 21]],
  ]);
});

test('a table made of JSON: its elements', async () => {
  const list = Array.from({ length: 20 }, (_, i) => ({ time: time(i), level: i / 100 }));
  const made = await imported('list.json', JSON.stringify(list));
  assert.deepEqual(await origins('import/list', 1), [[...made, [1, 20]]]);
});

test('a record format: its lines, for each thing by itself', async () => {
  const lines = Array.from({ length: 8 }, (_, i) => `w,at=${i % 3 ? 'a' : 'b'} t=${i} ${Date.parse(time(i))}000000`);
  const made = await imported('sky.lp', ['# sky', ...lines].join('\n'));
  assert.deepEqual(await origins('import/sky/w/at:a', 1), [[...made, [3, 9]]]);
  assert.deepEqual(await origins('import/sky/w/at:b', 1), [[...made, [2, 8]]]);
});
