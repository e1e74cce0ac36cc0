import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentTypes, encodePack, type InputStatement, type Reading, toHex } from '@trine/protocol';
import fc from 'fast-check';
import type { Selector } from './domain.ts';
import {
  commitInputs,
  HEARTBEAT,
  inputRanges,
  inputsHash,
  isSelected,
  isUsable,
  type OpenedInput,
  openInput,
  PEERS,
  partsOf,
  replaced,
  replacements,
  SubjectIndex,
  select,
  selectedOf,
  selectorsOf,
  supersededBy,
} from './inputs.ts';
import { matchesSubject } from './subjects.ts';
import { HEARTBEAT_SUBJECT, Scene } from './testing/scene.ts';
import { type ToyTerms, toyDomain } from './testing/toy.ts';

/** 2026-01-01. */
const T0 = 1_767_225_600_000;
const reading = (ms: number, value: Reading['value'] = 1, unit = ''): Reading => ({
  quantity: 'q',
  unit,
  timeMs: T0 + ms,
  value,
});

const GATE = { heartbeatGapMsMax: 1_000 };

function sceneOf(given: object = {}): Scene<ToyTerms> {
  return new Scene({ domain: toyDomain(), terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 60_000, ...given });
}

const selector = (given: Partial<Selector> = {}): Selector => ({
  name: 'said',
  subjects: ['thing/1'],
  kinds: ['pack'],
  fromMs: T0,
  toMs: T0 + 1_000,
  ...given,
});

test('a value is usable when it is one: a text in the place of a number is none', () => {
  assert.deepEqual(
    (
      [
        [1, 'Cel', true],
        [Number.NaN, 'Cel', false],
        [Number.POSITIVE_INFINITY, '', false],
        ['unavailable', 'Cel', false],
        ['open', '', true],
        ['', '', false],
        [false, '', true],
        [true, 'Cel', true],
      ] as const
    ).filter(([value, unit, usable]) => isUsable({ value, unit }) !== usable),
    [],
  );
});

test('a pack is opened once: its times, and its usable readings; without a clock it is dated by arrival', async () => {
  const scene = sceneOf();
  const logged = await scene.say('thing/1', [reading(10), reading(500, 'off', 'Cel'), reading(20)], { atMs: T0 + 600 });
  const opened = openInput(logged);
  assert.deepEqual([opened.firstMs - T0, opened.lastMs - T0], [10, 500]);
  assert.deepEqual(
    opened.readings.map(({ timeMs }) => timeMs - T0),
    [10, 20],
  );
  const { statement } = logged;
  const clockless = openInput({
    ...logged,
    body: encodePack([{ ...reading(0), timeMs: 5_000 }]),
    statement: { ...statement, header: { ...statement.header, clock: 'none', contentType: contentTypes.senmlCbor } },
  });
  assert.deepEqual([...new Set(clockless.readings.map(({ timeMs }) => timeMs - T0))], [600]);
});

test('an event has the time of its arrival; what was erased stands in its sequence and has no value', async () => {
  const scene = sceneOf();
  const event = openInput(await scene.event('thing/1', 'text/plain', 'hello', T0 + 7));
  assert.deepEqual([event.event?.mediaType, event.event?.timeMs, event.firstMs], ['text/plain', T0 + 7, T0 + 7]);
  const erased = openInput({ ...(await scene.say('thing/1', [reading(1)], { atMs: T0 + 9 })), body: undefined });
  assert.deepEqual([erased.readings, erased.event, erased.firstMs], [[], undefined, T0 + 9]);
});

test('subjects are matched exactly, or by what they begin with', () => {
  assert.equal(matchesSubject(['a', 'b/*'], 'a'), true);
  assert.equal(matchesSubject(['a', 'b/*'], 'a/1'), false);
  assert.equal(matchesSubject(['a', 'b/*'], 'b/1'), true);
  assert.equal(matchesSubject(['a', 'b/*'], 'b'), false);
  assert.equal(matchesSubject(['*'], 'anything'), true);
  assert.equal(matchesSubject([], 'a'), false);
});

test('selected is what lies within the times, to the millisecond', () => {
  const looked = (firstMs: number, lastMs: number, given: object = {}) =>
    isSelected(selector(), { kind: 'pack', subject: 'thing/1', firstMs: T0 + firstMs, lastMs: T0 + lastMs, ...given });
  assert.deepEqual(
    [looked(0, 0), looked(999, 999), looked(-5, 2_000), looked(-5, -1), looked(1_000, 1_000)],
    [true, true, true, false, false],
  );
  assert.equal(looked(1, 1, { kind: 'event' }), false);
  assert.equal(looked(1, 1, { subject: 'thing/2' }), false);
});

const subjects = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'b/1', 'c');
const patterns = fc.uniqueArray(fc.constantFrom('a', 'a/*', 'a/1', 'b*', '*', 'c'), { maxLength: 4 });

