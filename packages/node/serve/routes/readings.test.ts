// Readings over HTTP: as a list, a plot and a table, whatever devices write into them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { problemOf, ServedNode } from '../../testing/served.ts';
import { T0 } from '../../testing/world.ts';

let served: ServedNode;
/** A device may say whatever it likes. */
const odd = [
  { quantity: 'state', unit: '', timeMs: T0, value: '=HYPERLINK("http://evil.example")' },
  { quantity: 'note', unit: '', timeMs: T0 + 1, value: '+1, "quoted"' },
  { quantity: 'note', unit: '', timeMs: T0 + 2, value: 'two\r\nlines' },
  { quantity: 'level', unit: 'm', timeMs: T0 + 3, value: -3.5 },
  { quantity: 'level', unit: 'm', timeMs: T0 + 4, value: 1e300 },
];

before(async () => {
  served = await ServedNode.open();
  const { parts } = served;
  await parts.say(Array.from({ length: 30 }, (_, i) => ({ atMs: 60_000 * i, value: i })));
  await parts.say([{ atMs: 1_800_000, readings: odd }]);
  await served.recorded();
});
after(() => served.close());

async function refused(path: string): Promise<string> {
  const answer = await served.ask(path);
  assert.deepEqual([answer.status, problemOf(answer).code], [400, 'invalid'], path);
  return problemOf(answer).error;
}

/** RFC 4180, read by hand. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (quoted === undefined && bare === '' && end === '') break;
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

test('as a table every cell comes out as it went in, and none is a formula', async () => {
  const table = await served.ask(`/api/v1/readings.csv?subject=thing/1&to=${T0 + 5}`);
  assert.match(table.headers.get('content-type') ?? '', /^text\/csv/);
  assert.equal(table.headers.get('content-disposition'), 'attachment; filename="thing-1.csv"');
  const [head, ...rows] = cellsOf(table.text);
  assert.deepEqual(head, ['time', 'quantity', 'unit', 'value', 'leaf']);
  const time = (ms: number) => new Date(T0 + ms).toISOString();
  assert.deepEqual(
    rows.map((row) => row.slice(0, 4)),
    [
      [time(0), 'q', 'count', '0'],
      [time(0), 'state', '', `'${odd[0]?.value}`],
      [time(1), 'note', '', `'${odd[1]?.value}`],
      [time(2), 'note', '', 'two\r\nlines'],
      [time(3), 'level', 'm', '-3.5'],
      [time(4), 'level', 'm', '1e+300'],
    ],
  );
  const { body } = await served.open('/api/v1/readings.csv?subject=thing/1', {
    headers: { 'accept-encoding': 'gzip' },
  });
  const unpacked = new Response(body?.pipeThrough(new DecompressionStream('gzip')));
  assert.equal(cellsOf(await served.does(unpacked.text())).length, 1 + 35);
  const nobody = await served.ask('/api/v1/readings.csv?subject=nobody');
  assert.deepEqual([nobody.status, nobody.text], [200, 'time,quantity,unit,value,leaf\r\n']);
});

test('the list is by event time, narrowed by quantity and range, and its pages give each once', async () => {
  const all: number[] = [];
  let after = '';
  do {
    const page = await served.get<{ items: { timeMs: number }[]; next?: string; counts: { total: number } }>(
      `/api/v1/readings?subject=thing/1&quantity=q&limit=7&sort=oldest${after}`,
    );
    assert.equal(page.counts.total, 30);
    all.push(...page.items.map(({ timeMs }) => timeMs));
    after = page.next === undefined ? '' : `&after=${page.next}`;
  } while (after !== '');
  assert.deepEqual(
    all,
    Array.from({ length: 30 }, (_, i) => T0 + 60_000 * i),
  );
  const none = await served.get<{ items: object[] }>(`/api/v1/readings?subject=thing/1&from=${T0 + 9e9}`);
  assert.deepEqual(none.items, []);
});

test('a stream is plotted within its range; one that nobody knows has no points', async () => {
  const streams = await served.get<{ stream: number; quantity: string; readings: number }[]>(
    '/api/v1/streams?subject=thing/1',
  );
  const { stream } = streams.find(({ quantity }) => quantity === 'q') ?? assert.fail();
  const series = (query: string) => served.get<{ count: number[]; timeMs: number[] }>(`/api/v1/series?${query}`);
  const whole = await series(`stream=${stream}&points=10`);
  assert.equal(
    whole.count.reduce((sum, n) => sum + n, 0),
    30,
  );
  assert.ok(whole.timeMs.length <= 10);
  assert.deepEqual((await series('stream=9999')).timeMs, []);
  assert.deepEqual(await served.get('/api/v1/streams?subject=nobody'), []);
});

test('what is no number is not taken for one, an empty one neither', async () => {
  for (const stream of ['', '%20', 'x', '-1', '1.5', '1e99'])
    assert.match(await refused(`/api/v1/series?stream=${stream}`), /^stream: /, stream);
  for (const from of ['', 'now', '-1']) assert.match(await refused(`/api/v1/series?stream=0&from=${from}`), /^from: /);
  for (const points of ['1', '5001', ''])
    assert.match(await refused(`/api/v1/series?stream=0&points=${points}`), /^points: /);
  assert.match(await refused('/api/v1/series'), /^stream: /);
  assert.match(await refused('/api/v1/readings'), /^subject: /);
  assert.match(await refused('/api/v1/readings?subject=a%20b'), /^subject: a subject/);
  for (const steps of ['0', '337', 'x'])
    assert.match(await refused(`/api/v1/forecast?stream=0&steps=${steps}`), /^steps: /);
});

test('what is to come is told from what came, and not from too little', async () => {
  const streams = await served.get<{ stream: number; quantity: string }[]>('/api/v1/streams?subject=thing/1');
  const { stream } = streams.find(({ quantity }) => quantity === 'q') ?? assert.fail();
  const told = await served.get<{ point: number[]; timeMs: number[] }>(`/api/v1/forecast?stream=${stream}&steps=3`);
  assert.deepEqual([told.point.length, told.timeMs[0]], [3, T0 + 30 * 60_000]);
  assert.match(await refused('/api/v1/forecast?stream=9999'), /^0 readings/);
});
