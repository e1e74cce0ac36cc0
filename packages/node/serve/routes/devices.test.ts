// Things over HTTP: letting in and shutting out say what stands, whoever asks twice; what is unknown is said to be.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { didKey } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import type { OwnDevice } from '../../own-device.ts';
import { problemOf, ServedNode } from '../../testing/served.ts';

let served: ServedNode;
const ownDevice: OwnDevice = { subject: 'machine/test', paused: false, stop: async () => undefined };
before(async () => {
  served = await ServedNode.open({}, { ownDevice });
});
after(() => served.close());

const newKey = () => didKey(temporarySigner().publicKey);
const enrol = (body: object) => served.post('/api/v1/devices', body);
const size = () => served.parts.log.durableSize;
/** @returns status, code and words of a refusal */
async function refusal(path: string, body: object | undefined): Promise<[number, string, string]> {
  const answer = await served.post(path, body);
  const { code, error } = problemOf(answer);
  return [answer.status, code, error];
}

test('a key is let in once: the same asked again, also at the same moment, is answered alike and appends nothing', async () => {
  const body = { key: newKey(), subject: 'meter/1', name: 'Meter', class: 'software', subjects: ['meter/1', 'room/*'] };
  const before = size();
  for (const { status, json } of await Promise.all([enrol(body), enrol(body)]))
    assert.deepEqual([status, json()], [200, { enrolled: body.key, subject: 'meter/1' }]);
  assert.equal((await enrol(body)).status, 200);
  assert.equal(size(), before + 1);
  assert.deepEqual(served.node.keyDirectory.get(body.key)?.subjects, ['meter/1', 'room/*']);
});

test('a key that stands for something else is not said to be let in', async () => {
  const body = { key: newKey(), subject: 'meter/2', name: 'Two', class: 'software' };
  assert.equal((await enrol(body)).status, 200);
  for (const [other, words] of [
    [{ subject: 'meter/3' }, /for meter\/2, with another subject/],
    [{ name: 'Three' }, /another name/],
    [{ class: 'hardware' }, /another class/],
    [{ subjects: ['meter/2', 'meter/3'] }, /another subjects/],
  ] as const) {
    const [status, code, error] = await refusal('/api/v1/devices', { ...body, ...other });
    assert.deepEqual([status, code], [409, 'conflict']);
    assert.match(error, words);
  }
  const { keyOwner, name, class: assurance, subjects } = served.node.keyDirectory.get(body.key) ?? assert.fail();
  assert.deepEqual([keyOwner, name, assurance, subjects], ['meter/2', 'Two', 'software', ['meter/2']]);
  const member = didKey(served.node.genesis.keys.member.publicKey);
  assert.equal((await refusal('/api/v1/devices', { ...body, key: member }))[0], 409);
});

test('a key that was shut out is not let in again; shut out twice it is out, and appends nothing more', async () => {
  const body = { key: newKey(), subject: 'meter/4', name: 'Four', class: 'software' };
  const out = { key: body.key, reason: 'stolen' };
  await enrol(body);
  assert.deepEqual((await served.post('/api/v1/devices/revoke', out)).json(), { revoked: body.key });
  const before = size();
  assert.equal((await served.post('/api/v1/devices/revoke', out)).status, 200);
  const [status, code, error] = await refusal('/api/v1/devices', body);
  assert.deepEqual([status, code], [409, 'conflict']);
  assert.match(error, /was shut out.*make another key/);
  assert.equal(size(), before);
});

test('what is no key, subject, class or kind of thing is refused by its field, before anything is appended', async () => {
  const good = { key: newKey(), subject: 'meter/5', name: 'Five', class: 'software' };
  const before = size();
  for (const [wrong, words] of [
    [{ key: 'did:key:z6Mk' }, /did:key/],
    [{ key: 'x'.repeat(81) }, /^key: /],
    [{ subject: 'a b' }, /^subject: a subject: 1 to 128 of/],
    [{ name: '' }, /^name: /],
    [{ class: 'best' }, /^class: .*hardware/],
    [{ subjects: [] }, /^subjects: /],
    [{ subjects: ['a*b'] }, /^subjects\.0: /],
    [{ subjects: Array.from({ length: 65 }, (_, i) => `a/${i}`) }, /^subjects: /],
    [{ thing: 'counting/pump' }, /^thing: no installed domain has counting\/pump, only none\.$/],
  ] as const) {
    const [status, , error] = await refusal('/api/v1/devices', { ...good, ...wrong });
    assert.equal(status, 400, error);
    assert.match(error, words);
  }
  assert.equal(size(), before);
});

test('what nobody let in cannot be shut out, and the keys of the node itself not at all', async () => {
  const gateway = didKey(served.node.genesis.keys.gateway.publicKey);
  const member = didKey(served.node.genesis.keys.member.publicKey);
  for (const [key, status, words] of [
    [newKey(), 404, /Nobody enrolled/],
    ['did:key:none', 404, /Nobody enrolled/],
    [member, 404, /Nobody enrolled/],
    [gateway, 409, /key of the node itself/],
  ] as const) {
    const [found, , error] = await refusal('/api/v1/devices/revoke', { key, reason: 'x' });
    assert.equal(found, status, error);
    assert.match(error, words);
  }
});

