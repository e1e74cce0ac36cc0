// Readings over time: silence stays silence, whatever the number of buckets.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { KeyDirectory } from '../projections/keys.ts';
import { SequenceTracker } from '../projections/sequences.ts';
import { openStore, type Store } from '../projections/tables/store.ts';
import { append } from './testing/tables.ts';
import { Views } from './views.ts';

const folder = mkdtempSync(join(tmpdir(), 'trine-readings-'));
let store: Store;
let views: Views;

/** A minute apart, silent from the 20th to the 60th minute, and one text among them that is no point of a line. */
const minutes = [...Array.from({ length: 20 }, (_, i) => i), ...Array.from({ length: 20 }, (_, i) => 60 + i)];
const MINUTE = 60_000;
const start = 1_700_000_040_000;

before(async () => {
  store = await openStore(join(folder, 'views.duckdb'));
  views = new Views(store, new KeyDirectory(), new SequenceTracker());
  const times = Float64Array.from(minutes, (minute) => start + minute * MINUTE);
  await append(store, 100, [], {
    streams: [{ stream: 0, subject: 's', quantity: 'q', unit: 'm' }],
    readings: {
      stream: new Uint32Array(41),
      timeMs: Float64Array.from([...times, start + 40 * MINUTE]),
      leaf: Float64Array.from({ length: 41 }, (_, i) => i),
      value: Float64Array.from([...minutes, Number.NaN]),
    },
    texts: [{ stream: 0, timeMs: start + 40 * MINUTE, leaf: 40, value: 'off' }],
  });
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const silence = { fromMs: start + 19 * MINUTE, toMs: start + 60 * MINUTE };

test('property: of any number of buckets, one empty entry parts what silence parts, and none is made up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 5_000 }), async (points) => {
      const { timeMs, mean, low, high, leaf, count, gaps, usualMs } = await views.series({ stream: 0, points });
      assert.equal(usualMs, MINUTE);
      for (const column of [mean, low, high, leaf, count]) assert.equal(column.length, timeMs.length);
      assert.equal(
        count.reduce((sum, n) => sum + n, 0),
        minutes.length,
      );
      assert.deepEqual(
        timeMs,
        timeMs.toSorted((a, b) => a - b),
      );
      // One bucket may hold both ends of the silence: then it cannot be drawn, and the list of gaps has none.
      const empty = mean.flatMap((value, i) => (value === null ? [i] : []));
      assert.equal(empty.length, gaps.length);
      for (const i of empty) {
        assert.deepEqual([low[i], high[i], leaf[i], count[i]], [null, null, null, 0]);
        assert.ok((timeMs[i] as number) > silence.fromMs && (timeMs[i] as number) < silence.toMs);
      }
      if (points > 3) assert.deepEqual(gaps, [silence]);
    }),
    { numRuns: 25 },
  );
});

test('silence at the ends of the range is said where the range was asked for', async () => {
  const from = start - 10 * MINUTE;
  const to = start + 200 * MINUTE;
  const { gaps, fromMs, toMs } = await views.series({ stream: 0, points: 100, from, to });
  assert.deepEqual([fromMs, toMs], [from, to]);
  assert.deepEqual(gaps, [{ fromMs: from, toMs: start }, silence, { fromMs: start + 79 * MINUTE, toMs: to }]);
  const quiet = await views.series({ stream: 0, points: 100, from: silence.fromMs + 1, to: silence.toMs });
  assert.deepEqual([quiet.timeMs, quiet.usualMs], [[], undefined]);
});

test('readings as they came: numbers and texts, by time, within the range', async () => {
  const { items, counts } = await views.readings({ subject: 's', limit: 3, from: start + 18 * MINUTE });
  assert.equal(counts.total, 23);
  assert.deepEqual(
    items.map(({ value }) => value),
    [79, 78, 77],
  );
  const some = { subject: 's', quantity: 'q', limit: 9, sort: 'oldest' as const };
  const page = await views.readings({ ...some, from: start + 19 * MINUTE, to: start + 61 * MINUTE });
  assert.deepEqual(
    page.items.map(({ value }) => value),
    [19, 'off', 60],
  );
  assert.equal((await views.readings({ ...some, quantity: 'none' })).counts.total, 0);
  const all: unknown[] = [];
  for await (const part of views.allReadings({ subject: 's' })) all.push(...part);
  assert.equal(all.length, 41);
});
