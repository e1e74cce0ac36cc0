import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvCell } from './csv.ts';

test('what somebody else wrote is a text to a spreadsheet; numbers are numbers', () => {
  for (const formula of ['=1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '\uff1d1', '\uff201'])
    assert.match(csvCell(formula), /^"?'/, JSON.stringify(formula));
  assert.deepEqual([-5, 0, true, undefined, 'a', 'a,b', 'say "yes"', 'two\nlines', 'a=b', ''].map(csvCell), [
    '-5',
    '0',
    'true',
    '',
    'a',
    '"a,b"',
    '"say ""yes"""',
    '"two\nlines"',
    'a=b',
    '',
  ]);
});
