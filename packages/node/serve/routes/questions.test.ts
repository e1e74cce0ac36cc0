// Questions about lists over HTTP: what is refused and how, what nobody knows, and readings as a table for spreadsheets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { KeyDirectory } from '../../projections/keys.ts';
import { SequenceTracker } from '../../projections/sequences.ts';
import { openTables, wideHex, wideId } from '../../testing/lists.ts';
import { problemSchema } from '../errors.ts';
import { stubApi, token } from '../testing/stub.ts';
import { alert, append, decisionRow, hex, id, intentRow } from '../testing/tables.ts';
import { Views } from '../views.ts';

const store = await openTables();
const said: readonly (readonly [quantity: number, value: number | string])[] = [
  ...[
    [0, -1.5] as const,
    [0, 'plain'] as const,
    [0, 'a,b'] as const,
    [0, 'say "no"'] as const,
    [0, 'two\r\nlines'] as const,
  ],
  ...['=1+1', '+1', '-1', '@x', '\tx', '\rx', '=1,"2"', ' =1'].map((value) => [0, value] as const),
  ...[[1, 3] as const],
];
const START = Date.UTC(2026, 0, 5, 8);
const payment = intentRow(104, 0, 0);
const rows = Array.from({ length: 101 }, (_, n) => decisionRow(n, 1, { decision: wideId(n) }));
await append(
  store,
  200,
  [...rows, { ...payment, values: { ...payment.values, digest: wideId(500), decision: wideId(1) } }, alert(105, 1)],
  {
    sequences: [{ sequence: 0, keyOwner: 'pump/1', subject: 'pump/1' }],
    streams: [
      { stream: 0, subject: 'pump/1:~x', quantity: '=flow', unit: 'm"3' },
      { stream: 1, subject: 'pump/1:~x', quantity: 'level', unit: 'm' },
    ],
    readings: {
      stream: Uint32Array.from(said, ([quantity]) => quantity),
      timeMs: Float64Array.from(said, (_, n) => START + n),
      leaf: Float64Array.from(said, (_, n) => n),
      value: Float64Array.from(said, ([, value]) => (typeof value === 'number' ? value : Number.NaN)),
    },
    texts: said.flatMap(([stream, value], n) =>
      typeof value === 'string' ? [{ stream, timeMs: START + n, leaf: n, value }] : [],
    ),
  },
);

const party = { name: 'Operator', address: '0xAbC' };
const agreement = { id: id(200), policy: { parties: [party] } };
const api = stubApi({
  ...{ store, views: new Views(store, new KeyDirectory(), new SequenceTracker()) },
  policies: { agreements: () => [agreement] },
});
const ask = (path: string, more: Readonly<Record<string, string>> = {}) =>
  api.request(`http://127.0.0.1/api/v1${path}`, {
    headers: { host: '127.0.0.1', authorization: `Bearer ${token}`, ...more },
  });

interface Listed {
  readonly items: readonly { readonly id: string }[];
  readonly next?: string;
  readonly counts: { readonly total: number };
}
async function listed(path: string): Promise<Listed> {
  const response = await ask(path);
  assert.equal(response.status, 200, path);
  return (await response.json()) as Listed;
}

const lists = ['/decisions', '/payments', '/alerts', '/devices', '/seals', '/readings?subject=pump/1'];
const also = (path: string, more: string) => `${path}${path.includes('?') ? '&' : '?'}${more}`;

/** What is refused of every list, and the word in the answer that says what is wrong. */
const refused: readonly (readonly [string, RegExp])[] = [
  ['limit=0', /limit/],
  ['limit=1001', /limit/],
  ['limit=1.5', /limit/],
  ['limit=x', /limit/],
  ['sort=sideways', /sort/],
  ['after=x', /after/],
  [`after=${'x'.repeat(401)}`, /after/],
  ['before=1', /before: there is no such parameter here/],
  ['__proto__=1', /__proto__: there is no such parameter/],
];

for (const list of lists)
  test(`${list}: what is asked wrongly is refused, naming the parameter`, async () => {
    for (const [more, words] of refused) {
      const response = await ask(also(list, more));
      const problem = problemSchema.strict().parse(await response.json());
      assert.deepEqual([response.status, problem.code, problem.retry], [400, 'invalid', 'never'], more);
      assert.match(problem.error, words);
    }
  });

