import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inputOf } from '@trine/engine';
import { checkDomain } from '@trine/engine/checks/domain.ts';
import type { Scene } from '@trine/engine/testing/scene.ts';
import { metering } from './index.ts';
import { type HomeTrouble, simulateHome } from './simulate.ts';
import { billOf } from './tariff.ts';
import type { MeteringTerms } from './terms.ts';
import {
  at,
  customersOf,
  DAY_MS,
  dayAndNight,
  flat,
  gate,
  HOUR_MS,
  read,
  rowOf,
  say,
  sceneOf,
  terms,
} from './testing/grid.ts';

/** Three homes from before Christmas to the end of February. */
async function live(scene: Scene<MeteringTerms>): Promise<number> {
  const startMs = at('2025-12-20T00:00Z');
  const trouble: HomeTrouble[] = [{ kind: 'silent', fromMs: at('2026-01-30T00:00Z'), toMs: at('2026-02-03T00:00Z') }];
  const homes = scene.terms.customers.map(({ meters }, i) => ({
    meter: meters[0] as string,
    home: simulateHome(i, startMs, { trouble: i === 1 ? trouble : [] }),
  }));
  for (let timeMs = startMs; timeMs <= at('2026-03-01T12:00Z'); timeMs += 6 * HOUR_MS) {
    for (const { meter, home } of homes) {
      const reading = home.counter(timeMs);
      if (reading) await scene.say(meter, [reading]);
    }
  }
  return at('2026-03-01T12:00Z');
}

const folder = new URL('./', import.meta.url);
checkDomain({
  domain: metering,
  scene: {
    terms,
    subject: 'grid/1',
    startMs: at('2025-12-25T00:00Z'),
    endMs: at('2027-01-05T00:00Z'),
    policy: { gate, correctableMs: 60 * DAY_MS },
    heartbeatEveryMs: DAY_MS,
  },
  live,
  wrongTerms: [
    [{ ...terms, customers: [] }, /terms\.customers/],
    [{ ...terms, numbered: { count: 9, customer: 'customer/', meters: ['m/'] } }, /customer\/1 is numbered, too/],
    [{ ...terms, numbered: { count: 9, customer: 'home/', meters: ['meter/'] } }, /meter\/1 is numbered, too/],
    [{ ...terms, numbered: { count: 9, customer: 'home/', meters: ['home/'] } }, /prefix home\/ stands twice/],
    [{ ...terms, numbered: { count: 9, customer: 'home/1', meters: ['m/'] } }, /numbered\.customer/],
    [{ ...terms, numbered: { count: 9, customer: 'home/*', meters: ['m/'] } }, /no one meter/],
    [{ ...terms, customers: [...customersOf(2), ...customersOf(1)] }, /customer customer\/0 stands twice/],
    [{ ...terms, timeZone: 'Europe/Atlantis' }, /no time zone Europe\/Atlantis/],
    [{ ...terms, bands: [{ name: 'all', steps: [{ upTo: 5, price: 1 }] }] }, /every step but the last/],
    [
      { ...terms, bands: [{ name: 'all', steps: [{ upTo: 5, price: 1 }, { upTo: 5, price: 1 }, { price: 1 }] }] },
      /steps go up/,
    ],
    [{ ...terms, bands: [{ ...flat[0], name: 'day' }, ...flat] }, /need interval meters/],
    [{ ...terms, bands: [{ name: 'all', steps: [{ price: 0.5 }] }] }, /terms\.bands/],
    [{ ...terms, customers: [{ customer: 'c', meters: ['meter/*'] }] }, /no one meter/],
  ],
  sources: readdirSync(folder)
    .filter((file) => /^(engine|measure|memory|tariff|triggers|terms)\.ts$/.test(file))
    .map((path) => ({ path, text: readFileSync(new URL(path, folder), 'utf8') })),
});

