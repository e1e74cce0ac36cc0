import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { PacketGauge } from './packet-gauge.ts';

const limits = { connectBytesMax: 100, publishBytesMax: 10_000, packetBytesMax: 1_000 };
const connect = generate({
  cmd: 'connect',
  clientId: 'x',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 0,
});
const publish = (bytes: number) =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, retain: false, dup: false });
const subscribe = (filters: number) =>
  generate({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: Array.from({ length: filters }, (_, i) => ({ topic: `topic/${i}`, qos: 0 as const })),
  });

test('property: good packets pass however they are cut, and what is unfinished is counted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(9_000).map(publish), fc.integer({ min: 1, max: 50 }).map(subscribe)), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 50 }),
      (packets, cuts) => {
        const gauge = new PacketGauge(limits);
        const bytes = Buffer.concat([connect, generate({ cmd: 'pingreq' }), ...packets]);
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const end = Math.min(bytes.length, at + (cuts[i % cuts.length] as number));
          assert.equal(gauge.take(bytes.subarray(at, end)), undefined);
          at = end;
        }
        assert.equal(gauge.unfinishedBytes, 0);
        gauge.take(publish(5_000).subarray(0, 700));
        assert.equal(gauge.unfinishedBytes, 700);
        gauge.take(Buffer.alloc(300));
        assert.equal(gauge.unfinishedBytes, 1_000);
      },
    ),
  );
});

test('a packet is refused by its head, before its bytes come', () => {
  const gauge = new PacketGauge(limits);
  assert.equal(gauge.take(connect), undefined);
  assert.equal(gauge.take(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])), 'packet-too-large');
  for (const bytes of [
    [0x10, 0xe5, 0x00],
    [0x10, 0x65],
  ])
    assert.equal(new PacketGauge(limits).take(Buffer.from(bytes)), 'packet-too-large');
});

test('a subscription has a limit of its own', () => {
  const gauge = new PacketGauge(limits);
  gauge.take(connect);
  assert.equal(gauge.take(subscribe(500)), 'packet-too-large');
});

test('what does not begin with CONNECT, and a length that does not end, are no MQTT', () => {
  assert.equal(new PacketGauge(limits).take(publish(1)), 'not-mqtt');
  assert.equal(new PacketGauge(limits).take(Buffer.from('GET / HTTP/1.1')), 'not-mqtt');
  assert.equal(new PacketGauge(limits).take(Buffer.from([0])), 'not-mqtt');
  const gauge = new PacketGauge(limits);
  gauge.take(connect);
  assert.equal(gauge.take(Buffer.from([0xc0, 0x80, 0x80, 0x80, 0x80])), 'not-mqtt');
});
