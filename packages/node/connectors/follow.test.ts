// What is announced anew: a thing that moved is followed where its announcer alone speaks for it, and read as it was accepted in
// every other case.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connector, FoundThing } from '@trine/mapping/connector.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import { toUtf8 } from '@trine/protocol';
import { machine } from '@trine/system/system.ts';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { z } from 'zod';
import { sandboxFiles } from '../dependencies.ts';
import type { Connectors } from './connectors.ts';
import { openConnectors } from './open.ts';

const NOW = 1_763_884_800_000;

/** Announcements are things as they are found, as JSON. */
const plain: Connector = {
  manifest: { name: 'plain', title: 'Plain', about: 'Says what it finds.', ways: ['mqtt'], triedAgainst: 'nothing' },
  settings: z.strictObject({}),
  start: () => ({
    filters: ['announce', 'data/#'],
    discover: (message) => ({ found: message.topic === 'announce' ? (jsonMessage(message) as FoundThing[]) : [] }),
  }),
};

interface Part {
  readonly topic: string;
  readonly quantity: string;
  readonly unit: string;
}

const temperature: Part = { topic: 'data/t', quantity: 'temperature', unit: 'Cel' };
const humidity: Part = { topic: 'data/h', quantity: 'relative-humidity', unit: '%RH' };

const thing = (parts: readonly Part[], more: Partial<FoundThing> = {}): FoundThing => ({
  ...{ id: '1', name: 'one', kind: 'k', isWhole: true, mayMove: true },
  mappings: parts.map((part) => ({ ...part, subject: 'thing/1', fields: [] })),
  ...more,
});

function open(connectors: readonly Connector[] = [plain], disk = new MemoryDisk()): Connectors {
  const given = { ...machine, disk, clock: () => NOW, sandbox: sandboxFiles };
  const settings = { home: '/node', bridge: [], raw: { days: 1, megabytesMax: 1 } };
  return openConnectors(settings, connectors, given).connectors;
}

const say = (connectors: Connectors, topic: string, said: unknown): string[] =>
  connectors
    .take({ topic, payload: toUtf8(JSON.stringify(said)) }, { by: undefined, nowMs: NOW }, () => undefined)
    .flatMap(({ mapped }) => mapped.packs)
    .flatMap(({ readings }) => readings.map(({ quantity, value, unit }) => `${quantity}=${value} ${unit}`));

test('the same, announced in another order, is read as before', () => {
  const connectors = open();
  say(connectors, 'announce', [thing([temperature, humidity])]);
  connectors.accept('plain', ['1']);
  say(connectors, 'announce', [thing([humidity, temperature])]);
  assert.deepEqual(say(connectors, 'data/t', 21), ['temperature=21 Cel']);
  assert.deepEqual(say(connectors, 'data/h', 48), ['relative-humidity=48 %RH']);
});

test('what moved is followed, whatever else is announced beside it; the place of another is not taken', () => {
  const connectors = open();
  say(connectors, 'announce', [thing([temperature, humidity])]);
  connectors.accept('plain', ['1']);
  const moved = { ...temperature, topic: 'data/new' };
  say(connectors, 'announce', [thing([humidity, moved])]);
  assert.deepEqual(say(connectors, 'data/new', 21), ['temperature=21 Cel']);
  assert.deepEqual(say(connectors, 'data/t', 22), []);
  // What is said of the topic now is no temperature.
  say(connectors, 'announce', [thing([humidity, { ...moved, topic: 'data/odd', unit: 'K' }])]);
  assert.deepEqual(say(connectors, 'data/odd', 294), []);
  assert.deepEqual(say(connectors, 'data/new', 23), ['temperature=23 Cel']);
});

test('a thing that anybody may announce is not followed: it is read where it was accepted', () => {
  const connectors = open();
  const announced = (topic: string): FoundThing => {
    const { mayMove: _, ...still } = thing([{ ...temperature, topic }]);
    return still;
  };
  say(connectors, 'announce', [announced('data/t')]);
  connectors.accept('plain', ['1']);
  say(connectors, 'announce', [announced('data/forged')]);
  assert.deepEqual(say(connectors, 'data/forged', 99), []);
  assert.deepEqual(say(connectors, 'data/t', 21), ['temperature=21 Cel']);
});

