import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plausibility } from '@trine/protocol';
import fc from 'fast-check';
import { checkPlausibility, type Told, TRUST_START_PPM, type Trust } from './plausibility.ts';

const none: Plausibility = { trustMinPpm: 500_000, ranges: [], neighbours: [], balances: [] };
const neighbours: Plausibility = {
  ...none,
  neighbours: [{ quantity: 'temperature', peers: ['b', 'c', 'd'], peersMin: 2, toleranceMilli: 2_000 }],
};
const balance: Plausibility = {
  ...none,
  balances: [{ quantity: 'flow', inflows: ['a'], outflows: ['b', 'c'], tolerancePpm: 50_000, toleranceMilli: 100 }],
};
const told = (subject: string, value: number, timeMs = 0, quantity = 'temperature'): Told => ({
  subject,
  quantity,
  timeMs,
  value,
});

test('physics: a value outside its range, and one that changed too fast', () => {
  const rules = {
    ...none,
    ranges: [{ quantity: 'temperature', minMilli: -40_000, maxMilli: 85_000, changeMilliPerSMax: 500 }],
  };
  const judge = (...values: [number, number][]) =>
    checkPlausibility(
      rules,
      'a',
      values.map(([timeMs, value]) => told('a', value, timeMs)),
      {},
    ).findings.map(({ text }) => text);
  assert.deepEqual(judge([0, 20], [10_000, 24]), []);
  assert.deepEqual(judge([0, 20], [10_000, 26]), ['temperature: changed by 6 in 10 s']);
  const now = Date.UTC(2026, 0, 5);
  assert.deepEqual(judge([now, 20], [now + 10_000, 25], [now + 11_000, 24.5]), [], 'as fast as it may');
  assert.deepEqual(judge([now, 20], [now + 10_000, 25], [now + 11_000, 24.4]), ['temperature: changed by 0.6 in 1 s']);
  assert.deepEqual(judge([now, 20], [now, 60]), [], 'two of one moment change in no time: nothing is claimed');
  // Out of order: 20 and 24 lie 10 s apart whichever comes first, and a latecomer stands between its neighbours in time.
  assert.deepEqual(judge([now + 10_000, 26], [now, 20]), ['temperature: changed by 6 in 10 s']);
  assert.deepEqual(judge([now, 20], [now + 20_000, 30], [now + 10_000, 25]), [], 'no step is too fast');
  assert.deepEqual(judge([now, 20], [now + 10_000, 20], [now + 5_000, 40], [now + 60_000, 20]), [
    'temperature: changed by 20 in 5 s',
  ]);
  assert.deepEqual(judge([now, -40], [now + 250_000, 85]), [], 'both bounds are in');
  assert.deepEqual(judge([now, -40.001]), ['temperature: -40.001 is outside -40 to 85']);
  assert.deepEqual(judge([0, 120]), ['temperature: 120 is outside -40 to 85']);
  assert.deepEqual(judge([0, Number.NaN]).length, 1, 'no number is no temperature');
});

test('neighbours: who stands apart is found, not those it stands apart from', () => {
  const { findings, trust } = checkPlausibility(
    neighbours,
    'a',
    [told('a', 30), told('b', 20), told('c', 20.5), told('d', 21)],
    {},
  );
  assert.deepEqual(
    findings.map(({ subjects }) => subjects),
    [['a']],
  );
  assert.equal(trust.a, TRUST_START_PPM / 2);
  assert.ok((trust.b ?? 0) > TRUST_START_PPM);
  const peer = checkPlausibility(neighbours, 'a', [told('a', 20), told('b', 20), told('c', 20.5), told('d', 90)], {});
  assert.deepEqual(
    peer.findings.map(({ subjects }) => subjects),
    [['d']],
  );
  assert.ok((peer.trust.a ?? 0) > TRUST_START_PPM, 'a lying neighbour does not harm the one that is judged');
});

test('too few neighbours: nothing is claimed, and that is said', () => {
  const { findings, unchecked, trust } = checkPlausibility(neighbours, 'a', [told('a', 30), told('b', 20)], {});
  assert.deepEqual([findings, trust], [[], {}]);
  assert.deepEqual(unchecked, ['temperature: neighbours that spoke: 1, needed: 2']);
});

test('conservation: what flows in flows out', () => {
  const flows = (a: number, b: number, c: number) => [
    told('a', a, 0, 'flow'),
    told('b', b, 0, 'flow'),
    told('c', c, 0, 'flow'),
  ];
  assert.deepEqual(checkPlausibility(balance, 'a', flows(100, 60, 38), {}).findings, []);
  const [finding] = checkPlausibility(balance, 'a', flows(100, 60, 20), {}).findings;
  assert.equal(finding?.text, 'flow: 100 flows in, 80 flows out');
  assert.deepEqual(checkPlausibility(balance, 'a', flows(100, 60, 20).slice(0, 2), {}).unchecked, [
    'flow: no balance without c',
  ]);
});

