// What was said before is passed over, whoever said it; what is said in two ways stops an import until somebody says which.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Bench } from '../testing.ts';
import type { ImportSummary } from './run.ts';

const bench = new Bench();
before(() => bench.up());
after(() => bench.close());

const time = (i: number) => new Date(Date.UTC(2024, 5, 1) + i * 3_600_000).toISOString();
const level = (count: number, value: (i: number) => string | number = (i) => i / 100) =>
  ['time,level (m)', ...Array.from({ length: count }, (_, i) => `${time(i)},${value(i)}`)].join('\n');

async function imported(name: string, content: string, ...flags: string[]) {
  const { status, words, out } = await bench.trine(['import', bench.file(name, content), '--json', ...flags]);
  return { status, words, summary: out === '' ? undefined : (JSON.parse(out) as ImportSummary) };
}

async function counts(name: string, content: string, ...flags: string[]): Promise<unknown[]> {
  const { status, summary, words } = await imported(name, content, ...flags);
  assert.ok(summary, words);
  return [status, summary.readings, summary.alreadyImported];
}

/** Values that the log has of a thing. */
async function values(subject: string): Promise<number[]> {
  const table = await bench.text(`readings.csv?subject=${subject}`);
  return table
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => Number(line.split(',')[3]));
}

test('a file that grew adds what is new, in other packs, by another importer, under another name', async () => {
  assert.deepEqual(await counts('tank.csv', level(100)), [0, 100, 0]);
  assert.deepEqual(await counts('tank.csv', level(110)), [0, 10, 100]);
  const about = ['--subject', 'import/tank'];
  assert.deepEqual(await counts('tank2.csv', level(120), ...about, '--as', 'other', '--pack', '7'), [0, 10, 110]);
  // The other way round, with another heading, and nothing new: that is no failure.
  const [heading, ...rows] = level(115).split('\n');
  const turned = [heading, ...rows.reverse()].join('\n');
  assert.deepEqual(await counts('turned.csv', turned, ...about), [0, 0, 115]);
  assert.equal((await values('import/tank')).length, 120);
});

test('several files in one import: a reading that two of them have is taken once', async () => {
  const files = [90, 100].map((count) => bench.file(`part${count}.csv`, level(count)));
  const { out } = await bench.trine(['import', ...files, '--subject', 'import/parts', '--json']);
  const { readings, alreadyImported } = JSON.parse(out) as ImportSummary;
  assert.deepEqual([readings, alreadyImported], [100, 90]);
});

test('truths are known again', async () => {
  const door = (count: number) => level(count, (i) => (i % 2 ? 'on' : 'off')).replace('level (m)', 'open');
  assert.deepEqual(await counts('door.csv', door(20)), [0, 20, 0]);
  assert.deepEqual(await counts('door.csv', door(22)), [0, 2, 20]);
});

test('record formats: texts and truths are known again, other values stop, places are lines and elements', async () => {
  const at = (i: number) => Date.parse(time(i)) * 1_000_000;
  const points = (count: number, sky: (i: number) => string = (i) => (i % 2 ? 'clear' : '=1')) =>
    Array.from({ length: count }, (_, i) => `w,at=a sky="${sky(i)}",no="${i}",on=${i % 2 === 0},t=${i} ${at(i)}`).join(
      '\n',
    );
  assert.deepEqual(await counts('sky.lp', points(6)), [0, 24, 0]);
  assert.deepEqual(await counts('sky.lp', points(8)), [0, 8, 24]);
  const other = await imported(
    'sky.lp',
    points(9, (i) => (i === 2 ? 'fog' : i % 2 ? 'clear' : '=1')),
  );
  assert.equal(other.status, 2, other.words);
  assert.match(
    other.words,
    /1 reading differs .*sky of import\/sky\/w\/at:a at .* is fog in line 3 and '=1 in the log/,
  );
  const lines = ['m v=1 1465839830', 'm v=2 1465839830', 'm v=2 1465839831', 'm v=2 1465839831'].join('\n');
  const asked = await imported('two.lp', lines);
  assert.equal(asked.status, 2, asked.words);
  assert.match(asked.words, /v of import\/two\/m at .* is 1 in line 1 and 2 in line 2\. Say which .* last or all\.$/m);
  const { summary } = await imported('two.lp', lines, '--duplicates', 'last');
  assert.deepEqual([summary?.readings, summary?.files[0]?.repeats], [2, { same: 1, conflicts: 1 }]);
  assert.deepEqual(await values('import/two/m'), [2, 2]);
  // Several readings of one thing may stand in one element.
  const rows = [time(0), time(0), time(1)].map((one) => [one, 5]);
  const element = { Datastream: { '@iot.id': 1 }, components: ['phenomenonTime', 'result'], dataArray: rows };
  const { summary: once } = await imported('sta.json', JSON.stringify([element]));
  assert.deepEqual([once?.readings, once?.files[0]?.repeats], [2, { same: 1, conflicts: 0 }]);
  const t = 1_700_000_000;
  const pack = [
    { bn: 'x:', n: 'v', u: 'Cel', t, v: 1 },
    { n: 'v', u: 'Cel', t, v: 2 },
  ];
  assert.match((await imported('pack.json', JSON.stringify(pack))).words, /is 1 in element 1 and 2 in element 2/);
});

test('another value than the log has stops the import before anything is sealed, until somebody says which counts', async () => {
  assert.deepEqual(await counts('well.csv', level(20)), [0, 20, 0]);
  const changed = level(30, (i) => (i === 7 ? 9 : i / 100));
  const { status, words } = await imported('well.csv', changed);
  assert.equal(status, 2, words);
  assert.match(
    words,
    /1 reading differs .*level of import\/well at 2024-06-01T07:00:00.000Z is 9 in row 9 and 0.07 in the log/,
  );
  assert.equal((await values('import/well')).length, 20);
  assert.deepEqual(await counts('well.csv', changed, '--duplicates', 'first'), [0, 10, 20]);
  assert.deepEqual(await counts('well.csv', changed, '--duplicates', 'last'), [0, 1, 29]);
  assert.deepEqual((await values('import/well')).slice(7, 9).sort(), [0.07, 9]);
});

test('a file that contradicts itself is asked about, with where; what says the same again is passed over', async () => {
  const [heading, ...rows] = level(30).split('\n');
  const same = [heading, ...rows, ...rows.slice(4)].join('\n');
  const { status, summary } = await imported('same.csv', same);
  assert.deepEqual([status, summary?.readings, summary?.files[0]?.repeats], [0, 30, { same: 26, conflicts: 0 }]);
  const other = [heading, ...rows, `${time(3)},5`, `${time(3)},5`].join('\n');
  const asked = await imported('other.csv', other);
  assert.equal(asked.status, 2);
  assert.match(
    asked.words,
    /level of import\/other at 2024-06-01T03:00:00.000Z is 0.03 in row 5 and 5 in row 32.*--duplicates/s,
  );
  for (const [which, expected] of [
    ['first', [0.03]],
    ['last', [5]],
    ['all', [0.03, 5]],
  ] as const) {
    const { summary: done } = await imported(`${which}.csv`, other, '--duplicates', which);
    assert.deepEqual(done?.files[0]?.repeats, { same: 1, conflicts: 1 }, which);
    const found = await values(`import/${which}`);
    assert.deepEqual(found.slice(3, 3 + expected.length).sort(), expected, which);
    assert.equal(found.length, 29 + expected.length, which);
  }
});
