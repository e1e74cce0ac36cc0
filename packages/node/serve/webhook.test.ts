// The webhook against a real server that refuses, hangs, and then takes what comes; over a real store.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemDisk } from '@trine/system/system-disk.ts';
import type { Timers } from '@trine/system/time.ts';
import type { LoggedPolicy } from '../projections/policies.ts';
import { openStore, type Store } from '../projections/tables/store.ts';
import { AlertWebhook, openWebhook, type PostedAlert } from './webhook.ts';

/** Time that stands still until the test moves it, and the timers that are set. */
class Time implements Pick<Timers, 'setTimeout' | 'elapsed'> {
  /** What the clock shows; somebody may set it. */
  nowMs = 1_767_571_200_000;
  #elapsedMs = 0;
  waiting: { readonly work: () => void; readonly ms: number }[] = [];

  setTimeout(work: () => void, ms: number) {
    const timer = { work, ms };
    this.waiting.push(timer);
    return {
      cancel: () => {
        this.waiting = this.waiting.filter((one) => one !== timer);
      },
    };
  }

  elapsed(): number {
    return this.#elapsedMs;
  }

  setInterval(): never {
    throw new Error('The webhook sets none.');
  }

  /** Lets the one timer that is set come due. @returns for how long it was set */
  async fire(): Promise<number> {
    await until(() => this.waiting.length > 0);
    const [{ work, ms }] = this.waiting.splice(0, 1) as [(typeof this.waiting)[number]];
    this.nowMs += ms;
    this.#elapsedMs += ms;
    work();
    return ms;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1_000) throw new Error('It never came.');
    await sleep(5);
  }
}

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: PostedAlert;
}

