import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapMessage } from '@trine/mapping/message/map.ts';
import { toUtf8 } from '@trine/protocol';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { thingsboard } from './index.ts';

const now = 1_763_884_800_000;
const gateway = message('v1/gateway/telemetry', {
  'Device A': [
    { ts: 1_763_880_000_000, values: { temperature: 42, humidity: 80 } },
    { ts: 1_763_880_060_000, values: { temperature: 43 } },
  ],
  'Device B': [{ ts: 1_763_880_000_000, values: { power: 7 } }],
});
const pushed = (said: unknown) => {
  const body = toUtf8(JSON.stringify(said));
  const request = {
    method: 'POST',
    path: 'api/v1/T0KEN/telemetry',
    query: new URLSearchParams(),
    headers: new Headers(),
    body,
  };
  return thingsboard.start({}).messages?.(request).messages[0] ?? assert.fail();
};
const forms = [
  pushed({ temperature: 42.2 }),
  pushed({ ts: 1_763_880_000_000, values: { temperature: 42.2 } }),
  pushed([
    { ts: 1_763_880_000_000, values: { temperature: 1 } },
    { ts: 1_763_880_060_000, values: { temperature: 2 } },
  ]),
];

checkConnector(thingsboard, [gateway, ...forms]);

test('devices of a gateway, each under its name', () => {
  const things = foundIn(thingsboard.start({}), [gateway]);
  assert.deepEqual(
    [...things.values()].flatMap((thing) => saidBy(thing, gateway, now)),
    [
      'thingsboard/Device~_A temperature=42 Cel @2025-11-23T06:40:00.000Z',
      'thingsboard/Device~_A relative-humidity=80 %RH @2025-11-23T06:40:00.000Z',
      'thingsboard/Device~_A temperature=43 Cel @2025-11-23T06:41:00.000Z',
      'thingsboard/Device~_B active-power=7 W @2025-11-23T06:40:00.000Z',
    ],
  );
});

test('a message of a gateway that is about others says nothing of a device, and nothing is wrong with that', () => {
  const things = foundIn(thingsboard.start({}), [gateway]);
  const [mapping] = things.get('Device A')?.mappings ?? [];
  const { payload } = message('', { 'Device B': [{ ts: 1_763_880_000_000, values: { power: 7 } }] });
  const mapped = mapMessage(mapping ?? assert.fail(), { topic: gateway.topic, payload }, now);
  assert.deepEqual([mapped?.packs, mapped?.refused], [[], []]);
});

test('the three forms in which a device posts telemetry', () => {
  const things = foundIn(thingsboard.start({}), forms);
  assert.equal(things.size, 1);
  assert.deepEqual(
    forms.map((one) => [...things.values()].flatMap((thing) => saidBy(thing, one, now))),
    [
      ['thingsboard/T0KEN temperature=42.2 Cel'],
      ['thingsboard/T0KEN temperature=42.2 Cel @2025-11-23T06:40:00.000Z'],
      [
        'thingsboard/T0KEN temperature=1 Cel @2025-11-23T06:40:00.000Z',
        'thingsboard/T0KEN temperature=2 Cel @2025-11-23T06:41:00.000Z',
      ],
    ],
  );
  const request = { method: 'POST', query: new URLSearchParams(), headers: new Headers(), body: toUtf8('{}') };
  assert.throws(
    () => thingsboard.start({}).messages?.({ ...request, path: 'api/v1/T/attributes' }),
    /Telemetry is posted/,
  );
});