test('of a kind that is accepted, nothing comes along whose unit nobody said, and none waits for another', () => {
  const connectors = open();
  const one = (id: string, more: Partial<FoundThing> = {}): FoundThing => ({
    ...thing([], { id, ...more }),
    mappings: [{ ...temperature, topic: `data/${id}`, subject: `thing/${more.name ?? id}`, fields: [] }],
  });
  say(connectors, 'announce', [one('1')]);
  connectors.acceptKind('plain', 'k');
  say(connectors, 'announce', [one('2', { assumed: ['temperature'] }), one('3', { name: '1' }), one('4')]);
  assert.deepEqual(
    ['1', '2', '3', '4'].map((id) => say(connectors, `data/${id}`, 21).length),
    [1, 0, 0, 1],
  );
  say(connectors, 'announce', [one('3')]);
  // Whoever says that the units are so, says it of what comes later, too.
  connectors.acceptKind('plain', 'k', true);
  say(connectors, 'announce', [
    one('5', { assumed: ['temperature'] }),
    one('6', { assumed: ['temperature', 'voltage'] }),
  ]);
  assert.deepEqual(
    ['2', '5', '6'].map((id) => say(connectors, `data/${id}`, 21).length),
    [1, 1, 0],
  );
});

test('a message whose mapping has no time to run now is not lost: its sender is told to come again', async () => {
  const connectors = open();
  const transform = '{"v": a.b}';
  const mapping = {
    topic: 'data/t',
    subject: 'x',
    unit: '',
    transform,
    fields: [{ path: 'v', quantity: 'v', unit: '' }],
  };
  say(connectors, 'announce', [thing([], { mappings: [mapping] })]);
  // Nobody accepted it: nothing of it is lost.
  assert.deepEqual(say(connectors, 'data/t', { a: { b: 1 } }), []);
  connectors.accept('plain', ['1']);
  assert.throws(() => say(connectors, 'data/t', { a: { b: 1 } }), { code: 'overloaded' });
  await connectors.prepare();
  assert.deepEqual(say(connectors, 'data/t', { a: { b: 1 } }), ['v=1 ']);
});

test('what a connector was pushed is nobody’s to say by MQTT, also where it hears topics', () => {
  const both: Connector = {
    manifest: { ...plain.manifest, name: 'both', ways: ['mqtt', 'http'] },
    settings: z.strictObject({}),
    start: () => ({
      filters: ['both/+'],
      discover: ({ topic }) => ({
        found: [
          {
            ...thing([{ ...temperature, topic }]),
            id: topic,
            mappings: [{ ...temperature, topic, subject: topic, fields: [] }],
          },
        ],
      }),
      messages: ({ body }) => ({ messages: [{ topic: 'pushed/both/1', payload: body }], answer: { status: 204 } }),
    }),
  };
  const connectors = open([both]);
  const hear = (topic: string, by?: string) =>
    connectors.take({ topic, payload: toUtf8('21') }, { by, nowMs: NOW }, () => undefined).length;
  hear('pushed/both/1', 'both');
  hear('both/1');
  connectors.accept('both', ['pushed/both/1', 'both/1']);
  assert.deepEqual([hear('pushed/both/1'), hear('pushed/both/1', 'both'), hear('both/1')], [0, 1, 1]);
});

test('what is no topic filter is asked of no broker, whoever gives it', async () => {
  const set: Connector<{ filter: string }> = {
    manifest: { ...plain.manifest, name: 'set' },
    settings: z.strictObject({ filter: z.string().default('a') }),
    start: ({ filter }) => ({ filters: [filter], discover: () => ({ found: [] }) }),
  };
  const connectors = open([plain, set]);
  for (const filter of ['a/#/b', '+a', 'a\0b', 'a#', '']) {
    await assert.rejects(connectors.set('set', { enabled: true, settings: { filter } }), /no topic filter/);
    say(connectors, 'announce', [thing([{ ...temperature, topic: filter }], { id: filter || 'none' })]);
    connectors.accept('plain', [filter || 'none']);
  }
  assert.deepEqual(connectors.filters(true), ['announce', 'data/#', 'a']);
});

test('a mapping that another release accepted and this one cannot read stops no start, and nothing else', () => {
  const disk = new MemoryDisk();
  const first = open([plain], disk);
  say(first, 'announce', [thing([temperature, humidity])]);
  first.accept('plain', ['1']);
  disk
    .database('/node/connectors/connectors.sqlite')
    .exec(`UPDATE things SET thing = replace(thing, '"unit":"Cel"', '"unit":"furlong"')`);
  const next = open([plain], disk);
  assert.deepEqual(say(next, 'data/t', 21), []);
  assert.deepEqual(say(next, 'data/h', 48), ['relative-humidity=48 %RH']);
});
