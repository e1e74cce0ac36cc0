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
  const payload = toUtf8('{"temperature":20.1,"contact":false,"last_seen":"2026-01-02T03:04:05Z"}');
  assert.deepEqual(bridge([plain, zigbee], 'zigbee2mqtt/front door', payload, now), {
    subject: 'zigbee/front_door',
    readings: [
      { quantity: 'temperature', unit: 'Cel', timeMs: Date.parse('2026-01-02T03:04:05Z'), value: 20.1 },
      { quantity: 'contact', unit: '', timeMs: Date.parse('2026-01-02T03:04:05Z'), value: false },
    ],
  });
});

test('what a rule cannot read is an error in words; what no rule is for is left alone', () => {
  assert.equal(bridge([plain], 'other/topic', toUtf8('1'), now), undefined);
  for (const rule of [plain, zigbee])
    assert.equal(bridge([rule], 'home/x/temp', new Uint8Array(), now), undefined, 'a retained message is cleared');
  for (const payload of ['not json', ' ', '{}', '{"temperature":{}}', '{"temperature":1,"last_seen":"never"}'])
    assert.throws(() => bridge([zigbee], 'zigbee2mqtt/x', toUtf8(payload), now), BridgeError, payload);
  assert.throws(() => bridge([plain], 'home/x/temp', toUtf8(' \n'), now), /blank/);
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
