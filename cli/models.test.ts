// The commands about models, monitors, labels, forecasts and replays, against one real node. The tests run in their order.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Schemas } from '@trine/client';
import { Bench } from './testing.ts';

const bench = new Bench();
const path = (name: string) => join(bench.home, name);
before(async () => {
  await bench.up();
  const rows = Array.from({ length: 250 }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 1) + i * 1_000).toISOString();
    return `${time},${20 + i / 100},${i % 3}`;
  });
  const file = bench.file('roof.csv', ['time,temp (°C),rain', ...rows].join('\n'));
  assert.equal((await bench.trine(['import', file])).status, 0);
  await bench.api('device/pause', 'POST');
  await bench.until(async () => (await bench.api<{ items: Row[] }>('decisions?verdict=breached&limit=1')).items[0]);
  await bench.api('device/resume', 'POST');
});
after(() => bench.close());

interface Row {
  readonly id: string;
  readonly verdict: string;
  readonly agreement?: string;
}

test('people speak of a decision, and it explains itself', async () => {
  const {
    items: [decision],
  } = await bench.api<{ items: Row[] }>('decisions?verdict=breached&limit=1');
  assert.ok(decision);
  const assess = ['label', decision.id.slice(0, 12), '--by', 'Ada', '--assessment'];
  const said = await bench.trine([...assess, 'wrong', '--note', 'It was paused']);
  assert.equal(said.status, 0, said.words);
  for (const word of ['perhaps', 'corrected']) assert.equal((await bench.trine([...assess, word])).status, 2);
  const why = await bench.trine(['explain', decision.id]);
  assert.equal(why.status, 0, why.words);
  assert.match(why.out, /· \d+ statements? with a usable value came where at least \d+ should have/);
  assert.match(why.out, /✓ Computed again just now, with the same bits/);
  const learnt = await bench.trine(['model', 'learn']);
  assert.deepEqual(
    [learnt.status, /1 label changes nothing/.test(learnt.words)],
    [2, true],
    'silence cannot be labelled away',
  );
});

test('a model is registered, tried beside, approved and promoted; a watch advises', async () => {
  const parameters = bench.file('calmer.json', '{"thresholdPpm":{"gpu/load":990000}}');
  const words = { purpose: 'p', data: 'd', split: 's', metric: 'm', result: 'r', limits: 'l', licence: 'x' };
  const card = bench.file('card.json', JSON.stringify(words));
  const registered = await bench.trine(['model', 'register', '--parameters', parameters, '--card', card, '--json']);
  assert.equal(registered.status, 0, registered.words);
  const hash = registered.json<{ model: string }>().model;
  const wrong = bench.file('wrong.json', '{"volume":11}');
  const refused = await bench.trine(['model', 'register', '--parameters', wrong, '--card', card]);
  assert.deepEqual([refused.status, /no parameter volume/.test(refused.words)], [2, true]);
  assert.equal((await bench.trine(['model', 'approve', 'ffff'])).status, 2);
  assert.equal((await bench.trine(['model', 'shadow', hash])).status, 0);
  assert.match((await bench.trine(['model', 'approve', hash])).out, /Voted for 0x[0-9a-f]{40} and 0x/);
  const listed = (pattern: RegExp, command: string) =>
    bench.until(async () => (await bench.trine([command, 'list'])).out.match(pattern) ?? undefined);
  await listed(new RegExp(`${hash.slice(0, 12)}.*decides`), 'model');
  assert.match((await bench.trine(['model', 'list'])).out, /decided before/);
  assert.equal((await bench.trine(['model', 'rollback', '--by', 'Ada'])).status, 0);
  await listed(new RegExp(`${hash.slice(0, 12)}.*decided before`), 'model');

  const added = await bench.trine([
    'watch',
    'add',
    'service-level',
    'import/roof',
    '--window',
    '1min',
    '--from',
    '2024-01-01',
  ]);
  assert.equal(added.status, 0, added.words);
  assert.match(
    added.words,
    /import\/roof says \d.* in 1 min \(the median of \d+ windows\); \d+ (is|are) proposed as due/,
  );
  const watched = (await bench.trine(['watch', 'list', '--json'])).json<Schemas['Monitor'][]>();
  const terms = watched.find(({ policy }) => policy.subject === 'import/roof')?.policy.terms as {
    statementsMin: number;
  };
  assert.match(added.words, new RegExp(`; ${terms.statementsMin} (is|are) proposed`));
  await listed(/import\/roof .* [1-9]\d* met/, 'watch');
  assert.equal((await bench.trine(['watch', 'add', 'service-level', 'import/roof', '--window', 'long'])).status, 2);
});

