import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { RowTimes } from './row-times.ts';
import { wideDay } from './wide.ts';

const pad = (value: number) => String(value).padStart(2, '0');
const clock = (minute: number) => `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`;
const halves = Array.from({ length: 48 }, (_, i) => i);

/** First, second and last moment of a day. */
function ends(headings: readonly string[], at?: 'start' | 'end', zone = 'UTC'): (string | undefined)[] {
  const found = wideDay(headings, at);
  assert.ok(found, headings.join());
  const times = new RowTimes({ columns: [0], format: { kind: 'day-first', zone }, join: found.slots }, zones);
  const all = found.columns.map(({ slot }) => times.readSlot('01/06/2024', slot));
  return [all[0], all[1], all.at(-1)].map((read) =>
    read?.kind === 'time' ? new Date(read.ms).toISOString().slice(5, 16) : undefined,
  );
}

test('headings that are clocks: the time they name, which may end a part', () => {
  const starts = ['06-01T00:00', '06-01T00:30', '06-01T23:30'];
  const stops = ['06-01T00:30', '06-01T01:00', '06-02T00:00'];
  assert.deepEqual(ends(['Date', ...halves.map((i) => clock(i * 30))]), starts);
  assert.deepEqual(ends(['Date', ...halves.map((i) => `kWh ${i >> 1}:${i % 2 ? '30' : '00'}`), 'Total']), starts);
  assert.deepEqual(ends(['Date', ...halves.map((i) => clock(i * 30 + 30))]), stops);
  assert.deepEqual(ends(['Date', ...halves.map((i) => clock((i * 30 + 30) % 1440))]), stops);
  assert.deepEqual(ends(['Date', ...halves.map((i) => `K${clock(i * 30 + 30).replace(':', '')}`)]), stops);
  const spans = ['Date', ...halves.map((i) => `${clock(i * 30)} - ${clock((i * 30 + 30) % 1440)}`)];
  assert.deepEqual(ends(spans), starts);
  assert.deepEqual(ends(spans, 'end'), stops);
});

test('headings that number the parts of a day: hours, halves, quarters, with those of the long day', () => {
  const numbered = (count: number, name: string, first = 1) => [
    'Date',
    ...Array.from({ length: count }, (_, i) => `${name}${i + first}`),
  ];
  for (const [count, minutes] of [
    [24, 60],
    [25, 60],
    [48, 30],
    [50, 30],
    [96, 15],
  ] as const)
    assert.equal(wideDay(numbered(count, 'H'))?.slots.minutes, minutes);
  assert.deepEqual(ends(numbered(24, 'Hour ')), ['06-01T00:00', '06-01T01:00', '06-01T23:00']);
  assert.deepEqual(ends(numbered(24, '', 0)), ['06-01T00:00', '06-01T01:00', '06-01T23:00']);
  assert.deepEqual(ends(numbered(24, 'HE'), 'end'), ['06-01T01:00', '06-01T02:00', '06-02T00:00']);
  assert.equal(wideDay(numbered(50, 'SP'))?.slots.counts, 'elapsed');
  for (const other of [numbered(7, 'sensor'), numbered(24, 'sensor', 3), ['a', 'b'], ['00:00', '00:30', 'x']])
    assert.equal(wideDay(other), undefined, other.join());
});
