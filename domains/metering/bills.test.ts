// Many customers in one decision, and what is corrected afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, evaluateRow } from '@trine/engine';
import { entriesOf, rowPayload } from '@trine/protocol';
import { metering } from './index.ts';
import { at, counter, crowd, customersOf, PRICE, read, rowOf, say, sceneOf, terms } from './testing/grid.ts';

test('late and corrected readings become credit notes of the difference, to and fro, the base fee once', async () => {
  const scene = sceneOf({ ...terms, customers: customersOf(2) });
  for (const meter of ['meter/0', 'meter/1']) await say(scene, meter, '2025-12-31T22:00Z', 100);
  const wrong = await say(scene, 'meter/0', '2026-01-31T22:00Z', 200);
  await say(scene, 'meter/1', '2026-01-31T22:00Z', 150);
  const decide = async (iso: string) => {
    await scene.decide(at(iso));
    return [rowOf(scene), rowOf(scene, 'customer/1')].map(({ entries, facts }) => [...entries, facts.amount]);
  };
  assert.deepEqual(await decide('2026-02-01T03:00Z'), [
    ['customer/0 → recipient 3500 EUR', 3_500],
    ['customer/1 → recipient 2000 EUR', 2_000],
  ]);
  // The meter was misread: 180, not 200.
  const right = await scene.say('meter/0', [counter(at('2026-01-31T22:00Z'), 180)], {
    atMs: at('2026-02-05T00:00Z'),
    supersedes: wrong.statement.id,
  });
  assert.deepEqual(await decide('2026-02-05T02:00Z'), [['recipient → customer/0 600 EUR', 2_900], [2_000]]);
  assert.deepEqual(rowOf(scene, 'customer/1').outcome, 'none');
  const { decision } = scene.decisions.at(-1)?.evaluated ?? assert.fail();
  assert.equal(decision.obligation.revision, 1);
  assert.equal(decision.facts.amount, undefined, 'what one owes more or less is nobody else’s');
  // It was right after all.
  await scene.say('meter/0', [counter(at('2026-01-31T22:00Z'), 200)], {
    atMs: at('2026-02-06T00:00Z'),
    supersedes: right.statement.id,
  });
  assert.deepEqual(await decide('2026-02-06T02:00Z'), [['customer/0 → recipient 600 EUR', 3_500], [2_000]]);
  // And a reading that came late moves a kilowatt-hour from February to January, in both bills.
  for (const [meter, value] of [
    ['meter/0', 250],
    ['meter/1', 160],
  ] as const)
    await say(scene, meter, '2026-02-28T22:00Z', value);
  await scene.decide(at('2026-03-01T02:00Z'));
  assert.deepEqual(rowOf(scene).entries, ['customer/0 → recipient 2000 EUR']);
  await say(scene, 'meter/0', '2026-01-31T22:30Z', 201, '2026-03-02T00:00Z');
  await scene.decide(at('2026-03-02T02:00Z'));
  assert.deepEqual(
    [rowOf(scene, 'customer/0', -2).entries, rowOf(scene).entries],
    [['customer/0 → recipient 30 EUR'], ['recipient → customer/0 30 EUR']],
  );
  assert.equal(scene.decisions.at(-2)?.due.obligation.revision, 3);
  const paid = scene.decisions.flatMap(({ evaluated }) =>
    entriesOf(evaluated.rows.get('customer/0')?.row ?? assert.fail()),
  );
  const net = paid.reduce((sum, { from, amount }) => sum + (from === 'customer/0' ? amount : -amount), 0);
  assert.equal(net, 2 * 500 + 150 * 30, 'two base fees, and 150 kWh');
});

test('what comes too late for a correction changes nothing', async () => {
  const scene = sceneOf({ ...terms, customers: customersOf(1) });
  await say(scene, 'meter/0', '2025-12-31T22:00Z', 100);
  await scene.decide(at('2026-02-01T03:00Z'));
  await say(scene, 'meter/0', '2026-01-31T22:00Z', 200, '2026-04-03T00:00Z');
  assert.deepEqual(
    (await scene.decide(at('2026-04-19T00:00Z'))).filter(({ decision }) => decision.supersedes),
    [],
  );
});

test('a month whose readings come late is billed then, base fee and all', async () => {
  const scene = await read([['2025-12-31T22:00Z', 100]], {}, '2026-02-01T03:00Z');
  assert.equal(rowOf(scene).verdict, 'incomplete');
  await say(scene, 'meter/0', '2026-01-31T22:00Z', 110, '2026-02-10T00:00Z');
  await scene.decide(at('2026-02-10T02:00Z'));
  assert.deepEqual(rowOf(scene).entries, ['customer/0 → recipient 800 EUR']);
});

test('a thousand customers in one decision, in reasonable time; one line alone is the line of the decision', async (t) => {
  const { evaluation } = await crowd(1_000);
  const before = performance.now();
  const { rows, decision, parts } = evaluate(evaluation);
  const tookMs = performance.now() - before;
  t.diagnostic(`1,000 rows decided in ${Math.round(tookMs)} ms`);
  assert.equal(rows.size, 1_000);
  assert.deepEqual(decision.facts, {
    customers: 1_000,
    billed: 1_000,
    incomplete: 0,
    flagged: 0,
    quantityMilli: 100_000_000,
    amount: 3_500_000,
  });
  assert.equal(decision.outcome, 'pay');
  assert.equal(decision.gate.verdict, 'pass');
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
  const key = 'customer/457';
  const candidates = [...(parts.get(key) ?? []), ...(parts.get('') ?? [])].sort((a, b) => a.index - b.index);
  assert.equal(parts.get(key)?.length, 2);
  const common = { ...decision, score: undefined as never, states: new Map() };
  const alone = evaluateRow({ ...evaluation, candidates }, key, common);
  assert.deepEqual(rowPayload.encode(alone.row), rowPayload.encode(rows.get(key)?.row ?? assert.fail()));
});

test('sums of few customers are not public', async () => {
  const { decision } = evaluate((await crowd(4)).evaluation);
  assert.deepEqual(Object.keys(decision.facts).sort(), ['billed', 'customers', 'flagged', 'incomplete']);
  assert.doesNotMatch(JSON.stringify([decision.facts, decision.reason, decision.effects]), /customer\/|meter\//);
});

test('a bill line by line, for who may read it; the lines add up to what is owed', async () => {
  const { scene, evaluation } = await crowd(6);
  const { rows, decision } = evaluate(evaluation);
  const shown = {
    id: 'decision',
    fromMs: decision.obligation.fromMs,
    toMs: decision.obligation.toMs,
    verdict: decision.verdict,
    facts: decision.facts,
    entries: [],
    outcome: decision.outcome,
  };
  const lines = [...rows.values()].map(({ row }) => ({ ...row, entries: entriesOf(row) }));
  const answer = metering.manifest.routes[0]?.answer as (...given: unknown[]) => {
    customer: string;
    lines: { amount: number; quantityMilli: number; price: number }[];
    amount: number;
  }[];
  const [bill, ...others] = answer([{ ...shown, rows: lines }], { terms: scene.terms }, { customer: 'customer/3' });
  assert.deepEqual(others, []);
  assert.equal(bill?.customer, 'customer/3');
  assert.equal(
    bill?.lines.reduce((sum, { amount }) => sum + amount, 0),
    bill?.amount,
  );
  assert.deepEqual(bill?.lines[0], { band: 'all', step: 1, quantityMilli: 100_000, price: PRICE, amount: 3_000 });
  assert.deepEqual(answer([shown], { terms: scene.terms }), [], 'a stranger reads none');
});
