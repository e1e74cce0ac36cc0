// Statements handed in over HTTP: each has its own answer, what is acknowledged is durable, and limits are by connection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  contentTypes,
  didKey,
  encodeDeliveries,
  encodePack,
  signStatement,
  toHex,
  verifyAcknowledgement,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { JUNK_MAX } from '../../ingest/source.ts';
import type { Signed } from '../../testing/parts.ts';
import { type Answered, problemOf, ServedNode } from '../../testing/served.ts';
import { T0, World } from '../../testing/world.ts';

let served: ServedNode;
before(async () => {
  served = await ServedNode.open();
});
after(() => served.close());

const reading = { quantity: 'q', unit: 'count', timeMs: T0, value: 1 };
const messageOf = (...signed: readonly Signed[]) =>
  new Uint8Array(encodeDeliveries(signed.map(({ delivery }) => delivery)));
/** Hands something in as anybody may, on a connection. */
const handIn = (body: Uint8Array<ArrayBuffer>, socket: object = {}, path = '/api/v1/statements') =>
  served.post(path, body, { token: '', socket, headers: { 'content-type': 'application/cbor-seq' } });
const answersOf = ({ bytes }: Answered): readonly Answer[] =>
  verifyAcknowledgement(bytes, served.node.genesis.keys.gateway.publicKey);
const sign = (value: number, thing = 'thing/1') =>
  served.does(served.parts.sign({ thing, atMs: served.parts.world.time.elapsedMs, value }));
const verdicts = (answered: Answered) => answersOf(answered).map(({ verdict, reason }) => reason ?? verdict);

test('a statement is handed in without a token, under both names, and its leaf has it', async () => {
  for (const [i, path] of ['/api/v1/statements', '/api/statements'].entries()) {
    const one = await sign(i);
    const answered = await handIn(messageOf(one), {}, path);
    assert.deepEqual([answered.status, answered.headers.get('content-type')], [200, 'application/cbor']);
    const [answer] = answersOf(answered);
    assert.equal(answer?.verdict, 'sealed');
    assert.equal(toHex(answer?.id ?? new Uint8Array()), toHex(one.id));
    assert.equal(answered.headers.get('retry-after'), null);
  }
  await served.recorded();
  const { items } = await served.get<{ items: { kind: string }[] }>('/api/v1/seals?subject=thing/1&sort=oldest');
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['enrolment', 'pack', 'pack'],
  );
});

test('in a mixed message each statement has its own answer, in its place, and junk keeps nothing else out', async () => {
  const { parts } = served;
  const [good, other] = [await sign(5), await sign(6, 'thing/2')];
  const broken = good.delivery.statement.slice();
  broken[broken.length - 1] = (broken.at(-1) as number) ^ 1;
  const noBody: Signed = { ...good, delivery: { statement: good.delivery.statement } };
  const junk: Signed = { ...good, delivery: { statement: Uint8Array.from([0xd2, 0x84, 0x40, 0xa0, 0x40, 0x40]) } };
  const before = parts.log.durableSize;
  const forged = { ...good, delivery: { ...good.delivery, statement: broken } };
  const answered = await handIn(messageOf(forged, good, noBody, junk, other, good));
  assert.deepEqual(verdicts(answered), ['bad-signature', 'sealed', 'missing-body', 'malformed', 'sealed', 'duplicate']);
  assert.equal(answered.status, 200, 'a refusal of one is no refusal of the message');
  assert.equal(parts.log.durableSize, before + 2);
  const [, first, , , , again] = answersOf(answered);
  assert.equal(again?.index, first?.index, 'a duplicate is told its first place');
  const refusals = await served.get<{ reason: string; source: string }[]>('/api/v1/refusals');
  assert.deepEqual(refusals.map(({ reason }) => reason).sort(), ['bad-signature', 'malformed', 'missing-body']);
});

test('what is no message at all, also the empty one and one that is cut, is one refusal', async () => {
  const whole = messageOf(await sign(7), await sign(8));
  const before = served.parts.log.durableSize;
  for (const body of [new Uint8Array([0xff, 0xff]), new Uint8Array(100), new Uint8Array(0), whole.slice(0, -1)])
    assert.deepEqual(verdicts(await handIn(body)), ['malformed']);
  assert.equal(served.parts.log.durableSize, before, 'half of a message is none');
});

