// Rounds: what is done by the clock, how often, what is said where it fails, and what ends the node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogStoppedError } from '@trine/log/errors.ts';
import { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import { pino } from 'pino';
import { type RoundsOptions, startRounds } from './rounds.ts';
import { settingsOf, T0 } from './testing/world.ts';

function rounds(fails: Partial<Record<string, Error>> = {}, durableSize = 7, transports: unknown[] = []) {
  const time = new VirtualTime(T0);
  const done: Record<string, number | undefined> = {};
  const said: string[] = [];
  const ended: string[] = [];
  const does = (what: string) => async () => {
    done[what] = (done[what] ?? 0) + 1;
    const error = fails[what];
    if (error) throw error;
  };
  const measured: unknown[] = [];
  const options = {
    dependencies: {
      ...{ timers: time.timers(), clock: time.now },
      probe: { hostname: 'test', residentBytes: () => 42, freeBytes: async () => 0 },
      end: (_: unknown, __: Error, why: string) => void ended.push(why),
    },
    log: { durableSize },
    ingest: { snapshot: does('snapshot') },
    gateway: {
      measure: (...given: unknown[]) => {
        measured.push(given);
        return does('heartbeat')();
      },
    },
    subject: 'node/1',
    transports,
    decisions: { tick: does('tick') },
    settler: { anchor: (size: number) => does(`anchor ${size}`)() },
    pseudonyms: { round: does('pseudonyms') },
    events: {
      mended: (part: string) => void said.push(`${part} well`),
      trouble: (_: string, message: string) => void said.push(message),
    },
    health: { probe: does('probe') },
    logger: pino({ level: 'silent' }),
    settings: settingsOf({ anchorIntervalMs: 20_000 }),
  } as unknown as RoundsOptions;
  const stop = startRounds(options);
  const pass = (ms: number) => time.until(() => false, ms);
  return { done, said, ended, measured, pass, stop };
}

test('each at its own pace, the first sign of life and the first look at once', async () => {
  const { done, measured, pass, stop } = rounds();
  assert.deepEqual({ ...done }, { heartbeat: 1, probe: 1 });
  assert.deepEqual(measured[0], [
    'node/1',
    [
      { quantity: 'log/size', unit: 'count', timeMs: T0, value: 7 },
      { quantity: 'memory/resident', unit: 'B', timeMs: T0, value: 42 },
    ],
    { class: 'software', isOpen: true },
  ]);
  await pass(20_000);
  assert.deepEqual({ ...done }, { heartbeat: 5, probe: 5, tick: 40, pseudonyms: 10, 'anchor 7': 1 });
  await pass(580_000);
  assert.equal(done.snapshot, 1);
  await stop();
  const before = { ...done };
  await pass(600_000);
  assert.deepEqual(done, before, 'none after the end');
});

test('the sign of life says by which ways in statements could come when it was given', async () => {
  const broker = { name: 'mqtt-attached', health: { connected: true } };
  const transports = [broker];
  const { measured, pass, stop } = rounds({}, 7, transports);
  transports.push({ name: 'http', health: { connected: true } });
  broker.health = { connected: false };
  await pass(5_000);
  broker.health = { connected: true };
  await pass(5_000);
  await stop();
  const said = (measured as [string, { quantity: string; value: unknown }[]][]).map(([, readings]) =>
    Object.fromEntries(readings.slice(2).map(({ quantity, value }) => [quantity, value])),
  );
  assert.deepEqual(said, [
    { 'way-in/mqtt': true },
    { 'way-in/mqtt': false, 'way-in/http': true },
    { 'way-in/mqtt': true, 'way-in/http': true },
  ]);
});

test('what fails is said in words, is tried again, and stops no other round', async () => {
  const fails: Record<string, Error> = {
    pseudonyms: new Error('away'),
    'anchor 7': new Error('lost'),
    heartbeat: new Error('full'),
  };
  const { said, done, ended, pass, stop } = rounds(fails);
  await pass(20_000);
  assert.deepEqual([...new Set(said)].sort(), ['Anchoring: lost', 'Pseudonyms: away']);
  delete fails.pseudonyms;
  delete fails['anchor 7'];
  await pass(20_000);
  assert.deepEqual(said.slice(-2).sort(), ['anchoring well', 'pseudonyms well']);
  assert.equal(done.heartbeat, 9, 'a sign of life that was refused is followed by others');
  assert.deepEqual(ended, []);
  await stop();
});

test('an empty log is not anchored; one that has stopped ends the node', async () => {
  const { done, pass, stop } = rounds({}, 0);
  await pass(20_000);
  assert.equal(
    Object.keys(done).some((what) => what.startsWith('anchor')),
    false,
  );
  await stop();
  const stopped = rounds({ heartbeat: new LogStoppedError('The log has stopped.') });
  await stopped.pass(1);
  assert.deepEqual(stopped.ended, ['the log stopped']);
  await stopped.stop();
});
