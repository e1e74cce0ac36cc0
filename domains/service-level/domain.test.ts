import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkDomain, testTerms } from '@trine/engine/checks/domain.ts';
import type { LabelledDecision, LoggedReading } from '@trine/engine/domain.ts';
import { formatReason } from '@trine/protocol';
import { serviceLevelModel, sources } from './identity.ts';
import { panels, serviceLevel } from './index.ts';
import { type Disturbance, simulateMachine } from './simulate.ts';

const domain = serviceLevel(serviceLevelModel());
const rule = { statementsMin: 4, outOfOrderReadings: 3, thresholdPpm: 900_000, creditMinorUnits: 5 };
const windowMs = 30_000;
const startMs = 1_767_571_200_000;

/** Six packs a window, as a machine sends them every five seconds. */
function windowOf(machine: ReturnType<typeof simulateMachine>, n: number): LoggedReading[] {
  return Array.from({ length: 6 }, (_, i) => {
    const timeMs = startMs + n * windowMs + i * 5_000;
    const leaf = 6 * n + i;
    return (machine.read(timeMs) ?? []).map((reading) => ({ ...reading, subject: 'thing/1', leaf }));
  }).flat();
}

function run(
  windows: number,
  disturbances: readonly Disturbance[] = [],
): { verdict: string; reason: string; amount: number }[] {
  const machine = simulateMachine(7, disturbances);
  const terms = testTerms(domain, rule, windowMs);
  let state: Uint8Array = new Uint8Array();
  return Array.from({ length: windows }, (_, n) => {
    const readings = windowOf(machine, n);
    const result = domain.judge({
      terms,
      parameters: {},
      fromMs: 0,
      toMs: windowMs,
      state,
      statements: new Set(readings.map((r) => r.leaf)).size,
      readings,
    });
    state = result.state;
    return { verdict: result.verdict, reason: formatReason(result.reason), amount: result.amount };
  });
}

checkDomain({
  domain,
  rule,
  windowMs,
  ordinary: (n) => windowOf(simulateMachine(n + 1), n),
  sources: sources.map((path) => ({ path, text: readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8') })),
});

test('a machine in good order owes next to nothing over a day', () => {
  const breached = run(2_880).filter(({ verdict }) => verdict === 'breached');
  assert.ok(breached.length <= 2, `${breached.length} of 2880 windows: ${breached[0]?.reason}`);
});

test('silence is not uptime: every silent window is breached, and only those', () => {
  const silent = { kind: 'silence', fromMs: startMs + 100 * windowMs, toMs: startMs + 110 * windowMs } as const;
  const results = run(200, [silent]);
  const breached = results.flatMap(({ verdict }, n) => (verdict === 'breached' ? [n] : []));
  assert.deepEqual(
    breached,
    Array.from({ length: 10 }, (_, i) => 100 + i),
  );
  assert.equal(results[100]?.reason, 'silence: none of at least 4 statements came');
  assert.equal(results[100]?.amount, 5);
});

test('a window half missing is said to be incomplete', () => {
  const half = { kind: 'silence', fromMs: startMs + 50 * windowMs, toMs: startMs + 50 * windowMs + 20_000 } as const;
  assert.equal(run(60, [half])[50]?.reason, 'incomplete: 2 of at least 4 statements came');
});

test('another detector can be chosen, decides by itself, and does not take the state of the other', () => {
  const parameters = { detector: 'robust-novelty' };
  assert.notEqual(domain.model(parameters).configuration, domain.model().configuration);
  const machine = simulateMachine(7, [
    { kind: 'fault', fromMs: startMs + 300 * windowMs, toMs: startMs + 301 * windowMs },
  ]);
  const terms = testTerms(domain, rule, windowMs);
  let state: Uint8Array = new Uint8Array();
  const verdicts = Array.from({ length: 310 }, (_, n) => {
    const readings = windowOf(machine, n);
    const result = domain.judge({ terms, parameters, fromMs: 0, toMs: windowMs, state, statements: 6, readings });
    state = result.state;
    return result.scorePpm;
  });
  assert.ok(Math.max(...verdicts.slice(300, 302)) > Math.max(...verdicts.slice(200, 300)), 'the fault stands out');
  const input = { terms, fromMs: 0, toMs: windowMs, state, statements: 6, readings: windowOf(machine, 311) };
  assert.throws(() => domain.judge({ ...input, parameters: {} }), /state|bytes/);
  assert.throws(() => domain.model({ detector: 'crystal-ball' }), /expected robust-seasonal or robust-novelty/);
  assert.throws(() => domain.model({ thresholdPpm: { 'cpu/load': 0.5 } }), /expected an integer/);
});

test('labels move a threshold only where at least two windows come out right by it', () => {
  const terms = testTerms(domain, { ...rule, outOfOrderReadings: 1, thresholdPpm: 600_000 }, windowMs);
  const label = (height: number, verdict: 'met' | 'breached'): LabelledDecision => {
    const machine = simulateMachine(3);
    let state: Uint8Array = new Uint8Array();
    for (let n = 0; n < 40; n++)
      state = domain.judge({
        terms,
        parameters: {},
        fromMs: 0,
        toMs: 1,
        state,
        statements: 6,
        readings: windowOf(machine, n),
      }).state;
    const readings = windowOf(machine, 40).map((one, i) =>
      one.quantity === 'memory/used' && i === 5 ? { ...one, value: height } : one,
    );
    const input = { terms, parameters: {}, fromMs: 0, toMs: 1, state, statements: 6, readings };
    return { input, verdict, by: 'did:key:ada' };
  };
  const judged = domain.judge(label(0.9, 'met').input);
  assert.equal(judged.verdict, 'breached');
  assert.deepEqual(domain.learn?.([label(0.9, 'met')], {}), {}, 'one label is not enough');
  const learnt = domain.learn?.([label(0.9, 'met'), label(0.88, 'met'), label(0.86, 'met')], {}) ?? {};
  assert.equal(domain.judge({ ...label(0.9, 'met').input, parameters: learnt }).verdict, 'met');
  assert.deepEqual(
    domain.learn?.([label(0.9, 'met'), label(0.9, 'breached')], {}),
    {},
    'one against one moves nothing',
  );
});

test('an agreement without its numbers is refused in words', () => {
  const terms = testTerms(domain, { statementsMin: 4 }, windowMs);
  assert.throws(
    () =>
      domain.judge({ terms, parameters: {}, fromMs: 0, toMs: 1, state: new Uint8Array(), statements: 0, readings: [] }),
    /lacks the number outOfOrderReadings/,
  );
});

test('the panels name what the console can draw', () => {
  for (const { title, source } of panels) assert.ok(title.length > 0 && source.length > 0);
});