test('the head of a sequence is where the next statement goes on; of none it is empty', async () => {
  const [, second] = await served.parts.say([{ atMs: 1_000 }, { atMs: 2_000 }]);
  const head = await served.get<{ epoch: number; seq: number; id: string; flags: object }>(
    '/api/v1/chain?subject=thing/1',
  );
  assert.deepEqual([head.epoch, head.seq], [0, 1]);
  assert.equal(head.id, Buffer.from(second?.id ?? []).toString('hex'));
  assert.deepEqual(await served.get('/api/v1/chain?subject=thing/1&keyOwner=somebody'), {});
  assert.deepEqual(await served.get('/api/v1/chain?subject=nobody'), {});
});

test('a fork is shown with its heads, and ends with another key alone', async () => {
  const { parts } = served;
  const subject = 'thing/forked';
  const [first, second] = await parts.say([
    { thing: subject, atMs: 3_000 },
    { thing: subject, atMs: 4_000 },
  ]);
  // As a copy of the device says it, which stood at the first.
  const prev = first?.id ?? assert.fail();
  const [third] = await parts.say([{ thing: subject, atMs: 5_000, seq: 1, value: 2, prev }]);
  const head = () => served.get<{ fork?: { from: object; heads: string[] } }>(`/api/v1/chain?subject=${subject}`);
  const { fork } = await head();
  const heads = [second, third].map((one) => Buffer.from(one?.id ?? []).toString('hex')).sort();
  assert.deepEqual(fork, { from: { epoch: 0, seq: 1 }, heads });
  const same = didKey(parts.signerOf(subject).publicKey);
  for (const body of [
    { subject, key: same, reason: 'copied' },
    { subject: 'thing/1', key: newKey(), reason: 'copied' },
  ])
    assert.equal((await refusal('/api/v1/devices/recover', body))[1], 'conflict');
  const key = newKey();
  const recovered = await served.post('/api/v1/devices/recover', { subject, key, reason: 'copied' });
  const { leaf, ...said } = recovered.json() as { leaf: number };
  assert.deepEqual(said, { keyOwner: subject, key, epoch: 1, from: { epoch: 0, seq: 1 }, revoked: [same] });
  assert.ok(leaf > 0 && leaf < size());
  assert.equal((await head()).fork, undefined);
});

test('a person is let in under a pseudonym that was never used; whose it is, is told to who may ask', async () => {
  const given = { person: 'resident/1', key: newKey(), subject: 'person/aa11' };
  assert.deepEqual((await served.post('/api/v1/pseudonyms', given)).json(), {
    enrolled: given.key,
    subject: given.subject,
  });
  for (const again of [given, { ...given, key: newKey() }, { ...given, subject: 'person/bb22' }]) {
    const [status, code, error] = await refusal('/api/v1/pseudonyms', again);
    assert.deepEqual([status, code], [409, 'conflict']);
    assert.match(error, /next session/);
  }
  const known = (person: string) => served.get(`/api/v1/pseudonyms?person=${person}`);
  assert.deepEqual(await known('resident/1'), [{ subject: given.subject, key: given.key, isLive: true }]);
  assert.deepEqual(await known('resident/2'), []);
  const { perPersonMax } = served.node.settings.pseudonyms;
  for (let i = 1; i < perPersonMax; i++)
    await served.post('/api/v1/pseudonyms', { ...given, key: newKey(), subject: `person/c${i}` });
  const [status, , error] = await refusal('/api/v1/pseudonyms', { ...given, key: newKey(), subject: 'person/dd' });
  assert.deepEqual([status, error.includes(`has ${perPersonMax} pseudonyms`)], [409, true]);
});

test('what is erased is certified, once; asked again there is nothing left, and of nobody there never was', async () => {
  await served.parts.say([
    { thing: 'thing/gone', atMs: 6_000 },
    { thing: 'thing/gone', atMs: 7_000, open: true },
  ]);
  const forget = (subject: string) => ({ subject, reason: 'asked', by: 'Ada' });
  const erased = (await served.post('/api/v1/subjects/forget', forget('thing/gone'))).json() as Record<string, number>;
  // Its enrolment and the open reading stand in the log.
  assert.deepEqual([erased.bodies, erased.open], [1, 2]);
  assert.equal(erased.leaf, size() - 1);
  assert.deepEqual((await refusal('/api/v1/subjects/forget', forget('thing/gone'))).slice(0, 2), [410, 'erased']);
  assert.deepEqual((await refusal('/api/v1/subjects/forget', forget('nobody'))).slice(0, 2), [404, 'not-found']);
  assert.match((await refusal('/api/v1/subjects/forget', { subject: 'thing/1' }))[2], /^reason: /);
});

test('the own device pauses and goes on, asked once or twice, and not where there is none', async () => {
  for (const [action, paused] of [
    ['pause', true],
    ['pause', true],
    ['resume', false],
    ['resume', false],
  ] as const) {
    assert.deepEqual((await served.post(`/api/v1/device/${action}`, undefined)).json(), { paused });
    assert.equal(ownDevice.paused, paused);
  }
  assert.equal((await refusal('/api/v1/device/stop', undefined))[0], 404);
  const without = await ServedNode.open();
  const answer = await without.post('/api/v1/device/pause', undefined);
  await without.close();
  assert.deepEqual([answer.status, problemOf(answer).code], [409, 'conflict']);
  assert.match(problemOf(answer).error, /switched off in the settings/);
});
