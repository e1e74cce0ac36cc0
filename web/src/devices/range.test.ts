import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf, timesOf } from './range.ts';

test('a range of the address: by name, or between two times; anything else is all', () => {
  assert.deepEqual(rangeOf({ range: '24h', from: 5 }), { range: '24h' });
  assert.deepEqual(rangeOf({ range: 'toString', from: 5, to: 9 }), { from: 5, to: 9 });
  assert.deepEqual(rangeOf({ from: 9, to: 5 }), {});
  assert.deepEqual(rangeOf({ from: '5', to: -1 }), {});
});

test('a named range ends now and stays open; one between two times does not move', () => {
  assert.deepEqual(timesOf({ range: '1h' }, 4_000_000), { fromMs: 400_000 });
  assert.deepEqual(timesOf({ from: 5, to: 9 }, 4_000_000), { fromMs: 5, toMs: 9 });
  assert.deepEqual(timesOf({}, 4_000_000), {});
});
