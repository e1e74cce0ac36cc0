// The suite every detector of several quantities passes, whatever it is made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MultivariateDetector, MultivariateDetectorModel, MultivariateScore } from '../model.ts';
import * as streams from '../streams.ts';

type Rows = readonly (readonly [timeMs: number, values: readonly number[]])[];

const QUANTITIES = 3;
/** Rows that every model here has learnt enough from, and what is changed starts after. */
const LEARNT = 1000;

const feed = (detector: MultivariateDetector, rows: Rows): MultivariateScore[] =>
  rows.map(([t, values]) => detector.update(t, values));
const run = (model: MultivariateDetectorModel, rows: Rows): MultivariateScore[] => feed(model.create(QUANTITIES), rows);
const alarms = (scores: readonly MultivariateScore[], from = 0, to: number = scores.length): number =>
  scores.slice(from, to).filter(({ score }) => score >= 0.5).length;

/** Three quantities: the second follows the first closely, the third is on its own. */
function plant(seed: number, readings: number): Rows {
  const [a, b, c] = [1, 2, 3].map((k) => streams.noise({ seed: 10 * seed + k, readings, level: 0 }));
  return Array.from({ length: readings }, (_, i) => {
    const load = a![i]![1];
    return [a![i]![0], [50 + load, 200 + 4 * load + 0.4 * b![i]![1], 10 + 0.5 * c![i]![1]]] as const;
  });
}

const changed = (rows: Rows, change: (values: number[], i: number) => number[], from = LEARNT): Rows =>
  rows.map(([t, values], i) => (i < from ? [t, values] : [t, change([...values], i - from)]));

/** Any rows at all, made of the univariate wild streams. */
const wild: fc.Arbitrary<Rows> = fc
  .tuple(...Array.from({ length: QUANTITIES }, () => streams.wild))
  .map(([first, ...others]) =>
    first!.map(([t, x], i) => [t, [x, ...others.map((stream) => stream[i % stream.length]![1])]] as const),
  );

/**
 * Registers the checks of the family with `node:test`.
 *
 * @param model any multivariate detector of `models.ts`
 */
export function checkMultivariate(model: MultivariateDetectorModel): void {
  test(`${model.name}: deterministic, input untouched`, () => checkDeterminism(model));
  test(`${model.name}: state survives a round trip at any reading`, () => checkRoundTrip(model));
  test(`${model.name}: damaged state and wrong widths are refused and change nothing`, () => checkDamage(model));
  test(`${model.name}: any input is survived, scores and shares stay in bounds`, () => checkAnyInput(model));
  test(`${model.name}: missing and late readings teach nothing, a missing quantity is done without`, () =>
    checkMissing(model));
  test(`${model.name}: quiet on constant and on correlated noisy quantities`, () => checkQuiet(model));
  test(`${model.name}: finds jumps, shifts and broken relations, and names the quantity`, () => checkFinds(model));
  test(`${model.name}: adapts to what lasts`, () => checkAdapts(model));
  test(`${model.name}: scores do not depend on the units`, () => checkUnits(model));
}

function checkDeterminism(model: MultivariateDetectorModel): void {
  const rows = plant(1, 1500);
  const copy = structuredClone(rows);
  const [a, b] = [model.create(QUANTITIES), model.create(QUANTITIES)];
  assert.deepEqual(feed(a, rows), feed(b, rows));
  assert.deepEqual(a.state(), b.state());
  assert.deepEqual(rows, copy);
  assert.deepEqual(a.state(), a.state(), 'asking for the state does not change it');
}

function checkRoundTrip(model: MultivariateDetectorModel): void {
  const anywhere = fc.record({ rows: wild, cut: fc.nat(200) });
  fc.assert(
    fc.property(anywhere, ({ rows, cut }) => {
      const [first, second] = [model.create(QUANTITIES), model.create(QUANTITIES)];
      feed(first, rows.slice(0, cut));
      second.restore(first.state());
      assert.deepEqual(second.state(), first.state());
      assert.deepEqual(feed(second, rows.slice(cut)), feed(first, rows.slice(cut)));
      assert.deepEqual(second.state(), first.state());
    }),
    { numRuns: 100, seed: 7 },
  );
  const rows = changed(plant(2, 2000), (values, i) => (i < 300 ? [values[0]! + 9, ...values.slice(1)] : values));
  for (const cut of [1, 100, 700, 1100, 1900]) {
    const [whole, other] = [model.create(QUANTITIES), model.create(QUANTITIES)];
    feed(whole, rows.slice(0, cut));
    other.restore(whole.state());
    assert.deepEqual(feed(other, rows.slice(cut)), feed(whole, rows.slice(cut)));
  }
}

function checkDamage(model: MultivariateDetectorModel): void {
  const detector = model.create(QUANTITIES);
  feed(detector, plant(3, 600));
  const good = detector.state();
  const nan = good.slice();
  new DataView(nan.buffer).setFloat64(8, Number.NaN, true);
  const otherTag = good.slice();
  otherTag[0] = 0;
  const otherWidth = model.create(QUANTITIES + 1).state();
  for (const bad of [new Uint8Array(), good.slice(0, -1), new Uint8Array([...good, 0]), otherTag, nan, otherWidth]) {
    assert.throws(() => detector.restore(bad), RangeError);
    assert.deepEqual(detector.state(), good);
  }
  assert.throws(() => detector.update(streams.MONDAY_MS + 1e9, [1, 2]), RangeError);
  assert.deepEqual(detector.state(), good);
}

