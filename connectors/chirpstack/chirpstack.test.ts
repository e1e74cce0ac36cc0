import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapMessage } from '@trine/mapping/message/map.ts';
import { toUtf8 } from '@trine/protocol';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { chirpstack } from './index.ts';

const now = 1_763_884_800_000;
const topic = 'application/ae2012c2/device/0101010101010101/event/up';
const deviceInfo = {
  ...{ tenantId: '52f14cd4', tenantName: 'City', applicationId: 'ae2012c2', applicationName: 'air' },
  ...{ deviceProfileName: 'EM300-TH', deviceName: 'Schulhof 3', devEui: '0101010101010101', tags: {} },
};
/** An uplink as ChirpStack v4 marshals it. */
const up = {
  ...{ deduplicationId: '3ac7e3c4-4401-4b8d-9386-a5c902f9202d', time: '2025-11-23T06:40:00.123456+00:00', deviceInfo },
  ...{ devAddr: '00189440', dr: 1, fCnt: 7, fPort: 85, confirmed: false, data: 'AWdkAAJoUA==' },
  object: { temperature: 21.5, humidity: 40, battery: null, magnet_status: 'open' },
  rxInfo: [{ gatewayId: '0016c001f153a14c', rssi: -48, snr: 9 }],
};
const status = {
  deduplicationId: 'b',
  time: up.time,
  deviceInfo,
  margin: 7,
  batteryLevel: 88.5,
  externalPowerSource: false,
};
const messages = [message(topic, up), message(topic.replace(/up$/, 'status'), status)];

checkConnector(chirpstack, messages);

test('uplinks and status of a device, by its EUI, dated by the network, once whichever gateway heard them', () => {
  const [thing, ...others] = foundIn(chirpstack.start(chirpstack.settings.parse({})), messages).values();
  assert.deepEqual([thing?.id, thing?.name, thing?.kind, others], ['0101010101010101', 'Schulhof 3', 'EM300-TH', []]);
  const at = '@2025-11-23T06:40:00.123Z';
  const said = messages.map((one) => saidBy(thing ?? assert.fail(), one, now));
  assert.deepEqual(said, [
    [`lorawan/0101010101010101 temperature=21.5 Cel ${at}`, `lorawan/0101010101010101 relative-humidity=40 %RH ${at}`],
    [`lorawan/0101010101010101 battery-level=88.5 %EL ${at}`],
  ]);
  const mapped = mapMessage(thing?.mappings[0] ?? assert.fail(), messages[0] ?? assert.fail(), now);
  assert.equal(mapped?.once, up.deduplicationId);
});

test('a device without a codec is listed as one; with a codec that is kept here it is read', () => {
  const { object: _, ...raw } = up;
  const bare = message(topic, raw);
  const [undecoded] = foundIn(chirpstack.start(chirpstack.settings.parse({})), [bare]).values();
  assert.deepEqual([undecoded?.mappings, undecoded?.unknown], [[], ['data: its device profile has no payload codec']]);
  const code = {
    transform: () => assert.fail(),
    decode: (source: string, { bytes, port }: { bytes: Uint8Array; port: number }) => {
      assert.deepEqual([source, [...bytes], port], ['mine', [1, 103, 100, 0, 2, 104, 80], 85]);
      return { temperature: 10 };
    },
  };
  const [decoded] = foundIn(chirpstack.start(chirpstack.settings.parse({ codecs: { 'EM300-TH': 'mine' } }), code), [
    bare,
  ]).values();
  assert.deepEqual(saidBy(decoded ?? assert.fail(), bare, now, code), [
    'lorawan/0101010101010101 temperature=10 Cel @2025-11-23T06:40:00.123Z',
  ]);
});

test('a frame that is no base64 is refused in words', () => {
  const { object: _, ...raw } = up;
  const running = chirpstack.start(chirpstack.settings.parse({ codecs: { 'EM300-TH': 'mine' } }), {
    transform: () => assert.fail(),
    decode: () => assert.fail(),
  });
  assert.throws(() => running.discover(message(topic, { ...raw, data: '§' })), /no text in base64/);
});

test('pushed by its HTTP integration, it is the same message', () => {
  const running = chirpstack.start(chirpstack.settings.parse({}));
  const push = (event: string, body: Uint8Array) =>
    running.messages?.({
      method: 'POST',
      path: '',
      query: new URLSearchParams({ event }),
      headers: new Headers(),
      body,
    });
  assert.deepEqual(push('up', toUtf8(JSON.stringify(up)))?.messages, [{ topic, payload: toUtf8(JSON.stringify(up)) }]);
  assert.deepEqual(push('join', toUtf8(JSON.stringify({ deviceInfo })))?.messages, []);
  assert.throws(() => push('up', toUtf8('no')), /not JSON/);
});

test('an event on the topic of another device says nothing of its own', () => {
  const running = chirpstack.start(chirpstack.settings.parse({}));
  const forged = message(topic.replace('0101010101010101', '0202020202020202'), up);
  assert.throws(() => running.discover(forged), /another device/);
});
