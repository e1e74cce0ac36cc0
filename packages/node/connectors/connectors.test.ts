// What connectors find is listed, and nothing of it is sealed before somebody accepts it; then it is, and says by what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mapAgain } from '@trine/mapping/again.ts';
import { mappingHash, mappingSchema } from '@trine/mapping/message/mapping.ts';
import { encodeRaw } from '@trine/mapping/message/raw.ts';
import { decodeEvidence, encodeEvidence, type MapAgain, sha256, toHex, toUtf8, verifyEvidence } from '@trine/protocol';
import { sandboxFiles } from '../dependencies.ts';
import { openConnected as open } from '../testing/connected.ts';
import { announce, toyConnectors } from '../testing/connectors.ts';
import { settingsOf } from '../testing/world.ts';
import { FOUND_MAX } from './found.ts';
import { openConnectors } from './open.ts';

test('a thing that is announced is listed with what it says, and sealed once somebody accepts it', async () => {
  const { say, things, accept, sealed, served } = await open();
  await say(
    'toys/announce',
    announce({ id: '1', name: 'bear', kind: 'bears' }, { id: '2', name: 'dog', kind: 'dogs' }),
  );
  await say('toys/bear', '{"temperature":20.5}');
  assert.deepEqual(sealed(), []);
  const [dog, bear] = await things();
  assert.deepEqual([dog?.id, dog?.messages, bear?.id, bear?.state, bear?.messages], ['2', 0, '1', 'found', 1]);
  assert.deepEqual(
    bear?.preview.map(({ quantity, value }) => [quantity, value]),
    [['temperature', 20.5]],
  );

  assert.equal(await accept('toys', { ids: ['1'] }), undefined);
  await say('toys/bear', '{"temperature":21}', { user: 'nursery' });
  await say('toys/dog', '{"temperature":30}');
  const mapping = served.node.connectors.things.get('toys', '1')?.accepted?.[0] ?? assert.fail();
  const payload = toUtf8('{"temperature":21}');
  assert.deepEqual(sealed(), [
    {
      subject: 'toy/1',
      values: [21],
      origin: {
        mapping: new Uint8Array(Buffer.from(mappingHash(mapping), 'hex')),
        raw: new Uint8Array(sha256(encodeRaw({ topic: 'toys/bear', payload }))),
        source: 'mqtt user nursery',
      },
    },
  ]);
  // Both are kept: whoever asks recomputes it.
  const { origin } = sealed()[0] ?? assert.fail();
  const { origins } = served.node;
  assert.equal(Buffer.from(origins.message(origin?.raw as Uint8Array)?.payload ?? '').toString(), '{"temperature":21}');
  assert.deepEqual(origins.mapping(toHex(origin?.mapping as Uint8Array)), mapping);
  // Until the thing is erased: then nothing tells any more what it said.
  origins.forget('toy/1');
  assert.equal(origins.message(origin?.raw as Uint8Array), undefined);

  await served.post('/api/v1/connectors/toys/release', { ids: ['1'] });
  await say('toys/bear', '{"temperature":22}');
  assert.equal(sealed().length, 1);
  assert.equal((await things('?state=found')).length, 2);
});

