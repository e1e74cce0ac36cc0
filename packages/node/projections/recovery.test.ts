// Forks and what ends them, through the admission of a node and through a reading of the log alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Answer,
  contentTypeOf,
  didKey,
  encodeStatementLeaf,
  keyStatusPayload,
  limits,
  type Recovery,
  recoveryPayload,
  type Statement,
  signStatement,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { type IngestHarness, networkId, openIngestHarness } from '../ingest/testing/harness.ts';

let harness: IngestHarness;
const messages: (string | undefined)[] = [];
before(async () => {
  harness = await openIngestHarness();
  harness.ingest.onRefused((_, message) => messages.push(message));
});
after(() => harness.close());

const say = (recovery: Recovery, subject: string, signer = harness.member): Promise<Answer> =>
  harness.say({ kind: 'recovery', subject, payload: recoveryPayload.encode(recovery) }, signer);
const revoke = (did: string, subject: string) =>
  harness.say({
    kind: 'key-status',
    subject,
    payload: keyStatusPayload.encode({ key: did, status: 'revoked', reason: 'copied' }),
  });

/** A thing with a fork: three statements, the third twice, and one that follows the second of them. */
async function forked(subject: string) {
  const [old, next] = [temporarySigner(), temporarySigner()];
  await harness.enrol(old, subject);
  const said: Statement[] = [];
  for (let seq = 0; seq < 3; seq++) {
    const pack = await harness.pack(old, { subject });
    await harness.send(pack);
    said.push(pack.statement);
  }
  const [, second, third] = said as [Statement, Statement, Statement];
  const rival = await harness.pack(old, { subject, seq: 2, prev: second.id });
  const last = await harness.pack(old, { subject, seq: 3, prev: rival.statement.id });
  const answers = await harness.send(rival, last);
  assert.equal(answers[0]?.flag, 'fork');
  await harness.enrol(next, subject);
  const heads = [third.id, last.statement.id].sort(Buffer.compare);
  const did = didKey(next.publicKey);
  const good: Recovery = {
    trine: 'recovery/1',
    keyOwner: subject,
    key: did,
    epoch: 1,
    from: { epoch: 0, seq: 2 },
    heads,
  };
  return { old, next, good, said };
}

test('admission takes a recovery by the enroller alone, of the fork as it is, with another key and a later epoch', async () => {
  const { old, next, good, said } = await forked('thing/1');
  const refused = async (change: Partial<Recovery>, words: RegExp) => {
    const before = harness.log.size;
    const answer = await say({ ...good, ...change }, 'thing/1');
    assert.equal(answer.reason, 'not-permitted');
    assert.equal(harness.log.size, before);
    assert.match(messages.at(-1) ?? '', words);
  };
  await refused({}, /must be revoked/);
  await revoke(didKey(old.publicKey), 'thing/1');
  await refused({ heads: [said[2]?.id as Uint8Array] }, /heads/);
  await refused({ heads: [new Uint8Array(32), ...good.heads] }, /heads/);
  await refused({ from: { epoch: 0, seq: 3 } }, /doubtful/);
  await refused({ key: didKey(old.publicKey) }, /not enrolled/);
  await refused({ keyOwner: 'thing/9' }, /not enrolled/);
  assert.equal((await say(good, 'thing/1', next)).reason, 'not-permitted', 'a device recovers nothing');
  assert.notEqual(harness.sequences.forkOf('thing/1', 'thing/1'), undefined);

  const answer = await say(good, 'thing/1');
  assert.equal(answer.verdict, 'sealed');
  assert.equal(harness.sequences.forkOf('thing/1', 'thing/1'), undefined);
  assert.equal((await say(good, 'thing/1')).reason, 'not-permitted', 'once');
  const goesOn = await harness.pack(next, { subject: 'thing/1', epoch: 1, seq: 0, prev: answer.id });
  const [first] = await harness.send(goesOn);
  assert.deepEqual([first?.verdict, first?.flag], ['sealed', undefined]);
  const [forkedAgain] = harness.sequences.forksAbout((subject) => subject === 'thing/1');
  assert.deepEqual(forkedAgain?.recovery?.index, answer.index);
});

test('the old epoch is refused: by form, where it is that of the fork, and by the sequence, where a later one was seen', async () => {
  const { old, good } = await forked('thing/2');
  assert.throws(() => recoveryPayload.encode({ ...good, epoch: 0 }), /a later one than that of the fork/);
  // A clone went on in an epoch of its own.
  await harness.send(await harness.pack(old, { subject: 'thing/2', epoch: 5, seq: 0 }));
  await revoke(didKey(old.publicKey), 'thing/2');
  const { heads = [] } = harness.sequences.forkOf('thing/2', 'thing/2') ?? {};
  assert.equal((await say({ ...good, epoch: 5, heads: [...heads] }, 'thing/2')).reason, 'not-permitted');
  assert.equal((await say({ ...good, epoch: 6, heads: [...heads] }, 'thing/2')).verdict, 'sealed');
});

test('read from the log alone it is the same, and one that should not stand there ends nothing', async () => {
  const { old, good } = await forked('thing/3');
  await revoke(didKey(old.publicKey), 'thing/3');
  const { projections, log } = harness;
  const { sequences, runner, close } = await harness.replay();
  await close();
  assert.deepEqual(runner.unreadable, []);
  assert.deepEqual(sequences.snapshot(), projections.sequences.snapshot());
  // Whoever keeps the log lets one in that does not hold.
  const forged = await signStatement(harness.member, {
    kind: 'recovery',
    subject: 'thing/3',
    network: networkId,
    epoch: 7,
    seq: 0,
    clock: 'synchronised',
    class: 'software',
    contentType: contentTypeOf('recovery'),
    payload: recoveryPayload.encode({ ...good, heads: [good.heads[0] as Uint8Array] }),
  });
  await log.append([encodeStatementLeaf(Date.now(), forged.bytes)]).durable;
  const again = await harness.replay();
  await again.close();
  assert.match(again.runner.unreadable[0]?.reason ?? '', /The heads named are not those of its sides/);
  assert.notEqual(again.sequences.forkOf('thing/3', 'thing/3'), undefined);
});

test('no key can speak in an epoch after which there is none: however far it goes, the thing is recovered', async () => {
  const { old, next, good } = await forked('thing/4');
  const say4 = async (epoch: number) =>
    (await harness.send(await harness.pack(old, { subject: 'thing/4', epoch, seq: 0 })))[0];
  for (const epoch of [Number.MAX_SAFE_INTEGER, 2 ** 32, limits.epochStepMax + 1])
    assert.equal((await say4(epoch))?.reason, 'not-permitted', String(epoch));
  assert.match(messages.at(-1) ?? '', /at most 65536 can be next/);
  assert.equal((await say4(limits.epochStepMax))?.verdict, 'sealed');
  await revoke(didKey(old.publicKey), 'thing/4');
  const { epoch = 0, heads = [] } = harness.sequences.forkOf('thing/4', 'thing/4') ?? {};
  assert.equal((await say({ ...good, epoch: epoch + 1, heads: [...heads] }, 'thing/4')).verdict, 'sealed');
  const goesOn = await harness.pack(next, { subject: 'thing/4', epoch: epoch + 1, seq: 0 });
  assert.equal((await harness.send(goesOn))[0]?.verdict, 'sealed');
});