test('trust is lost fast and earned slowly', () => {
  const good = [told('a', 20), told('b', 20), told('c', 20), told('d', 20)];
  const bad = [told('a', 50), ...good.slice(1)];
  let trust: Trust = {};
  const step = (readings: Told[]) => {
    trust = checkPlausibility(neighbours, 'a', readings, trust).trust;
    return trust.a as number;
  };
  for (let i = 0; i < 40; i++) step(good);
  assert.ok(step(good) > 950_000);
  assert.ok(step(bad) < 500_000, 'one bad window is enough to be doubted');
  let windows = 0;
  while (step(good) < 900_000) windows++;
  assert.ok(windows > 20, `trusted again after ${windows} windows`);
});

test('a limit itself is still within, one step beyond is not', () => {
  const range = (...values: [number, number][]) => {
    const ranges = [{ quantity: 'temperature', minMilli: -40_000, maxMilli: 85_000, changeMilliPerSMax: 500 }];
    const readings = values.map(([timeMs, value]) => told('a', value, timeMs));
    return checkPlausibility({ ...none, ranges }, 'a', readings, {}).findings.length;
  };
  assert.deepEqual([range([0, -40]), range([0, 85])], [0, 0]);
  assert.deepEqual([range([0, -40.001]), range([0, 85.001])], [1, 1]);
  assert.deepEqual([range([0, 20], [10_000, 25]), range([0, 20], [10_000, 25.001])], [0, 1]);
  assert.equal(range([0, 20], [0, 80]), 0, 'two values of one moment say nothing of how fast it changed');
  const beside = (a: number) =>
    checkPlausibility(neighbours, 'a', [told('a', a), told('b', 20), told('c', 20)], {}).findings.length;
  assert.deepEqual([beside(22), beside(22.001), beside(18), beside(17.999)], [0, 1, 0, 1]);
  // 5 % of the greater flow, and 0.1 besides.
  const flow = (out: number) =>
    checkPlausibility(balance, 'a', [told('a', 100, 0, 'flow'), told('b', out, 0, 'flow'), told('c', 0, 0, 'flow')], {})
      .findings.length;
  assert.deepEqual([flow(94.9), flow(94.89)], [0, 1]);
});

test('things are compared by their means, with the median of the group: of an even number the middle of two', () => {
  const findings = (...readings: Told[]) =>
    checkPlausibility(neighbours, 'a', readings, {}).findings.map(({ text }) => text);
  assert.deepEqual(findings(told('a', 10), told('a', 30), told('b', 20), told('c', 20)), [], 'the mean of a is 20');
  assert.deepEqual(findings(told('a', 10), told('b', 12.5), told('c', 11)), [], 'the median of three is 11');
  assert.deepEqual(findings(told('a', 10), told('b', 10), told('c', 13), told('d', 13)), [], 'of four 11.5');
  assert.deepEqual(findings(told('a', 10), told('b', 13.5), told('c', 13.5)), [
    'temperature: a says 10, things beside it 13.5',
  ]);
});

test('readings of other things and quantities are no matter of a rule', () => {
  const ranges = [{ quantity: 'temperature', minMilli: 0, maxMilli: 30_000 }];
  const judge = (...readings: Told[]) => checkPlausibility({ ...none, ranges }, 'a', readings, {});
  assert.deepEqual(judge(told('b', 99), told('a', 99, 0, 'pressure')), { trust: {}, findings: [], unchecked: [] });
  assert.deepEqual(
    judge(told('a', 99)).findings.map(({ kind, subjects }) => [kind, subjects]),
    [['range', ['a']]],
  );
  const silent = checkPlausibility(neighbours, 'a', [told('b', 20), told('c', 90), told('d', 20)], {});
  assert.deepEqual(silent, { trust: {}, findings: [], unchecked: [] }, 'a thing that said nothing is not compared');
});

test('trust moves by half of the way down and a sixteenth of the way up, in whole parts per million', () => {
  const ranges = [{ quantity: 'temperature', minMilli: 0, maxMilli: 30_000 }];
  const after = (value: number, before: Trust) =>
    checkPlausibility({ ...none, ranges }, 'a', [told('a', value)], before).trust.a;
  assert.deepEqual([after(20, {}), after(99, {})], [718_750, 350_000]);
  assert.deepEqual([after(20, { a: 0 }), after(99, { a: 1 }), after(20, { a: 1_000_000 })], [62_500, 0, 1_000_000]);
});

test('property: trust stays between 0 and 1, and equal input gives equal output, whatever the values', () => {
  const readings = fc.array(
    fc.record({
      subject: fc.constantFrom('a', 'b', 'c', 'd'),
      quantity: fc.constantFrom('temperature', 'flow'),
      timeMs: fc.nat(10_000),
      value: fc.double(),
    }),
    { maxLength: 30 },
  );
  const rules = { ...neighbours, balances: balance.balances };
  fc.assert(
    fc.property(fc.array(readings, { minLength: 1, maxLength: 5 }), (windows) => {
      let trust: Trust = {};
      for (const window of windows) {
        const judged = checkPlausibility(rules, 'a', window, trust);
        assert.deepEqual(checkPlausibility(rules, 'a', structuredClone(window), trust), judged);
        trust = judged.trust;
        for (const ppm of Object.values(trust)) assert.ok(Number.isInteger(ppm) && ppm >= 0 && ppm <= 1_000_000);
        for (const { text } of judged.findings) assert.ok(text.length <= 200);
      }
    }),
  );
});