test('the evidence of a mapped reading holds its mapping and its message, and whoever checks it maps it again', async () => {
  const { say, accept, served } = await open();
  await say('toys/announce', announce({ id: '1', name: 'bear', kind: 'bears' }));
  await accept('toys', { ids: ['1'] });
  await say('toys/bear', '{"temperature":21}');
  await served.recorded();
  const rows = await served.does(
    served.node.store.query<{ id: Uint8Array }>(
      "SELECT id FROM statements JOIN sequences USING (sequence) WHERE subject = 'toy/1'",
    ),
  );
  const file = await served.does(served.node.evidence(rows[0]?.id as Uint8Array));
  const check = async (bytes: Uint8Array, again: object = { mapAgain }) => {
    const { steps, verdict, assumptions } = await verifyEvidence(bytes, {
      network: served.node.genesis.network,
      ...again,
    });
    return {
      verdict,
      step: steps.find(({ name }) => name === 'origins'),
      word: assumptions.filter((text) => /mapped/.test(text)),
    };
  };
  const right = await check(file);
  assert.deepEqual([right.verdict, right.step?.status, right.word], ['trusted', 'ok', []]);
  assert.match(right.step?.detail ?? '', /^1 message, 1 mapping; 1 reading computed again$/);
  const believed = await check(file, {});
  assert.deepEqual([believed.verdict, believed.word.length], ['trusted', 1]);

  const evidence = decodeEvidence(file);
  const { mappings = [], messages = [] } = evidence.sources ?? {};
  const changed = (sources: object | undefined) => check(encodeEvidence({ ...evidence, sources } as typeof evidence));
  const { sources: _, ...bare } = evidence;
  assert.equal((await check(encodeEvidence(bare))).word.length, 1, 'what is not shown is said');
  const forged = encodeRaw({ topic: 'toys/bear', payload: toUtf8('{"temperature":22}') });
  for (const [sources, words] of [
    [{ mappings, messages: [forged] }, /no pack in it was made by/],
    [{ mappings: [...mappings, ...mappings], messages }, /each once/],
    [{ mappings: [toUtf8(' {}')], messages }, /no pack in it was made by/],
  ] as const) {
    const { verdict, step } = await changed(sources);
    assert.deepEqual([verdict, step?.status], ['broken', 'failed']);
    assert.match(step?.detail ?? '', words);
  }
  // A gateway that signed something else than its mapping makes of the message.
  const lying: MapAgain = (mapping, message, arrivalMs) =>
    mapAgain(mapping, message, arrivalMs)?.map((one) => ({
      ...one,
      readings: one.readings.map((reading) => ({ ...reading, value: 7 })),
    }));
  const lie = await check(file, { mapAgain: lying });
  assert.deepEqual([lie.verdict, lie.step?.status], ['broken', 'failed']);
  assert.match(lie.step?.detail ?? '', /gives no temperature of 21 Cel/);
});

test('a time that no message says is the gateway’s word, however often its value is computed again', async () => {
  const { say, accept, served } = await open();
  await say('toys/announce', announce({ id: '1', name: 'bear', kind: 'bears' }));
  await accept('toys', { ids: ['1'] });
  const t = served.parts.world.now() - 3_600_000;
  await say('toys/bear', JSON.stringify({ temperature: 21, t }));
  await served.recorded();
  const rows = await served.does(
    served.node.store.query<{ id: Uint8Array }>(
      "SELECT id FROM statements JOIN sequences USING (sequence) WHERE subject = 'toy/1'",
    ),
  );
  const file = await served.does(served.node.evidence(rows[0]?.id as Uint8Array));
  const wordsOf = async (again: MapAgain) => {
    const { network } = served.node.genesis;
    const { verdict, assumptions } = await verifyEvidence(file, { network, mapAgain: again });
    return [verdict, assumptions.filter((text) => /mapped/.test(text)).length];
  };
  assert.deepEqual(await wordsOf(mapAgain), ['trusted', 0]);
  // The same signed of a message that says no time.
  const undated: MapAgain = (...given) => mapAgain(...given)?.map((one) => ({ ...one, isDated: false }));
  assert.deepEqual(await wordsOf(undated), ['trusted', 1]);
});

test('a kind is accepted once, for those that come later too; a thing that is called otherwise is followed, one that says more is offered', async () => {
  const { say, things, accept, sealed } = await open();
  await say('toys/announce', announce({ id: '1', name: 'bear', kind: 'bears' }));
  assert.equal(await accept('toys', { kind: 'bears' }), undefined);
  await say(
    'toys/announce',
    announce({ id: '1', name: 'Bruno', kind: 'bears' }, { id: '3', name: 'cub', kind: 'bears' }),
  );
  for (const name of ['bear', 'Bruno', 'cub']) await say(`toys/${name}`, '{"temperature":1}');
  assert.deepEqual(
    sealed().map(({ subject }) => subject),
    ['toy/1', 'toy/3'],
  );
  await say('toys/announce', announce({ id: '3', name: 'cub', kind: 'bears', also: 'growl' }));
  await say('toys/cub', '{"temperature":2,"growl":7}');
  assert.deepEqual(sealed().at(-1)?.values, [2], 'as it was accepted');
  assert.deepEqual(
    (await things('?state=changed')).map(({ id }) => id),
    ['3'],
  );
  assert.equal(await accept('toys', { ids: ['3'] }), undefined);
  await say('toys/cub', '{"temperature":3,"growl":8}');
  assert.deepEqual(sealed().at(-1)?.values, [3, 8]);
  // Gone: what somebody accepted stays.
  await say('toys/gone', '["1","3"]');
  assert.equal((await things()).length, 2);
});

