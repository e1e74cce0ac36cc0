import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  contentTypeOf,
  decisionPayload,
  decodeLeaf,
  detachBody,
  didKey,
  encodeCbor,
  enrolmentPayload,
  equalBytes,
  keyStatusPayload,
  type Monitor,
  monitorPayload,
  parseStatement,
  policyHash,
  signStatement,
  toHex,
  toUtf8,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { signUnknownKind } from '@trine/protocol/testing/unknown-kind.ts';
import * as values from '@trine/protocol/testing/values.ts';
import type { LocalSigner } from '../access/keystore.ts';
import { type IngestHarness, networkId, openIngestHarness, someReadings } from './testing/harness.ts';

let harness: IngestHarness;
const device: LocalSigner = temporarySigner();
const chip: LocalSigner = temporarySigner('ESP256');
before(async () => {
  harness = await openIngestHarness();
  await harness.enrol(device, 'thing/1');
  await harness.enrol(chip, 'thing/2', { class: 'hardware' });
});
after(() => harness.close());

const refusedFor = async (reason: string, delivery: Parameters<IngestHarness['send']>[0]) => {
  const before = harness.ingest.refused.get(reason as never) ?? 0;
  const size = harness.log.size;
  const [answer] = await harness.send(delivery);
  assert.equal(answer?.verdict, 'refused');
  assert.equal(answer?.reason, reason);
  assert.equal(harness.ingest.refused.get(reason as never), before + 1, 'counted by its reason');
  assert.equal(harness.log.size, size, 'junk is never logged');
};

test('a sealed pack gets a leaf and a durable body; the acknowledgement tells where', async () => {
  const pack = await harness.pack(device);
  const [answer] = await harness.send(pack);
  assert.equal(answer?.verdict, 'sealed');
  assert.ok(harness.log.durableSize > (answer?.index as number));
  const leaf = decodeLeaf(harness.log.read(answer?.index as number));
  assert.ok(leaf.kind === 'statement' && equalBytes(leaf.statement, pack.statement.bytes));
  assert.ok(equalBytes(harness.bodies.read(answer?.index as number) as Uint8Array, pack.disclosure as Uint8Array));
  assert.deepEqual([answer?.epoch, answer?.contiguousSeq], [0, 0]);
});

test('ES256 and open bodies are taken too', async () => {
  const [answer] = await harness.send(await harness.pack(chip, { subject: 'thing/2', class: 'hardware', open: true }));
  assert.equal(answer?.verdict, 'sealed');
});

test('a duplicate is acknowledged with its first place and not sealed again', async () => {
  const pack = await harness.pack(device);
  const [first] = await harness.send(pack);
  const size = harness.log.size;
  const again = await harness.send(pack, pack);
  assert.deepEqual(
    again.map(({ verdict, index }) => [verdict, index]),
    [
      ['duplicate', first?.index],
      ['duplicate', first?.index],
    ],
  );
  assert.equal(harness.log.size, size);
});

test('the same statement twice in one message is sealed once', async () => {
  const pack = await harness.pack(device);
  const answers = await harness.send(pack, pack);
  assert.deepEqual(
    answers.map(({ verdict }) => verdict),
    ['sealed', 'duplicate'],
  );
});

test('a gap, then the missing statement: both sealed and flagged, and the chain closes', async () => {
  const [first, second] = [await harness.pack(device), await harness.pack(device)];
  const [late] = await harness.send(second);
  assert.equal(late?.flag, 'gap');
  const [filled] = await harness.send(first);
  assert.equal(filled?.flag, 'reordered');
  assert.equal(filled?.contiguousSeq, second.statement.header.seq);
});

test('seq may skip where prev links', async () => {
  const head = await harness.pack(device);
  await harness.send(head);
  const [answer] = await harness.send(await harness.pack(device, { seq: head.statement.header.seq + 10 }));
  assert.equal(answer?.flag, undefined);
  assert.equal(answer?.contiguousSeq, head.statement.header.seq + 10);
});

test('a fork: both sides are sealed, the second flagged', async () => {
  const one = await harness.pack(device);
  const { seq, prev } = one.statement.header;
  const other = await harness.pack(device, {
    seq,
    ...(prev && { prev }),
    readings: [{ ...someReadings[0]!, value: 99 }],
  });
  assert.equal((await harness.send(one))[0]?.flag, undefined);
  const [answer] = await harness.send(other);
  assert.equal(answer?.verdict, 'sealed');
  assert.equal(answer?.flag, 'fork');
});

