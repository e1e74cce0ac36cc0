// Silence and death of things, over the real intake and real tables, on a time that moves when the test says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransportHealth } from '../ingest/transport.ts';
import { Parts, type Said } from '../testing/parts.ts';
import { HOME, T0 } from '../testing/world.ts';
import { THINGS_MAX } from './heard.ts';
import { SILENCE_ROUND_MS, Silences, type ToldSilence } from './silences.ts';

const MINUTE = 60_000;

class Watching {
  parts: Parts;
  declare silences: Silences;
  readonly told: [string, ToldSilence][] = [];
  readonly mqtt: { health: TransportHealth } = { health: { connected: true, sinceMs: T0 } };
  readonly paused = new Set<string>();

  private constructor(parts: Parts) {
    this.parts = parts;
  }

  static async open(parts?: Parts): Promise<Watching> {
    const watching = new Watching(parts ?? (await Parts.open()));
    await watching.reopen();
    return watching;
  }

  async reopen(): Promise<void> {
    const { store, projections, world, life, subject } = this.parts;
    this.silences = await this.parts.does(
      Silences.open({
        ...{ home: HOME, disk: world.system(life).disk, store, runner: projections.runner, clock: world.now },
        keys: projections.keyDirectory,
        mqtt: this.mqtt,
        isIgnored: (about) => about === subject,
        isPaused: (about) => this.paused.has(about),
        onNew: (key, told) => this.told.push([key, told]),
      }),
    );
  }

  /** One statement each ten seconds. @param more of each */
  async says(fromMs: number, toMs: number, more: Omit<Said, 'atMs'> = {}): Promise<void> {
    for (let atMs = fromMs; atMs < toMs; atMs += 10_000) await this.parts.say([{ atMs, ...more }]);
    await this.parts.does(this.parts.projections.runner.flush());
  }

  /** Rounds as the node makes them, until a time. */
  async until(atMs: number): Promise<void> {
    const { world } = this.parts;
    for (let at = world.now() - T0; at <= atMs; at += SILENCE_ROUND_MS) {
      await world.reaches(at);
      this.silences.round();
    }
  }

  get codes(): string[] {
    return this.silences.list(100).map(({ subject, code }) => `${subject} ${code}`);
  }
}

test('a thing that used to speak and falls silent shows by itself, and is gone when it speaks again', async () => {
  const one = await Watching.open();
  await one.says(0, 2 * MINUTE);
  await one.until(2.5 * MINUTE);
  assert.deepEqual(one.codes, [], 'some intervals are no silence');
  await one.until(4 * MINUTE);
  assert.deepEqual(one.codes, ['thing/1 silent']);
  const [silence] = one.silences.list(1);
  assert.equal(silence?.sinceMs, T0 + 110_000);
  assert.match(silence?.reason ?? '', /^silent since 2026-01-05T08:01:50.*; usually it speaks every 10 s$/);
  assert.deepEqual(
    one.told.map(([key, { subject, count }]) => [key, subject, count]),
    [[`silent:thing%2F1:${T0 + 110_000}`, 'thing/1', 1]],
    'told once, however long it goes on',
  );
  await one.says(5 * MINUTE, 5 * MINUTE + 1);
  assert.deepEqual(one.codes, []);
});

test('a thing that speaks without a usable value is one without, not one that is silent', async () => {
  const one = await Watching.open();
  await one.says(0, 2 * MINUTE);
  for (let atMs = 2 * MINUTE; atMs < 5 * MINUTE; atMs += 10_000) {
    const readings = [{ quantity: 'q', unit: 'count', timeMs: T0 + atMs, value: 'unavailable' }];
    await one.says(atMs, atMs + 1, { readings });
    one.silences.round();
  }
  assert.deepEqual(one.codes, ['thing/1 no-value']);
  assert.match(one.silences.list(1)[0]?.reason ?? '', /^no usable value since 2026-01-05T08:01:50/);
  await one.until(8 * MINUTE);
  assert.deepEqual(one.codes, ['thing/1 silent'], 'then it said nothing at all');
  assert.equal(one.told.length, 1);
});

test('a sensor that never had a value is one without, by the messages that its connector could not use', async () => {
  const one = await Watching.open();
  for (let at = 0; at < 2 * MINUTE; at += 10_000) {
    await one.parts.world.reaches(at);
    one.silences.noValue('dead/1', one.parts.world.now());
    one.silences.round();
  }
  assert.deepEqual(one.codes, ['dead/1 no-value']);
});

test('what is imported or simulated owes no next word, nor does what spoke a few times only', async () => {
  const one = await Watching.open();
  await one.says(0, 2 * MINUTE, { thing: 'old/1', class: 'imported' });
  await one.says(2 * MINUTE, 4 * MINUTE, { thing: 'toy/1', class: 'simulated' });
  await one.says(4 * MINUTE, 4 * MINUTE + 50_000, { thing: 'seldom/1' });
  await one.until(30 * MINUTE);
  assert.deepEqual(one.codes, []);
});

