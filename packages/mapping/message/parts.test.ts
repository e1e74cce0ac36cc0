// Several things, several times, several values of their own time in one message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUtf8 } from '@trine/protocol';
import { mapMessage } from './map.ts';
import { mappingSchema } from './mapping.ts';

const now = 1_763_884_800_000;

test('several things and several times in one message, as gateways send them', () => {
  const packsOf = (rule: object, json: unknown) => {
    const message = { topic: 'v1/gateway/telemetry', payload: toUtf8(JSON.stringify(json)) };
    const { packs, refused } = mapMessage(mappingSchema.parse(rule), message, now) ?? assert.fail();
    return {
      packs: packs.map(({ subject, readings }) => [subject, ...readings.map(({ timeMs, value }) => [timeMs, value])]),
      refused,
    };
  };
  const thingsboard = {
    topic: 'v1/gateway/telemetry',
    each: '*.*',
    subject: 'tb/{each:1}',
    time: 'ts',
    fields: [{ path: 'values.temperature', quantity: 'temperature', unit: 'Cel' }],
  };
  const said = {
    'Device A': [
      { ts: now - 2_000, values: { temperature: 42 } },
      { ts: now - 1_000, values: { temperature: 43 } },
    ],
    'Device B': [{ ts: now - 1_000, values: { humidity: 1 } }, { values: { temperature: {} } }],
  };
  const { packs, refused } = packsOf(thingsboard, said);
  assert.deepEqual(packs, [['tb/Device~_A', [now - 2_000, 42]], ['tb/Device~_A', [now - 1_000, 43]], ['tb/Device~_B']]);
  assert.equal(refused.length, 1);
  const named = {
    topic: '#',
    each: 'sensors.*',
    subject: 'x/{json:/site}/{json:id}',
    fields: [{ path: 'v', quantity: '{json:kind}' }],
  };
  const rooms = {
    site: 'S 1',
    sensors: [
      { id: 'a', kind: 'co2', v: 1 },
      { kind: 'co2', v: 2 },
      { id: 'b', kind: 'co2', v: 3 },
    ],
  };
  assert.deepEqual(packsOf(named, rooms), {
    packs: [
      ['x/S~_1/a', [now, 1]],
      ['x/S~_1/b', [now, 3]],
    ],
    refused: ['Topic v1/gateway/telemetry: its member id, which names something, is no text and no number.'],
  });
  const only = { ...named, where: { kind: 'pm10' } };
  assert.deepEqual(packsOf(only, rooms).packs, []);
  assert.throws(() => packsOf(named, { site: 1, sensors: new Array(10_001).fill({}) }), /more than 10000 parts/);
});

test('each value may have a time of its own; what has none is dated by its arrival, apart', () => {
  const rule = {
    topic: 't',
    subject: 's',
    fields: ['a', 'b', 'c'].map((name) => ({ path: `${name}.value`, quantity: name, time: `${name}.observedAt` })),
  };
  const said = {
    a: { value: 1, observedAt: '2025-11-23T06:40:00Z' },
    b: { value: 2, observedAt: '2025-11-23T06:41:00Z' },
    c: { value: 3 },
  };
  const message = { topic: 't', payload: toUtf8(JSON.stringify(said)) };
  const { packs } = mapMessage(mappingSchema.parse(rule), message, now) ?? assert.fail();
  assert.deepEqual(
    packs.map(({ readings, isDated, arrival }) => [readings.map(({ timeMs }) => timeMs), isDated, arrival]),
    [
      [[Date.parse('2025-11-23T06:40:00Z'), Date.parse('2025-11-23T06:41:00Z')], true, undefined],
      [[now], undefined, 'Topic t: no time was given'],
    ],
  );
});

test('parts that say several values of one quantity of one thing at one time say none; the same twice is said once', () => {
  const mapping = (more: object) =>
    mappingSchema.parse({
      ...{
        topic: 'a',
        each: '*',
        subject: 'x',
        fields: [
          { path: 'v', quantity: 'v' },
          { path: 'w', quantity: 'w' },
        ],
      },
      ...more,
    });
  const said = (more: object, json: unknown) => {
    const { packs, refused } =
      mapMessage(mapping(more), { topic: 'a', payload: toUtf8(JSON.stringify(json)) }, now) ?? assert.fail();
    return {
      values: packs.flatMap(({ subject, readings }) => readings.map(({ value }) => `${subject} ${value}`)),
      refused: refused.length,
    };
  };
  // Two rooms in a list, and nothing says which is which.
  const rooms = [
    { id: 'a', v: 21, w: 5 },
    { id: 'b', v: 3, w: 5 },
  ];
  assert.deepEqual(said({}, rooms), { values: ['x 5'], refused: 1 });
  assert.deepEqual(said({ subject: 'x/{json:id}' }, rooms), {
    values: ['x/a 21', 'x/a 5', 'x/b 3', 'x/b 5'],
    refused: 0,
  });
  const dated = rooms.map((room, i) => ({ ...room, t: now - 1_000 * i }));
  assert.equal(said({ time: 't' }, dated).values.length, 4);
});
