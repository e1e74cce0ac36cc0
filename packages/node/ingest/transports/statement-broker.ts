// The embedded broker. Statements end at the ingest: they never enter its matching, sessions and queues, so nobody
// can listen in and nothing is kept of them. What became of them goes straight back to the connection they came on.

import { ACKNOWLEDGEMENTS, acknowledgementTopic, STATEMENTS } from '@trine/protocol';
import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';

type Done = (error?: Error) => void;
/** As the broker itself calls it; its types know the form of two arguments alone. */
type Publish = (packet: PublishPacket, clientOrDone: Client | Done | null, done?: Done) => void;

export class StatementBroker extends Aedes {
  /** Topics of acknowledgements each connection listens to by their full names. */
  private readonly listening = new WeakMap<Client, Set<string>>();
  private readonly outgoing = new Map<Client, PublishPacket[]>();

  constructor(options: AedesOptions) {
    super(options);
    this.on('subscribe', (subscriptions, client) => {
      const topics = this.listening.get(client) ?? new Set();
      for (const { topic } of subscriptions) if (topic.startsWith(ACKNOWLEDGEMENTS)) topics.add(topic);
      this.listening.set(client, topics);
    });
    this.on('unsubscribe', (topics, client) => {
      for (const topic of topics) this.listening.get(client)?.delete(topic);
    });
  }

  /** Carries a message on to its subscribers, unless it is of statements. */
  override publish(packet: PublishPacket, clientOrDone: Client | Done | null, done?: Done): void {
    if (!packet.topic.startsWith(STATEMENTS)) (super.publish as Publish).call(this, packet, clientOrDone, done);
    else if (typeof clientOrDone === 'function') clientOrDone();
    else done?.();
  }

  /**
   * Sends the acknowledgement of a message.
   *
   * @param client whom the message came from; where it does not listen to the topic of its acknowledgements, or is
   * gone, they go to whoever does
   * @param statementsTopic that the message came on
   */
  acknowledge(client: Client | null, statementsTopic: string, acknowledgement: Uint8Array): void {
    const topic = acknowledgementTopic(statementsTopic);
    const { buffer, byteOffset, length } = acknowledgement;
    const packet = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(buffer, byteOffset, length),
      retain: false,
      dup: false,
    } as const;
    if (client === null || client.closed || !this.listening.get(client)?.has(topic)) {
      this.publish({ ...packet, qos: 1 }, () => undefined);
      return;
    }
    // QoS 0 is enough on the connection that asks: if it breaks, the sender sends again and is answered again.
    const waiting = this.outgoing.get(client);
    if (waiting) waiting.push({ ...packet, qos: 0 });
    else this.outgoing.set(client, [{ ...packet, qos: 0 }]);
    if (this.outgoing.size === 1 && waiting === undefined) process.nextTick(() => this.flush());
  }

  /** Acknowledgements become due many at once: those of one connection leave in one write. */
  private flush(): void {
    const corked = [...this.outgoing.keys()].map(({ conn }) => conn);
    for (const conn of corked) conn.cork();
    for (const [client, packets] of this.outgoing)
      for (const packet of packets) client.publish(packet, () => undefined);
    this.outgoing.clear();
    // The broker writes each in a turn of its own, queued before this one.
    setImmediate(() => {
      for (const conn of corked) conn.uncork();
    });
  }
}
