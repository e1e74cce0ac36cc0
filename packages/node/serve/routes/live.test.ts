// Live events as a reader gets them: the overview first, then what is committed, numbered, and after a break what was missed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ServedNode } from '../../testing/served.ts';

let served: ServedNode;
before(async () => {
  served = await ServedNode.open();
});
after(() => served.close());

interface Heard {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

/** A reader of the stream, over one connection. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly headers: Headers;
  #text = '';

  private constructor(response: Response) {
    this.headers = response.headers;
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
  }

  static async open(query = '', headers: Record<string, string> = {}): Promise<Reader> {
    return new Reader(await served.open(`/api/v1/events${query}`, { headers }));
  }

  async next(): Promise<Heard> {
    while (!this.#text.includes('\n\n')) {
      const { done, value } = await served.does(this.#reader.read());
      if (done) throw new Error('The stream ended.');
      this.#text += new TextDecoder().decode(value);
    }
    const end = this.#text.indexOf('\n\n');
    const lines = new Map(
      this.#text
        .slice(0, end)
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    this.#text = this.#text.slice(end + 2);
    return { event: lines.get('event') ?? '', id: lines.get('id'), data: JSON.parse(lines.get('data') ?? '') };
  }

  /** The next of a kind. */
  async until(event: string): Promise<Heard> {
    for (;;) {
      const heard = await this.next();
      if (heard.event === event) return heard;
    }
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}

const say = async (atMs: number) => {
  await served.parts.say([{ atMs: served.parts.world.time.elapsedMs + atMs }]);
  await served.recorded();
};

test('a reader gets the whole overview, then what changes of it, and what is said as it is committed', async () => {
  const reader = await Reader.open();
  assert.match(reader.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.equal(reader.headers.get('content-encoding'), null);
  const whole = await reader.next();
  assert.deepEqual([whole.event, whole.id], ['overview', undefined]);
  assert.equal(whole.data.version, 'test');
  await say(10);
  const seal = await reader.until('seal');
  assert.match(seal.id ?? '', /^[a-z0-9]+-\d+$/);
  const reading = await reader.until('reading');
  assert.deepEqual([reading.data.subject, reading.data.quantity, reading.data.value], ['thing/1', 'q', 1]);
  const change = await reader.until('overview');
  assert.ok(change.data.ingest);
  assert.equal(change.data.version, undefined, 'what did not change is left out');
  await reader.close();
});

test('who comes back is told what was missed, by the header or the query, before anything else', async () => {
  const reader = await Reader.open();
  await say(10);
  const { id } = await reader.until('reading');
  await reader.close();
  await say(10);
  for (const [query, headers] of [
    [`?since=${id}`, {}],
    ['', { 'last-event-id': id as string }],
    // The header is the newer: a browser sends it when it connects again to the same address.
    ['?since=0-0', { 'last-event-id': id as string }],
  ] as const) {
    const again = await Reader.open(query, headers);
    assert.deepEqual([(await again.next()).event, (await again.next()).event], ['seal', 'reading'], query);
    assert.equal((await again.next()).event, 'overview');
    await again.close();
  }
});

test('who was told of another run, or of what never was, is told to ask for the lists again', async () => {
  const known = await Reader.open();
  await known.next();
  await known.close();
  for (const since of ['junk', '0-1', `${served.node.events.id}9`]) {
    const reader = await Reader.open(`?since=${since}`);
    const { event, id } = await reader.next();
    assert.deepEqual([event, id], ['reload', served.node.events.id], since);
    await reader.close();
  }
  const long = await served.ask(`/api/v1/events?since=${'x'.repeat(41)}`);
  assert.equal(long.status, 400);
});

test('a reader who takes nothing costs a bounded amount, and is told that it missed some', async () => {
  const reader = await Reader.open();
  await reader.next();
  for (let i = 0; i < 12_000; i++) served.node.events.refused('malformed', `junk ${i}`, 'mqtt:loud');
  const heard: Heard[] = [];
  const last = served.node.events.id;
  while (heard.at(-1)?.id !== last) heard.push(await reader.next());
  assert.ok(heard.length < 8_000, `${heard.length}`);
  assert.ok(heard.some(({ event }) => event === 'reload'));
  await reader.close();
});

test('a reader who leaves is forgotten: nothing is kept for it for longer than it may take to come back', async () => {
  const { events } = served.node;
  const before = events.id;
  const reader = await Reader.open();
  await reader.next();
  await reader.close();
  await served.parts.world.reaches(served.parts.world.time.elapsedMs + 70_000);
  // Nobody has listened for more than a minute: nothing is kept any more.
  events.refused('malformed', 'unheard', 'mqtt:x');
  assert.deepEqual(
    events.since(before).map(({ event }) => event),
    ['reload'],
  );
});