async function receiver(t: TestContext) {
  const posts: Post[] = [];
  const answers: { next: (response: ServerResponse) => void } = { next: (response) => response.end() };
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    posts.push({ headers: request.headers, body: JSON.parse(body) });
    answers.next(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=secret`;
  return { posts, answers, url, server };
}

const id = (n: number) => new Uint8Array(32).fill(n);
const hex = (n: number) => Buffer.from(id(n)).toString('hex');
const alertRow = (leaf: number, subject: string, code = 'leak') => ({
  table: 'alerts',
  values: {
    ...{ leaf, decision: id(leaf), policy: id(201), domain: 'd', code, severity: 'warning', subject },
    ...{ at_ms: leaf * 10, reason: `at ${leaf}` },
  },
});
const resolved = (leaf: number, decision: number) => ({
  table: 'alert_status',
  values: {
    leaf,
    decision: id(decision),
    code: 'leak',
    status: 'resolved',
    said_by: 'Ada',
    note: '',
    arrival_ms: leaf,
  },
});

async function add(store: Store, next: number, ...rows: ReturnType<typeof alertRow | typeof resolved>[]) {
  const none = new Float64Array(0);
  const [bytes, words] = [new Uint8Array(0), new Uint32Array(0)];
  await store.append({
    ...{ next, sequences: [], streams: [], texts: [], rows },
    statements: {
      ...{ leaf: none, ids: bytes, kind: bytes, sequence: words, epoch: none, seq: none, arrivalMs: none },
      ...{ class: bytes, flag: bytes, readings: words, firstMs: none, lastMs: none },
    },
    readings: { stream: words, timeMs: none, leaf: none, value: none },
  });
}

async function opened(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'trine-webhook-'));
  const store = await openStore(join(folder, 'views.duckdb'));
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const [time, hook] = [new Time(), await receiver(t)];
  const file = join(folder, 'alerts-webhook.json');
  const policies = { get: () => ({ policy: { title: 'Cold store' } }) as LoggedPolicy };
  const start = () => {
    const webhook = new AlertWebhook({
      url: hook.url,
      file,
      store,
      policies,
      clock: () => time.nowMs,
      timers: time,
      disk: systemDisk,
    });
    webhook.wake();
    return webhook;
  };
  const kept = () => (JSON.parse(readFileSync(file, 'utf8')) as { leaf: number }).leaf;
  return { store, time, start, kept, folder, policies, ...hook };
}

const subjects = (posts: readonly Post[]) => posts.map(({ body }) => body.subject);

test('every new alert is posted once, in order; one that goes on is not new, one after it was resolved is', async (t) => {
  const { store, start, kept, posts } = await opened(t);
  await add(store, 10, alertRow(3, 'past'));
  const webhook = start();
  t.after(() => webhook.stop());
  assert.equal(kept(), 9, 'a new webhook is not told of the past');
  await add(store, 20, alertRow(11, 'b'), alertRow(11, 'a'), alertRow(12, 'ä', 'größer'), alertRow(13, 'a'));
  webhook.wake();
  await until(() => kept() === 12);
  assert.deepEqual(subjects(posts), ['a', 'b', 'ä']);
  const [{ headers, body } = assert.fail()] = posts;
  assert.deepEqual(
    [headers['content-type'], headers['idempotency-key'], posts[1]?.headers['idempotency-key']],
    ['application/json', `${hex(11)}:leak:a`, `${hex(11)}:leak:b`],
  );
  assert.equal(posts[2]?.headers['idempotency-key'], `${hex(12)}:gr%C3%B6%C3%9Fer:%C3%A4`);
  assert.deepEqual(
    [body.title, body.policy, body.code, body.severity, body.status, body.times, body.sinceMs],
    ['Cold store', hex(201), 'leak', 'warning', 'raised', 2, 110],
  );
  await add(store, 30, resolved(21, 13), alertRow(22, 'a'));
  webhook.wake();
  await until(() => kept() === 22);
  assert.deepEqual(subjects(posts), ['a', 'b', 'ä', 'a']);
});

test('refused, then no answer: repeated in longer and longer pauses, a problem after five minutes, then all of it in order', async (t) => {
  const { store, time, start, kept, posts, answers } = await opened(t);
  const webhook = start();
  t.after(() => webhook.stop());
  answers.next = (response) => response.writeHead(503).end('later');
  await add(store, 10, alertRow(1, 'a'), alertRow(2, 'b'));
  webhook.wake();
  const pauses: number[] = [];
  for (let i = 0; i < 8; i++) {
    await until(() => posts.length === i + 1 && time.waiting[0]?.ms !== 10_000);
    assert.equal(webhook.problem, undefined);
    webhook.wake();
    pauses.push(await time.fire());
    // Somebody sets the clock forward by a day: it has not been failing for longer than it has.
    if (i === 1) time.nowMs += 86_400_000;
  }
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000]);
  await until(() => posts.length === 9 && time.waiting[0]?.ms !== 10_000);
  answers.next = () => undefined;
  assert.equal(await time.fire(), 256_000);
  assert.match(
    webhook.problem ?? '',
    /^Alerts have not been delivered to 127\.0\.0\.1:\d+ since 2026-01-05T00:00:00\.000Z: it answered with HTTP status 503\.$/,
  );
  await until(() => posts.length === 10);
  assert.equal(await time.fire(), 10_000, 'it does not wait for ever');
  await until(() => time.waiting.length > 0);
  assert.match(webhook.problem ?? '', /: no answer within 10 s\.$/);
  answers.next = (response) => response.writeHead(204).end();
  assert.equal(await time.fire(), 300_000, 'five minutes at most');
  await until(() => kept() === 2);
  assert.deepEqual(subjects(posts).slice(-2), ['a', 'b']);
  assert.equal(new Set(posts.slice(0, -1).map(({ headers }) => headers['idempotency-key'])).size, 1);
  assert.equal(webhook.problem, undefined);
});

test('a restart goes on where it stopped: nothing lost, nothing delivered long ago repeated', async (t) => {
  const { store, time, start, kept, posts, answers, server } = await opened(t);
  const first = start();
  await add(store, 10, alertRow(1, 'a'));
  first.wake();
  await until(() => kept() === 1);
  answers.next = () => undefined;
  await add(store, 20, alertRow(11, 'b'), alertRow(11, 'c'));
  first.wake();
  await until(() => posts.length === 2);
  await first.stop();
  assert.deepEqual([kept(), time.waiting.length], [1, 0]);
  await add(store, 30, alertRow(21, 'd'));
  answers.next = (response) => response.end();
  const second = start();
  await until(() => kept() === 21);
  assert.deepEqual(subjects(posts), ['a', 'b', 'b', 'c', 'd']);
  server.close();
  server.closeAllConnections();
  await add(store, 40, alertRow(31, 'e'));
  second.wake();
  await until(() => time.waiting[0]?.ms === 1_000);
  await second.stop();
  assert.deepEqual([kept(), time.waiting.length], [21, 0]);
});

test('it is opened where the settings name one, and wakes with what is committed', async (t) => {
  const { store, time, kept, posts, folder, policies, url } = await opened(t);
  const listeners: ((commit: never) => void)[] = [];
  const runner = { onCommit: (listener: (commit: never) => void) => listeners.push(listener) };
  const rest = { store, runner, policies, clock: () => time.nowMs, timers: time, disk: systemDisk };
  assert.equal(openWebhook({ ...rest, settings: { home: folder, alerts: {} } }), undefined);
  const webhook = openWebhook({ ...rest, settings: { home: folder, alerts: { webhook: url } } });
  t.after(() => webhook?.stop());
  await add(store, 10, alertRow(1, 'a'));
  listeners[0]?.({ rows: [{ table: 'alerts' }] } as never);
  await until(() => kept() === 1);
  assert.deepEqual(subjects(posts), ['a']);
});

test('what no decision raised is posted once, in its turn, and again where it was not taken', async (t) => {
  const { time, start, posts, answers } = await opened(t);
  const webhook = start();
  t.after(() => webhook.stop());
  answers.next = (response) => response.writeHead(500).end();
  const told = { severity: 'warning', count: 1, sinceMs: 7, reason: 'silent since then' } as const;
  webhook.tell('silent:a:7', { ...told, code: 'silent', subject: 'a' });
  webhook.tell('silent:a:7', { ...told, code: 'silent', subject: 'a' });
  // Not the timer of the post, but the pause after it.
  await until(() => posts.length === 1 && time.waiting[0]?.ms === 1_000);
  answers.next = (response) => response.end();
  webhook.tell('many-silent:9', { ...told, code: 'many-silent', count: 60 });
  await time.fire();
  await until(() => posts.length === 3);
  assert.deepEqual(
    posts.map(({ headers, body }) => [headers['idempotency-key'], body.code]),
    [
      ['silent:a:7', 'silent'],
      ['silent:a:7', 'silent'],
      ['many-silent:9', 'many-silent'],
    ],
  );
});
