// What is out there appears by itself: a house and a radio network as they are, over the embedded broker, from the first
// announcement to what is sealed, and over a restart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import mqtt, { type MqttClient } from 'mqtt';
import { type Platform, startPlatform, until } from './platform.ts';

let platform: Platform;
let house: MqttClient;

before(async () => {
  platform = await startPlatform();
  house = await mqtt.connectAsync(platform.node.mqtt.address);
});
after(async () => {
  await house?.endAsync(true);
  await platform?.remove();
});

const sensor = (n: number, unit = '°C') => ({
  ieee_address: `0x00158d${n}`,
  friendly_name: `room ${n}`,
  definition: {
    ...{ model: 'WSDCGQ11LM', vendor: 'Aqara' },
    exposes: [{ type: 'numeric', name: 'temperature', property: 'temperature', access: 1, unit }],
  },
});
const say = (topic: string, json: unknown, retain = false) =>
  house.publishAsync(topic, JSON.stringify(json), { qos: 1, retain });
const listed = (connector: string) => [...platform.node.connectors.things.all(connector)];
const sealed = (subject: string, count: number) =>
  until(`${count} sealed about ${subject}`, async () => {
    const { items } = await platform.node.views.seals({ limit: 5, subject });
    return items.length >= count ? items : undefined;
  });

test('a house of Zigbee2MQTT: retained announcements are found, a kind is accepted, what it says is sealed; also after a restart', async () => {
  await say('zigbee2mqtt/bridge/devices', [sensor(1), sensor(2)], true);
  await say('zigbee2mqtt/room 1', { temperature: 20.5 });
  await until('both are found', async () => (listed('zigbee2mqtt').length === 2 ? true : undefined));
  assert.equal(platform.node.connectors.acceptKind('zigbee2mqtt', 'Aqara WSDCGQ11LM'), 2);
  await say('zigbee2mqtt/room 1', { temperature: 21 });
  await sealed('zigbee/0x00158d1', 1);
  await house.endAsync(true);
  await platform.stop();

  platform = await startPlatform(platform.home);
  // Nobody announces them again: the broker kept it, and connectors hear it.
  await until('announcements are heard again', async () =>
    listed('zigbee2mqtt')[0]?.thing.isWhole ? true : undefined,
  );
  house = await mqtt.connectAsync(platform.node.mqtt.address);
  await say('zigbee2mqtt/room 1', { temperature: 22 });
  await say('zigbee2mqtt/bridge/devices', [sensor(1), sensor(2), sensor(3)], true);
  await until('one more of the kind', async () => (listed('zigbee2mqtt').length === 3 ? true : undefined));
  await say('zigbee2mqtt/room 3', { temperature: 23 });
  const seals = [...(await sealed('zigbee/0x00158d1', 2)), ...(await sealed('zigbee/0x00158d3', 1))];
  assert.ok(seals.every((one) => one.class === 'gateway'));
});

test('an uplink of ChirpStack that several gateways heard is sealed once, dated by the network', async () => {
  const deviceInfo = {
    applicationId: 'a',
    devEui: '0102030405060708',
    deviceName: 'Schulhof',
    deviceProfileName: 'EM300',
  };
  const time = new Date(Date.now() - 60_000).toISOString();
  const up = (deduplicationId: string, temperature: number) => ({
    deduplicationId,
    time,
    deviceInfo,
    object: { temperature },
  });
  const topic = 'application/a/device/0102030405060708/event/up';
  await say(topic, up('1', 10));
  await until('it is found', async () => listed('chirpstack')[0]);
  const { connectors, plain } = platform.node;
  assert.throws(() => connectors.accept('chirpstack', ['0102030405060708']), { code: 'ambiguous' });
  connectors.accept('chirpstack', ['0102030405060708'], { isSure: true });
  const before = plain.repeated;
  await say(topic, up('2', 11));
  await say(topic, { ...up('2', 11), rxInfo: [{ gatewayId: 'b' }] });
  await sealed('lorawan/0102030405060708', 1);
  assert.equal(plain.repeated, before + 1);
  const { items } = await platform.node.views.seals({ limit: 5, subject: 'lorawan/0102030405060708' });
  assert.equal(items.length, 1);
});