test('somebody says how a thing is read; two are never one subject', async () => {
  const { say, things, accept, sealed, served } = await open();
  await say(
    'toys/announce',
    announce({ id: '1', name: 'bear', kind: 'bears' }, { id: '2', name: 'dog', kind: 'dogs' }),
  );
  const mapping = {
    topic: 'toys/bear',
    subject: 'nursery/bear',
    fields: [{ path: 'temperature', quantity: 'body-temperature', unit: '°F' }],
  };
  assert.match(
    (await accept('toys', { ids: ['1'], mappings: [{ ...mapping, subject: '{9}' }] })) ?? '',
    /Mapping 1, subject: \{9\} needs 9/,
  );
  assert.match((await accept('toys', { ids: ['1', '2'], mappings: [mapping] })) ?? '', /for one thing/);
  assert.match((await accept('toys', { ids: ['9'] })) ?? '', /found no 9/);
  assert.equal(await accept('toys', { ids: ['1'], mappings: [mapping] }), undefined);
  await say('toys/bear', '{"temperature":70.7}');
  assert.deepEqual(
    sealed().map(({ subject, values }) => [subject, values]),
    [['nursery/bear', [21.5]]],
  );
  // It is as it was found: nothing new is offered, neither now nor after a start.
  await say('toys/announce', announce({ id: '1', name: 'bear', kind: 'bears' }));
  const state = async () => (await things()).find(({ id }) => id === '1')?.state;
  assert.equal(await state(), 'accepted');
  const { world, life } = served.parts;
  const restarted = openConnectors(settingsOf(), toyConnectors, { ...world.system(life), sandbox: sandboxFiles });
  const kept = restarted.connectors.things.get('toys', '1');
  assert.deepEqual(
    [kept?.accepted, kept?.offered, kept?.thing.mappings].map((all) => all?.map(({ subject }) => subject)),
    [['nursery/bear'], ['toy/1'], ['toy/1']],
  );
  await say('toys/announce', announce({ id: '1', name: 'bear', kind: 'bears', also: 'growl' }));
  assert.equal(await state(), 'changed');
  assert.match(
    (await accept('toys', { ids: ['2'], mappings: [mapping] })) ?? '',
    /nursery\/bear is bear of toys already/,
  );
  const other = mappingSchema.parse({ ...mapping, subject: 'x' });
  assert.equal(other.subject, 'x');
});

test('a hundred thousand forged announcements push out what nobody accepted, and nothing else', async () => {
  const { say, accept, sealed, served } = await open();
  await say('toys/announce', announce({ id: 'real', name: 'bear', kind: 'bears' }));
  assert.equal(await accept('toys', { ids: ['real'] }), undefined);
  for (let from = 0; from < 100_000; from += 2_000)
    await say(
      'toys/announce',
      announce(
        ...Array.from({ length: 2_000 }, (_, i) => ({ id: `f${from + i}`, name: `n${from + i}`, kind: 'forged' })),
      ),
    );
  const { things } = served.node.connectors;
  assert.deepEqual([things.waiting('toys'), things.size], [FOUND_MAX, FOUND_MAX + 1]);
  await say('toys/bear', '{"temperature":4}');
  assert.deepEqual(
    sealed().map(({ values }) => values),
    [[4]],
  );
  // Whoever switches it off is rid of them.
  await served.post('/api/v1/connectors/toys/settings', { enabled: false, settings: {} });
  assert.deepEqual([things.waiting('toys'), things.size], [0, 1]);
});

test('what nothing reads is counted by topic, what is refused is shown with its message; a number on any topic can be taken', async () => {
  const { say, accept, sealed, served } = await open();
  await say('odd/topic', '{"a":1}');
  await say('odd/topic', '{"a":2}');
  await say('meter/7', '12');
  await say('toys/announce', 'no JSON');
  await say('toys/announce', announce({ id: '1', name: 'bear', kind: 'bears' }));
  await accept('toys', { ids: ['1'] });
  await say('toys/bear', '{"temperature":"warm"}');
  await say('toys/bear', '{"temperature":null}');
  const { unread, topics, refused } = await served.get<{
    unread: number;
    topics: { topic: string; messages: number; payload: string }[];
    refused: { topic: string; by: string; why: string; payload: string }[];
  }>('/api/v1/connectors/unread');
  assert.deepEqual(
    [unread, topics.map(({ topic, messages, payload }) => [topic, messages, payload])],
    [2, [['odd/topic', 2, '{"a":2}']]],
  );
  assert.deepEqual(
    refused.map(({ topic, by, payload }) => [topic, by, payload]),
    [
      ['toys/bear', 'toys', '{"temperature":"warm"}'],
      ['toys/announce', 'toys', 'no JSON'],
    ],
  );
  assert.match(refused[0]?.why ?? '', /"warm" is no number/);
  assert.deepEqual([served.node.plain.noValue, served.node.plain.refused], [1, 1]);
  const listed = await served.get<{ name: string; lastRefused?: string }[]>('/api/v1/connectors');
  assert.match(listed.find(({ name }) => name === 'toys')?.lastRefused ?? '', /not JSON/);
  // Nobody says in which unit it is.
  assert.match((await accept('anything', { ids: ['meter/7'] })) ?? '', /in which unit meter\/7 gives value/);
  assert.equal(await accept('anything', { ids: ['meter/7'], isSure: true }), undefined);
  await say('meter/7', '13');
  assert.deepEqual(
    sealed().map(({ subject, values }) => [subject, values]),
    [['any/meter/7', [13]]],
  );
});

