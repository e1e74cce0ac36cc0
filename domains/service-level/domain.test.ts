import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inputOf } from '@trine/engine';
import { checkDomain } from '@trine/engine/checks/domain.ts';
import { Scene, shortEntries } from '@trine/engine/testing/scene.ts';
import { formatReason } from '@trine/protocol';
import { serviceLevel } from './index.ts';
import { type Disturbance, simulateMachine } from './simulate.ts';
import type { ServiceLevelTerms } from './terms.ts';

const WINDOW_MS = 30_000;
const START_MS = 1_767_571_200_000;
const terms = {
  thing: 'thing/1',
  windowMs: WINDOW_MS,
  statementsMin: 4,
  outOfOrderReadings: 3,
  thresholdPpm: 900_000,
  creditMinorUnits: 5,
};
/** Silence has no other witness than the log: whoever owes for it may agree to that. */
const gate = { ownersMin: 0, classMin: 'software' as const, heartbeat: 'node/1', heartbeatGapMsMax: 15_000 };
const options = {
  policy: { gate },
  terms,
  subject: 'thing/1',
  startMs: START_MS,
  endMs: START_MS + 10_000 * WINDOW_MS,
};

/** Six packs a window, as a machine sends them every five seconds. */
async function live(
  scene: Scene<ServiceLevelTerms>,
  windows: number,
  disturbances: readonly Disturbance[] = [],
): Promise<number> {
  const machine = simulateMachine(7, disturbances);
  const endMs = START_MS + windows * WINDOW_MS;
  for (let timeMs = START_MS; timeMs < endMs; timeMs += 5_000) {
    await scene.heartbeats(timeMs, timeMs + 1, 5_000);
    const readings = machine.read(timeMs);
    if (readings) await scene.say('thing/1', readings);
  }
  await scene.heartbeats(endMs, endMs + 10_000, 5_000);
  return endMs + 4_000;
}

async function run(windows: number, disturbances: readonly Disturbance[] = []) {
  const scene = new Scene({ domain: serviceLevel, ...options });
  await scene.decide(await live(scene, windows, disturbances));
  return scene.decisions
    .filter(({ due }) => due.obligation.toMs <= START_MS + windows * WINDOW_MS)
    .map(({ evaluated: { decision } }) => ({
      verdict: decision.verdict,
      outcome: decision.outcome,
      reason: formatReason(decision.reason),
      entries: shortEntries(decision.effects),
    }));
}

const folder = new URL('./', import.meta.url);
checkDomain({
  domain: serviceLevel,
  scene: options,
  live: (scene) =>
    live(scene, 5, [{ fromMs: START_MS + 2 * WINDOW_MS, toMs: START_MS + 3 * WINDOW_MS, kind: 'silence' }]),
  wrongTerms: [
    [{}, /terms\.thing/],
    [{ ...terms, creditMinorUnits: -5 }, /terms\.creditMinorUnits: .*>=0/],
    [{ ...terms, statementsMin: 'four' }, /terms\.statementsMin/],
    [{ ...terms, thresholdPpm: 0.5 }, /terms\.thresholdPpm/],
    ['text', /terms/],
  ],
  sources: readdirSync(folder)
    .filter((file) => /^(engine|detect|parameters|learn|triggers)\.ts$/.test(file))
    .map((path) => ({ path, text: readFileSync(new URL(path, folder), 'utf8') })),
});

test('a day comes out as its reader says: fixtures/tuesday.csv', async () => {
  const startMs = Date.parse('2026-02-10T00:00Z');
  const hourMs = 3_600_000;
  const scene = new Scene({
    domain: serviceLevel,
    ...options,
    terms: { ...terms, thing: 'server/1', windowMs: hourMs, statementsMin: 10 },
    startMs,
    endMs: startMs + 24 * hourMs,
    policy: { gate: { ...gate, heartbeatGapMsMax: 600_000 } },
    heartbeatEveryMs: 300_000,
  });
  const asValue = (text: string) => (Number.isNaN(Number(text)) ? text : Number(text));
  const lines = readFileSync(new URL('fixtures/tuesday.csv', folder), 'utf8').split('\n');
  for (const line of lines.filter((one) => /^\d/.test(one))) {
    const [time, load, memory] = line.split(',') as [string, string, string];
    const timeMs = Date.parse(time);
    await scene.say('server/1', [
      { quantity: 'cpu/load', unit: '/', timeMs, value: asValue(load) },
      { quantity: 'memory/used', unit: '/', timeMs, value: asValue(memory) },
    ]);
  }
  await scene.decide(startMs + 24 * hourMs + 3_000);
  const breached = scene.decisions
    .filter(({ evaluated }) => evaluated.decision.verdict === 'breached')
    .map(({ due, evaluated: { decision } }) => [
      (due.obligation.fromMs - startMs) / hourMs,
      decision.facts.statements,
      ...shortEntries(decision.effects),
    ]);
  assert.equal(scene.decisions.length, 24);
  assert.deepEqual(breached, [
    [3, 1, 'payer → recipient 5 EUR'],
    [4, 4, 'payer → recipient 5 EUR'],
    [15, 3, 'payer → recipient 5 EUR'],
  ]);
});