test('property: an index of subjects finds what asking each would find, and forgets what is taken out', () => {
  fc.assert(
    fc.property(fc.array(patterns), fc.array(fc.nat()), subjects, (all, removed, subject) => {
      const index = new SubjectIndex<number>();
      for (const [i, one] of all.entries()) index.add(one, i);
      for (const i of removed) index.delete(all[i] ?? [], i);
      const asked = all.flatMap((one, i) => (!removed.includes(i) && matchesSubject(one, subject) ? [i] : []));
      assert.deepEqual([...index.of(subject)].sort(), asked.sort());
    }),
  );
});

test('rows may give their selectors the same name: each finds its own', async () => {
  const scene = sceneOf();
  for (const thing of ['thing/1', 'thing/2', 'thing/1']) await scene.say(thing, [reading(scene.log.length)]);
  const both = [selector({ row: 'one' }), selector({ row: 'two', subjects: ['thing/2'] })];
  const found = select(both, scene.opened(), GATE);
  assert.deepEqual(
    both.map((one) => found.get(one)?.map(({ index }) => index)),
    [[0, 2], [1]],
  );
  const parts = partsOf(found);
  assert.deepEqual(
    [...parts].map(([key, inputs]) => [key, inputs.length]),
    [
      ['', 0],
      ['one', 2],
      ['two', 1],
    ],
  );
  assert.equal(commitInputs(parts).count, 3);
});

test('a statement stands once in a part, however many selectors find it', async () => {
  const scene = sceneOf();
  await scene.say('thing/1', [reading(1)]);
  const found = select([selector(), selector({ name: 'again', subjects: ['thing/*'] })], scene.opened(), GATE);
  assert.equal(partsOf(found).get('')?.length, 1);
});

test('readings outside the times of a pack that reaches in do not count; nor does what was replaced', async () => {
  const scene = sceneOf();
  await scene.say('thing/1', [reading(-1), reading(5), reading(1_000)], { atMs: T0 + 1_000 });
  const wrong = await scene.say('thing/1', [reading(7, 99)], { atMs: T0 + 1_001 });
  await scene.say('thing/1', [reading(7, 3)], { atMs: T0 + 1_002, supersedes: wrong.statement.id });
  const inputs = select([selector()], scene.opened(), GATE);
  const [chosen = []] = [...inputs.values()];
  const { readings, statements } = selectedOf(selector(), chosen, supersededBy(chosen));
  assert.deepEqual(
    readings.map(({ timeMs, value, leaf }) => [timeMs - T0, value, leaf]),
    [
      [5, 1, 0],
      [7, 3, 2],
    ],
  );
  assert.equal(statements, 2);
});

test('what replaces a selected statement is selected too, whatever its own times, and so on', async () => {
  const scene = sceneOf();
  const first = await scene.say('thing/1', [reading(5)]);
  const moved = await scene.say('thing/1', [reading(5_000)], { supersedes: first.statement.id });
  await scene.say('thing/1', [reading(9_000)], { supersedes: moved.statement.id });
  const [chosen = []] = [...select([selector()], scene.opened(), GATE).values()];
  assert.deepEqual(
    chosen.map(({ index }) => index),
    [0, 1, 2],
  );
  assert.deepEqual(selectedOf(selector(), chosen, supersededBy(chosen)).readings, [], 'it belongs to another time now');
});

test('nobody replaces what another said', async () => {
  const scene = sceneOf();
  const own = await scene.say('thing/1', [reading(5)]);
  await scene.say('thing/2', [reading(6)], { supersedes: own.statement.id });
  const [chosen = []] = [...select([selector({ subjects: ['thing/*'] })], scene.opened(), GATE).values()];
  assert.equal(supersededBy(chosen).size, 0);
  assert.equal(selectedOf(selector(), chosen, supersededBy(chosen)).readings.length, 2);
  const [alone = []] = [...select([selector()], scene.opened(), GATE).values()];
  assert.equal(alone.length, 1);
});

test('readings are in the order of their times, and of equal times in that of the log', async () => {
  const scene = sceneOf();
  await scene.say('thing/1', [reading(9), reading(3)], { atMs: T0 + 20 });
  await scene.say('thing/2', [reading(3, 2)], { atMs: T0 + 30 });
  const chosen = scene.opened();
  assert.deepEqual(
    selectedOf(selector(), chosen, new Set()).readings.map(({ timeMs, subject }) => [timeMs - T0, subject]),
    [
      [3, 'thing/1'],
      [3, 'thing/2'],
      [9, 'thing/1'],
    ],
  );
});

test('the engine looks at the heartbeat, and at the things that the subject is held against', () => {
  const scene = sceneOf({
    policy: {
      plausibility: {
        trustMinPpm: 0,
        ranges: [],
        neighbours: [{ quantity: 'q', peers: ['thing/2'], peersMin: 1, toleranceMilli: 1 }],
        balances: [],
      },
    },
  });
  const all = selectorsOf(toyDomain(), scene.policy, scene.terms, { trigger: 'window', fromMs: 1, toMs: 2 });
  assert.deepEqual(
    all.map(({ name, subjects: of }) => [name, of]),
    [
      ['said', ['thing/1']],
      [HEARTBEAT, [HEARTBEAT_SUBJECT]],
      [PEERS, ['thing/1', 'thing/2']],
    ],
  );
});