test('try it: what a message would become, and nothing is sealed or remembered', async () => {
  const { sealed, things, served } = await open();
  const tryIt = async (body: object) =>
    (await served.post('/api/v1/connectors/try', body)).json() as {
      found: { id: string }[];
      packs: { subject: string; readings: { value: unknown }[] }[];
      noValue: number;
      refused: string[];
    };
  const found = await tryIt({
    topic: 'toys/announce',
    payload: Buffer.from(announce({ id: '1', name: 'bear', kind: 'b' })).toString(),
  });
  assert.deepEqual(
    found.found.map(({ id }) => id),
    ['1'],
  );
  const mapping = {
    topic: 'a/+',
    subject: 'x/{1}',
    each: '*',
    fields: [
      { path: 'v', quantity: 'v', unit: 'W' },
      { path: 'n', quantity: 'n' },
    ],
  };
  const tried = await tryIt({ topic: 'a/b', payload: '[{"v":"1,5"},{"v":"x","n":null}]', mapping });
  assert.deepEqual(
    tried.packs.map(({ subject, readings }) => [subject, readings.map(({ value }) => value)]),
    [
      ['x/b', [1.5]],
      ['x/b', []],
    ],
  );
  assert.equal(tried.noValue, 1);
  assert.match(tried.refused[0] ?? '', /"x" is no number/);
  assert.deepEqual([sealed(), await things()], [[], []]);
});

test('what is pushed by HTTP needs the secret of its connector, and is answered once it is sealed', async () => {
  const { accept, sealed, served } = await open();
  const { path } = (await served.post('/api/v1/connectors/pushed/address', { isNew: false })).json() as {
    path: string;
  };
  const push = (to: string, body = '{"temperature":1.5}') => served.ask(to, { method: 'POST', token: '', body });
  assert.equal((await push(`${path}/kitchen`)).status, 202);
  assert.deepEqual(sealed(), []);
  await accept('pushed', { ids: ['kitchen'] });
  const answer = await push(`${path}/kitchen`);
  assert.deepEqual([answer.status, answer.text], [202, 'sealed']);
  assert.deepEqual(
    sealed().map(({ subject, values, origin }) => [subject, values, origin?.source]),
    [['pushed/kitchen', [1.5], 'http connector pushed']],
  );
  // Neither by MQTT nor for another connector.
  await served.does(served.node.plain.take({ topic: 'pushed/kitchen', payload: toUtf8('{"temperature":9}') }));
  assert.equal(sealed().length, 1);
  for (const wrong of [
    path.slice(0, -1),
    path.replace('pushed', 'toys'),
    '/push/pushed/x',
    path.replace('pushed', 'none'),
  ])
    assert.equal((await push(`${wrong}/kitchen`)).status, 404, wrong);
  // Nothing of a stranger's request is read: neither how long it is nor whether it unpacks.
  assert.equal((await push('/push/pushed/x/kitchen', 'x'.repeat(300_000))).status, 404);
  // Packed, as Telegraf sends it; what unpacks to more than is read is not.
  const packed = (text: string) => {
    const headers = { 'content-encoding': 'gzip' };
    return served.ask(`${path}/kitchen`, { method: 'POST', token: '', body: new Uint8Array(gzipSync(text)), headers });
  };
  assert.equal((await packed('{"temperature":2.5}')).status, 202);
  assert.deepEqual(sealed().at(-1)?.values, [2.5]);
  assert.equal((await packed(' '.repeat(10_000_000))).status, 413);
  assert.equal((await push(`${path}/Kitchen`)).status, 400);
  assert.equal((await push(`${path}/kitchen`, 'x'.repeat(300_000))).status, 413);
  const again = (await served.post('/api/v1/connectors/pushed/address', { isNew: true })).json() as { path: string };
  assert.notEqual(again.path, path);
  assert.equal((await push(`${path}/kitchen`)).status, 404, 'the one before is good no more');
  assert.equal((await served.post('/api/v1/connectors/toys/address', { isNew: false })).status, 501);
});