test('a key that nobody enrolled, one that is shut out, and a subject of somebody else are refused by name', async () => {
  const { parts } = served;
  const lost = await sign(1, 'thing/lost');
  const key = didKey(parts.signerOf('thing/lost').publicKey);
  assert.equal((await served.post('/api/v1/devices/revoke', { key, reason: 'lost' })).status, 200);
  assert.deepEqual(verdicts(await handIn(messageOf(lost))), ['revoked-key']);
  const stranger = await ServedNode.open({ world: await World.make(2) });
  const foreign = await stranger.does(stranger.parts.sign({ atMs: 0, thing: 'thing/9' }));
  await stranger.close();
  assert.deepEqual(verdicts(await handIn(messageOf(foreign))), ['wrong-network']);
  const taken = await sign(3, 'thing/3');
  const sign4 = (signer: Parameters<typeof signStatement>[0]) =>
    signStatement(signer, {
      ...{ kind: 'pack', subject: 'thing/4', network: parts.genesis.network.id, epoch: 0, seq: 0, class: 'software' },
      ...{ clock: 'synchronised', contentType: contentTypes.senmlCbor, payload: encodePack([reading]) },
    });
  const others = await Promise.all([parts.signerOf('thing/3'), temporarySigner()].map(sign4));
  const both = others.map(({ id, bytes }): Signed => ({ id, delivery: { statement: bytes } }));
  assert.deepEqual(verdicts(await handIn(messageOf(taken, ...both))), ['sealed', 'not-permitted', 'unknown-key']);
});

test('what is acknowledged is there after the power fails at once, with its body; sent again it is a duplicate', async () => {
  const other = await ServedNode.open();
  const one = await other.does(other.parts.sign({ atMs: 500, value: 42 }));
  const post = (node: ServedNode) => node.post('/api/v1/statements', messageOf(one), { token: '' });
  const [sealed] = verifyAcknowledgement((await post(other)).bytes, other.node.genesis.keys.gateway.publicKey);
  const { world, life } = other.parts;
  life.isOver = true;
  world.disk.restart();
  const again = await ServedNode.open({ world });
  const leaf = sealed?.index as number;
  assert.ok(again.parts.log.durableSize > leaf);
  assert.ok(again.parts.bodies.read(leaf));
  const [answer] = verifyAcknowledgement((await post(again)).bytes, again.node.genesis.keys.gateway.publicKey);
  assert.deepEqual([answer?.verdict, answer?.index], ['duplicate', leaf]);
  await again.close();
});

test('a clock that is set back moves no arrival back, and a reading keeps its own time', async () => {
  const { world } = served.parts;
  const first = answersOf(await handIn(messageOf(await sign(1, 'thing/clock'))))[0];
  world.skewMs = -3_600_000;
  const second = answersOf(await handIn(messageOf(await sign(2, 'thing/clock'))))[0];
  world.skewMs = 0;
  await served.recorded();
  const { items } = await served.get<{ items: { leaf: number; arrivalMs: number }[] }>(
    '/api/v1/seals?subject=thing/clock&sort=oldest',
  );
  const arrival = (leaf?: number) => items.find((one) => one.leaf === leaf)?.arrivalMs as number;
  assert.ok(arrival(first?.index) > T0);
  assert.ok(arrival(second?.index) >= arrival(first?.index));
});

test('a message that is too large is not read, and its connection is over', async () => {
  const huge = new Uint8Array(1_048_577);
  for (const headers of [{}, { 'content-length': String(huge.length) }] as Record<string, string>[]) {
    const refused = await served.post('/api/v1/statements', huge, { token: '', headers });
    assert.deepEqual([refused.status, problemOf(refused).code], [413, 'too-large']);
    assert.equal(refused.headers.get('connection'), 'close');
    assert.match(problemOf(refused).error, /1048576 bytes: send several/);
  }
  assert.equal(served.http.counters.get('too-large'), 2);
});

test('who sends only junk is closed; the next connection is heard, and the node goes on', async () => {
  const loud = { remoteAddress: '192.0.2.7' };
  const junk: Signed = {
    id: new Uint8Array(),
    delivery: { statement: Uint8Array.from([0xd2, 0x84, 0x40, 0xa0, 0x40, 0x40]) },
  };
  const first = await handIn(messageOf(...Array.from({ length: JUNK_MAX + 1 }, () => junk)), loud);
  assert.equal(first.headers.get('connection'), 'close');
  const good = messageOf(await sign(9));
  const cut = await handIn(good, loud);
  assert.deepEqual([cut.status, verdicts(cut)], [429, ['rate-limited']]);
  assert.ok(Number(cut.headers.get('retry-after')) >= 1);
  assert.deepEqual(verdicts(await handIn(good, { remoteAddress: '192.0.2.7' })), ['sealed']);
});

test('closing, the node tells senders to come again, and takes nothing', async () => {
  const other = await ServedNode.open();
  const one = await other.does(other.parts.sign({ atMs: 0 }));
  await other.http.close();
  const before = other.parts.log.durableSize;
  const refused = await other.post('/api/v1/statements', messageOf(one), { token: '' });
  assert.deepEqual([refused.status, problemOf(refused).code, problemOf(refused).retry], [503, 'stopped', 'later']);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(other.parts.log.durableSize, before);
  await other.close();
});
