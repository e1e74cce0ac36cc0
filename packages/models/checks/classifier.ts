// The suites that classifiers pass: ways to train them, those that learn as they go, and trained ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClassifierModel, Examples, LearningClassifierModel, TrainableClassifierModel } from '../model.ts';
import { uniform } from '../random.ts';

const names = (count: number, of: string): string[] => Array.from({ length: count }, (_, i) => `${of} ${i}`);

/** Rows in `classes` rings around the middle, and two features that say nothing: no single feature tells the class. */
function rings(seed: number, count: number, classes = 2): Examples {
  const next = uniform(seed);
  const rows: number[][] = [];
  const labels: number[] = [];
  while (rows.length < count) {
    const [x, y] = [2 * next() - 1, 2 * next() - 1];
    const radius = Math.sqrt(x * x + y * y);
    const label = Math.floor(radius * classes);
    if (label >= classes || radius * classes - label < 0.15) continue;
    rows.push([x, next(), y, next()]);
    labels.push(label);
  }
  return { features: names(4, 'feature'), classes: names(classes, 'class'), rows, labels };
}

const share = (examples: Examples, said: (row: ArrayLike<number>) => Float64Array): number =>
  examples.rows.filter((row, i) => mostLikely(said(row)) === examples.labels[i]).length / examples.rows.length;

const mostLikely = (chances: Float64Array): number => chances.indexOf(Math.max(...chances));

function assertChances(chances: Float64Array, classes: number): void {
  assert.equal(chances.length, classes);
  for (const chance of chances) assert.ok(chance >= 0 && chance <= 1, `${chance} is no probability`);
  const sum = chances.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - 1) < 1e-6, `probabilities add to ${sum}`);
}

const wildValue = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -1e308, 5e-324),
);
const wildRow = fc.array(wildValue, { minLength: 4, maxLength: 4 });

/** Registers the checks of ways to train with `node:test`. */
export function checkTrainable(model: TrainableClassifierModel): void {
  const check = (what: string, checks: () => void) => test(`${model.name}: ${what}`, checks);
  check('the same examples and seed give the same bytes, the examples untouched', () => {
    const examples = rings(1, 200);
    const copy = structuredClone(examples);
    const bytes = model.train(examples, 3);
    assert.deepEqual(model.train(examples, 3), bytes);
    assert.deepEqual(examples, copy);
    assert.notDeepEqual(model.train(examples, 4), bytes);
    assert.deepEqual(model.open(bytes).features, examples.features);
    assert.deepEqual(model.open(bytes).classes, examples.classes);
  });
  for (const classes of [2, 3])
    check(`learns ${classes} rings`, () => {
      const learnt = model.open(model.train(rings(1, 400 * classes, classes), 1));
      const found = share(rings(2, 400, classes), (row) => learnt.classify(row));
      assert.ok(found > 0.9, `${found} of new rows`);
    });
  check('finds nothing where there is nothing', () => {
    const next = uniform(8);
    const noise = (seed: number) => ({
      ...rings(seed, 400),
      labels: Array.from({ length: 400 }, () => (next() < 0.5 ? 0 : 1)),
    });
    const learnt = model.open(model.train(noise(1), 1));
    const found = share(noise(2), (row) => learnt.classify(row));
    assert.ok(found > 0.4 && found < 0.6, `${found} of new rows`);
  });
  check('answers do not depend on the unit', () => {
    const examples = rings(1, 200);
    const scaled = { ...examples, rows: examples.rows.map((row) => Array.from(row, (x) => 1024 * x)) };
    const [a, b] = [model.open(model.train(examples, 1)), model.open(model.train(scaled, 1))];
    for (const [i, row] of examples.rows.entries()) assert.deepEqual(b.classify(scaled.rows[i]!), a.classify(row));
  });
  check('survives missing and extreme values', () => checkWild(model));
  check('refuses malformed examples', () => checkMalformed(model));
  check('refuses damaged bytes', () => checkDamaged(model));
}