test('replay: everything from the files of the log, another rule in money, and what nobody agreed on yet', async () => {
  const all = await bench.trine(['replay', '--all', '--csv', path('all.csv')]);
  assert.equal(all.status, 0, all.out + all.words);
  assert.match(all.out, /✓ Monitor over import\/roof .*bit for bit/);
  assert.match(all.out, /In all (\d+) of \1 obligations the same/);
  assert.match(readFileSync(path('all.csv'), 'utf8'), /^subject,from,to,before,/);
  const agreement = (await bench.api<Row[]>('agreements'))[0]?.id as string;
  const dearer = await bench.trine([
    'replay',
    '--agreement',
    agreement.slice(0, 10),
    '--set',
    'statementsMin=1000',
    '--json',
  ]);
  assert.equal(dearer.status, 0, dearer.words);
  const [period] = dearer.json<{ computed: number; same: number; amountBefore: number; amountAfter: number }[]>();
  assert.ok(period && period.computed > 0 && period.same < period.computed);
  assert.ok(period.amountAfter > period.amountBefore);
  const asked = ['replay', '--subject', 'import/roof', '--set', 'windowMs=1min', '--currency', 'EUR'];
  const fresh = await bench.trine([...asked, '--set', 'thresholdPpm=70%', '--set', 'creditMinorUnits=500']);
  assert.equal(fresh.status, 0, fresh.words);
  assert.match(fresh.out, /obligations decided: [\s\S]*Would have cost \d+\.\d\d EUR/);
  const stranger = await bench.trine([...asked, '--set', 'volume=11']);
  assert.deepEqual([stranger.status, /volume/.test(stranger.words)], [2, true]);
  assert.equal((await bench.trine(['replay', '--agreement', 'abcdef'])).status, 2);
});

test('forecast: the next values of a stream, with intervals, and why not where there is too little', async () => {
  const made = await bench.trine(['forecast', 'import/roof', 'temp', '--steps', '12', '--json']);
  assert.equal(made.status, 0, made.words);
  const { point, intervals, timeMs, past } = made.json<{
    point: number[];
    intervals: { level: number; low: number[]; high: number[] }[];
    timeMs: number[];
    past: number[];
  }>();
  assert.deepEqual([point.length, timeMs.length, intervals.map(({ level }) => level)], [12, 12, [0.8, 0.95]]);
  // The roof warms by a hundredth a second: so it is expected to.
  const last = past.at(-1) as number;
  assert.ok(Math.abs((point[11] as number) - (last + 0.12)) < 0.05, `${last} is followed by ${point[11]}`);
  for (const { low, high } of intervals)
    assert.ok(point.every((value, i) => (low[i] as number) <= value && value <= (high[i] as number)));
  assert.match((await bench.trine(['forecast', 'import/roof', 'temp'])).out, /^time +temp \(Cel\)/);
  const none = await bench.trine(['forecast', 'import/roof', 'snow']);
  assert.deepEqual([none.status, /has no snow\. It has: rain, temp/.test(none.words)], [2, true]);
});

test('an alert is listed, seen, and resolved', async () => {
  const [first] = (await bench.trine(['alerts', 'list', '--json'])).json<{ raisedBy: string; code: string }[]>();
  assert.ok(first, 'the pause raised one');
  const about = [first.raisedBy.slice(0, 12), '--code', first.code, '--by', 'Ada'];
  const acknowledged = await bench.trine(['alerts', 'ack', ...about]);
  assert.equal(acknowledged.status, 0, acknowledged.words);
  await bench.until(async () => (await bench.trine(['alerts', 'list'])).out.match(/acknowledged by Ada/) ?? undefined);
  const resolved = await bench.trine(['alerts', 'resolve', ...about, '--note', 'Started again']);
  assert.match(resolved.out, /: resolved\./);
  assert.equal((await bench.trine(['alerts', 'ack', 'ffff', '--by', 'Ada'])).status, 1);
});
