import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nem12Rows } from './nem12.ts';

const items = (text: string, end?: 'start' | 'end') => {
  const reader = new Nem12Rows(end);
  const rows = text.trim().split('\n');
  return [...rows.flatMap((line, i) => [...reader.read(line.split(','), i + 1)]), ...reader.end(rows.length)].map(
    (item) =>
      'why' in item
        ? [item.why, item.isLoss]
        : [
            item.thing.join(),
            item.quantity,
            item.unit,
            new Date(item.timeMs).toISOString(),
            item.value,
            item.mark ?? '',
          ],
  );
};
const values = (count: number) => Array.from({ length: count }, (_, i) => `${i + 0.5}`).join(',');

test('a day of half hours in market time, the next meter, and its ends', () => {
  const text = `
100,NEM12,200506081149,UNITEDDP,NEMMCO
200,NEM1201009,E1E2,1,E1,N1,01009,kWh,30,20050610
300,20050301,${values(48)},A,,,20050310121004,20050310182204
200,NEM1201009,E1E2,2,B1,,01009,KWH,720,
300,20050301,1,2,S14,,,20050310121004,
500,O,S01023,20050310121004,
900`;
  const found = items(text);
  assert.equal(found.length, 50);
  assert.deepEqual(found[0], ['NEM1201009', 'E1', 'kWh', '2005-02-28T14:00:00.000Z', 0.5, '']);
  assert.deepEqual(found[47], ['NEM1201009', 'E1', 'kWh', '2005-03-01T13:30:00.000Z', 47.5, '']);
  assert.deepEqual(found[49], ['NEM1201009', 'B1', 'KWH', '2005-03-01T02:00:00.000Z', 2, 'substituted (S)']);
  assert.equal(items(text, 'end')[0]?.[3], '2005-02-28T14:30:00.000Z');
});

test('400 records say the quality of their intervals: null data is no value', () => {
  const text = `
100,NEM12,200506081149,A,B
200,N1,E1,1,E1,,M,kWh,360,
300,20240601,1,2,3,4,V,,,,
400,1,2,A,,
400,3,3,N,,
400,4,4,E52,32,
400,9,9,A,,
300,20240602,1,,x,4,N,,,,
900`;
  assert.deepEqual(
    items(text).map((item) => (item.length === 2 ? item : item.slice(4))),
    [
      ['400 record that fits no day', false],
      [1, ''],
      [2, ''],
      ['no value', false],
      [4, 'estimated (E)'],
      ...[1, 2, 3, 4].map(() => ['no value', false]),
    ],
  );
});

test('what does not fit is counted, and costs its day alone', () => {
  const text = `
300,20240601,1,2,A
200,N1,E1,1,E1,,M,kWh,7,
300,20240601,1,2,A
200,N1,E1,1,E1,,M,kWh,720,
300,20240601,1,2,3,A
300,20240631,1,2,A
300,20240601,1,2;3,A
300,20240602,5,6,A
700,x`;
  assert.deepEqual(
    items(text).map((item) => (item.length === 2 ? item : item[4])),
    [
      ['300 record without a 200 record', true],
      ['200 record that names no meter, unit or interval', true],
      ['300 record without a 200 record', true],
      ['300 record that has not one value for each interval and a quality', true],
      ['300 record of no date', true],
      1,
      ['no number', true],
      5,
      6,
      ['record of no known kind', false],
      ['no 900 record: the file may be cut off', false],
    ],
  );
});
