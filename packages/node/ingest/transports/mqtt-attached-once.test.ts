// Acknowledged to the broker once sealed, in order, and counted once: seen from the broker's side, packet by packet.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { STATEMENTS } from '@trine/protocol';
import { generate, type IConnectPacket, type ISubscribePacket, type Packet, parser } from 'mqtt-packet';
import type { Ingest } from '../ingest.ts';
import type { PlainMessage } from '../transport.ts';
import { AttachedSession } from './attached-session.ts';
import { type AttachedMqtt, attachToBroker } from './mqtt-attached.ts';

/** The other side of the wire: says what a test tells it to, and keeps what it is told. */
class Wire {
  readonly told: Packet[] = [];
  connections = 0;
  #socket: Socket | undefined;
  /** Ends each connection as soon as the node has subscribed. */
  throwsOut = false;
  readonly #server = createServer((socket) => {
    this.connections++;
    this.#socket = socket;
    const reader = parser();
    socket.on('data', (bytes) => reader.parse(bytes)).on('error', () => undefined);
    reader.on('packet', (packet: Packet) => this.#answer(socket, packet));
  });

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return `mqtt://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  #answer(socket: Socket, packet: Packet): void {
    this.told.push(packet);
    const { messageId } = packet as { messageId?: number };
    if (packet.cmd === 'connect') socket.write(generate({ cmd: 'connack', returnCode: 0, sessionPresent: true }));
    if (packet.cmd === 'pingreq') socket.write(generate({ cmd: 'pingresp' }));
    if (packet.cmd === 'publish') socket.write(generate({ cmd: 'puback', messageId: messageId as number }));
    if (packet.cmd === 'unsubscribe')
      socket.write(generate({ cmd: 'unsuback', messageId: messageId as number, granted: [] }));
    if (packet.cmd !== 'subscribe') return;
    const granted = (packet as ISubscribePacket).subscriptions.map(() => 1);
    socket.write(generate({ cmd: 'suback', messageId: messageId as number, granted }));
    if (this.throwsOut) setTimeout(() => socket.destroy(), 5);
  }

  publish(messageId: number, payload: string, dup = false, topic = 'hall/1'): void {
    const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, messageId, dup } as const;
    this.#socket?.write(generate(packet));
  }

  cut(): void {
    this.#socket?.destroy();
  }

  /** Numbers of the messages acknowledged, in their order. */
  get acknowledged(): number[] {
    return this.told.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId as number] : []));
  }

  of<C extends Packet['cmd']>(cmd: C): Extract<Packet, { cmd: C }>[] {
    return this.told.filter((packet) => packet.cmd === cmd) as Extract<Packet, { cmd: C }>[];
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 500) throw new Error(`Not in five seconds: ${what}.`);
    await sleep(10);
  }
}

/** A node's side whose sealing a test decides on. */
class Side {
  readonly wire = new Wire();
  readonly db = new DatabaseSync(':memory:');
  readonly taken: (PlainMessage & { text: string; seal(): void; fail(error: Error): void })[] = [];
  transport: AttachedMqtt | undefined;
  #url: string | undefined;

  /** As a start of the node: what it remembered is there, what it had in memory is not. */
  async start(options: { plainFilters?: string[]; keepaliveS?: number } = {}): Promise<AttachedSession> {
    this.#url ??= await this.wire.listen();
    const session = new AttachedSession(this.db, randomBytes);
    const ingest = {
      source: () => ({}),
      hasRoom: true,
      take: async (payload: Uint8Array) => {
        await this.#take({ topic: STATEMENTS, payload });
        return { acknowledgement: new Uint8Array() };
      },
    } as unknown as Ingest;
    this.transport = await attachToBroker({
      ...{ url: this.#url, ingest, session, plainFilters: ['hall/+'], reconnectMs: [10, 20], ...options },
      onPlain: (message) => this.#take(message),
    });
    return session;
  }

  #take(message: PlainMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.taken.push({ ...message, text: Buffer.from(message.payload).toString(), seal: resolve, fail: reject });
    return promise;
  }

  get texts(): string[] {
    return this.taken.map(({ text }) => text);
  }

  /** As kill -9: nothing of what is under way gets anywhere. */
  async kill(): Promise<void> {
    const ended = this.transport?.close();
    this.wire.cut();
    await ended;
  }

  close(t: TestContext): void {
    t.after(async () => {
      for (const { seal } of this.taken) seal();
      await this.transport?.close();
      await this.wire.close();
    });
  }
}

test('many are taken at once; each is acknowledged once it is sealed, in the order in which they came', async (t) => {
  const side = new Side();
  side.close(t);
  await side.start();
  for (let id = 1; id <= 4; id++) side.wire.publish(id, `m${id}`, false, id === 3 ? `${STATEMENTS}thing` : 'hall/1');
  await until('taken', () => side.taken.length === 4);
  for (const i of [1, 2, 3]) side.taken[i]?.seal();
  await sleep(50);
  assert.deepEqual(side.wire.acknowledged, [], 'the first is not sealed yet');
  side.taken[0]?.seal();
  await until('acknowledged', () => side.wire.acknowledged.length === 4);
  assert.deepEqual(side.wire.acknowledged, [1, 2, 3, 4]);
});

test('only so many are under way: the others wait on the wire', async (t) => {
  const side = new Side();
  side.close(t);
  await side.start();
  for (let id = 1; id <= 1_100; id++) side.wire.publish(id, `m${id}`);
  await until('as many as may be', () => side.taken.length >= 1_000);
  await sleep(50);
  assert.equal(side.taken.length, 1_000);
  for (const { seal } of side.taken) seal();
  await until('the others', () => side.taken.length === 1_100);
});

test('what could not be sealed is not acknowledged, nor what came after it: it is asked for again', async (t) => {
  const side = new Side();
  side.close(t);
  await side.start();
  for (let id = 1; id <= 3; id++) side.wire.publish(id, `m${id}`);
  await until('taken', () => side.taken.length === 3);
  side.taken[0]?.seal();
  await until('the first is acknowledged', () => side.wire.acknowledged.length === 1);
  side.taken[2]?.seal();
  side.taken[1]?.fail(new Error('the disk is full'));
  await until('another connection', () => side.wire.connections === 2 && side.transport?.health.connected === true);
  assert.deepEqual(side.wire.acknowledged, [1]);
  assert.equal(side.transport?.counters.get('not-sealed'), 1);
  side.wire.publish(2, 'm2', true);
  side.wire.publish(3, 'm3', true);
  await until('the one that was not sealed', () => side.taken.length === 4);
  assert.deepEqual([side.texts[3], side.taken[3]?.isAgain], ['m2', true]);
  side.taken[3]?.seal();
  await until('both', () => side.wire.acknowledged.length === 3);
  assert.deepEqual(side.wire.acknowledged, [1, 2, 3]);
  assert.equal(side.taken.length, 4, 'what was sealed is not taken again');
});

test('what is still under way when its connection ends is taken once', async (t) => {
  const side = new Side();
  side.close(t);
  await side.start();
  side.wire.publish(7, 'slow');
  await until('taken', () => side.taken.length === 1);
  side.wire.cut();
  await until('connected again', () => side.wire.connections === 2 && side.transport?.health.connected === true);
  side.wire.publish(7, 'slow', true);
  await sleep(50);
  side.taken[0]?.seal();
  await until('acknowledged', () => side.wire.acknowledged.length === 1);
  assert.equal(side.taken.length, 1);
});

test('after kill -9 what comes again is known: with the time at which it came first, or as sealed', async (t) => {
  const side = new Side();
  side.close(t);
  await side.start();
  for (const [id, text] of ['sealed', 'not sealed', 'not sealed'].entries()) side.wire.publish(id + 1, text);
  await until('taken', () => side.taken.length === 3);
  const times = side.taken.map(({ arrivalMs }) => arrivalMs);
  assert.equal(new Set(times).size, 3, 'each has a time of its own');
  const { clientId } = new AttachedSession(side.db, randomBytes);
  // The first one's seal is written down; the acknowledgements wait behind one another and never leave.
  const [first] = side.taken;
  side.wire.told.length = 0;
  first?.seal();
  await sleep(20);
  await side.kill();
  await side.start();
  for (const [id, text] of ['sealed', 'not sealed', 'not sealed'].entries()) side.wire.publish(id + 1, text, true);
  // The broker gave this number to another message meanwhile.
  side.wire.publish(4, 'sealed');
  await until('taken again', () => side.taken.length === 6);
  assert.deepEqual(
    side.taken.slice(3).map(({ text, isAgain, arrivalMs }) => [text, isAgain, times.indexOf(arrivalMs)]),
    [
      ['not sealed', true, 1],
      ['not sealed', true, 2],
      ['sealed', false, -1],
    ],
  );
  for (const { seal } of side.taken) seal();
  await until('acknowledged', () => side.wire.acknowledged.includes(4));
  const connects = side.wire.of('connect') as IConnectPacket[];
  assert.deepEqual(
    connects.map((packet) => [packet.clientId, packet.clean]),
    [[clientId, false]],
    'the session is the one from before',
  );
});

test('what is marked as coming again and says something else, or has another number, is another message', async (t) => {
  const side = new Side();
  side.close(t);
  await side.start();
  side.wire.publish(1, 'one');
  await until('taken', () => side.taken.length === 1);
  side.taken[0]?.seal();
  await until('acknowledged', () => side.wire.acknowledged.length === 1);
  side.wire.publish(1, 'two', true);
  side.wire.publish(2, 'one', true);
  await until('taken', () => side.taken.length === 3);
  assert.deepEqual(side.texts, ['one', 'two', 'one']);
});

test('once the broker knows of an acknowledgement, its number and content may come as another message', async (t) => {
  const side = new Side();
  side.close(t);
  const session = await side.start({ keepaliveS: 1 });
  side.wire.publish(1, 'on');
  await until('taken', () => side.taken.length === 1);
  assert.equal(session.size, 1);
  side.taken[0]?.seal();
  await until('forgotten', () => session.size === 0);
  side.wire.publish(1, 'on', true);
  await until('taken', () => side.taken.length === 2);
});

test('topics of rules that are gone are unsubscribed from', async (t) => {
  const side = new Side();
  side.close(t);
  await side.start({ plainFilters: ['hall/+', 'old/#'] });
  await side.transport?.close();
  await side.start();
  await until('asked', () => side.wire.of('unsubscribe').length > 0);
  assert.deepEqual(
    side.wire.of('unsubscribe').map(({ unsubscriptions }) => unsubscriptions),
    [['old/#']],
  );
});

test('who is thrown out again and again is told that a copy of its folder may be at work', async (t) => {
  const side = new Side();
  side.close(t);
  side.wire.throwsOut = true;
  const session = await side.start();
  await until('said', () => /another node comes under the same client id/.test(side.transport?.health.reason ?? ''));
  assert.ok(side.transport?.health.reason?.includes(session.clientId));
  assert.ok(side.wire.connections >= 3);
  assert.notEqual(new AttachedSession(new DatabaseSync(':memory:'), randomBytes).clientId, session.clientId);
});
