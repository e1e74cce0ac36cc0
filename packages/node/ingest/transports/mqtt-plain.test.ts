// Plain messages are acknowledged once they are sealed, in their order, and not where they cannot be.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brokerParts } from '../testing/broker.ts';
import { type IngestHarness, openIngestHarness } from '../testing/harness.ts';
import { RawMqtt } from '../testing/raw-mqtt.ts';
import type { PlainMessage } from '../transport.ts';
import { type EmbeddedMqtt, embedBroker } from './mqtt.ts';
import type { MqttLimits } from './mqtt-limits.ts';

let harness: IngestHarness;
before(async () => {
  harness = await openIngestHarness();
});
after(() => harness.close());

/** A broker whose plain messages are sealed when the test says so. */
class Held {
  readonly taken: { topic: string; seal: () => void; fail: (error: Error) => void }[] = [];
  #wake: () => void = () => undefined;
  #door: EmbeddedMqtt | undefined;

  static async open(limits: Partial<MqttLimits> = {}): Promise<Held> {
    const held = new Held();
    const onPlain = ({ topic }: PlainMessage): Promise<void> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      held.taken.push({ topic, seal: resolve, fail: reject });
      held.#wake();
      return promise;
    };
    held.#door = await embedBroker({
      host: '127.0.0.1',
      port: 0,
      ingest: harness.ingest,
      onPlain,
      limits,
      ...brokerParts(),
    });
    return held;
  }

  get door(): EmbeddedMqtt {
    return this.#door as EmbeddedMqtt;
  }

  async count(n: number): Promise<void> {
    while (this.taken.length < n)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }
}

const publish = (topic: string, qos: 0 | 1 | 2, messageId: number) =>
  ({ cmd: 'publish', topic, payload: '21', qos, messageId, retain: false, dup: false }) as const;

const acknowledged = ({ heard }: RawMqtt) =>
  heard.flatMap(({ cmd, messageId }) => (cmd === 'puback' || cmd === 'pubrec' ? [`${cmd} ${messageId}`] : []));

for (const [qos, word] of [
  [1, 'puback'],
  [2, 'pubrec'],
] as const)
  test(`QoS ${qos}: ${word} comes after the seal, in the order of the messages`, async (t) => {
    const held = await Held.open();
    t.after(() => held.door.close());
    const sender = await RawMqtt.connected(held.door.port, 'plain');
    t.after(() => sender.close());
    const listener = await RawMqtt.connected(held.door.port, 'listener');
    t.after(() => listener.close());
    listener.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'home/#', qos: 0 }] });
    await listener.until(() => listener.heard.some(({ cmd }) => cmd === 'suback'));
    sender.send(publish('home/a', qos, 1));
    sender.send(publish('home/b', qos, 2));
    await held.count(2);
    held.taken[1]?.seal();
    // Whatever was due by now would have come before the answer to another connection that came later.
    listener.send({ cmd: 'pingreq' });
    await listener.until(() => listener.heard.some(({ cmd }) => cmd === 'pingresp'));
    assert.deepEqual(acknowledged(sender), [], 'the first is not sealed');
    held.taken[0]?.seal();
    await sender.until(() => acknowledged(sender).length === 2);
    assert.deepEqual(acknowledged(sender), [`${word} 1`, `${word} 2`]);
    await listener.until(() => listener.heard.filter(({ cmd }) => cmd === 'publish').length === 2);
    assert.deepEqual(
      held.taken.map(({ topic }) => topic),
      ['home/a', 'home/b'],
      'each is taken once',
    );
  });

for (const qos of [1, 2] as const)
  test(`QoS ${qos}: what may be taken later is not acknowledged: its connection is closed, and the sender has it still`, async (t) => {
    const held = await Held.open();
    t.after(() => held.door.close());
    const sender = await RawMqtt.connected(held.door.port, 'plain');
    sender.send(publish('home/a', qos, 1));
    sender.send(publish('home/b', qos, 2));
    await held.count(2);
    held.taken[0]?.fail(new Error('The log is full.'));
    held.taken[1]?.seal();
    await sender.until(() => false);
    assert.deepEqual(acknowledged(sender), []);
    assert.equal(held.door.counters.get('plain-not-sealed'), 1);
    const again = await RawMqtt.connected(held.door.port, 'plain');
    t.after(() => again.close());
    again.send(publish('home/a', qos, 1));
    await held.count(3);
    held.taken[2]?.seal();
    await again.until(() => acknowledged(again).length === 1);
  });

test('what is not sealed in time is not acknowledged', async (t) => {
  const held = await Held.open({ sealMsMax: 20 });
  t.after(() => held.door.close());
  const sender = await RawMqtt.connected(held.door.port, 'plain');
  sender.send(publish('home/a', 1, 1));
  await sender.until(() => false);
  assert.deepEqual([acknowledged(sender), held.door.counters.get('plain-not-sealed')], [[], 1]);
});

test('QoS 0: nobody waits, and what could not be sealed is counted', async (t) => {
  const held = await Held.open();
  t.after(() => held.door.close());
  const sender = await RawMqtt.connected(held.door.port, 'plain');
  t.after(() => sender.close());
  sender.send(publish('home/a', 0, 0));
  await held.count(1);
  sender.send({ cmd: 'pingreq' });
  await sender.until(() => sender.heard.some(({ cmd }) => cmd === 'pingresp'));
  held.taken[0]?.fail(new Error('The log is full.'));
  await new Promise(setImmediate);
  assert.equal(held.door.counters.get('plain-not-sealed'), 1);
});
