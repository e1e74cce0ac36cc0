// Live events: numbered, and what a reader missed is told, or that it cannot be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventBus, type NodeEvent } from './events.ts';
import { alert, decisionRow, hex, intentRow, settlement, status } from './testing/tables.ts';

let now = 1_000;
const decided = (...leaves: number[]) => ({
  next: 9,
  batches: [],
  rows: leaves.map((leaf) => decisionRow(leaf, leaf)),
});
const leavesOf = (events: readonly NodeEvent[]) =>
  events.map((one) => (one.event === 'decision' ? one.data.leaf : one.event));

test('who was away is told what was missed, in order and once', () => {
  const bus = new EventBus(() => now);
  const heard: NodeEvent[] = [];
  const stop = bus.listen((event) => heard.push(event));
  bus.committed(decided(1, 2));
  stop();
  bus.committed(decided(3, 4));
  assert.deepEqual(leavesOf(bus.since(heard.at(-1)?.id as string)), [3, 4]);
  assert.deepEqual(leavesOf(bus.since(heard[0]?.id as string)), [2, 3, 4]);
  assert.deepEqual(bus.since(bus.id), []);
  assert.equal(new Set(heard.map(({ id }) => id)).size, 2);
});

test('what is not kept is said: too long ago, another run, junk', () => {
  const bus = new EventBus(() => now);
  const heard: NodeEvent[] = [];
  bus.listen((event) => heard.push(event));
  for (let i = 0; i < 2_010; i += 10) bus.committed(decided(...Array.from({ length: 10 }, (_, k) => i + k)));
  assert.equal(heard.length, 2_010);
  assert.deepEqual(leavesOf(bus.since(heard[8]?.id as string)), ['reload']);
  assert.equal(bus.since(heard[9]?.id as string).length, 2_000);
  for (const id of ['', '-', 'x-1', `${bus.id}0`, `${bus.id.split('-')[0]}--1`]) {
    const [only, ...others] = bus.since(id);
    assert.deepEqual([only?.event, only?.id, others.length], ['reload', bus.id, 0], id);
  }
});

test('no amount of junk makes readers ask for everything again', () => {
  const bus = new EventBus(() => now);
  const heard: NodeEvent[] = [];
  bus.listen((event) => heard.push(event));
  bus.committed(decided(1, 2));
  for (let i = 0; i < 5_000; i++) bus.refused('bad-signature', `junk ${i}`, 'mqtt:evil');
  bus.committed(decided(3));
  const missed = bus.since(heard[0]?.id as string);
  assert.deepEqual(
    leavesOf(missed).filter((one) => one !== 'refusal'),
    [2, 3],
  );
  assert.equal(missed.length, 2_002);
  const order = missed.map(({ id }) => heard.findIndex((one) => one.id === id));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('what happens while nobody listens costs nothing, and is not passed over in silence', () => {
  const bus = new EventBus(() => now);
  const heard: NodeEvent[] = [];
  const stop = bus.listen((event) => heard.push(event));
  bus.committed(decided(1));
  stop();
  const { id } = bus;
  now += 59_000;
  bus.committed(decided(2));
  assert.deepEqual(leavesOf(bus.since(id)), [2]);
  now += 2_000;
  bus.committed(decided(3));
  assert.deepEqual(leavesOf(bus.since(id)), ['reload']);
  // Who comes now is told from here on.
  const since = bus.id;
  bus.listen((event) => heard.push(event));
  bus.committed(decided(4));
  assert.deepEqual(leavesOf(bus.since(since)), [4]);
});

test('of a commit with more rows than are shown, that there were more is said first', () => {
  const bus = new EventBus(() => now);
  const heard: NodeEvent[] = [];
  bus.listen((event) => heard.push(event));
  bus.committed(decided(...Array.from({ length: 65 }, (_, i) => i)));
  assert.equal(heard.length, 65);
  assert.deepEqual(leavesOf(heard).slice(0, 2), ['reload', 1]);
});

test('payments and alerts carry what changes in a list', () => {
  const bus = new EventBus(() => now);
  const heard: NodeEvent[] = [];
  bus.listen((event) => heard.push(event));
  const rows = [intentRow(5, 90, 1), settlement(6), alert(7, 2), status(8, 2, 'resolved')];
  bus.committed({ next: 9, batches: [], rows });
  assert.deepEqual(
    heard.map(({ data }) => [
      (data as { id?: string }).id,
      (data as { state?: string }).state,
      (data as { status?: string }).status,
    ]),
    [
      [hex(90), 'ordered', undefined],
      [hex(90), 'paid', undefined],
      [undefined, undefined, 'raised'],
      [undefined, undefined, 'resolved'],
    ],
  );
});

test('trouble is told once and gone when it is mended; what nobody expected, after a while', () => {
  const bus = new EventBus(() => now);
  const heard: NodeEvent[] = [];
  bus.listen((event) => heard.push(event));
  bus.trouble('deciding', 'no');
  bus.trouble('deciding', 'no');
  bus.trouble('fault', 'unforeseen');
  assert.deepEqual(
    bus.troubles.map(({ about }) => about),
    ['deciding', 'fault'],
  );
  assert.equal(heard.length, 2);
  bus.mended('deciding');
  now += 600_001;
  assert.deepEqual(bus.troubles, []);
});