test('a machine in good order owes next to nothing over two hours', async () => {
  const breached = (await run(240)).filter(({ verdict }) => verdict === 'breached');
  assert.ok(breached.length <= 1, `${breached.length} of 240 windows: ${breached[0]?.reason}`);
});

test('silence is not uptime: it is owed for, in words', async () => {
  const silence = { fromMs: START_MS + 50 * WINDOW_MS, toMs: START_MS + 52 * WINDOW_MS, kind: 'silence' as const };
  const decided = await run(60, [silence]);
  assert.deepEqual(decided[50], {
    verdict: 'breached',
    outcome: 'pay',
    reason: 'silence: none of at least 4 statements with a usable value came',
    entries: ['payer → recipient 5 EUR'],
  });
});

test('where silence is not judged a dead sensor is not met: it is not judged', async () => {
  const scene = new Scene({ domain: serviceLevel, ...options, terms: { ...terms, statementsMin: 0 }, monitor: true });
  await scene.heartbeats(START_MS, START_MS + 2 * WINDOW_MS, 5_000);
  const [first] = await scene.decide(START_MS + 2 * WINDOW_MS);
  assert.equal(first?.decision.verdict, 'not-judged');
  assert.equal(formatReason(first?.decision.reason as never), 'no usable value came, and silence is not judged');
});

test('a reading without a usable value is none: a dead sensor that says so does not count as speaking', async () => {
  const scene = new Scene({ domain: serviceLevel, ...options });
  for (let i = 0; i < 6; i++) {
    const timeMs = START_MS + i * 5_000;
    await scene.heartbeats(timeMs, timeMs + 1, 5_000);
    await scene.say('thing/1', [{ quantity: 'cpu/load', unit: '/', timeMs, value: 'unavailable' }]);
  }
  await scene.heartbeats(START_MS + WINDOW_MS, START_MS + 2 * WINDOW_MS, 5_000);
  const [first] = await scene.decide(START_MS + WINDOW_MS + 4_000);
  assert.equal(first?.decision.facts.statements, 0);
  assert.equal(first?.decision.verdict, 'breached');
});

/** One window of a thing that says the same six times, under other terms. */
async function windowOf(
  readings: readonly { quantity: string; unit: string; value: string | number }[],
  other: object,
) {
  const scene = new Scene({ domain: serviceLevel, ...options, terms: { ...terms, ...other } });
  for (let i = 0; i < 6; i++) {
    const timeMs = START_MS + i * 5_000;
    await scene.heartbeats(timeMs, timeMs + 1, 5_000);
    const said = readings.map((reading) => ({ ...reading, timeMs }));
    if (said.length > 0) await scene.say('thing/1', said);
  }
  await scene.heartbeats(START_MS + WINDOW_MS, START_MS + 2 * WINDOW_MS, 5_000);
  const [first] = await scene.decide(START_MS + WINDOW_MS + 4_000);
  assert.ok(first !== undefined);
  return { ...first.decision, words: formatReason(first.decision.reason) };
}

