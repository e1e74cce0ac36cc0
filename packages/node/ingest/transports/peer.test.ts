// What the broker keeps of one connection: whom it listens to, and of messages that are not released only their numbers.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { brokerParts } from '../testing/broker.ts';
import { mqttLimits } from './mqtt-limits.ts';
import { PacketGauge } from './packet-gauge.ts';
import { Peer } from './peer.ts';
import { SessionStore } from './session-store.ts';

test('a peer listens to a topic by its name, or by a pattern that matches it (MQTT 3.1.1 §4.7)', () => {
  const peer = new Peer(new PassThrough(), '192.0.2.1', new PacketGauge(mqttLimits), 5);
  assert.deepEqual([peer.openedAt, peer.lastByteAt, peer.isConnected], [5, 5, false]);
  const listens = (...filters: string[]) => {
    peer.filters.clear();
    for (const filter of filters) peer.filters.add(filter);
    return peer.listensTo('trine/acks/meter/1');
  };
  for (const filters of [['trine/acks/meter/1'], ['trine/acks/#'], ['#'], ['trine/+/meter/+'], ['x', 'trine/acks/#']])
    assert.equal(listens(...filters), true, filters.join());
  for (const filters of [
    [],
    ['trine/acks/meter'],
    ['trine/acks/+'],
    ['trine/acks/meter/1/#/x'],
    // Only what is a pattern is read as one.
    ['trine/acks/meter/.'],
    ['TRINE/acks/meter/1'],
  ])
    assert.equal(listens(...filters), false, filters.join());
});

test('messages of QoS 2 are known by number until they are released, in each session by itself', async () => {
  const store = new SessionStore(brokerParts().retained, () => undefined);
  const [one, two] = [{ id: '1' }, { id: '2' }];
  const packet = { messageId: 7, payload: Buffer.from('secret') };
  await store.incomingStorePacket(one, packet);
  assert.deepEqual(await store.incomingGetPacket(one, { messageId: 7 }), { messageId: 7 });
  await assert.rejects(store.incomingGetPacket(two, { messageId: 7 }));
  await assert.rejects(store.incomingDelPacket(two, { messageId: 7 }));
  await store.incomingDelPacket(one, { messageId: 7 });
  await assert.rejects(store.incomingGetPacket(one, { messageId: 7 }));
  await assert.rejects(store.incomingDelPacket(one, { messageId: 7 }));
  await store.incomingStorePacket(one, { messageId: 8 });
  await store.incomingStorePacket(two, { messageId: 8 });
  await store.cleanIncoming(one);
  await assert.rejects(store.incomingGetPacket(one, { messageId: 8 }), 'its session is over');
  assert.deepEqual(await store.incomingGetPacket(two, { messageId: 8 }), { messageId: 8 });
});

test('nothing is kept for who is away: no subscriptions, no retained message, no will', async () => {
  const store = new SessionStore(brokerParts().retained, () => undefined);
  assert.deepEqual([await store.subscriptionsByTopic(), await store.subscriptionsByClient()], [[], []]);
  for (const stream of [store.createRetainedStreamCombi(['#']), store.outgoingStream(), store.streamWill()]) {
    const found: unknown[] = [];
    for await (const one of stream) found.push(one);
    assert.deepEqual(found, []);
  }
});