function checkWild(model: TrainableClassifierModel): void {
  fc.assert(
    fc.property(
      fc.array(wildRow, { minLength: 1, maxLength: 30 }),
      fc.array(wildRow, { maxLength: 5 }),
      (rows, others) => {
        const labels = rows.map((_, i) => i % 2);
        const bytes = model.train({ features: names(4, 'f'), classes: ['no', 'yes'], rows, labels }, 1);
        const learnt = model.open(bytes);
        for (const row of [...rows, ...others]) assertChances(learnt.classify(row), 2);
      },
    ),
    { numRuns: 15, seed: 7 },
  );
  // That a value is missing may be what tells the class.
  const next = uniform(4);
  const rows = Array.from({ length: 200 }, (_, i) => [next(), i % 2 ? Number.NaN : next(), next(), next()]);
  const labels = rows.map((_, i) => i % 2);
  const learnt = model.open(model.train({ features: names(4, 'f'), classes: ['no', 'yes'], rows, labels }, 1));
  assert.equal(
    share({ features: [], classes: [], rows, labels }, (row) => learnt.classify(row)),
    1,
  );
}

function checkMalformed(model: TrainableClassifierModel): void {
  const good = rings(1, 20);
  const refused = (change: Partial<Examples>, words: RegExp) =>
    assert.throws(
      () => model.train({ ...good, ...change }, 1),
      (e) => e instanceof RangeError && words.test(e.message),
    );
  refused({ rows: [], labels: [] }, /at least one row/);
  refused({ labels: [1] }, /label/);
  refused({ rows: [...good.rows.slice(1), [1, 2]] }, /Row 19.*4 features, got 2/);
  refused({ labels: Array.from({ length: 20 }, () => 2) }, /Row 0.*0 to 1.*2/);
  refused({ classes: ['one'] }, /classes/);
  refused({ features: [] }, /features/);
  assert.throws(() => model.open(model.train(good, 1)).classify([1, 2, 3]), /4 features, got 3/);
}

function checkDamaged(model: TrainableClassifierModel): void {
  const bytes = model.train(rings(1, 100), 1);
  const damaged = (change: (copy: Uint8Array) => Uint8Array) =>
    assert.throws(() => model.open(change(bytes.slice())), RangeError);
  damaged((copy) => copy.subarray(0, copy.length - 1));
  damaged((copy) => copy.subarray(0, 3));
  damaged(() => new Uint8Array(0));
  damaged((copy) => Uint8Array.of(...copy, 0));
  damaged((copy) => copy.fill(0, 0, 1));
  damaged((copy) => copy.fill(9, 4, 5));
  damaged((copy) => copy.fill(0xff, copy.length - 8));
  damaged((copy) => copy.fill(0x7b, 12, 20));
  // Whatever a changed byte does, it gives probabilities or a RangeError, never anything else.
  const next = uniform(5);
  for (let i = 0; i < 300; i++) {
    const copy = bytes.slice();
    copy[Math.floor(next() * copy.length)] = Math.floor(next() * 256);
    try {
      const opened = model.open(copy);
      if (opened.features.length === 4) assertChances(opened.classify([0.1, 0.2, 0.3, 0.4]), opened.classes.length);
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error));
    }
  }
}

