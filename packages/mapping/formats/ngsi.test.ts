import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitOfCode } from '../units/cefact.ts';
import { ruleUnit } from '../units/units.ts';
import { itemsOfEntity } from './ngsi.ts';
import { timeReader } from './record.ts';

const items = (entity: unknown) =>
  [...itemsOfEntity(entity, 1, timeReader({ timezone: 'UTC' }))].map((item) =>
    'why' in item
      ? [item.why, item.text, item.isLoss]
      : [item.thing[0], item.quantity, item.unit ?? '', new Date(item.timeMs).toISOString().slice(0, 16), item.value],
  );
const id = 'urn:ngsi-ld:AirQualityObserved:Madrid:1';
const observedAt = '2024-06-01T10:00:00Z';

test('normalised: each property with its time and its unit', () => {
  assert.deepEqual(
    items({
      id,
      type: 'AirQualityObserved',
      '@context': ['https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld'],
      no2: { type: 'Property', value: 69, unitCode: 'GQ', observedAt },
      temperature: { type: 'Property', value: '12.2', unitCode: 'CEL', observedAt },
      state: { type: 'Property', value: 'open', observedAt },
      name: { type: 'Property', value: 'Plaza' },
      capacity: { type: 'Property', value: 40 },
      pm10: { type: 'Property', value: null, observedAt },
      location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [0, 0] } },
      refDevice: { type: 'Relationship', object: 'urn:x' },
    }),
    [
      [id, 'no2', 'ug/m3', '2024-06-01T10:00', 69],
      [id, 'temperature', '°C', '2024-06-01T10:00', 12.2],
      [id, 'state', '', '2024-06-01T10:00', 'open'],
      ['text without a time of its own', 'name', false],
      ['property without a time beside measured ones', 'capacity', false],
      ['no value', 'pm10: null', false],
      ['attribute that is no single value', 'location', false],
      ['attribute that is no single value', 'refDevice', false],
    ],
  );
});

test('key-values, and NGSI v2 with its metadata', () => {
  assert.deepEqual(
    items({ id, type: 'A', dateObserved: `2024-06-01T09:00:00Z/${observedAt}`, no2: 22, stationName: 'X', ok: true }),
    [
      [id, 'no2', '', '2024-06-01T10:00', 22],
      ['text without a time of its own', 'stationName', false],
      [id, 'ok', '', '2024-06-01T10:00', true],
    ],
  );
  assert.deepEqual(
    items({
      id: 'Room1',
      type: 'Room',
      TimeInstant: { type: 'DateTime', value: observedAt },
      t: { type: 'Number', value: 23, metadata: { unitCode: { type: 'Text', value: 'FAH' } } },
      p: { type: 'Number', value: 720, metadata: { TimeInstant: { type: 'DateTime', value: '2024-06-01T11:00:00Z' } } },
    }),
    [
      ['Room1', 't', '°F', '2024-06-01T10:00', 23],
      ['Room1', 'p', '', '2024-06-01T11:00', 720],
    ],
  );
});

test('temporal: lists of instances, pairs of value and time, sets of data, an index of times', () => {
  const later = '2024-06-01T10:05:00Z';
  assert.deepEqual(
    items({
      id,
      type: 'V',
      speed: [
        { type: 'Property', value: 120, observedAt, datasetId: 'urn:d:1' },
        { type: 'Property', value: 80, observedAt: later },
      ],
      fuel: {
        type: 'Property',
        unitCode: 'P1',
        values: [
          [67, observedAt],
          [null, later],
          [53, later],
        ],
      },
    }),
    [
      [id, 'speed.urn:d:1', '', '2024-06-01T10:00', 120],
      [id, 'speed', '', '2024-06-01T10:05', 80],
      [id, 'fuel', '%', '2024-06-01T10:00', 67],
      ['no value', 'fuel: null', false],
      [id, 'fuel', '%', '2024-06-01T10:05', 53],
    ],
  );
  assert.deepEqual(
    items({ entityId: 'R1', index: [observedAt, later], attributes: [{ attrName: 't', values: [1, 2] }] }),
    [
      ['R1', 't', '', '2024-06-01T10:00', 1],
      ['R1', 't', '', '2024-06-01T10:05', 2],
    ],
  );
  assert.deepEqual(items({ id, type: 'x', no2: 5 }), [['no time', '', true]]);
  assert.deepEqual(items({ type: 'x' }), [['no entity with an id', '{"type":"x"}', true]]);
});

test('UN/CEFACT codes are units', () => {
  for (const [code, unit] of [
    ['CEL', 'Cel'],
    ['FAH', 'Cel'],
    ['GQ', 'ug/m3'],
    ['KWH', 'kWh'],
    ['DD', 'deg'],
    ['P1', '%'],
    ['59', 'ppm'],
    ['MBR', 'hPa'],
    ['2N', 'dB'],
    ['MWH', 'kWh'],
  ] as const)
    assert.equal(ruleUnit(unitOfCode(code))?.unit, unit, code);
  assert.equal(unitOfCode('C62'), '');
  assert.equal(unitOfCode('µg/m3'), 'µg/m3');
});