test('a bill comes out as reckoned by hand: fixtures/household-march-2026.csv', async () => {
  const lines = readFileSync(new URL('fixtures/household-march-2026.csv', folder), 'utf8').trim().split('\n');
  const readings = lines.filter((line) => /^\d/.test(line)).map((line) => line.split(',') as [string, string]);
  const bands = [{ name: 'all', steps: [{ upTo: 150, price: 30_110_000 }, { price: 27_450_000 }] }];
  const scene = sceneOf({ ...terms, customers: customersOf(1), bands, baseFee: 1_290 });
  for (const [iso, value] of readings) await say(scene, 'meter/0', iso, Number(value));
  await scene.decide(at('2026-04-01T00:00Z'));
  const { facts, entries, reason } = rowOf(scene);
  assert.deepEqual(entries, ['customer/0 → recipient 8754 EUR']);
  assert.equal(facts.quantityMilli, 257_360);
  assert.equal(reason, '257360 thousandths of kWh used: 8754 minor units');
  assert.deepEqual(
    billOf(scene.terms, new Map([['all', 257_360]])).map(({ step, quantityMilli, amount }) => [
      step,
      quantityMilli,
      amount,
    ]),
    [
      [1, 150_000, 4_517],
      [2, 107_360, 2_947],
      [0, 0, 1_290],
    ],
  );
});

test('the boundary is local midnight: a reading at the moment itself counts, one a millisecond later does not', async () => {
  // Midnight in Berlin in winter is 23:00 in Greenwich.
  const exact = await read([
    ['2025-12-31T23:00:00.000Z', 100],
    ['2026-01-31T23:00:00.000Z', 150],
    ['2026-01-31T23:00:00.001Z', 151],
  ]);
  assert.equal(rowOf(exact).facts.quantityMilli, 50_000);
  const after = await read([
    ['2025-12-31T22:59:59.999Z', 100],
    ['2025-12-31T23:00:00.001Z', 101],
    ['2026-01-31T22:00Z', 150],
  ]);
  assert.equal(rowOf(after).facts.quantityMilli, 50_000, 'from the last one before');
});

test('months in which the clocks change, in both halves of the world, follow each other without gap', async () => {
  for (const [timeZone, boundaries] of [
    ['Europe/Berlin', ['2026-02-28T23:00Z', '2026-03-31T22:00Z', '2026-04-30T22:00Z']],
    ['Australia/Sydney', ['2026-02-28T13:00Z', '2026-03-31T13:00Z', '2026-04-30T14:00Z']],
    ['America/Sao_Paulo', ['2026-03-01T03:00Z', '2026-04-01T03:00Z', '2026-05-01T03:00Z']],
  ] as const) {
    const scene = sceneOf({ ...terms, customers: customersOf(1), timeZone });
    for (const [i, iso] of boundaries.entries()) await say(scene, 'meter/0', iso, 100 * (i + 1));
    await scene.decide(at('2026-05-02T00:00Z'));
    const months = scene.decisions.filter(({ evaluated }) => evaluated.decision.verdict === 'billed');
    assert.deepEqual(
      months.map(({ due: { obligation } }) => [obligation.fromMs, obligation.toMs]),
      [
        [at(boundaries[0]), at(boundaries[1])],
        [at(boundaries[1]), at(boundaries[2])],
      ],
      timeZone,
    );
  }
});

/** Hourly values of one day in Berlin, 1 kWh each; some left out or said twice. */
async function hours(given: object, day: { from: string; hours: number }, skip: readonly number[] = []) {
  const scene = sceneOf({
    ...terms,
    customers: customersOf(1),
    period: 'day',
    kind: 'interval',
    quantity: 'energy/interval',
    intervalMs: HOUR_MS,
    bands: dayAndNight,
    baseFee: 0,
    ...given,
  });
  const fromMs = at(day.from);
  for (let i = 0; i < day.hours; i++)
    if (!skip.includes(i))
      await scene.say('meter/0', [
        { quantity: 'energy/interval', unit: 'kWh', timeMs: fromMs + i * HOUR_MS, value: 1 },
      ]);
  return { scene, fromMs, decide: () => scene.decide(fromMs + 27 * HOUR_MS) };
}

