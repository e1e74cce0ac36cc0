// What record formats have in common, and what is hostile: before anything is sent, without a node.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openFile } from './open.ts';
import { espi, planOf, readingsOf, usage, wattHours } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'trine-formats-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const planned = (name: string, content: string, ...flags: string[]) => planOf(file(name, content), flags);
const readings = (name: string, content: string, ...flags: string[]) => readingsOf(file(name, content), flags);

const lines = `# DML
weather,location=us-midwest temperature=82,humidity=71i,raining=f,sky="partly cloudy" 1465839830100400200
weather,location=us-east temperature=75.5 1465839830100400200
`;
const hours = (count: number) =>
  Array.from({ length: count }, (_, i) => new Date(Date.UTC(2024, 5, 1, i)).toISOString());

test('JSON that is hostile is refused in words', async () => {
  for (const [text, words] of [
    [`[${'['.repeat(100)}{"a":1}`, /nested more than 64 deep/],
    ['[{"a":1},{"b":', /breaks off/],
    ['[{"a":1},{"b":}]', /Element 2 of the file is no JSON/],
    [`{"a":"${'x'.repeat(1_100_000)}"}\n{}`, /The JSON holds no|No column/],
    [`[${Array.from({ length: 3000 }, (_, i) => `{"m${i}":1}`).join()}]`, /more than 2000 different members/],
  ] as const)
    await assert.rejects(planned('bad.json', text), words, text.slice(0, 30));
});

test('XML that is hostile is refused in words', async () => {
  const whole = espi(wattHours, usage(1));
  for (const [text, words] of [
    [whole.replace('<feed', '<!DOCTYPE x [<!ENTITY a "b">]><feed'), /document type or entities/],
    [whole.slice(0, -60), /breaks off/],
    [whole.replace('</espi:value>', '</espi:walue>'), /Entry 2 of the XML cannot be read/],
    [
      whole
        .replace('<content>', `${'<a>'.repeat(60)}<content>`)
        .replace('</content>', `</content>${'</a>'.repeat(60)}`),
      /Entry 1 .*nest/i,
    ],
  ] as const)
    await assert.rejects(planned('bad.xml', text), words);
});

test('line protocol: texts over several lines, and one that never ends costs its own line', async () => {
  const text = `log,host=a msg="first\nsecond, third" 1465839830\nlog,host=a msg="begins 1465839831\n${Array.from({ length: 40 }, (_, i) => `log,host=a n=${i} ${1465839840 + i}`).join('\n')}\n`;
  const found = await readings('texts.lp', text);
  assert.equal(found.length, 41);
  assert.match(found[0] as string, /msg "first\\nsecond, third"/);
  const { mapping, file } = await planned('texts.lp', text);
  const { reader, rows } = openFile(file, mapping);
  for await (const row of rows) reader.read(row, () => undefined);
  assert.deepEqual(
    [...reader.problems].map(([why, { examples }]) => [why, examples]),
    [
      [
        'line that has a text in quotes that does not end',
        ['line 3: "log,host=a msg=\\"begins 1465839831"'.replaceAll('\\', '')],
      ],
    ],
  );
  assert.equal(reader.lost, 1);
});

test('what is left out as told is no loss; two units of one quantity are two; fill values are asked about', async () => {
  const { notes } = await planned('skip.lp', lines, '--skip', 'sky,raining');
  assert.deepEqual(
    notes.filter(({ what }) => what === 'left out').map(({ value }) => value),
    ['raining: 1 value, as told', 'sky: 1 value, as told'],
  );
  const entity = (no2: object) => ({
    id: 'urn:ngsi-ld:A:1',
    type: 'A',
    no2: { type: 'Property', observedAt: '2024-06-01T00:00:00Z', ...no2 },
  });
  const mixed = JSON.stringify([
    entity({ value: 20, unitCode: 'GQ' }),
    entity({ value: 0.02, unitCode: '59' }),
    entity({ value: 0.03, unitCode: 'GP' }),
    entity({ value: 5 }),
  ]);
  assert.deepEqual(
    (await readings('units.json', mixed)).map((one) => one.split(' ').slice(2).join(' ')),
    ['no2 20 ug/m3', 'no2.ppm 0.02 ppm', 'no2 30 ug/m3', 'no2.unitless 5'],
  );
  const filled = Array.from(
    { length: 30 },
    (_, i) => `rain,s=1 mm=${i % 10 === 3 ? -999 : i % 7} ${1465839830 + i}`,
  ).join('\n');
  assert.match((await planned('fill.lp', filled)).questions.join(), /"mm" has -999 in 3 readings: .*--missing -999/);
  assert.equal((await readings('fill.lp', filled, '--missing', '-999')).length, 27);
  assert.deepEqual((await planned('fill.lp', filled, '--missing', 'none')).questions, []);
});

test('names that are long or have slashes stay apart', async () => {
  const tag = (end: string) => `m,tag=${'x'.repeat(200)}${end} v=1 1465839830`;
  const text = [tag('a'), tag('b'), 'm,a=1,b=2 v=1 1465839830', 'm,a=1/b:2 v=1 1465839830'].join('\n');
  const subjects = (await readings('names.lp', text)).map((one) => one.split(' ')[1] as string);
  assert.equal(new Set(subjects).size, 4);
  assert.ok(subjects.every((one) => one.length <= 128));
});

test('numbers beside a list that has times: measured perhaps, so they are lost, unless they are left out as told', async () => {
  const text = JSON.stringify({
    sent: '2024-06-02T00:00:00Z',
    battery: 80,
    samples: hours(20).map((time, i) => ({ time, v: i })),
  });
  const lost = async (...flags: string[]) =>
    (await planned('samples.json', text, ...flags)).left.filter(({ isLoss }) => isLoss).map(({ heading }) => heading);
  assert.deepEqual([await lost(), await lost('--skip', 'battery')], [['battery'], []]);
  assert.equal((await readings('samples.json', text, '--skip', 'battery')).length, 20);
});