test('a new epoch that names the last id is no gap; the old one going on is a clone', async () => {
  const twin = temporarySigner();
  await harness.enrol(twin, 'thing/3');
  const old = await harness.pack(twin, { subject: 'thing/3' });
  await harness.send(old);
  const reborn = await harness.pack(twin, { subject: 'thing/3', epoch: 1, seq: 0, prev: old.statement.id });
  const [fresh] = await harness.send(reborn);
  assert.deepEqual([fresh?.verdict, fresh?.flag, fresh?.epoch], ['sealed', undefined, 1]);
  const [clone] = await harness.send(
    await harness.pack(twin, { subject: 'thing/3', epoch: 0, seq: 1, prev: old.statement.id }),
  );
  assert.deepEqual([clone?.verdict, clone?.flag], ['sealed', 'clone']);
});

test('every kind of junk is refused for its reason and never logged', async () => {
  const stranger = temporarySigner();
  await refusedFor('unknown-key', await harness.pack(stranger));
  const wrong = await harness.pack(device);
  const forged = wrong.statement.bytes.slice();
  forged[forged.length - 1]! ^= 1;
  await refusedFor('bad-signature', { ...wrong, statement: forged });
  await refusedFor('missing-body', { statement: wrong.statement });
  await refusedFor('bad-commitment', {
    statement: wrong.statement,
    disclosure: encodeCbor([new Uint8Array(16), new Uint8Array(4)]),
  });
  await refusedFor('wrong-network', await harness.pack(device, { network: `trine:${'9'.repeat(32)}` }));
  await refusedFor('not-permitted', await harness.pack(device, { subject: 'thing/of-others' }));
  await refusedFor('not-permitted', await harness.pack(device, { class: 'hardware' }));
  await refusedFor('wrong-unit', await harness.pack(device, { readings: [{ ...someReadings[0]!, unit: 'furlong' }] }));
  await refusedFor('wrong-unit', await harness.pack(device, { readings: [{ ...someReadings[0]!, unit: 'K' }] }));
  await refusedFor(
    'absurd-time',
    await harness.pack(device, { readings: [{ ...someReadings[0]!, timeMs: Date.now() + 3_600_000 }] }),
  );
  await refusedFor(
    'absurd-time',
    await harness.pack(device, { readings: [{ ...someReadings[0]!, timeMs: 1_000_000 }] }),
  );
  await refusedFor(
    'bad-value',
    await harness.pack(device, {
      payload: encodeCbor([
        new Map<number, unknown>([
          [0, 'x'],
          [2, Number.NaN],
          [6, 1.7e9],
        ]),
      ]),
    }),
  );
  await refusedFor('malformed', await harness.pack(device, { payload: Uint8Array.of(0x9f) }));
  await refusedFor('malformed', { statement: Uint8Array.of(0xd2, 0x84, 0x40, 0xa0, 0x40, 0x40) });
  await refusedFor('malformed', { statement: Uint8Array.of(1, 2, 3) });
});

test('what is no message at all is refused and counted, and leaves the intake as it was', async () => {
  for (const bytes of [
    new Uint8Array(),
    new Uint8Array(2_000_000),
    Uint8Array.of(0x9f, 0x9f, 0x9f),
    new Uint8Array(500).fill(0x81),
  ]) {
    const { answers } = await harness.ingest.take(bytes, 'junk');
    assert.equal(answers[0]?.verdict, 'refused');
  }
  assert.equal((await harness.send(await harness.pack(device)))[0]?.verdict, 'sealed');
});

test('only members enrol, and a revoked key is heard no more from that leaf on', async () => {
  const rogue = temporarySigner();
  assert.equal(
    (
      await harness.say(
        {
          kind: 'key-status',
          payload: keyStatusPayload.encode({ key: didKey(device.publicKey), status: 'revoked', reason: 'x' }),
        },
        device,
      )
    ).reason,
    'not-permitted',
  );
  await harness.enrol(rogue, 'thing/4');
  const early = await harness.pack(rogue, { subject: 'thing/4' });
  const late = await harness.pack(rogue, { subject: 'thing/4' });
  assert.equal((await harness.send(early))[0]?.verdict, 'sealed');
  await harness.say({
    kind: 'key-status',
    subject: 'thing/4',
    payload: keyStatusPayload.encode({ key: didKey(rogue.publicKey), status: 'revoked', reason: 'stolen' }),
  });
  await refusedFor('revoked-key', late);
});