/** Registers the checks of classifiers that go on learning with `node:test`. */
export function checkLearning(model: LearningClassifierModel): void {
  const check = (what: string, checks: () => void) => test(`${model.name}: ${what}`, checks);
  const fresh = ({ features, classes }: Examples, seed = 1) => model.create({ features, classes, seed });
  const teach = (learner: ReturnType<typeof fresh>, { rows, labels }: Examples, from = 0, to = rows.length): void => {
    for (let i = from; i < to; i++) learner.learn(rows[i]!, labels[i]!);
  };
  check('deterministic, input untouched, the seed matters', () => {
    const examples = rings(1, 300);
    const copy = structuredClone(examples);
    const [a, b, c] = [fresh(examples), fresh(examples), fresh(examples, 2)];
    for (const learner of [a, b, c]) teach(learner, examples);
    assert.deepEqual(a.state(), b.state());
    assert.notDeepEqual(a.state(), c.state());
    assert.deepEqual(examples, copy);
    const before = a.state();
    a.classify(examples.rows[0]!);
    assert.deepEqual(a.state(), before, 'classifying changes nothing');
  });
  check('knows nothing before its first label', () => {
    for (const chance of fresh(rings(1, 1, 3)).classify([1, 2, 3, 4])) assert.ok(Math.abs(chance - 1 / 3) < 1e-12);
  });
  check('learns rings, and unlearns them when their meaning is swapped', () => {
    const learner = fresh(rings(1, 1));
    teach(learner, rings(1, 1000));
    const later = rings(2, 400);
    const before = share(later, (row) => learner.classify(row));
    assert.ok(before > 0.9, `${before} of new rows`);
    const swapped = (examples: Examples): Examples => ({
      ...examples,
      labels: Array.from(examples.labels, (y) => 1 - y),
    });
    teach(learner, swapped(rings(3, 1500)));
    const after = share(swapped(later), (row) => learner.classify(row));
    assert.ok(after > 0.9, `${after} after the swap`);
  });
  check('three classes', () => {
    const learner = fresh(rings(1, 1, 3));
    teach(learner, rings(1, 1500, 3));
    const found = share(rings(2, 300, 3), (row) => learner.classify(row));
    assert.ok(found > 0.85, `${found} of new rows`);
  });
  check('state survives a round trip', () => {
    for (const cut of [0, 1, 37, 250]) {
      const examples = rings(1, 400);
      const first = fresh(examples);
      teach(first, examples, 0, cut);
      const second = fresh(examples, 9);
      second.restore(first.state());
      assert.deepEqual(second.state(), first.state());
      for (const learner of [first, second]) teach(learner, examples, cut);
      assert.deepEqual(second.state(), first.state());
      for (const row of examples.rows.slice(0, 20)) assert.deepEqual(second.classify(row), first.classify(row));
    }
  });
  check('damaged state is refused and changes nothing', () => {
    const examples = rings(1, 300);
    const learner = fresh(examples);
    teach(learner, examples);
    const before = learner.state();
    const refused = (bytes: Uint8Array) => assert.throws(() => learner.restore(bytes), RangeError);
    refused(before.subarray(1));
    refused(before.slice().fill(0, 0, 1));
    refused(before.slice().fill(0xff, 8, 16));
    refused(before.slice().fill(0x40, before.length - 64));
    assert.deepEqual(learner.state(), before);
  });
  check('any input is survived within the stated memory', () => {
    const limit = model.stateBytesMax(4, 2);
    fc.assert(
      fc.property(fc.array(wildRow, { minLength: 1, maxLength: 120 }), (rows) => {
        const learner = model.create({ features: names(4, 'f'), classes: ['no', 'yes'] });
        for (const [i, row] of rows.entries()) {
          assertChances(learner.classify(row), 2);
          learner.learn(row, (i * 7) % 3 === 0 ? 1 : 0);
        }
        assert.ok(learner.state().length <= limit);
      }),
      { numRuns: 15, seed: 7 },
    );
    const learner = fresh(rings(1, 1));
    teach(learner, rings(5, 3000));
    assert.ok(learner.state().length <= limit);
    assert.throws(() => learner.learn([1, 2, 3], 0), RangeError);
    assert.throws(() => learner.learn([1, 2, 3, 4], 2), RangeError);
    assert.throws(() => learner.classify([1]), RangeError);
  });
}

/** Registers the checks of trained classifiers with `node:test`. @param skip why it cannot run here, if so */
export function checkClassifier(model: ClassifierModel, skip: string | false = false): void {
  test(`${model.name}: gives probabilities, the same again, and refuses rows of another width`, { skip }, async () => {
    const { classes, features, classify } = await model.open();
    const next = uniform(3);
    for (let i = 0; i < 50; i++) {
      const row = features.map(() => (i % 5 === 0 ? Number.NaN : 10 * next()));
      const copy = [...row];
      const chances = await classify(row);
      assertChances(chances, classes.length);
      assert.deepEqual(await classify(row), chances);
      assert.deepEqual(row, copy);
    }
    await assert.rejects(async () => classify([1]), RangeError);
  });
}
