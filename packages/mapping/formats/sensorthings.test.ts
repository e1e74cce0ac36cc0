import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeReader } from './record.ts';
import { SensorThings } from './sensorthings.ts';

const items = (json: unknown, interval?: 'start') =>
  [...new SensorThings(timeReader({ timezone: 'UTC', ...(interval && { interval }) })).items(json, 1)].map((item) =>
    'why' in item
      ? [item.why, item.isLoss]
      : [
          item.thing.join(),
          item.quantity,
          item.unit ?? '',
          new Date(item.timeMs).toISOString().slice(11, 16),
          item.value,
        ],
  );
const stream = (id: number, name: string, more = {}) => ({
  '@iot.id': id,
  name,
  unitOfMeasurement: { name: 'Degree Celsius', symbol: '°C', definition: 'ucum:Cel' },
  ...more,
});
const thing = { '@iot.id': 7, name: 'Station Nord' };
const property = { '@iot.id': 1, name: 'Air Temperature' };

test('observations with their datastream; instants and intervals', () => {
  const Datastream = stream(5, 'Temp N', { Thing: thing, ObservedProperty: property });
  const value = [
    { '@iot.id': 1, phenomenonTime: '2024-06-01T10:00:00.000Z', result: 21.5, Datastream },
    { '@iot.id': 2, phenomenonTime: '2024-06-01T10:00:00Z/2024-06-01T10:05:00Z', result: '21.6', Datastream },
    { '@iot.id': 3, phenomenonTime: null, resultTime: '2024-06-01T10:10:00Z', result: 21.7, Datastream },
    { '@iot.id': 4, phenomenonTime: '2024-06-01T10:15:00Z', result: null, Datastream },
    { '@iot.id': 5, result: 1, Datastream },
  ];
  const expected = (second: string) => [
    ['Station Nord', 'Air Temperature', '°C', '10:00', 21.5],
    ['Station Nord', 'Air Temperature', '°C', second, 21.6],
    ['Station Nord', 'Air Temperature', '°C', '10:10', 21.7],
    ['no value', false],
    ['no time', true],
  ];
  assert.deepEqual(items({ '@iot.count': 5, value }), expected('10:05'));
  assert.deepEqual(items({ value }, 'start'), expected('10:00'));
});

test('things with datastreams with observations; two streams of one property stay apart', () => {
  const Observations = [{ phenomenonTime: '2024-06-01T10:00:00Z', result: 1 }];
  const json = {
    value: [
      { ...thing, Datastreams: [1, 2].map((id) => stream(id, `T${id}`, { ObservedProperty: property, Observations })) },
    ],
  };
  assert.deepEqual(items(json), [
    ['Station Nord', 'Air Temperature', '°C', '10:00', 1],
    ['Station Nord', 'Air Temperature.2', '°C', '10:00', 1],
  ]);
  assert.deepEqual(items(stream(1, 'T', { Observations })), [['', 'T', '°C', '10:00', 1]]);
  assert.deepEqual(items({ value: Observations }), [['', 'result', '', '10:00', 1]]);
});

test('data arrays, several results in one, truths and texts', () => {
  assert.deepEqual(
    items({
      value: [
        {
          Datastream: stream(1, 'T'),
          components: ['id', 'phenomenonTime', 'result'],
          dataArray: [
            [1, '2024-06-01T10:00:00Z', 3],
            [2, '2024-06-01T10:01:00Z', 4],
          ],
        },
      ],
    }),
    [
      ['', 'T', '°C', '10:00', 3],
      ['', 'T', '°C', '10:01', 4],
    ],
  );
  const MultiDatastream = {
    name: 'Weather',
    unitOfMeasurements: [{ symbol: '%' }, { symbol: 'null', name: '' }],
    ObservedProperties: [{ name: 'Humidity' }, { name: 'Raining' }],
  };
  assert.deepEqual(items({ phenomenonTime: '2024-06-01T10:00:00Z', result: [80, true], MultiDatastream }), [
    ['', 'Humidity', '%', '10:00', 80],
    ['', 'Raining', '', '10:00', true],
  ]);
});