async function beats(arrivals: readonly number[]): Promise<OpenedInput[]> {
  const scene = sceneOf();
  for (const ms of arrivals) await scene.say(HEARTBEAT_SUBJECT, [reading(ms)]);
  return scene.opened();
}

test('property: of heartbeats as few are taken as show that no gap is too long, where the log was awake', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 25 }),
      fc.integer({ min: 100, max: 400 }),
      async (gaps, gapMs) => {
        let at = 0;
        const arrivals = gaps.map((gap) => {
          at += gap;
          return at;
        });
        const all = await beats(arrivals);
        const one = selector({ name: HEARTBEAT, subjects: [HEARTBEAT_SUBJECT], toMs: T0 + at + 50 });
        const chosen = (select([one], all, { heartbeatGapMsMax: gapMs }).get(one) ?? []).map(
          ({ arrivalMs }) => arrivalMs - T0,
        );
        const longest = (some: readonly number[]) => {
          const ends = [0, ...some, at + 50];
          return Math.max(...ends.map((ms, i) => ms - (ends[i - 1] ?? 0)));
        };
        if (longest(arrivals) <= gapMs) {
          assert.ok(longest(chosen) <= gapMs);
          const fewest = Math.ceil((at + 50) / gapMs) - 1;
          assert.ok(chosen.length <= 2 * fewest + 1, `${chosen.length} where ${fewest} could do`);
        } else assert.ok(longest(chosen) > gapMs, 'a gap that is there is not hidden');
      },
    ),
    { numRuns: 60 },
  );
});

test('ranges: linked runs of each sequence, whatever the order in which they are given', async () => {
  const scene = sceneOf();
  for (let i = 0; i < 5; i++) await scene.say('thing/1', [reading(i)]);
  await scene.say('thing/2', [reading(9)]);
  await scene.say('thing/1', [reading(10)], { epoch: 1, seq: 0 });
  const all = scene.log;
  const ranges = inputRanges(all);
  assert.deepEqual(
    ranges.map(({ subject, epoch, fromSeq, toSeq, count }) => [subject, epoch, fromSeq, toSeq, count]),
    [
      ['thing/1', 0, 0, 4, 5],
      ['thing/1', 1, 0, 0, 1],
      ['thing/2', 0, 0, 0, 1],
    ],
  );
  assert.deepEqual(inputRanges([...all].reverse()), ranges);
  const gap = all.filter(({ index }) => index !== 2);
  assert.deepEqual(
    inputRanges(gap).map(({ fromSeq, toSeq }) => [fromSeq, toSeq]),
    [
      [0, 1],
      [3, 4],
      [0, 0],
      [0, 0],
    ],
  );
  assert.notEqual(toHex(inputsHash(gap)), toHex(inputsHash(all)));
});

test('ranges: where a number is skipped but the link holds, it is one run; a fork is two', async () => {
  const scene = sceneOf();
  const [a, b] = [await scene.say('thing/1', [reading(1)]), await scene.say('thing/1', [reading(2)], { seq: 7 })];
  assert.deepEqual(
    inputRanges([a, b]).map(({ count, fromSeq, toSeq }) => [count, fromSeq, toSeq]),
    [[2, 0, 7]],
  );
  const fork: InputStatement = await scene.say('thing/1', [reading(3)], { seq: 7, prev: new Uint8Array(32) });
  assert.equal(
    inputRanges([a, b, fork]).reduce((sum, { count }) => sum + count, 0),
    3,
  );
  assert.equal(inputRanges([a, b, fork]).length > 1, true);
});

test('a chain of thousands that each replace the one before is walked whole, and each is looked at once', () => {
  const COUNT = 20_000;
  const idOf = (i: number) => Uint8Array.of(i >> 16, i >> 8, i);
  let looks = 0;
  const chain = Array.from({ length: COUNT }, (_, i) => {
    const header = { kind: 'pack', subject: 'thing/1', ...(i > 0 && { supersedes: idOf(i - 1) }) };
    const statement = {
      header,
      get id() {
        looks++;
        return idOf(i);
      },
    };
    const timesMs = { firstMs: T0 + (i % 2), lastMs: T0 + (i % 2), arrivalMs: T0 + i };
    return { ...timesMs, index: i, keyOwner: 'thing/1', statement, readings: [], event: undefined } as never;
  }) as OpenedInput[];
  const [first, last] = [chain[0] as OpenedInput, chain.at(-1) as OpenedInput];
  assert.equal(replacements(chain)([first]).size, COUNT);
  assert.equal(replaced(chain)(last).length, COUNT - 1);
  looks = 0;
  const everySecond = selector({ toMs: T0 + 1 });
  assert.equal(select([everySecond], chain, GATE).get(everySecond)?.length, COUNT);
  assert.ok(looks <= 4 * COUNT, `${looks} looks at ${COUNT} statements`);
});
