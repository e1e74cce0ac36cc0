// Whoever is shown a decision asks whether the terms made it due, then, about that, and for what came late.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotChecked, type Obligation, obligationId, StepError } from '@trine/protocol';
import { checkArises } from './arises.ts';
import { SESSION, T0 } from './testing/agenda.ts';
import { ORIGIN, Scene, type SceneOptions } from './testing/scene.ts';
import { type ToyParts, type ToyTerms, toyDomain } from './testing/toy.ts';

const WINDOW: Obligation = { trigger: 'window', fromMs: T0, toMs: T0 + 1_000 };
const DUE_MS = T0 + 1_100;
const NO_STEP = /nothing is to be decided/;

function scene(toy: ToyParts = {}, policy: SceneOptions<ToyTerms>['policy'] = {}): Scene<ToyTerms> {
  const domain = toyDomain(toy);
  return new Scene({ domain, terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 60_000, policy });
}

interface Given {
  readonly atMs?: number;
  readonly sinceMs?: number;
  readonly seenTo?: number;
}

const check = (given: Scene<ToyTerms>, obligation: Obligation, { atMs = DUE_MS, sinceMs = 0, seenTo }: Given = {}) =>
  checkArises(
    given.domain,
    given.policy,
    {
      ...{ obligation, cuts: [{ atMs }], sinceMs },
      ...(seenTo !== undefined && { seen: [{ origin: ORIGIN, index: seenTo, atMs: 0 }] }),
    },
    given.opened(),
  );

test('a window of the terms arises, at its end and grace; another does not, nor one outside of the period', () => {
  const given = scene();
  check(given, WINDOW);
  for (const other of [
    { ...WINDOW, fromMs: T0 + 1 },
    { ...WINDOW, toMs: T0 + 2_000 },
    { ...WINDOW, trigger: 'day' },
    { ...WINDOW, fromMs: T0 - 1_000, toMs: T0 },
    { ...WINDOW, fromMs: T0 + 60_000, toMs: T0 + 61_000 },
  ])
    assert.throws(() => check(given, other), NO_STEP);
});

test('a cut before or after its time is none of the terms’; what lay in the past is due when the policy came', () => {
  const given = scene();
  for (const atMs of [DUE_MS - 1, DUE_MS + 1])
    assert.throws(() => check(given, WINDOW, { atMs }), /not decided at its time/);
  const sinceMs = T0 + 50_000;
  check(given, WINDOW, { sinceMs, atMs: sinceMs });
  assert.throws(() => check(given, WINDOW, { sinceMs }), /not decided at its time/);
});

test('every log is cut at the time of the terms, not one of them alone', () => {
  const given = scene();
  const cut = (atMs: number) => ({ origin: ORIGIN, index: 0, atMs });
  const decided = (...times: number[]) =>
    checkArises(given.domain, given.policy, { obligation: WINDOW, cuts: times.map(cut), sinceMs: 0 }, given.opened());
  decided(DUE_MS, DUE_MS);
  for (const times of [
    [DUE_MS, DUE_MS + 1],
    [DUE_MS - 1, DUE_MS],
  ])
    assert.throws(() => decided(...times), /not decided at its time/);
});

test('another table of time zones than the one at hand finds out nothing', () => {
  const given = scene({}, { zones: { release: '1999a', hash: 'f'.repeat(64) } });
  assert.throws(() => check(given, WINDOW), NotChecked);
});

test('a session arises by its opening, and ends where it was closed', async () => {
  const given = scene({ triggers: [SESSION] });
  const opened = await given.event('person/1', 'application/json', { open: 'gate' }, T0 + 10);
  const about = opened.statement.id;
  const long: Obligation = { trigger: 'session', fromMs: T0 + 10, toMs: T0 + 1_010, about };
  check(given, long, { atMs: T0 + 1_020 });
  assert.throws(() => check(given, { ...long, about: new Uint8Array(32) }, { atMs: T0 + 1_020 }), NO_STEP);
  const closed = await given.event('person/1', 'application/json', { close: 'gate' }, T0 + 200);
  assert.throws(() => check(given, long, { atMs: T0 + 1_020 }), NO_STEP, 'it was closed before');
  const short: Obligation = { ...long, toMs: T0 + 201, closedBy: closed.statement.id };
  check(given, short, { atMs: T0 + 211 });
  assert.throws(() => check(given, { ...short, closedBy: about }, { atMs: T0 + 211 }), StepError);
});

test('a correction arises by what came late, a grace after the first of that', async () => {
  const given = scene({}, { correctableMs: 10_000 });
  await given.say('thing/1', [{ quantity: 'q', unit: '', timeMs: T0 + 5, value: 1 }]);
  await given.say('thing/1', [{ quantity: 'q', unit: '', timeMs: T0 + 6, value: 1 }], { atMs: T0 + 3_000 });
  const first: Obligation = { ...WINDOW, base: obligationId(WINDOW), revision: 1 };
  check(given, first, { seenTo: 1, atMs: T0 + 3_101 });
  assert.throws(() => check(given, first, { seenTo: 1 }), /not decided at its time/);
  assert.throws(() => check(given, first, { seenTo: 2, atMs: T0 + 3_101 }), /Nothing came late/);
  assert.throws(
    () => check(given, { ...first, base: new Uint8Array(32) }, { seenTo: 1, atMs: T0 + 3_101 }),
    /corrects another obligation/,
  );
  const second: Obligation = { ...first, revision: 2 };
  check(given, second, { seenTo: 1, atMs: T0 + 3_101 });
  assert.throws(() => check(scene(), first, { seenTo: 1, atMs: T0 + 3_101 }), StepError, 'the terms allow none');
});

test('of a line of a correction what came late may be another’s: it is decided within a grace of what it shows itself', async () => {
  const keys = ['thing/1', 'thing/2', 'thing/3'];
  const rows: ToyParts = {
    rows: () => keys,
    inputs: (_, { fromMs, toMs }, _opening, only) =>
      keys
        .filter((key) => only === undefined || key === only)
        .map((key) => ({ name: 'said', subjects: [key], kinds: ['pack'], fromMs, toMs, row: key })),
  };
  const given = scene(rows, { correctableMs: 10_000 });
  const say = (thing: string, atMs: number) =>
    given.say(thing, [{ quantity: 'q', unit: '', timeMs: T0 + 5, value: 1 }], { atMs });
  await say('thing/3', T0 + 5);
  await say('thing/1', T0 + 3_000);
  await say('thing/2', T0 + 3_040);
  const obligation: Obligation = { ...WINDOW, base: obligationId(WINDOW), revision: 1 };
  const seen = [{ origin: ORIGIN, index: 1, atMs: DUE_MS }];
  const of = (row: string | undefined, atMs: number) => {
    const inputs = given.opened().filter(({ statement }) => row === undefined || statement.header.subject === row);
    checkArises(given.domain, given.policy, { obligation, cuts: [{ atMs }], sinceMs: 0, seen, row }, inputs);
  };
  const dueMs = T0 + 3_101;
  for (const row of [undefined, ...keys]) of(row, dueMs);
  for (const atMs of [dueMs - 1, dueMs + 1]) assert.throws(() => of(undefined, atMs), /not decided at its time/);
  assert.throws(() => of('thing/1', dueMs + 1), /not decided at its time: .*, until /);
  of('thing/2', dueMs + 40);
  assert.throws(() => of('thing/2', dueMs + 41), /not decided at its time/);
  for (const row of keys) assert.throws(() => of(row, DUE_MS + 100), /not decided at its time/, row);
});
