import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOfJson } from './json-rows.ts';

const rows = (json: unknown) => rowsOfJson(json).map((row) => Object.fromEntries(row));

test('flat and nested objects are one row, members by their path', () => {
  assert.deepEqual(rows({ time: 't', temp: 21.5, ok: true, none: null }), [
    { time: 't', temp: 21.5, ok: true, none: null },
  ]);
  assert.deepEqual(rows({ at: 't', bme: { temp: 1, air: { hum: 2 } } }), [
    { at: 't', 'bme.temp': 1, 'bme.air.hum': 2 },
  ]);
  assert.deepEqual(rows([{ a: 1 }, { a: 2 }]), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(rows(5), []);
  assert.deepEqual(rows({}), []);
});

test('a list with times, or around which there is none, is a row each', () => {
  const data = [
    { time: '2024-06-01T00:00:00Z', v: 1 },
    { time: '2024-06-01T01:00:00Z', v: 2 },
  ];
  const expected = data.map((one) => ({ id: 'a', ...one }));
  assert.deepEqual(rows({ id: 'a', data }), expected);
  assert.deepEqual(
    rows({ id: 'a', sent: '2024-06-02T00:00:00Z', data }).map((row) => row.v),
    [1, 2],
  );
  assert.deepEqual(rows({ data: [{ value: 1 }], value: 'x' }), [{ value: 'x', 'data.value': 1 }]);
});

test('numbers beside a list are about the list, but for what names it', () => {
  const data = [{ time: '2024-06-01T00:00:00Z', v: 1 }];
  const around = new Map<string, boolean>();
  const found = rowsOfJson({ device_id: 17, count: 1, page: { total: 3 }, ok: true, data }, around);
  assert.deepEqual(
    found.map((row) => Object.fromEntries(row)),
    [{ device_id: 17, ...data[0] }],
  );
  rowsOfJson({ sent: '2024-06-01T00:00:00Z', battery: 80, data }, around);
  assert.deepEqual(
    [...around],
    [
      ['count', false],
      ['page.total', false],
      ['ok', false],
      ['battery', true],
    ],
  );
});

test('a list without times beside a time is columns: two gateways are not two readings', () => {
  assert.deepEqual(
    rows({ time: '2024-06-01T00:00:00Z', object: { t: 1 }, rxInfo: [{ rssi: -50 }, { rssi: -60 }], p: [7, 8] }),
    [{ time: '2024-06-01T00:00:00Z', 'object.t': 1, 'rxInfo.0.rssi': -50, 'rxInfo.1.rssi': -60, 'p.0': 7, 'p.1': 8 }],
  );
});

test('columns: lists of one length, columns with values, moments with values', () => {
  const time = ['2024-06-01T00:00', '2024-06-01T01:00'];
  assert.deepEqual(
    rows({ lat: 52, hourly_units: { time: 'iso8601', t: '°C' }, hourly: { time, t: [1, null] } }).map(
      ({ time, ...row }) => [row.lat, time, row['t (°C)']],
    ),
    [
      [undefined, time[0], 1],
      [undefined, time[1], null],
    ],
  );
  assert.deepEqual(rows({ results: [{ series: [{ name: 'cpu', columns: ['time', 'v'], values: [[1, 2]] }] }] }), [
    { name: 'cpu', time: 1, v: 2 },
  ]);
  assert.deepEqual(rows({ metric: { job: 'x' }, values: [[1435781430.781, '1']] }), [
    { 'metric.job': 'x', time: 1435781430.781, value: '1' },
  ]);
});

test('depth is bounded', () => {
  const deep = Array.from({ length: 60 }).reduce<unknown>((inner) => ({ a: inner }), 1);
  assert.deepEqual(rows(deep), []);
});
