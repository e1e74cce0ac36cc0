// A grid for the tests: customers with a meter each, months in Berlin, and signs of life in between.
import assert from 'node:assert/strict';
import { Scene, shortEntries } from '@trine/engine/testing/scene.ts';
import { formatReason, isAlert, type Reading } from '@trine/protocol';
import { metering } from '../index.ts';
import type { MeteringTerms } from '../terms.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const at = (iso: string) => Date.parse(iso);
/** Thirty cents a kilowatt-hour. */
export const PRICE = 30_000_000;
export const flat = [{ name: 'all', steps: [{ price: PRICE }] }];
export const customersOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ customer: `customer/${i}`, meters: [`meter/${i}`] }));
export const terms = {
  customers: customersOf(3),
  timeZone: 'Europe/Berlin',
  graceMs: HOUR_MS,
  bands: flat,
  baseFee: 500,
};
export const gate = { ownersMin: 1, classMin: 'software' as const, heartbeat: 'node/1', heartbeatGapMsMax: 3 * DAY_MS };

export const counter = (timeMs: number, value: number): Reading => ({
  quantity: 'energy/total',
  unit: 'kWh',
  timeMs,
  value,
});
export const say = (scene: Scene<MeteringTerms>, meter: string, iso: string, value: number, arrival = iso) =>
  scene.say(meter, [counter(at(iso), value)], { atMs: at(arrival) });

export function sceneOf(given: object, heartbeatEveryMs = 2 * DAY_MS) {
  const [startMs, endMs] = [at('2025-12-15T00:00Z'), at('2027-02-15T00:00Z')];
  const policy = { gate, correctableMs: 60 * DAY_MS };
  return new Scene<MeteringTerms>({
    domain: metering,
    terms: given,
    subject: 'grid/1',
    startMs,
    endMs,
    policy,
    heartbeatEveryMs,
  });
}

/** A scene with one customer, whose counter was read as told; decided at the end. */
export async function read(
  readings: readonly (readonly [string, number])[],
  given: object = {},
  until = '2026-02-01T01:00Z',
) {
  const scene = sceneOf({ ...terms, customers: customersOf(1), ...given });
  for (const [iso, value] of readings) await say(scene, 'meter/0', iso, value);
  await scene.decide(at(until));
  return scene;
}

/** A customer's line in a decision, the newest unless told. */
export function rowOf(scene: Scene<MeteringTerms>, key = 'customer/0', place = -1) {
  const found = scene.decisions.at(place)?.evaluated.rows.get(key)?.row;
  assert.ok(found, `no line of ${key}`);
  return {
    verdict: found.verdict,
    facts: found.facts,
    outcome: found.outcome,
    reason: formatReason(found.reason),
    entries: shortEntries(found.effects),
    alerts: found.effects.filter(isAlert).map(({ code }) => code),
  };
}

/** So many customers, and a month of theirs that is due. */
export async function crowd(count: number) {
  const scene = sceneOf({ ...terms, customers: customersOf(count) });
  for (const [iso, value] of [
    ['2025-12-31T22:00Z', 100],
    ['2026-01-31T22:00Z', 200],
  ] as const)
    for (let i = 0; i < count; i++) await say(scene, `meter/${i}`, iso, value + i);
  const due = scene.agenda.due(at('2026-02-01T01:00Z')).at(-1) ?? assert.fail();
  return { scene, evaluation: await scene.evaluation(due.obligation, scene.log.length, due.dueMs) };
}

/** Dearer on weekdays from six in the morning to ten in the evening. */
export const dayAndNight = [
  { name: 'day', when: [{ days: 'mon tue wed thu fri', fromMinute: 360, toMinute: 1_320 }], steps: [{ price: PRICE }] },
  { name: 'night', steps: [{ price: 20_000_000 }] },
];