test('acknowledgements are the gateway’s alone', async () => {
  const statement = await signStatement(device, {
    ...parseStatement((await harness.pack(device)).statement.bytes).header,
    sealed: false,
    kind: 'acknowledgement',
    payload: new Uint8Array(32),
  });
  await refusedFor('not-permitted', { statement });
});

test('what cannot be read back is refused: detached bodies, other content types, kinds of a later release', async () => {
  const { member } = harness;
  const base = {
    network: networkId,
    subject: 'thing/1',
    epoch: 9,
    seq: 0,
    clock: 'synchronised',
    class: 'software',
  } as const;
  const payload = enrolmentPayload.encode({
    key: didKey(temporarySigner().publicKey),
    name: 'x',
    class: 'software',
    subjects: ['x'],
  });
  const body = detachBody(payload);
  const enrolment = { ...base, kind: 'enrolment', contentType: contentTypeOf('enrolment') } as const;
  const detached = await signStatement(member, { ...enrolment, sealed: true, payload: body.commitment });
  await refusedFor('malformed', { statement: detached, disclosure: body.disclosure });
  await refusedFor('malformed', {
    statement: await signStatement(member, { ...enrolment, contentType: 'text/plain', payload }),
  });
  const network = await signStatement(member, {
    ...base,
    kind: 'network',
    contentType: 'application/json',
    payload: Uint8Array.of(0xff, 0xfe),
  });
  await refusedFor('malformed', { statement: network });
  const later = await signUnknownKind(member, { ...base, contentType: 'application/new', payload }, 25);
  await refusedFor('unknown-kind', { statement: later });
  await refusedFor('too-deep', {
    statement: await signStatement(member, { ...enrolment, payload: new Uint8Array(40).fill(0x81) }),
  });
});

test('an event is about its own thing: inline while small, detached otherwise', async () => {
  const owner = temporarySigner();
  await harness.enrol(owner, 'door/1', { subjects: ['door/1', 'hall/*'] });
  const said = { kind: 'event', contentType: 'text/plain', payload: toUtf8('open') } as const;
  assert.equal((await harness.say({ ...said, subject: 'door/1' }, owner)).verdict, 'sealed');
  assert.equal((await harness.say({ ...said, subject: 'hall/2' }, owner)).reason, 'not-permitted');
  const long = await harness.say({ ...said, subject: 'door/1', payload: new Uint8Array(1_025) }, owner);
  assert.equal(long.reason, 'too-large');
  const body = detachBody(new Uint8Array(5_000));
  const detached = await signStatement(owner, {
    ...{ network: networkId, subject: 'door/1', epoch: 1, seq: 0, clock: 'synchronised', class: 'software' },
    ...said,
    sealed: true,
    payload: body.commitment,
  });
  const [answer] = await harness.send({ statement: detached, disclosure: body.disclosure });
  assert.equal(answer?.verdict, 'sealed');
  assert.ok(equalBytes(harness.bodies.read(answer?.index as number) as Uint8Array, body.disclosure));
});

test('only a decider that the policy names decides, once the time is over; a key is enrolled once', async () => {
  const key = didKey(harness.member.publicKey);
  const monitor: Monitor = { ...values.monitor, subject: 'thing/1', deciders: { list: [{ key }] } };
  const other: Monitor = { ...monitor, title: 'Another', deciders: values.monitor.deciders };
  const { agreement: _, rows: __, supersedes: ___, ...rest } = values.decision;
  const on = (policy: Monitor, obligation = {}): Uint8Array =>
    decisionPayload.encode({
      ...rest,
      policy: policyHash(policy),
      obligation: { ...rest.obligation, ...obligation },
      outcome: 'advice',
    });
  const say = (payload: Uint8Array, signer = harness.member) =>
    harness.say({ kind: 'decision', subject: 'thing/1', payload }, signer);
  assert.equal((await say(on(monitor))).reason, 'not-permitted', 'the policy is not in the log');
  for (const policy of [monitor, other])
    await harness.say({ kind: 'monitor', subject: 'thing/1', payload: monitorPayload.encode(policy) });
  assert.equal((await say(on(monitor), device)).reason, 'not-permitted', 'a device decides nothing');
  assert.equal((await say(on(other))).reason, 'not-permitted', 'a member that the policy does not name');
  const endMs = monitor.period.endMs;
  assert.equal((await say(on(monitor, { toMs: endMs + 1 }))).reason, 'not-permitted', 'beyond the period');
  assert.equal((await say(on(monitor))).verdict, 'sealed');
  const again = enrolmentPayload.encode({
    key: didKey(device.publicKey),
    name: 'x',
    class: 'software',
    subjects: ['thing/9'],
  });
  assert.equal((await harness.say({ kind: 'enrolment', subject: 'thing/9', payload: again })).reason, 'not-permitted');
});