test('intervals are summed by band; a day has 23, 24 or 25 hours', async () => {
  for (const [from, count, day, night] of [
    ['2026-03-26T23:00Z', 24, 16, 8],
    ['2026-03-28T23:00Z', 23, undefined, 23],
    ['2026-10-24T22:00Z', 25, undefined, 25],
  ] as const) {
    const { scene, decide, fromMs } = await hours({}, { from, hours: count });
    await decide();
    const own = scene.decisions.findIndex(({ due }) => due.obligation.fromMs === fromMs);
    const { facts, verdict } = rowOf(scene, 'customer/0', own);
    assert.equal(verdict, 'billed', from);
    assert.deepEqual([facts['band.day'], facts['band.night']], [day && day * 1_000, night * 1_000], from);
  }
});

test('a missing interval is no zero: without leave there is no bill, with leave it is not charged', async () => {
  const day = { from: '2026-03-26T23:00Z', hours: 24 };
  const strict = await hours({}, day, [3, 15]);
  await strict.decide();
  const own = (scene: Scene<MeteringTerms>) =>
    scene.decisions.findIndex(({ due }) => due.obligation.fromMs === at(day.from));
  assert.deepEqual(rowOf(strict.scene, 'customer/0', own(strict.scene)), {
    verdict: 'incomplete',
    facts: { gaps: 2, missing: 1, backward: 0 },
    outcome: 'none',
    reason: '2 intervals are missing',
    entries: [],
    alerts: ['gap'],
  });
  const lenient = await hours({ gapsMax: 2 }, day, [3, 15]);
  await lenient.decide();
  assert.equal(rowOf(lenient.scene, 'customer/0', own(lenient.scene)).facts.quantityMilli, 22_000);
  const twice = await hours({ gapsMax: 1 }, day);
  await twice.scene.say('meter/0', [{ quantity: 'energy/interval', unit: 'kWh', timeMs: at(day.from), value: 2 }], {
    atMs: at(day.from) + 24 * HOUR_MS + 1,
  });
  await twice.decide();
  const { facts } = rowOf(twice.scene, 'customer/0', own(twice.scene));
  assert.deepEqual([facts.gaps, facts.quantityMilli], [1, 23_000], 'two values: nobody can say which is right');
});

test('without a reading at a boundary there is no bill and no base fee; what lies between two bills is said', async () => {
  const scene = sceneOf({ ...terms, customers: customersOf(1) });
  for (const [iso, value] of [
    ['2025-12-31T22:00Z', 100],
    ['2026-01-31T22:00Z', 110],
    ['2026-02-20T22:00Z', 117],
    ['2026-03-31T21:00Z', 140],
    ['2026-04-30T21:00Z', 150],
  ] as const)
    await say(scene, 'meter/0', iso, value);
  await scene.decide(at('2026-05-01T00:00Z'));
  const rows = scene.decisions.map((_, i) => rowOf(scene, 'customer/0', i));
  assert.deepEqual(
    rows.map(({ verdict, entries }) => [verdict, ...entries]),
    [
      ['billed', 'customer/0 → recipient 800 EUR'],
      ['incomplete'],
      ['incomplete'],
      ['billed', 'customer/0 → recipient 800 EUR'],
    ],
  );
  assert.equal(rows[1]?.reason, 'meter/0 has no reading at a boundary');
  assert.equal(rows[3]?.facts.betweenBillsMilli, 30_000);
  assert.deepEqual(rows[3]?.alerts, ['between-bills']);
});

test('a counter that goes back is flagged, not billed: replaced, or out of order', async () => {
  const scene = await read([
    ['2025-12-31T22:00Z', 9_990],
    ['2026-01-10T00:00Z', 9_999],
    ['2026-01-11T00:00Z', 0.5],
    ['2026-01-31T22:00Z', 40],
  ]);
  const { verdict, reason, entries, alerts } = rowOf(scene);
  assert.deepEqual([verdict, entries, alerts], ['flagged', [], ['went-back']]);
  assert.equal(reason, 'meter/0 went back: replaced, or out of order');
});

