import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedOverview, LiveStore } from './live.ts';
import type { Overview, SealView } from './types.ts';

const seal = (leaf: number): SealView => ({
  leaf,
  id: String(leaf),
  subject: 's',
  kind: 'pack',
  arrivalMs: leaf,
  class: 'software',
  readings: 1,
});

test('live: newest seals first, and never more than are kept', () => {
  const store = new LiveStore();
  store.add([seal(1), seal(2)], [], []);
  store.add([seal(3)], [], []);
  assert.deepEqual(
    store.get().seals.map(({ leaf }) => leaf),
    [3, 2, 1],
  );
  store.add(
    Array.from({ length: 500 }, (_, i) => seal(i + 4)),
    [],
    [],
  );
  assert.equal(store.get().seals.length, 50);
  assert.equal(store.get().seals[0]?.leaf, 503);
});

test('live: points stay in order of time and bounded', () => {
  const store = new LiveStore();
  const reading = (timeMs: number) => ({ subject: 's', quantity: 'q', unit: '', timeMs, value: timeMs });
  store.add([], [reading(2), reading(1), reading(3)], []);
  assert.deepEqual(
    store.pointsOf('s', 'q').map(({ timeMs }) => timeMs),
    [2, 3],
  );
  store.add(
    [],
    Array.from({ length: 3_000 }, (_, i) => reading(10 + i)),
    [],
  );
  assert.equal(store.pointsOf('s', 'q').length, 1_200);
  assert.equal(store.pointsOf('s', 'q').at(-1)?.timeMs, 3_009);
});

test('live: a rate is the growth over the time between two counts, and a restart of the node is no rate', () => {
  const store = new LiveStore();
  store.count(100, 0);
  store.count(300, 2_000);
  assert.deepEqual(store.get().rates, [100]);
  store.count(5, 3_000);
  assert.deepEqual(store.get().rates, [100]);
});

test('live: a problem of the node is there while it lasts, and gone when it is mended', () => {
  const whole = { log: { size: 1 }, problems: [], faults: 0 } as unknown as Overview;
  const problem = { code: 'transport' as const, message: 'gone', sinceMs: 1 };
  assert.equal(changedOverview(undefined, { problems: [problem] }), undefined);
  const known = changedOverview(undefined, whole as never);
  const troubled = changedOverview(known, { problems: [problem], problem: 'gone' });
  assert.deepEqual(troubled?.problems, [problem]);
  const mended = changedOverview(troubled, { problems: [], problem: null });
  assert.deepEqual(mended, whole);
});
