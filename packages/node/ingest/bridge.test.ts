import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acknowledgementTopic, matchTopic, toUtf8 } from '@trine/protocol';
import fc from 'fast-check';
import { BridgeError, bridge } from './bridge.ts';

const now = 1_763_884_800_000;
const plain = { topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel', fields: [] };
const zigbee = {
  topic: 'zigbee2mqtt/+',
  subject: 'zigbee/{1}',
  unit: '',
  time: 'last_seen',
  fields: [
    { path: 'temperature', quantity: 'temperature', unit: 'Cel' },
    { path: 'battery.level', quantity: 'battery', unit: '%EL' },
    { path: 'contact', quantity: 'contact', unit: '' },
  ],
};

test('a number in a topic becomes a reading', () => {
  assert.deepEqual(bridge([plain], 'home/kitchen/temp', toUtf8(' 21.5 '), now), {
    subject: 'home/kitchen',
    readings: [{ quantity: 'temperature', unit: 'Cel', timeMs: now, value: 21.5 }],
  });
});

test('JSON members become readings with their own time; absent ones are left out', () => {
  const payload = toUtf8('{"temperature":20.1,"contact":false,"last_seen":"2025-01-02T03:04:05Z"}');
  assert.deepEqual(bridge([plain, zigbee], 'zigbee2mqtt/front door', payload, now), {
    subject: 'zigbee/front_door',
    readings: [
      { quantity: 'temperature', unit: 'Cel', timeMs: Date.parse('2025-01-02T03:04:05Z'), value: 20.1 },
      { quantity: 'contact', unit: '', timeMs: Date.parse('2025-01-02T03:04:05Z'), value: false },
    ],
  });
});

test('what a rule cannot read is an error in words; what no rule is for is left alone', () => {
  assert.equal(bridge([plain], 'other/topic', toUtf8('1'), now), undefined);
  for (const rule of [plain, zigbee])
    assert.equal(bridge([rule], 'home/x/temp', new Uint8Array(), now), undefined, 'a retained message is cleared');
  for (const payload of ['not json', ' ', '{}', '{"temperature":{}}'])
    assert.throws(() => bridge([zigbee], 'zigbee2mqtt/x', toUtf8(payload), now), BridgeError, payload);
  assert.throws(() => bridge([plain], 'home/x/temp', toUtf8(' \n'), now), /blank/);
});

const seen = (lastSeen: string, rule: object = {}) => {
  const payload = toUtf8(`{"temperature":5${lastSeen}}`);
  const mapped = bridge([{ ...zigbee, ...rule }], 'zigbee2mqtt/t', payload, now);
  assert.ok(mapped);
  return { iso: new Date(mapped.readings[0]?.timeMs ?? 0).toISOString(), arrival: mapped.arrival };
};

test('the time of a message: the strict reader, whatever zone the machine is in', () => {
  for (const [text, iso, rule] of [
    ['"1763880000376"', '2025-11-23T06:40:00.376Z'],
    ['1763880000.376', '2025-11-23T06:40:00.376Z'],
    ['1763880000376000000', '2025-11-23T06:40:00.376Z'],
    ['"2025-11-23T07:00:00Z/2025-11-23T07:05:00Z"', '2025-11-23T07:05:00.000Z'],
    ['"2025-11-23T08:00:00"', '2025-11-23T07:00:00.000Z', { timezone: 'Europe/Berlin' }],
    ['"2025-11-23 02:00:00"', '2025-11-23T07:00:00.000Z', { timezone: 'America/New_York' }],
    ['"05/11/2025 10:00:00"', '2025-11-05T10:00:00.000Z', { timeFormat: 'day-first', timezone: 'UTC' }],
    ['"23.11.25, 06h"', '2025-11-23T06:00:00.000Z', { timeFormat: "dd.MM.yy, HH'h'", timezone: 'UTC' }],
  ] as const)
    assert.deepEqual(seen(`,"last_seen":${text}`, rule), { iso, arrival: undefined }, text);
});

test('a time that is missing, none, or impossible: the arrival counts, and it is said why', () => {
  for (const [member, words] of [
    ['', /no time was given/],
    [',"last_seen":null', /no time was given/],
    [',"last_seen":1.42', /since the device started/],
    [',"last_seen":188', /since the device started/],
    [',"last_seen":"1970-01-01T00:00:08Z"', /before 1990/],
    [',"last_seen":"2031-01-01T00:00:00Z"', /ahead of its arrival/],
    [',"last_seen":"2025-11-23T07:00:00"', /names no time zone/],
    [',"last_seen":"Sensor 1"', /is no time/],
    [',"last_seen":"12"', /since the device started/],
    [',"last_seen":"05/11/2025 10:00:00"', /is no time/],
    [',"last_seen":{}', /is no time/],
  ] as const) {
    const { iso, arrival } = seen(member);
    assert.equal(iso, new Date(now).toISOString(), member);
    assert.match(arrival ?? '', words);
    assert.match(arrival ?? '', /^Topic zigbee2mqtt\/t: /);
  }
});

test('property: no payload makes the bridge throw anything else', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.json().map(toUtf8), fc.uint8Array({ maxLength: 50 })),
      fc.string({ maxLength: 20 }),
      (payload, name) => {
        try {
          bridge([plain, zigbee], `zigbee2mqtt/${name.replaceAll('/', '')}`, payload, now);
        } catch (error) {
          assert.ok(error instanceof BridgeError);
        }
      },
    ),
  );
});

test('MQTT 5 §4.7: topic filters', () => {
  assert.deepEqual(matchTopic('sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon'), ['score/wimbledon']);
  assert.deepEqual(matchTopic('sport/+/player1', 'sport/tennis/player1'), ['tennis']);
  assert.equal(matchTopic('sport/+', 'sport/tennis/player1'), undefined);
  assert.equal(matchTopic('sport/+', 'sport'), undefined);
  assert.deepEqual(matchTopic('#', 'a/b'), ['a/b']);
  assert.equal(acknowledgementTopic('trine/v1/statements/a/b'), 'trine/v1/acks/a/b');
});