test('a start raises nothing of what it slept through, and knows after a while who is silent', async () => {
  const one = await Watching.open();
  await one.says(0, 2 * MINUTE);
  one.parts = await one.parts.restart();
  await one.parts.world.reaches(60 * MINUTE);
  await one.reopen();
  one.silences.round();
  assert.deepEqual(one.codes, [], 'an hour in which nobody listened is no silence');
  await one.until(63 * MINUTE);
  assert.deepEqual(one.codes, ['thing/1 silent'], 'learnt from the tables alone');
  assert.equal(one.silences.list(1)[0]?.sinceMs, T0 + 110_000);
});

test('what was learnt, and who is expected no longer, is kept over a start', async () => {
  const one = await Watching.open();
  await one.says(0, 2 * MINUTE);
  await one.says(2 * MINUTE, 4 * MINUTE, { thing: 'thing/2' });
  assert.ok(one.silences.dismiss(['thing/2', 'nobody']) === 1);
  one.silences.keep();
  one.parts = await one.parts.restart();
  await one.reopen();
  await one.until(30 * MINUTE);
  assert.deepEqual(one.codes, ['thing/1 silent']);
  await one.says(31 * MINUTE, 31 * MINUTE + 1, { thing: 'thing/2' });
  await one.until(60 * MINUTE);
  assert.deepEqual(one.codes, ['thing/1 silent', 'thing/2 silent'], 'it spoke again, so it is expected again');
});

test('while the way in is shut that is said instead, and the time does not count against anybody', async () => {
  const one = await Watching.open();
  await one.says(0, 2 * MINUTE);
  one.mqtt.health = { connected: false, sinceMs: T0 + 2 * MINUTE, reason: 'gone' };
  await one.until(20 * MINUTE);
  assert.deepEqual([one.codes, one.told], [[], []]);
  assert.match(one.silences.common?.reason ?? '', /nothing can come in over MQTT since 2026-01-05T08:02/);
  one.mqtt.health = { connected: true, sinceMs: T0 + 20 * MINUTE };
  one.silences.round();
  assert.deepEqual([one.codes, one.silences.common], [[], undefined]);
  await one.until(23 * MINUTE);
  assert.deepEqual(one.codes, ['thing/1 silent']);
});

test('after the machine slept, nobody is silent at once', async () => {
  const one = await Watching.open();
  await one.says(0, 2 * MINUTE);
  await one.until(2 * MINUTE);
  await one.parts.world.reaches(90 * MINUTE);
  one.silences.round();
  assert.deepEqual(one.codes, []);
});

test('many at once are told as one', async () => {
  const one = await Watching.open();
  for (let i = 0; i < 60; i++)
    for (let word = 0; word < 8; word++) one.silences.noValue(`dead/${i}`, one.parts.world.now());
  await one.until(3 * MINUTE);
  assert.deepEqual(
    one.told.map(([, { code, count }]) => [code, count]),
    [['many-silent', 60]],
  );
  assert.match(one.silences.common?.reason ?? '', /^60 of 60 things are silent/);
  assert.deepEqual([one.silences.list(10).length, one.silences.counts.total], [10, 60]);
});

test('a thing that was shut out, and one that somebody paused, are expected no longer', async () => {
  const one = await Watching.open();
  await one.says(0, 2 * MINUTE);
  await one.says(2 * MINUTE, 4 * MINUTE, { thing: 'thing/2' });
  one.paused.add('thing/2');
  await one.until(10 * MINUTE);
  assert.deepEqual(one.codes, ['thing/1 silent']);
  const [key] = one.parts.projections.keyDirectory.keysOf('thing/1');
  await one.parts.does(one.parts.identities.revoke(key?.did as string, 'gone'));
  await one.until(11 * MINUTE);
  assert.deepEqual(one.codes, []);
});

test('a pause that comes again and again, such as a night, is learnt', async () => {
  const one = await Watching.open();
  for (let day = 0; day < 4; day++) {
    await one.says(day * 60 * MINUTE, day * 60 * MINUTE + 3 * MINUTE);
    await one.until(day * 60 * MINUTE + 55 * MINUTE);
  }
  assert.equal(one.told.length, 2, 'twice it was news');
  assert.deepEqual(one.codes, []);
});

test('more things than can be listened for are counted, and take no more memory', async () => {
  const one = await Watching.open();
  for (let i = 0; i < THINGS_MAX + 3; i++) one.silences.noValue(`thing/${i}`, T0);
  assert.deepEqual(one.silences.counts, { total: 0, watched: THINGS_MAX, left: 3 });
  one.silences.round();
});
