import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnended, itemsOfPoint, parsePoint } from './line-protocol.ts';
import { timeReader } from './record.ts';

const ofPoint = (line: string) => {
  const point = parsePoint(line);
  return typeof point === 'string'
    ? point
    : [point.measurement, Object.fromEntries(point.tags), Object.fromEntries(point.fields), point.timestamp];
};

test('points of the documentation of line protocol', () => {
  for (const [line, expected] of [
    [
      'myMeasurement,tag1=value1,tag2=value2 fieldKey="fieldValue" 1556813561098000000',
      ['myMeasurement', { tag1: 'value1', tag2: 'value2' }, { fieldKey: 'fieldValue' }, '1556813561098000000'],
    ],
    ['m f=1.0', ['m', {}, { f: 1 }, undefined]],
    ['m f=-1.234456e+78', ['m', {}, { f: -1.234456e78 }, undefined]],
    ['m a=1i,b=12485903u,c=-12485903i 1', ['m', {}, { a: 1, b: 12_485_903, c: -12_485_903 }, '1']],
    ['m a=t,b=True,c=F,d=false', ['m', {}, { a: true, b: true, c: false, d: false }, undefined]],
    ['my\\ Measurement f="string value"', ['my Measurement', {}, { f: 'string value' }, undefined]],
    ['m f="\\"string\\" within a \\\\ string"', ['m', {}, { f: '"string" within a \\ string' }, undefined]],
    [
      'm,tag\\ Key1=tag\\ Value1,t\\,2=a\\=b f\\=1=100',
      ['m', { 'tag Key1': 'tag Value1', 't,2': 'a=b' }, { 'f=1': 100 }, undefined],
    ],
    ['m,t=🍭 f="Launch 🚀" 1556813561098000000', ['m', { t: '🍭' }, { f: 'Launch 🚀' }, '1556813561098000000']],
    ['m f="a, b=c d",g=2 7', ['m', {}, { f: 'a, b=c d', g: 2 }, '7']],
    ['C:\\path f=1', ['C:\\path', {}, { f: 1 }, undefined]],
  ] as const)
    assert.deepEqual(ofPoint(line), expected, line);
});

test('what is no point says why', () => {
  for (const line of ['', 'm', 'm,t f=1', 'm f', 'm f=', 'm f=abc', 'm f=1 x', 'm f=1 1 2', ',t=1 f=1', 'm f=1ii'])
    assert.equal(typeof parsePoint(line), 'string', line);
  assert.ok(isUnended(parsePoint('m f="begins')));
  assert.ok(!isUnended(parsePoint('m f=')));
});

test('readings of a point: tags name the thing, timestamps are of the unit in which they are a time', () => {
  const items = (line: string, precision?: 's') => {
    const point = parsePoint(line);
    if (typeof point === 'string') return assert.fail(point);
    return [...itemsOfPoint(point, 3, timeReader({ timezone: 'UTC', ...(precision && { precision }) }))];
  };
  const at = Date.UTC(2019, 0, 31, 0, 10);
  for (const timestamp of ['1548893400', '1548893400000', '1548893400000000', '1548893400000000000'])
    assert.deepEqual(items(`w,b=2,a=1 t=21.5 ${timestamp}`), [
      { thing: ['w', 'a:1', 'b:2'], quantity: 't', timeMs: at, value: 21.5, place: 3 },
    ]);
  assert.deepEqual(
    items('w a=NaN,b=9007199254740993i,c="off",d="unavailable" 1548893400').map((item) =>
      'why' in item ? [item.why, item.isLoss] : item.value,
    ),
    [['no value', false], ['beyond 2^53, where it would be rounded', true], 'off', ['no value', false]],
  );
  assert.deepEqual(items('w a=1'), [{ why: 'no time', text: '', place: 3, isLoss: true }]);
  assert.equal(items('w a=1 1548893400000', 's').length, 1);
  assert.ok('why' in (items('w a=1 1548893400000', 's')[0] ?? {}));
});