test('values of a filter are checked before anything is asked', async () => {
  for (const path of [
    '/decisions?policy=xyz',
    `/decisions?policy=${'A'.repeat(64)}`,
    '/decisions?held=1',
    '/decisions?outcome=paid',
    '/decisions?from=-1',
    '/decisions?gate=',
    '/decisions?subject=%27%20OR%201%3D1',
    '/payments?state=open',
    '/alerts?severity=high',
    '/alerts?status=closed',
    '/devices?class=best',
    '/readings',
    '/readings.csv',
    '/readings.csv?subject=s&limit=1',
    '/series',
    '/series?stream=-1',
    '/series?stream=0&points=1',
    '/series?stream=0&points=5001',
  ]) {
    const response = await ask(path);
    assert.deepEqual([response.status, problemSchema.parse(await response.json()).code], [400, 'invalid'], path);
  }
});

test('a page holds a hundred where no other number is asked for, a thousand at most', async () => {
  const first = await listed('/decisions');
  assert.deepEqual([first.items.length, first.counts.total, typeof first.next], [100, 101, 'string']);
  const last = await listed(`/decisions?after=${first.next}`);
  assert.deepEqual([last.items.map((one) => one.id), last.next], [[wideHex(0)], undefined]);
  assert.equal((await listed('/decisions?limit=1000')).items.length, 101);
  const other = await ask(`/payments?after=${first.next}`);
  assert.equal(other.status, 400, 'a cursor of another list');
});

test('under an id that nobody knows, or that several have, there is an answer of the one family', async () => {
  const unknown = 'f'.repeat(64);
  const answers: readonly (readonly [string, number, string])[] = [
    [`/decisions/${unknown}`, 404, 'not-found'],
    [`/decisions/${unknown}/rows`, 404, 'not-found'],
    [`/payments/${unknown}`, 404, 'not-found'],
    // A decision, and none of a payment.
    [`/payments/${wideHex(1)}`, 404, 'not-found'],
    ['/payments/ffffff', 404, 'not-found'],
    ['/decisions/a5a5a5', 409, 'ambiguous'],
    ['/decisions/a5a5', 400, 'invalid'],
    ['/decisions/A5A5A5', 400, 'invalid'],
    ['/nothing', 404, 'not-found'],
  ];
  for (const [path, status, code] of answers) {
    const response = await ask(path);
    const problem = problemSchema.strict().parse(await response.json());
    assert.deepEqual([response.status, problem.status, problem.code], [status, status, code], path);
  }
  const found = await ask(`/payments/${wideHex(500)}`);
  assert.equal(((await found.json()) as { id: string }).id, wideHex(500));
  assert.deepEqual((await listed(`/decisions/${wideHex(1)}/rows`)).counts, { total: 0 });
});

test('payments of a party are found by its name or its address, however they are written', async () => {
  const total = async (name: string) => (await listed(`/payments?party=${name}`)).counts.total;
  for (const name of ['Operator', 'operator', '0xABC']) assert.equal(await total(name), 1, name);
  for (const name of ['Oper', '0xab', hex(200)]) assert.equal(await total(name), 0, name);
});

test('readings as a table: RFC 4180, and no text that a spreadsheet would compute', async () => {
  const response = await ask('/readings.csv?subject=pump/1:~x');
  assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
  assert.equal(response.headers.get('content-disposition'), 'attachment; filename="pump-1--x.csv"');
  const values = [
    ...['-1.5', 'plain', '"a,b"', '"say ""no"""', '"two\r\nlines"', "'=1+1", "'+1", "'-1", "'@x", "'\tx", '"\'\rx"'],
    ...['"\'=1,""2"""', ' =1'],
  ];
  const at = (n: number) => new Date(START + n).toISOString();
  const text = await response.text();
  assert.equal(
    text,
    [
      'time,quantity,unit,value,leaf',
      ...values.map((value, n) => `${at(n)},'=flow,"m""3",${value},${n}`),
      `${at(13)},level,m,3,13`,
      '',
    ].join('\r\n'),
  );
  const zipped = await ask('/readings.csv?subject=pump/1:~x', { 'accept-encoding': 'gzip' });
  assert.equal(zipped.headers.get('content-encoding'), 'gzip');
  assert.equal(gunzipSync(await zipped.arrayBuffer()).toString(), text);
  const some = await ask(`/readings.csv?subject=pump/1:~x&quantity=level&from=${START}&to=${START + 14}`);
  assert.equal(await some.text(), `time,quantity,unit,value,leaf\r\n${at(13)},level,m,3,13\r\n`);
  const none = await ask('/readings.csv?subject=nobody');
  assert.equal(await none.text(), 'time,quantity,unit,value,leaf\r\n');
});
