// The suite every univariate detector passes, whatever it is made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Detector, DetectorModel, Score } from '../model.ts';
import * as streams from '../streams.ts';

type Unsuited = Readonly<Record<string, string>>;

/** Scores of a stream by a fresh detector. */
const run = (model: DetectorModel, stream: streams.Stream): Score[] => feed(model.create(), stream);
const feed = (detector: Detector, stream: streams.Stream): Score[] => stream.map(([t, x]) => detector.update(t, x));
const alarms = (scores: readonly Score[], from = 0, to: number = scores.length): number =>
  scores.slice(from, to).filter(({ score }) => score >= 0.5).length;

/**
 * Registers the checks of the family with `node:test`.
 *
 * @param model any univariate detector of `models.ts`
 * @param unsuited names of checks, or of cases of `quiet` and `finds`, that make no sense for it, each with the reason
 * @throws RangeError when a name is none of these, so that no reason outlives its check
 */
export function checkDetector(model: DetectorModel, unsuited: Unsuited = {}): void {
  const suite: readonly (readonly [string, () => void])[] = [
    ['deterministic, input untouched', () => checkDeterminism(model)],
    ['state survives a round trip at any reading', () => checkRoundTrip(model)],
    ['damaged state is refused and changes nothing', () => checkDamage(model)],
    ['any input is survived, scores stay in [0, 1], state stays bounded', () => checkAnyInput(model)],
    ['missing and late readings teach nothing', () => checkMissing(model)],
    ['a clock set back is followed in the end', () => checkClockSetBack(model)],
    ['adapts to a new level', () => checkAdapts(model)],
    ['learns the day and then misses it', () => checkSeason(model)],
    ['scores do not depend on the unit', () => checkUnit(model)],
    ...quiet.map(([name, ...rest]) => [name, () => checkQuiet(model, ...rest)] as const),
    ...events.map(([name, ...rest]) => [name, () => checkFinds(model, ...rest)] as const),
  ];
  for (const name of Object.keys(unsuited)) {
    if (!suite.some(([known]) => known === name)) throw new RangeError(`There is no check named ${name}.`);
  }
  for (const [name, check] of suite) test(`${model.name}: ${name}`, { skip: unsuited[name] ?? false }, check);
}

function checkDeterminism(model: DetectorModel): void {
  const stream = streams.seasonal({ seed: 1, days: 5 });
  const copy = structuredClone(stream);
  const [a, b] = [model.create(), model.create()];
  assert.deepEqual(feed(a, stream), feed(b, stream));
  assert.deepEqual(a.state(), b.state());
  assert.deepEqual(stream, copy);
  assert.deepEqual(a.state(), a.state(), 'asking for the state does not change it');
}

function checkRoundTrip(model: DetectorModel): void {
  const anywhere = fc.record({ stream: streams.wild, cut: fc.nat(200) });
  fc.assert(
    fc.property(anywhere, ({ stream, cut }) => {
      const first = model.create();
      feed(first, stream.slice(0, cut));
      const second = model.create();
      second.restore(first.state());
      assert.deepEqual(second.state(), first.state());
      assert.deepEqual(feed(second, stream.slice(cut)), feed(first, stream.slice(cut)));
      assert.deepEqual(second.state(), first.state());
    }),
    { numRuns: 200, seed: 7 },
  );
  const long = streams.seasonal({ seed: 2, days: 12 });
  const [whole, other] = [model.create(), model.create()];
  feed(whole, long.slice(0, 3000));
  other.restore(whole.state());
  assert.deepEqual(feed(other, long.slice(3000)), feed(whole, long.slice(3000)));
}

function checkDamage(model: DetectorModel): void {
  const detector = model.create();
  feed(detector, streams.noise({ seed: 3, readings: 100 }));
  const good = detector.state();
  const nan = good.slice();
  new DataView(nan.buffer).setFloat64(8, Number.NaN, true);
  const otherTag = good.slice();
  otherTag[0] = 0;
  for (const bad of [new Uint8Array(), good.slice(0, -1), new Uint8Array([...good, 0]), otherTag, nan]) {
    assert.throws(() => detector.restore(bad), RangeError);
    assert.deepEqual(detector.state(), good);
  }
}

function checkAnyInput(model: DetectorModel): void {
  fc.assert(
    fc.property(streams.wild, (stream) => {
      const detector = model.create();
      for (const [t, x] of stream) {
        const { score, expected, low, high } = detector.update(t, x);
        assert.ok(score >= 0 && score <= 1, `score ${score}`);
        assert.ok(Number.isNaN(expected) || Number.isFinite(expected), `expected ${expected}`);
        assert.ok(Number.isNaN(low) || (low <= expected && expected <= high), `${low} ≤ ${expected} ≤ ${high}`);
      }
      const state = detector.state();
      assert.ok(state.length <= model.stateBytesMax);
      model.create().restore(state);
    }),
    { numRuns: 500, seed: 11 },
  );
}

