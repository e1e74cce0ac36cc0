// What people choose of connectors: kinds, what nothing reads, and how it is listed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mappingSchema } from '@trine/mapping/message/mapping.ts';
import { openConnected as open } from '../testing/connected.ts';
import { announce } from '../testing/connectors.ts';

test('of a kind that is accepted, one whose unit nobody said waits for somebody who says it', async () => {
  const { say, things, accept, sealed } = await open();
  const found = async () => (await things('?state=found')).map(({ id }) => id);
  assert.equal(await accept('anything', { kind: 'a number' }), undefined);
  await say('meter/1', '12');
  await say('meter/1', '13');
  assert.deepEqual([await found(), sealed()], [['meter/1'], []]);
  assert.equal(await accept('anything', { kind: 'a number', isSure: true }), undefined);
  // Said once for the kind: those that come are read alike.
  await say('meter/2', '14');
  await say('meter/2', '15');
  assert.deepEqual(await found(), []);
  assert.deepEqual(
    sealed().map(({ subject, values }) => [subject, values]),
    [
      ['any/meter/2', [14]],
      ['any/meter/2', [15]],
    ],
  );
});

test('a topic that nothing reads is added by hand: sealed, kept, listed no more, and released like any other', async () => {
  const { say, sealed, things, served } = await open();
  const unread = async () =>
    (await served.get<{ topics: { topic: string }[] }>('/api/v1/connectors/unread')).topics.map(({ topic }) => topic);
  const add = (body: object, connector = 'anything') => served.post(`/api/v1/connectors/${connector}/add`, body);
  await say('hall/door', 'level is 7');
  await say('hall/door/2', 'level is 8');
  assert.deepEqual(await unread(), ['hall/door/2', 'hall/door']);
  const mapping = {
    topic: 'hall/door',
    subject: 'hall/door',
    quantity: 'level',
    split: { by: ' ', part: 2 },
    unit: 'm',
  };
  const given = { id: 'hall/door', title: 'Door of the hall', mappings: [mapping] };
  assert.equal((await add(given, 'nobody')).status, 404);
  assert.match((await add({ ...given, mappings: [{ ...mapping, unit: 'nobody' }] })).text, /Mapping 1, unit/);
  assert.deepEqual([await things(), await unread()], [[], ['hall/door/2', 'hall/door']], 'refused: nothing is added');
  const { text } = await add(given);
  assert.equal(text, '{"things":1}');
  assert.deepEqual(await unread(), ['hall/door/2']);
  await say('hall/door', 'level is 9');
  assert.deepEqual(
    sealed().map(({ subject, values }) => [subject, values]),
    [['hall/door', [9]]],
  );
  const other = { ...given, id: 'hall/door/2', mappings: [{ ...mapping, topic: 'hall/door/2' }] };
  assert.equal((await add(other)).status, 409, 'two are never one subject');
  assert.deepEqual(
    (await things()).map(({ id, state }) => [id, state]),
    [['hall/door', 'accepted']],
    'what could not be accepted is not left behind',
  );
  await served.post('/api/v1/connectors/anything/release', { ids: ['hall/door'] });
  await say('hall/door', 'level is 10');
  assert.equal(sealed().length, 1);
});

test('things are listed by kind, searched, and counted; what people call them stands with the devices', async () => {
  const { say, accept, served } = await open();
  await say(
    'toys/announce',
    announce(
      { id: '1', name: 'wolf', kind: 'wolves' },
      { id: '2', name: 'Bruno', kind: 'bears' },
      { id: '3', name: 'anna', kind: 'bears' },
    ),
  );
  await say('meter/7', '12');
  await accept('toys', { ids: ['2'] });
  const list = async (query: string) => {
    const page = await served.get<{
      items: { name: string }[];
      next?: string;
      counts: { total: number; found: number; kinds: object[] };
    }>(`/api/v1/connectors/things?${query}`);
    return { ...page, names: page.items.map(({ name }) => name) };
  };
  const all = await list('sort=kind');
  assert.deepEqual(all.names, ['meter/7', 'anna', 'Bruno', 'wolf']);
  assert.deepEqual(all.counts.kinds, [
    {
      connector: 'anything',
      kind: 'a number',
      found: 1,
      accepted: 0,
      changed: 0,
      assumed: ['value'],
      isAccepted: false,
    },
    { connector: 'toys', kind: 'bears', found: 1, accepted: 1, changed: 0, assumed: [], isAccepted: false },
    { connector: 'toys', kind: 'wolves', found: 1, accepted: 0, changed: 0, assumed: [], isAccepted: false },
  ]);
  const first = await list('sort=kind&limit=3');
  assert.deepEqual([first.names.length, first.next, first.counts.total], [3, '3', 4]);
  assert.deepEqual((await list('search=BRU')).names, ['Bruno']);
  assert.deepEqual((await list('search=toy/3')).names, ['anna'], 'by its subject');
  const found = await list('connector=toys&kind=bears&state=found');
  assert.deepEqual([found.names, found.counts.total, found.counts.found], [['anna'], 1, 1]);
  const { connectors } = await served.get<{ connectors: object }>('/api/v1/overview');
  assert.deepEqual(connectors, { found: 3, accepted: 1, heard: 2, refused: 0, unread: 0 });

  await say('toys/Bruno', '{"temperature":20}');
  await served.recorded();
  const devices = await served.get<{ items: { subject: string; name: string }[] }>('/api/v1/devices?name=bruno');
  assert.deepEqual(
    devices.items.map(({ subject, name }) => [subject, name]),
    [['toy/2', 'Bruno']],
  );
});

test('a unit that nobody said in one message is asked for, whatever the next message says', async () => {
  const { served, accept } = await open();
  const { things } = served.node.connectors;
  const mapping = (topic: string) =>
    mappingSchema.parse({ topic, subject: 'tank', fields: [{ path: 'd', quantity: topic, unit: 'm' }] });
  const thing = { id: 'tank', name: 'tank', kind: 'tank' };
  things.see('toys', { ...thing, mappings: [mapping('up')], assumed: ['up'], unknown: ['x'] }, 0);
  const { entry } = things.see('toys', { ...thing, mappings: [mapping('status')], assumed: [] }, 0);
  assert.deepEqual([entry.thing.assumed, entry.thing.unknown, entry.thing.mappings.length], [['up'], ['x'], 2]);
  assert.match((await accept('toys', { ids: ['tank'] })) ?? '', /in which unit tank gives up/);
});

test('a topic that another connector reads is no thing of its own, whoever was heard first', async () => {
  const { say, things } = await open();
  await say('toys/bear', '12');
  const ids = async () => (await things()).map(({ id }) => id).sort();
  await say('meter/9', '12');
  assert.deepEqual(await ids(), ['meter/9']);
  await say('toys/announce', announce({ id: '1', name: 'bear', kind: 'bears' }));
  assert.deepEqual(await ids(), ['1', 'meter/9']);
});
