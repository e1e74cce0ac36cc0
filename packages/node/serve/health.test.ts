// Health: each thing that can be wrong is said while it is, and no longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemTimers } from '@trine/system/time.ts';
import { EventBus } from './events.ts';
import { Health, type HealthOptions } from './health.ts';

interface World {
  now: number;
  /** Milliseconds that nobody can set. */
  elapsed: number;
  free: number;
  size: number;
  position: number;
  chain: Error | undefined;
  mqtt: HealthOptions['mqtt']['health'];
  settling: string | undefined;
  webhook: string | undefined;
  due: boolean;
  failed: string | undefined;
}

function world(): { at: World; health: Health; events: EventBus } {
  const at: World = {
    now: 1_000,
    elapsed: 0,
    free: 1e12,
    size: 10,
    position: 10,
    chain: undefined,
    mqtt: { connected: true, sinceMs: 0 },
    settling: undefined,
    webhook: undefined,
    due: false,
    failed: undefined,
  };
  const events = new EventBus(() => at.now);
  const policy = {};
  const health = new Health({
    home: '/',
    clock: () => at.now,
    chain: {
      request: async () => {
        if (at.chain) throw at.chain;
        return '0x1';
      },
    },
    log: {
      get durableSize() {
        return at.size;
      },
    },
    store: {
      get position() {
        return at.position;
      },
    },
    decisions: {
      scheduler: { all: () => [policy], due: (_: unknown, ms: number) => (at.due && ms < at.now ? [1] : []) },
      get decider() {
        return { problems: new Map(at.failed === undefined ? [] : [['hash', at.failed]]) };
      },
    } as unknown as HealthOptions['decisions'],
    settler: {
      get problem() {
        return at.settling;
      },
    },
    mqtt: {
      get health() {
        return at.mqtt;
      },
    },
    webhook: {
      get problem() {
        return at.webhook;
      },
    },
    events,
    timers: { ...systemTimers, elapsed: () => at.elapsed },
    probe: { freeBytes: async () => at.free },
  });
  return { at, health, events };
}

const well = { status: 'ready', leaves: 10, problems: [] };

/** What goes wrong, how it is mended, and whether statements are kept out meanwhile. */
const mishaps: Readonly<Record<string, { wrong: Partial<World>; mended: Partial<World>; status: string }>> = {
  transport: {
    wrong: { mqtt: { connected: false, sinceMs: 5, reason: 'mqtt://secret:1883 is gone' } },
    mended: { mqtt: { connected: true, sinceMs: 9 } },
    status: 'unready',
  },
  disk: { wrong: { free: 1_000_000 }, mended: { free: 1e12 }, status: 'unready' },
  chain: {
    wrong: { chain: new Error('http://secret:8545 is gone') },
    mended: { chain: undefined },
    status: 'degraded',
  },
  settling: { wrong: { settling: 'reverted' }, mended: { settling: undefined }, status: 'degraded' },
  webhook: { wrong: { webhook: 'not taken' }, mended: { webhook: undefined }, status: 'degraded' },
  deciding: { wrong: { failed: 'no model' }, mended: { failed: undefined }, status: 'degraded' },
};

for (const [code, { wrong, mended, status }] of Object.entries(mishaps))
  test(`${code}: said while it is so, with since when, and no words for everyone`, async () => {
    const { at, health } = world();
    await health.probe();
    assert.deepEqual(health.forEveryone, well);
    Object.assign(at, wrong);
    await health.probe();
    assert.deepEqual(health.forEveryone, { ...well, status, problems: [{ code, sinceMs: 1_000 }] });
    assert.doesNotMatch(JSON.stringify(health.forEveryone), /secret/);
    at.now += 500;
    await health.probe();
    assert.equal(health.problems[0]?.sinceMs, 1_000);
    Object.assign(at, mended);
    await health.probe();
    assert.deepEqual(health.forEveryone, well);
    // Again is another time.
    Object.assign(at, wrong);
    await health.probe();
    assert.equal(health.problems[0]?.sinceMs, 1_500);
  });

test('decisions that are due for a minute are behind', async () => {
  const { at, health } = world();
  at.due = true;
  await health.probe();
  assert.match(health.problems[0]?.message ?? '', /Decisions under 1 policy are more than 60 s behind/);
  at.due = false;
  await health.probe();
  assert.equal(health.problems.length, 0);
});

test('tables that do not follow the log are behind after a minute, and not when they move on', async () => {
  const { at, health } = world();
  at.size = 50;
  await health.probe();
  at.elapsed += 59_000;
  at.now += 86_400_000;
  await health.probe();
  assert.equal(health.problems.length, 0);
  at.elapsed += 2_000;
  await health.probe();
  assert.match(health.problems[0]?.message ?? '', /40 leaves behind/);
  at.position = 50;
  at.size = 90;
  await health.probe();
  assert.deepEqual(health.problems, []);
});

test('trouble that is mended is gone', () => {
  const { health, events } = world();
  events.trouble('anchoring', 'no gas');
  assert.deepEqual(
    health.problems.map(({ code, message }) => [code, message]),
    [['anchoring', 'no gas']],
  );
  assert.equal(health.isReady, true);
  events.mended('anchoring');
  assert.deepEqual(health.problems, []);
});
