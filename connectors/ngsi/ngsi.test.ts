import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUtf8 } from '@trine/protocol';
import { checkConnector, foundIn, saidBy } from '../testing/checks.ts';
import { ngsi } from './index.ts';

const now = 1_763_884_800_000;
const push = (json: unknown, headers: Record<string, string> = {}) =>
  ngsi.start({}).messages?.({
    method: 'POST',
    path: '',
    query: new URLSearchParams(),
    headers: new Headers(headers),
    body: toUtf8(JSON.stringify(json)),
  }) ?? assert.fail();
/** NGSI-LD, normalised: each attribute has its own time and unit. */
const normalised = {
  ...{
    id: 'urn:ngsi-ld:Notification:1',
    type: 'Notification',
    subscriptionId: 's',
    notifiedAt: '2025-11-23T06:42:00Z',
  },
  data: [
    {
      ...{ id: 'urn:ngsi-ld:AirQualityObserved:1', type: 'AirQualityObserved' },
      temperature: { type: 'Property', value: 294.65, unitCode: 'KEL', observedAt: '2025-11-23T06:40:00Z' },
      relativeHumidity: { type: 'Property', value: 40, unitCode: 'P1', observedAt: '2025-11-23T06:41:00Z' },
      people: { type: 'Property', value: 12, unitCode: 'C62' },
      refDevice: { type: 'Relationship', object: 'urn:ngsi-ld:Device:1' },
      address: { type: 'Property', value: { street: 'x' } },
    },
  ],
};
/** NGSI v2 with metadata, and key-values. */
const v2 = {
  subscriptionId: 's',
  data: [
    {
      id: 'Room1',
      type: 'Room',
      temperature: {
        type: 'Number',
        value: 23,
        metadata: { TimeInstant: { type: 'DateTime', value: '2025-11-23T06:40:00Z' } },
      },
    },
    { id: 'Room2', type: 'Room', temperature: 24, dateObserved: '2025-11-23T06:40:30Z' },
  ],
};
const messages = [normalised, v2].flatMap((json) => push(json).messages);

checkConnector(ngsi, messages);

test('entities of a notification, in the units of their codes, each attribute at its own time', () => {
  const things = foundIn(ngsi.start({}), messages);
  assert.deepEqual(
    [...things.values()].map(({ id, kind, assumed }) => [id, kind, assumed]),
    [
      ['urn:ngsi-ld:AirQualityObserved:1', 'AirQualityObserved', []],
      ['Room1', 'Room', ['temperature']],
      ['Room2', 'Room', ['temperature']],
    ],
  );
  const said = messages.flatMap((one) => [...things.values()].flatMap((thing) => saidBy(thing, one, now)));
  assert.deepEqual(said, [
    'ngsi/urn:ngsi-ld:AirQualityObserved:1 temperature=294.65 K @2025-11-23T06:40:00.000Z',
    'ngsi/urn:ngsi-ld:AirQualityObserved:1 relative-humidity=40 %RH @2025-11-23T06:41:00.000Z',
    'ngsi/urn:ngsi-ld:AirQualityObserved:1 people-count=12',
    'ngsi/Room1 temperature=23 Cel @2025-11-23T06:40:00.000Z',
    'ngsi/Room2 temperature=24 Cel @2025-11-23T06:40:30.000Z',
  ]);
});

test('what is no notification is refused in words', () => {
  assert.throws(() => push({ temperature: 1 }), /no notification/);
  assert.deepEqual(push({ data: [{ no: 'id' }, 7, { id: '\ud800' }] }).messages, []);
});

test('what has one id in two tenants, on two paths or of two types is not one thing', () => {
  const room = { id: 'Room1', type: 'Room', temperature: 1 };
  const said = [{}, { 'fiware-service': 'a' }, { 'fiware-service': 'b', 'fiware-servicepath': '/x' }].flatMap(
    (headers) => push({ data: [room] }, headers).messages,
  );
  const things = foundIn(ngsi.start({}), said);
  assert.deepEqual(
    [...things.values()].flatMap(({ mappings }) => mappings.map(({ subject }) => subject)),
    ['ngsi/Room1', 'ngsi/a/Room1', 'ngsi/b~2Fx/Room1'],
  );
  const [other] = push({ data: [{ ...room, type: 'Kitchen' }] }).messages;
  const [thing] = things.values();
  assert.deepEqual(saidBy(thing ?? assert.fail(), other ?? assert.fail(), now), []);
});

test('a notification of many entities is about as much in parts as it is as a whole', () => {
  const data = Array.from({ length: 1_000 }, (_, i) => ({ id: `Room${i}`, type: 'Room', temperature: i }));
  const { messages: parts } = push({ data });
  const bytes = parts.reduce((sum, { payload }) => sum + payload.length, 0);
  assert.equal(parts.length, 1_000);
  assert.ok(bytes < 2 * JSON.stringify({ data }).length, `${bytes}`);
});
