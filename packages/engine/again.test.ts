// What a correction starts from, where a log is read again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesBelow } from './again.ts';
import { entry } from './domain.ts';
import type { RecordedRow } from './recorded.ts';

const line = (leaf: number, obligation: string, key: string, amount: number): RecordedRow => ({
  ...{ leaf, obligation, key, outcome: 'pay' },
  effects: [entry(key, 'recipient', amount, 'EUR')],
});

test('a line that was sealed again before its decision counts once, as it was sealed last; others stay as they are', () => {
  const rows = [
    line(3, 'a', 'home/1', 7),
    line(4, 'a', 'home/2', 8),
    line(5, 'a', 'home/1', 9),
    line(8, 'b', 'home/1', 1),
  ];
  assert.deepEqual(linesBelow(rows, 9), [rows[2], rows[1], rows[3]]);
  assert.deepEqual(linesBelow(rows, 5), [rows[0], rows[1]]);
});
