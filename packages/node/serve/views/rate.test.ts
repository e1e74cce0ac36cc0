// How often a thing speaks: a proposal from whole windows of its past, and none where there was nothing usable.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { openTables } from '../../testing/lists.ts';
import { append } from '../testing/tables.ts';
import { rate } from './rate.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = 1_700_000_000_000 - (1_700_000_000_000 % HOUR);

/** A reading in a statement of its own. */
interface Said {
  readonly stream: number;
  readonly timeMs: number;
  readonly value: number | string;
}

const streams = [
  { stream: 0, subject: 'steady', quantity: 'q', unit: 'm' },
  { stream: 1, subject: 'dead', quantity: 'q', unit: 'm' },
  { stream: 2, subject: 'wordy', quantity: 'state', unit: '' },
  { stream: 3, subject: 'wordy', quantity: 'battery', unit: 'V' },
  { stream: 4, subject: 'daily', quantity: 'q', unit: 'm' },
  { stream: 5, subject: 'fresh', quantity: 'q', unit: 'm' },
];
const every = (stream: number, stepMs: number, count: number, value: number | string, offsetMs = 0): Said[] =>
  Array.from({ length: count }, (_, i) => ({ stream, timeMs: START + offsetMs + i * stepMs, value }));

/** Ten an hour, but none in the third, and twice as many in the fifth. */
const steady = [
  ...every(0, 6 * MINUTE, 100, 1).filter(({ timeMs }) => Math.floor((timeMs - START) / HOUR) !== 2),
  ...every(0, 6 * MINUTE, 10, 1, 4 * HOUR + 1),
];
const all = [
  ...steady,
  ...every(1, MINUTE, 600, Number.NaN),
  ...every(1, MINUTE, 600, 'unavailable'),
  ...every(2, 6 * MINUTE, 100, 'open'),
  ...every(3, 30 * MINUTE, 20, 3.1),
  ...every(4, 24 * HOUR, 5, 1),
  ...every(5, MINUTE, 12, 1, 10 * MINUTE),
];

const store = await openTables();
before(async () => {
  const numbers = all.filter(({ value }) => typeof value === 'number');
  const leafOf = new Map(all.map((one, leaf) => [one, leaf]));
  await append(store, all.length, [], {
    streams,
    readings: {
      stream: Uint32Array.from(numbers, ({ stream }) => stream),
      timeMs: Float64Array.from(numbers, ({ timeMs }) => timeMs),
      leaf: Float64Array.from(numbers, (one) => leafOf.get(one) as number),
      value: Float64Array.from(numbers, ({ value }) => value as number),
    },
    texts: all.flatMap((one) =>
      typeof one.value === 'string'
        ? [{ stream: one.stream, timeMs: one.timeMs, leaf: leafOf.get(one) as number, value: one.value }]
        : [],
    ),
  });
});

test('four fifths of the median of whole windows, neither moved by a silent one nor by a busy one', async () => {
  const { usual, proposed, windows, fromMs, words } = await rate(store, { subject: 'steady', windowMs: HOUR });
  assert.deepEqual([usual, proposed, windows, fromMs], [10, 8, 9, START]);
  assert.equal(
    words,
    'steady says 10 statements with a usable value in 1 h (the median of 9 windows); 8 are proposed as due, four fifths of it.',
  );
});

test('a thing that never said anything usable gets no proposal, however often it speaks', async () => {
  const { proposed, words } = await rate(store, { subject: 'dead', windowMs: HOUR });
  assert.equal(proposed, undefined);
  assert.match(words, /never said anything with a usable value/);
  assert.equal((await rate(store, { subject: 'nobody', windowMs: HOUR })).proposed, undefined);
});

test('texts count where they are agreed, and of named quantities those alone', async () => {
  const of = async (more: object) => (await rate(store, { subject: 'wordy', windowMs: HOUR, ...more })).usual;
  assert.deepEqual(
    [await of({}), await of({ texts: true }), await of({ texts: true, quantities: 'state' })],
    [2, 12, 10],
  );
  assert.equal((await rate(store, { subject: 'wordy', windowMs: HOUR, quantities: 'state' })).proposed, undefined);
});

test('windows that are too short for a thing are said to be, and one is proposed', async () => {
  const { usual, proposed, words } = await rate(store, { subject: 'daily', windowMs: HOUR });
  assert.deepEqual([usual, proposed], [0, 1]);
  assert.match(words, /says nothing in most windows of 1 h .*choose longer ones/);
});

test('before a whole window is seen, no more is proposed than was there in a part of one', async () => {
  const { windows, usual, proposed, words } = await rate(store, { subject: 'fresh', windowMs: HOUR });
  assert.deepEqual([windows, usual, proposed], [0, undefined, 9]);
  assert.match(words, /not spoken for a whole window of 1 h yet: 12 statements in a part of one/);
});

test('a window as long as can be agreed is answered', async () => {
  assert.equal((await rate(store, { subject: 'steady', windowMs: 31 * 24 * HOUR })).windows, 0);
});
