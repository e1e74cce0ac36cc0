// What clients of other versions of MQTT are told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import mqtt from 'mqtt';
import { generate } from 'mqtt-packet';
import { brokerParts } from '../testing/broker.ts';
import { type IngestHarness, openIngestHarness } from '../testing/harness.ts';
import { RawMqtt } from '../testing/raw-mqtt.ts';
import { type EmbeddedMqtt, embedBroker } from './mqtt.ts';

let harness: IngestHarness;
let broker: EmbeddedMqtt;
before(async () => {
  harness = await openIngestHarness();
  const given = { host: '127.0.0.1', port: 0, ingest: harness.ingest, onPlain: async () => undefined };
  broker = await embedBroker({ ...given, ...brokerParts() });
});
after(async () => {
  await broker.close();
  await harness.close();
});

const connect = (protocolVersion: 4 | 5) =>
  generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion, clean: true, clientId: 'any', keepalive: 0 });

test('a client of MQTT 5 is told in its own words that this version is not spoken, and is counted', async () => {
  const before = broker.counters.get('mqtt-5') ?? 0;
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const refused = { code: 0x84, message: /Unsupported Protocol Version/ };
  await assert.rejects(mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 }, false), refused);
  assert.equal(broker.counters.get('mqtt-5'), before + 1);
});

test('however its CONNECT is cut, it gets that one answer and the connection is closed', async () => {
  const before = broker.counters.get('mqtt-5') ?? 0;
  const raw = await RawMqtt.open(broker.port);
  const heard: Buffer[] = [];
  raw.socket.on('data', (bytes) => heard.push(bytes as Buffer));
  for (const byte of connect(5)) {
    raw.socket.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  await raw.until(() => false);
  // MQTT 5.0 §3.2: CONNACK, no session, unsupported protocol version, no properties.
  assert.equal(Buffer.concat(heard).toString('hex'), '2003008400');
  assert.equal(broker.counters.get('mqtt-5'), before + 1);
});

test('MQTT 3.1 and 3.1.1 are let in, also with a client id that looks like another version', async () => {
  const url = `mqtt://127.0.0.1:${broker.port}`;
  for (const options of [
    { protocolVersion: 3, protocolId: 'MQIsdp' },
    { clientId: '\u0000\u0004MQTT\u0005' },
  ] as const) {
    const client = await mqtt.connectAsync(url, { ...options, reconnectPeriod: 0 }, false);
    await client.endAsync();
  }
  const raw = await RawMqtt.open(broker.port);
  for (const byte of connect(4)) raw.socket.write(Buffer.of(byte));
  await raw.until(() => raw.heard.some(({ cmd }) => cmd === 'connack'));
  raw.close();
});
