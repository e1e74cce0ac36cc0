import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapMessage } from '@trine/mapping/message/map.ts';
import { toUtf8 } from '@trine/protocol';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { sensorthings } from './index.ts';

const now = 1_763_884_800_000;
const running = sensorthings.start(sensorthings.settings.parse({}));
const push = (json: unknown) =>
  running.messages?.({
    method: 'POST',
    path: '',
    query: new URLSearchParams(),
    headers: new Headers(),
    body: toUtf8(JSON.stringify(json)),
  }) ?? assert.fail();
const bare = message('v1.1/Datastreams(7)/Observations', {
  phenomenonTime: '2025-11-23T06:40:00Z/2025-11-23T06:45:00Z',
  result: 21.5,
});
const [expanded = assert.fail()] = push({
  ...{ phenomenonTime: '2025-11-23T06:40:00Z', result: 70.7 },
  Datastream: {
    ...{ '@iot.id': 8, name: 'Air temperature roof', unitOfMeasurement: { name: 'degree Fahrenheit', symbol: '°F' } },
    ...{ Thing: { '@iot.id': 1, name: 'Town hall' }, ObservedProperty: { name: 'Air Temperature' } },
  },
}).messages;

checkConnector(sensorthings, [bare, expanded]);

test('observations of a datastream; of a span of time the end counts', () => {
  const things = foundIn(running, [bare, expanded]);
  assert.deepEqual(
    [...things.values()].map(({ id, name, kind, unknown }) => [id, name, kind, unknown]),
    [
      ['7', 'Datastream 7', 'result', ['result']],
      ['8', 'Town hall Air temperature roof', 'Air Temperature', []],
    ],
  );
  assert.deepEqual(
    [bare, expanded].flatMap((one) => [...things.values()].flatMap((thing) => saidBy(thing, one, now))),
    [
      'sensorthings/7 result=21.5 @2025-11-23T06:45:00.000Z',
      'sensorthings/8 temperature=21.5 Cel @2025-11-23T06:40:00.000Z',
    ],
  );
});

test('an observation without its datastream is refused in words', () => {
  assert.throws(() => push({ result: 1 }), /with its datastream expanded/);
  assert.throws(() => push({ result: 1, Datastream: { '@iot.id': 'a)/x' } }), /expanded/);
});

test('datastreams of two services are two things, those of two versions of one are one', () => {
  const prefixes = ['a/v1.0', 'a/v1.1', 'b/v1.1', 'v1.1'];
  const said = ['a/v1.0/', 'a/v1.1/', 'b/v1.1/', '', 'v1.1/'].map((prefix) =>
    message(`${prefix}Datastreams(7)/Observations`, { '@iot.id': 1, result: 1 }),
  );
  const things = foundIn(sensorthings.start({ prefixes }), said);
  assert.deepEqual(
    [...things].map(([id, { mappings }]) => [
      id,
      mappings.length,
      new Set(mappings.map(({ subject }) => subject)).size,
    ]),
    [
      ['a/7', 2, 1],
      ['b/7', 1, 1],
      ['7', 2, 1],
    ],
  );
  const once = said.map(({ topic }) => {
    const mapping = [...things.values()].flatMap(({ mappings }) => mappings).find((one) => one.topic === topic);
    return mapMessage(
      mapping ?? assert.fail(),
      { topic, payload: toUtf8('{"@iot.id":1,"phenomenonTime":"2025-11-23T06:40:00Z","result":1}') },
      now,
    )?.once;
  });
  assert.deepEqual(new Set(once), new Set(['1 2025-11-23T06:40:00Z 1']));
});
