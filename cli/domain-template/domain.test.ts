import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkDomain } from '@trine/engine/checks/domain.ts';
import { Scene, shortEntries } from '@trine/engine/testing/scene.ts';
import { formatReason } from '@trine/protocol';
import { overLimit } from './index.ts';
import { simulateColdRoom } from './simulate.ts';
import type { OverLimitTerms } from './terms.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = Date.parse('2026-06-30T22:00Z');
const terms = { thing: 'room/1', limitMilli: 8_000, longerThanMs: 30 * MINUTE_MS, creditMinorUnits: 500 };
const options = {
  terms,
  subject: 'room/1',
  startMs: START_MS,
  endMs: START_MS + 30 * 24 * HOUR_MS,
  policy: { gate: { ownersMin: 1, classMin: 'software', heartbeat: 'node/1', heartbeatGapMsMax: HOUR_MS } } as const,
  /** The node's own signs of life: a log that slept proves no silence. */
  heartbeatEveryMs: 10 * MINUTE_MS,
};

/** Four hours of a cold room whose door stands open in the second. */
async function live(scene: Scene<OverLimitTerms>): Promise<number> {
  const room = simulateColdRoom(7, [{ fromMs: START_MS + HOUR_MS, toMs: START_MS + 2 * HOUR_MS }]);
  for (let timeMs = START_MS; timeMs < START_MS + 4 * HOUR_MS; timeMs += 10 * MINUTE_MS)
    await scene.say('room/1', [room(timeMs)]);
  return START_MS + 4 * HOUR_MS + MINUTE_MS;
}

// What every domain must keep: the shared suite.
const folder = new URL('./', import.meta.url);
checkDomain({
  domain: overLimit,
  scene: options,
  live,
  wrongTerms: [
    [{}, /terms\.thing/],
    [{ ...terms, limitMilli: 8.5 }, /terms\.limitMilli/],
    [{ ...terms, creditMinorUnits: -1 }, /terms\.creditMinorUnits/],
  ],
  sources: readdirSync(folder)
    .filter((file) => /^(engine|terms|triggers)\.ts$/.test(file))
    .map((path) => ({ path, text: readFileSync(new URL(path, folder), 'utf8') })),
});

// And what it is for.
test('a night comes out as its reader says: fixtures/night.csv', async () => {
  const scene = new Scene({ domain: overLimit, ...options });
  const lines = readFileSync(new URL('fixtures/night.csv', folder), 'utf8').split('\n');
  for (const line of lines.filter((one) => /^\d/.test(one))) {
    const [time, degrees] = line.split(',') as [string, string];
    await scene.say('room/1', [
      { quantity: 'temperature', unit: 'Cel', timeMs: Date.parse(time), value: Number(degrees) },
    ]);
  }
  await scene.decide(START_MS + 4 * HOUR_MS + MINUTE_MS);
  const decided = scene.decisions.map(({ evaluated: { decision } }) => [
    decision.verdict,
    formatReason(decision.reason),
    ...shortEntries(decision.effects),
  ]);
  assert.deepEqual(decided, [
    ['kept', 'never too long above'],
    ['kept', 'never too long above'],
    ['exceeded', 'above the limit for 4200 s', 'payer → recipient 500 EUR'],
    ['kept', 'never too long above'],
  ]);
});

test('silence is not judged, and does not end an excursion', async () => {
  const scene = new Scene({ domain: overLimit, ...options });
  const say = (minute: number, value: number) =>
    scene.say('room/1', [{ quantity: 'temperature', unit: 'Cel', timeMs: START_MS + minute * MINUTE_MS, value }]);
  await say(50, 9);
  await say(125, 9);
  await scene.decide(START_MS + 3 * HOUR_MS + MINUTE_MS);
  assert.deepEqual(
    scene.decisions.map(({ evaluated }) => evaluated.decision.verdict),
    ['kept', 'not-judged', 'exceeded'],
  );
});

test('the summary counts windows by verdict; there are no parameters', async () => {
  const answer = overLimit.manifest.routes[0]?.answer([{ verdict: 'kept' }, { verdict: 'exceeded' }] as never, {
    terms,
  });
  assert.deepEqual(answer, { kept: 1, exceeded: 1, notJudged: 0 });
  await assert.rejects(overLimit.open({ limit: 1 }), /no parameter limit/);
});