test('a sender that sends too much is told to wait, others are not', async () => {
  const small = await openIngestHarness(5);
  try {
    await small.enrol(device, 'thing/1');
    const packs = await Promise.all(Array.from({ length: 3 }, () => small.pack(device)));
    for (let i = 0; i < 6; i++) await small.send(...packs);
    const [answer] = await small.send(await small.pack(device));
    assert.deepEqual(
      [answer?.verdict, answer?.reason, (answer?.retryAfterMs ?? 0) > 0],
      ['refused', 'rate-limited', true],
    );
    const other = await small.pack(device);
    assert.notEqual(
      (await small.ingest.take(other.statement.bytes, 'another sender')).answers[0]?.reason,
      'rate-limited',
    );
  } finally {
    await small.close();
  }
});

test('many senders at once: each leaf once, each answer its own', async () => {
  const senders = Array.from({ length: 20 }, () => temporarySigner());
  for (const [i, sender] of senders.entries()) await harness.enrol(sender, `many/${i}`);
  const before = harness.log.size;
  const all = await Promise.all(
    senders.map(async (sender, i) => {
      const packs = [];
      for (let n = 0; n < 20; n++) packs.push(await harness.pack(sender, { subject: `many/${i}` }));
      return Promise.all(packs.map(async (pack) => ({ pack, answer: (await harness.send(pack))[0] })));
    }),
  );
  const answers = all.flat();
  assert.equal(harness.log.size, before + 400);
  assert.equal(new Set(answers.map(({ answer }) => answer?.index)).size, 400);
  for (const { pack, answer } of answers) {
    assert.equal(toHex(answer?.id as Uint8Array), toHex(pack.statement.id));
    assert.equal(answer?.flag, undefined, 'order of one sender is kept');
  }
});

test('replayed, the log gives what live intake gave', async () => {
  await harness.projections.runner.flush();
  const again = await harness.replay();
  try {
    const { keyDirectory, sequences, streams, policies, models, unread } = again;
    const live = harness.projections;
    assert.equal(unread, 0);
    for (const [one, other] of [
      [keyDirectory, live.keyDirectory],
      [sequences, live.sequences],
      [streams, live.streams],
      [policies, live.policies],
      [models, live.models],
    ] as const)
      assert.deepEqual(one.snapshot(), other.snapshot());
  } finally {
    await again.close();
  }
});

test('what was staged for leaves that were not appended is taken back', async () => {
  const failing = await openIngestHarness();
  const signer = temporarySigner();
  try {
    const before = failing.projections.keyDirectory.snapshot();
    const { append } = failing.log;
    failing.log.append = () => {
      throw new Error('the disk is full');
    };
    await assert.rejects(failing.enrol(signer, 'thing/1'), /disk is full/);
    failing.log.append = append;
    assert.deepEqual(failing.projections.keyDirectory.snapshot(), before);
    assert.equal(failing.sequences.get(didKey(failing.member.publicKey), 'thing/1'), undefined);
    await failing.enrol(signer, 'thing/1');
    const [answer] = await failing.send(await failing.pack(signer));
    assert.equal(answer?.verdict, 'sealed');
  } finally {
    await failing.close();
  }
});

test('arrivals never go back, even where the clock does', async () => {
  let now = 1_763_884_900_000;
  const back = await openIngestHarness(1_000, { now: () => now });
  const signer = temporarySigner();
  try {
    await back.enrol(signer, 'thing/1');
    now -= 60_000;
    const [answer] = await back.send(await back.pack(signer));
    const leaf = decodeLeaf(back.log.read(answer?.index as number));
    assert.equal(leaf.kind === 'statement' && leaf.arrivalMs, 1_763_884_900_000);
  } finally {
    await back.close();
  }
});