test('another unit, another quantity and no number are no reading of the tariff', async () => {
  const scene = sceneOf({ ...terms, customers: customersOf(1) });
  await say(scene, 'meter/0', '2025-12-31T22:00Z', 100);
  const timeMs = at('2026-01-31T22:30Z');
  await say(scene, 'meter/0', '2026-01-31T22:00Z', 107);
  await scene.say('meter/0', [
    { quantity: 'energy/total', unit: 'Wh', timeMs, value: 999_000 },
    { quantity: 'energy/given', unit: 'kWh', timeMs, value: 5 },
  ]);
  await scene.decide(at('2026-02-01T01:00Z'));
  assert.equal(rowOf(scene).facts.quantityMilli, 7_000);
});

test('many times what is usual raises an alert, and is billed: the meter says so', async () => {
  const scene = sceneOf({ ...terms, customers: customersOf(1), implausibleTimes: 3 });
  for (const [i, value] of [100, 110, 121, 130, 180].entries())
    await say(scene, 'meter/0', new Date(Date.UTC(2026, i, 1, -2)).toISOString(), value);
  await scene.decide(at('2026-05-01T02:00Z'));
  assert.deepEqual(rowOf(scene).alerts, ['implausible']);
  assert.equal(rowOf(scene).outcome, 'pay');
  assert.deepEqual(rowOf(scene, 'customer/0', 2).alerts, []);
});

test('a simulated home with a replaced meter is flagged; the input names what it rests on', async () => {
  const startMs = at('2025-12-31T00:00Z');
  const home = simulateHome(3, startMs, { trouble: [{ kind: 'replaced', fromMs: at('2026-01-20T10:00Z') }] });
  const scene = sceneOf({ ...terms, customers: customersOf(1) });
  for (let timeMs = startMs; timeMs < at('2026-02-01T00:00Z'); timeMs += 6 * HOUR_MS)
    await scene.say('meter/0', [home.counter(timeMs) ?? assert.fail()]);
  await scene.decide(at('2026-02-01T01:00Z'));
  assert.equal(rowOf(scene).verdict, 'flagged');
  const { obligation } = scene.decisions[0]?.due ?? assert.fail();
  const input = inputOf(await scene.evaluation(obligation, scene.log.length, 0));
  assert.equal(input.currency, 'EUR');
  assert.ok(
    (home.hour(at('2026-01-05T19:00Z'))?.value as number) > (home.hour(at('2026-01-05T03:00Z'))?.value as number),
  );
});

test('numbered customers are billed as those with names of their own are, beside them', async () => {
  const scene = sceneOf({
    ...terms,
    customers: customersOf(1),
    numbered: { count: 12, customer: 'home/', meters: ['m/', 'm/b/'] },
  });
  const meters = ['meter/0', 'm/7', 'm/b/7', 'm/12'];
  for (const meter of meters) await say(scene, meter, '2025-12-31T22:00Z', 100);
  for (const [i, meter] of meters.entries()) await say(scene, meter, '2026-01-31T22:00Z', 110 + i);
  await scene.decide(at('2026-02-01T01:00Z'));
  const { decision, rows } = scene.decisions.at(-1)?.evaluated ?? assert.fail();
  assert.deepEqual([...rows.keys()], ['customer/0', ...Array.from({ length: 12 }, (_, i) => `home/${i + 1}`)]);
  assert.deepEqual(rowOf(scene).entries, ['customer/0 → recipient 800 EUR']);
  assert.deepEqual(rowOf(scene, 'home/7').entries, ['home/7 → recipient 1190 EUR']);
  assert.equal(rowOf(scene, 'home/12').verdict, 'incomplete', 'of two meters one is silent');
  assert.deepEqual(decision.facts.customers, 13);
  for (const stranger of ['home/0', 'home/13', 'home/07', 'home/', 'home/7x', 'm/7'])
    assert.deepEqual(metering.rows?.(scene.terms, decision.obligation, undefined, stranger), [], stranger);
});

test('metering has no parameters: a tariff is agreed on, not learnt', async () => {
  await assert.rejects(metering.open({ price: 1 }), /no parameter price/);
});
