// What the HTTP way in answers where it cannot take a message: when to come again, and that nothing was kept of it.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { LogStoppedError } from '@trine/log/errors.ts';
import { encodeDeliveries } from '@trine/protocol';
import type { Ingest } from '../ingest.ts';
import { Sources } from '../source.ts';
import { type HttpIngestLimits, openHttpTransport } from './http.ts';

/** A transport before an ingest that does what the test says. */
function opened(take: Ingest['take'], limits: Partial<HttpIngestLimits> = {}) {
  const sources = new Sources(1_000, 'node', () => 0);
  const ingest = { take, source: sources.open.bind(sources) } as unknown as Ingest;
  const transport = openHttpTransport({ ingest, address: 'http://node/', limits, now: () => 5 });
  const socket = { remoteAddress: '192.0.2.1' } as Socket;
  const send = (body: BodyInit | null, headers: Record<string, string> = {}) =>
    transport.receive(
      new Request('http://node/api/v1/statements', { method: 'POST', body, headers, duplex: 'half' } as RequestInit),
      socket,
    );
  return { transport, send, socket };
}

const taken: Ingest['take'] = async () => ({ answers: [], acknowledgement: Uint8Array.of(1, 2) });
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

/** A body that comes in the parts that the test gives. */
function slowBody() {
  const begun: ReadableStreamDefaultController<Uint8Array>[] = [];
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void begun.push(controller) });
  return { stream, control: begun[0] as ReadableStreamDefaultController<Uint8Array> };
}

test('bodies that are being received are bounded together; who is over is told when to come again', async () => {
  const { transport, send } = opened(taken, { messageBytesMax: 100, receivingBytesMax: 150 });
  const first = slowBody();
  const receiving = send(first.stream);
  first.control.enqueue(new Uint8Array(100));
  await new Promise(setImmediate);
  const second = await send(new Uint8Array(60));
  assert.deepEqual([second.status, await codeOf(second)], [503, 'overloaded']);
  assert.equal(second.headers.get('retry-after'), '1');
  assert.equal(transport.counters.get('overloaded'), 1);
  // There is room for less, and once the first is over for all of it.
  assert.equal((await send(new Uint8Array(50))).status, 200);
  first.control.close();
  assert.equal((await receiving).status, 200);
  assert.equal((await send(new Uint8Array(100))).status, 200);
});

test('what is refused or breaks off gives back the room it took', async () => {
  const { transport, send } = opened(taken, { messageBytesMax: 100, receivingBytesMax: 150 });
  for (let i = 0; i < 5; i++) {
    const large = await send(new Uint8Array(101));
    assert.deepEqual([large.status, large.headers.get('connection')], [413, 'close']);
    const broken = slowBody();
    broken.control.enqueue(new Uint8Array(90));
    broken.control.error(new Error('reset'));
    const lost = await send(broken.stream);
    assert.deepEqual([lost.status, await codeOf(lost)], [400, 'invalid']);
  }
  assert.deepEqual([transport.counters.get('too-large'), transport.counters.get('connection-lost')], [5, 5]);
  assert.equal((await send(new Uint8Array(100))).status, 200);
});

test('what says itself that it is too large is not begun to be read', async () => {
  const { send } = opened(taken, { messageBytesMax: 100 });
  const { stream } = slowBody();
  const refused = await send(stream, { 'content-length': '101' });
  assert.equal(refused.status, 413, 'although nothing of it ever came');
});

test('a message comes whole, in however many parts it came; none is an empty one', async () => {
  const got: string[] = [];
  const { send } = opened(async (message, source) => {
    got.push(Buffer.from(message).toString('hex'));
    return taken(message, source);
  });
  const { stream, control } = slowBody();
  const sent = send(stream);
  for (const byte of [1, 2, 3]) control.enqueue(Uint8Array.of(byte));
  control.close();
  assert.equal((await sent).headers.get('content-type'), 'application/cbor');
  await send(null);
  assert.deepEqual(got, ['010203', '']);
});

test('where the log stopped nothing is acknowledged, and the sender keeps what it has', async () => {
  const { transport, send } = opened(async () => {
    throw new LogStoppedError('the disk is full, at /secret/place');
  });
  const refused = await send(new Uint8Array(encodeDeliveries([{ statement: Uint8Array.of(1) }])));
  const words = await refused.text();
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
  assert.match(words, /keep it and send it again/);
  assert.doesNotMatch(words, /secret/);
  assert.equal(transport.counters.get('log-stopped'), 1);
});

test('answers that ask to wait make the status and the time of the whole, the connection’s own share first', async () => {
  for (const [reason, status] of [
    ['rate-limited', 429],
    ['overloaded', 503],
  ] as const) {
    const answers = [
      { id: new Uint8Array(32), verdict: 'sealed', index: 1 },
      { id: new Uint8Array(32), verdict: 'refused', reason, retryAfterMs: 1_500 },
    ] as never;
    const { send } = opened(async () => ({ answers, acknowledgement: Uint8Array.of(7) }));
    const answered = await send(new Uint8Array(1));
    assert.deepEqual([answered.status, answered.headers.get('retry-after')], [status, '2']);
    // What was sealed is acknowledged all the same.
    assert.deepEqual(new Uint8Array(await answered.arrayBuffer()), Uint8Array.of(7));
  }
});

test('limits are kept by connection: one socket is one source, and another is another', async () => {
  const sources = new Set<unknown>();
  const { transport, send, socket } = opened(async (message, source) => {
    sources.add(source);
    return taken(message, source);
  });
  await send(new Uint8Array(1));
  await send(new Uint8Array(1));
  assert.equal(sources.size, 1);
  const other = new Request('http://node/', { method: 'POST', body: new Uint8Array(1) });
  await transport.receive(other, { ...socket } as Socket);
  assert.equal(sources.size, 2);
});

test('it says since when it is there, and closed that it is not', async () => {
  const { transport, send } = opened(taken);
  assert.deepEqual(transport.health, { connected: true, sinceMs: 5 });
  await transport.close();
  assert.deepEqual(transport.health, { connected: false, sinceMs: 5, reason: 'The port was closed.' });
  const refused = await send(new Uint8Array(1));
  assert.deepEqual([refused.status, await codeOf(refused), transport.counters.get('closed')], [503, 'stopped', 1]);
});