function checkAnyInput(model: MultivariateDetectorModel): void {
  const check = (detector: MultivariateDetector, rows: Rows): void => {
    for (const { score, expected, contributions } of feed(detector, rows)) {
      assert.ok(score >= 0 && score <= 1, `score ${score}`);
      assert.deepEqual([expected.length, contributions.length], [QUANTITIES, QUANTITIES]);
      for (const x of expected) assert.ok(Number.isNaN(x) || Number.isFinite(x), `expected ${x}`);
      for (const share of contributions) assert.ok(share >= 0 && share <= 1, `share ${share}`);
      const sum = contributions.reduce((a, b) => a + b, 0);
      assert.ok(score === 0 || Math.abs(sum - 1) < 1e-9, `shares add to ${sum}`);
    }
    const state = detector.state();
    assert.ok(state.length <= model.stateBytesMax(QUANTITIES));
    model.create(QUANTITIES).restore(state);
  };
  fc.assert(
    fc.property(wild, fc.boolean(), (rows, learnt) => {
      const detector = model.create(QUANTITIES);
      if (learnt) feed(detector, plant(4, LEARNT));
      check(detector, rows);
    }),
    { numRuns: 100, seed: 11 },
  );
  for (const width of [1, 2, 20]) {
    const detector = model.create(width);
    for (let i = 0; i < LEARNT + 200; i++) detector.update(i, new Float64Array(width).fill(i % 7));
    assert.ok(detector.state().length <= model.stateBytesMax(width));
  }
}

function checkMissing(model: MultivariateDetectorModel): void {
  const detector = model.create(QUANTITIES);
  const rows = plant(5, LEARNT);
  feed(detector, rows);
  const last = rows.at(-1)![0];
  const before = detector.state();
  assert.equal(detector.update(last + 1, [Number.NaN, Number.NaN, Number.POSITIVE_INFINITY]).reason, 'missing');
  assert.equal(detector.update(Number.NaN, [1, 2, 3]).reason, 'missing');
  assert.deepEqual(detector.state(), before);
  assert.equal(detector.update(last - 1, [1e9, 1e9, 1e9]).reason, 'late');
  // One sensor is gone for good: the others are still watched.
  const gone = changed(plant(5, LEARNT + 400), ([, b, c], i) => [Number.NaN, b!, i < 200 ? c! : c! + 8]);
  const scores = run(model, gone);
  assert.equal(alarms(scores, LEARNT, LEARNT + 200), 0, 'a missing quantity is no anomaly here');
  assert.ok(alarms(scores, LEARNT + 200) > 0, 'the third quantity is still watched');
}

function checkQuiet(model: MultivariateDetectorModel): void {
  const still = Array.from({ length: 3000 }, (_, i) => [streams.MONDAY_MS + i, [1, 0, -7.5]] as const);
  assert.equal(alarms(run(model, still)), 0, 'constant');
  for (const seed of [60, 61, 62]) {
    const count = alarms(run(model, plant(seed, 10_000)));
    assert.ok(count <= 20, `${count} alarms in 10,000 ordinary rows (seed ${seed}), at most 20 expected`);
  }
}

function checkFinds(model: MultivariateDetectorModel): void {
  type Change = (values: number[], i: number) => number[];
  const events: [string, Change, within: number, quantity: number | undefined][] = [
    ['jump', ([a, b, c], i) => [a!, b!, i === 0 ? c! + 15 : c!], 1, 2],
    ['shift', ([a, b, c]) => [a!, b!, c! + 1.5], 60, 2],
    ['shift against the other', ([a, b, c]) => [a!, b! + 4, c!], 60, undefined],
    ['drift', ([a, b, c], i) => [a!, b!, c! - i * 0.01], 300, 2],
    ['relation broken, each value ordinary', ([a, b, c]) => [100 - a!, b!, c!], 300, undefined],
  ];
  for (const [name, change, within, quantity] of events) {
    for (let seed = 20; seed < 25; seed++) {
      const scores = run(model, changed(plant(seed, LEARNT + within), change));
      const found = scores.slice(LEARNT).find(({ score }) => score >= 0.5);
      assert.ok(found, `${name} (seed ${seed}) is not found within ${within} rows`);
      if (quantity === undefined) continue;
      assert.equal(
        found.contributions.indexOf(Math.max(...found.contributions)),
        quantity,
        `${name} (seed ${seed}): contributions are ${found.contributions}`,
      );
    }
  }
}

function checkAdapts(model: MultivariateDetectorModel): void {
  const rows = changed(plant(31, 12_000), ([a, b, c]) => [a! + 30, b!, c!]);
  const scores = run(model, rows);
  assert.ok(alarms(scores, LEARNT, LEARNT + 20) > 0);
  assert.equal(alarms(scores, 8000), 0, 'after thousands of rows the new state is ordinary');
}

function checkUnits(model: MultivariateDetectorModel): void {
  const rows = changed(plant(34, 1500), ([a, b, c]) => [a!, b! + 3, c!]);
  const scores = (factors: readonly number[]): number[] =>
    run(
      model,
      rows.map(([t, values]) => [t, values.map((x, k) => x * factors[k]!)]),
    ).map((s) => s.score);
  // Powers of two scale exactly.
  assert.deepEqual(scores([1024, -1, 2 ** -20]), scores([1, 1, 1]));
}