test('a text counts only where texts are agreed, and what is not agreed does not count at all', async () => {
  const word = { quantity: 'level', unit: '', value: 'offline' };
  const dead = await windowOf([word], {});
  assert.equal(dead.words, 'silence: none of at least 4 statements with a usable value came');
  assert.deepEqual([dead.facts.statements, dead.facts.readings, dead.facts.passedOver], [0, 0, 6]);
  assert.equal((await windowOf([{ ...word, value: 'open' }], { texts: true })).verdict, 'met');

  const alive = { quantity: 'battery', unit: 'V', value: 3 };
  assert.equal((await windowOf([word, alive], {})).verdict, 'met');
  const level = await windowOf([word, alive], { quantities: ['level'] });
  assert.equal(level.verdict, 'breached', 'a battery that goes on says nothing of the level');
  assert.equal((await windowOf([{ ...word, value: 4 }, alive], { quantities: ['level'] })).facts.readings, 6);
});

test('where silence is not judged, the words and the facts say so, and none that it was complete', async () => {
  const { verdict, words, facts } = await windowOf([{ quantity: 'level', unit: '', value: 4 }], { statementsMin: 0 });
  assert.equal(verdict, 'met');
  assert.equal(words, 'in order: 6 statements with a usable value came; silence is not judged');
  assert.ok(!('statementsMin' in facts));
  assert.equal((await windowOf([], { statementsMin: 0 })).verdict, 'not-judged');
});

/** Input of a window after forty ordinary ones, with one reading of memory spoiled. */
async function spoiled(height: number, parameters = {}) {
  const scene = new Scene({
    domain: serviceLevel,
    ...options,
    terms: { ...terms, outOfOrderReadings: 1, thresholdPpm: 600_000 },
    parameters,
  });
  await scene.decide(await live(scene, 40));
  const machine = simulateMachine(11);
  const fromMs = START_MS + 40 * WINDOW_MS;
  for (let i = 0; i < 6; i++) {
    const readings = (machine.read(fromMs + 5_000 * i) ?? []).map((one) =>
      one.quantity === 'memory/used' && i === 5 ? { ...one, value: height } : one,
    );
    await scene.say('thing/1', readings, { atMs: fromMs + 10_000 + 5_000 * i });
  }
  return scene.evaluation(
    { trigger: 'window', fromMs, toMs: fromMs + WINDOW_MS },
    scene.log.length,
    fromMs + WINDOW_MS,
  );
}

test('labels move a threshold only where at least two decisions come out right by it', async () => {
  const engine = await serviceLevel.open({});
  const label = async (height: number, verdict: 'met' | 'breached') => ({
    input: inputOf(await spoiled(height)) as never,
    decided: 'breached',
    agrees: (given: string) => given === verdict,
    by: 'did:key:ada',
  });
  const high = await label(0.9, 'met');
  assert.equal(engine.decide(high.input).verdict, 'breached');
  assert.deepEqual(engine.learn?.([high], {}), {}, 'one label is not enough');
  const learnt = engine.learn?.([high, await label(0.88, 'met'), await label(0.86, 'met')], {}) ?? {};
  const taught = await serviceLevel.open(learnt);
  assert.equal(taught.decide({ ...(high.input as object), parameters: learnt } as never).verdict, 'met');
  assert.deepEqual(engine.learn?.([high, await label(0.9, 'breached')], {}), {}, 'one against one moves nothing');
});

test('another detector can be chosen; unknown parameters are refused in words', async () => {
  assert.equal(serviceLevel.stateForm?.({ detector: 'robust-novelty' }), 'robust-novelty');
  await assert.rejects(serviceLevel.open({ detector: 'crystal-ball' }), /expected robust-seasonal or robust-novelty/);
  await assert.rejects(serviceLevel.open({ thresholdPpm: { 'cpu/load': 0.5 } }), /expected an integer/);
  await assert.rejects(serviceLevel.open({ stranger: 1 }), /has no parameter stranger/);
});

test('why: what was expected and what came, the weightiest first', async () => {
  const engine = await serviceLevel.open({});
  const why = engine.explain?.(inputOf(await spoiled(0.9)) as never);
  assert.match(why?.words.join(' ') ?? '', /memory\/used .* Expected was/);
  assert.equal(why?.series[0]?.quantity, 'memory/used');
});

test('availability: the share of judged windows that were met', () => {
  const route = serviceLevel.manifest.routes[0];
  const one = (verdict: string) => ({ verdict }) as never;
  assert.deepEqual(route?.answer([one('met'), one('met'), one('breached'), one('not-judged')], { terms: {} }), {
    met: 2,
    breached: 1,
    notJudged: 1,
    metPpm: 666_666,
  });
});