function checkMissing(model: DetectorModel): void {
  const detector = model.create();
  const stream = streams.noise({ seed: 4, readings: 200 });
  feed(detector, stream);
  const last = stream.at(-1)?.[0] ?? 0;
  const before = detector.state();
  for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.equal(detector.update(last + 1, x).reason, 'missing');
  }
  assert.equal(detector.update(Number.NaN, 1).reason, 'missing');
  assert.deepEqual(detector.state(), before);
  assert.equal(detector.update(last - 1, 1e9).reason, 'late');
  assert.equal(
    alarms(
      feed(detector, [
        [last, 50.5],
        [last, 50.5],
        [last + 60_000, 50],
      ]),
    ),
    0,
    'duplicates are ordinary',
  );
}

function checkClockSetBack(model: DetectorModel): void {
  const detector = model.create();
  feed(detector, streams.noise({ seed: 5, readings: 100, startMs: streams.MONDAY_MS + 1e13 }));
  const scores = feed(detector, streams.noise({ seed: 6, readings: 100 }));
  assert.equal(scores[0]?.reason, 'late');
  assert.notEqual(scores.at(-1)?.reason, 'late');
}

/** Streams on which a detector keeps quiet, and how many alarms it may give at most. */
const quiet: readonly (readonly [name: string, make: () => streams.Stream, most: number])[] = [
  ['constant', () => streams.constant({ readings: 5000, value: 42 }), 0],
  ['zero', () => streams.constant({ readings: 5000, value: 0 }), 0],
  ['a counter with tiny noise', () => streams.noise({ seed: 8, readings: 5000, level: 1e6, sd: 1e-3 }), 0],
  ['noise', () => streams.noise({ seed: 9, readings: 10_000 }), 30],
  ['a day', () => streams.seasonal({ seed: 10, days: 21 }), 10],
  ['slow drift', () => streams.noise({ seed: 12, readings: 10_000, slope: 0.005 }), 30],
];

function checkQuiet(model: DetectorModel, make: () => streams.Stream, most: number): void {
  const stream = make();
  const count = alarms(run(model, stream));
  assert.ok(count <= most, `${count} alarms in ${stream.length} readings, at most ${most} expected`);
}

/** What must be found, from reading 2000 on, within so many readings. */
const events: readonly (readonly [name: string, change: (x: number, i: number) => number, within: number])[] = [
  ['spike up', (x, i) => (i === 0 ? x + 20 : x), 1],
  ['spike down', (x, i) => (i === 0 ? x - 20 : x), 1],
  ['level shift', (x) => x + 8, 8],
  ['small level shift', (x) => x + 3, 48],
  ['flatline', () => 50, 48],
  ['dead sensor', () => 0, 1],
  ['burst', (x) => 50 + (x - 50) * 6, 48],
  ['drift', (x, i) => x + i * 0.05, 200],
];

function checkFinds(model: DetectorModel, change: (x: number, i: number) => number, within: number): void {
  for (let seed = 20; seed < 30; seed++) {
    const stream = streams.changed(streams.noise({ seed, readings: 2300 }), 2000, change);
    const count = alarms(run(model, stream), 2000, 2000 + within);
    assert.ok(count > 0, `seed ${seed}: nothing is found within ${within} readings`);
  }
}

function checkAdapts(model: DetectorModel): void {
  const stream = streams.changed(streams.noise({ seed: 31, readings: 8000 }), 2000, (x) => x + 100);
  const scores = run(model, stream);
  assert.ok(alarms(scores, 2000, 2010) > 0);
  assert.ok(alarms(scores, 4000) <= 5, `${alarms(scores, 4000)} alarms after 2000 readings at the new level`);
  assert.ok(Math.abs((scores.at(-1)?.expected ?? 0) - 150) < 5, 'the new level is expected');
}

function checkSeason(model: DetectorModel): void {
  const stream = streams.seasonal({ seed: 33, days: 28 });
  const scores = run(model, stream);
  const lastDay = scores.slice(-288);
  const error = lastDay.reduce((sum, { expected }, i) => sum + Math.abs(expected - streams.daily(i)), 0) / 288;
  assert.ok(error < 3, `mean error of the expected value over a day is ${error}, of an amplitude of 20`);
  // A day without its peak stays well inside all values ever seen: only the profile can tell.
  const flat = streams.changed(stream, stream.length - 288, (x, i) => Math.min(x, 50 + (i % 7) * 0.3));
  assert.ok(alarms(run(model, flat), stream.length - 288) > 0, 'a missing peak is found');
}

function checkUnit(model: DetectorModel): void {
  const stream = streams.seasonal({ seed: 34, days: 7 });
  const scores = (factor: number): number[] =>
    run(
      model,
      stream.map(([t, x]) => [t, x * factor]),
    ).map((s) => s.score);
  // Powers of two scale exactly.
  for (const factor of [-1, 1024, 2 ** -20]) assert.deepEqual(scores(factor), scores(1));
}
