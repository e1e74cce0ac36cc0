import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { toUtf8 } from '../../bytes.ts';
import { didKey } from '../../keys.ts';
import { contentTypeOf } from '../../kinds.ts';
import { enrolmentPayload, keyStatusPayload } from '../../payloads/enrolment.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import { type Recovery, recoveryPayload } from '../../payloads/recovery.ts';
import { sortedHeads } from '../../recovery.ts';
import { encodeStatementLeaf } from '../../statement/leaf.ts';
import { type Signer, type Statement, type StatementContent, signStatement } from '../../statement/statement.ts';
import { temporarySigner } from '../../testing/signer.ts';
import { signCheckpoint } from '../../tlog/checkpoint.ts';
import { Contents } from '../contents.ts';
import type { InputStatement } from '../format.ts';
import type { Verification } from '../verification.ts';
import { Principals } from './identity.ts';
import { findRecoveries } from './recovery.ts';

const ORIGIN = 'test.example/log';
const logKey = temporarySigner();
const network = `trine:${'0'.repeat(32)}`;
const [member, other, oldKey, newKey] = [temporarySigner(), temporarySigner(), temporarySigner(), temporarySigner()];
const did = ({ publicKey }: Signer) => didKey(publicKey);
const address = `0x${'1'.repeat(40)}`;
const members = [member, other].map((one, i) => ({ name: `Member ${i}`, key: did(one), address, logs: [] }));

function sign(signer: Signer, content: Pick<StatementContent, 'kind' | 'payload'> & Partial<StatementContent>) {
  return signStatement(signer, {
    subject: 'meter/1',
    network,
    epoch: 0,
    seq: 0,
    clock: 'synchronised',
    class: 'software',
    contentType: content.kind === 'event' ? 'text/plain' : contentTypeOf(content.kind),
    ...content,
  });
}

const event = (signer: Signer, text: string, place: Partial<StatementContent>) =>
  sign(signer, { kind: 'event', payload: toUtf8(text), ...place });
const enrol = (signer: Signer, by = member) =>
  sign(by, {
    kind: 'enrolment',
    payload: enrolmentPayload.encode({ key: did(signer), name: 'Meter', class: 'software', subjects: ['meter/1'] }),
  });
const revoke = (signer: Signer) =>
  sign(member, {
    kind: 'key-status',
    payload: keyStatusPayload.encode({ key: did(signer), status: 'revoked', reason: 'copied' }),
  });

let said: { first: Statement; one: Statement; two: Statement; after: Statement };
let good: Recovery;
before(async () => {
  const first = await event(oldKey, 'first', {});
  const one = await event(oldKey, 'one side', { seq: 1, prev: first.id });
  const two = await event(oldKey, 'other side', { seq: 1, prev: first.id });
  const after = await event(newKey, 'after', { epoch: 1, prev: new Uint8Array(32) });
  said = { first, one, two, after };
  const heads = sortedHeads([one.id, two.id]);
  good = {
    trine: 'recovery/1',
    keyOwner: 'meter/1',
    key: did(newKey),
    epoch: 1,
    from: { epoch: 0, seq: 1 },
    heads,
  };
});

/** What the step finds in a file of these leaves, the last of them what went in. */
async function found(change: Partial<Recovery> = {}, given: { by?: Signer; without?: 'one' | 'revocation' } = {}) {
  const { by = member, without } = given;
  const recovery = await sign(by, { kind: 'recovery', payload: recoveryPayload.encode({ ...good, ...change }) });
  const leaves = [
    await enrol(oldKey),
    said.first,
    ...(without === 'one' ? [] : [said.one]),
    said.two,
    await enrol(newKey),
    ...(without === 'revocation' ? [] : [await revoke(oldKey)]),
    recovery,
    said.after,
  ].map((statement, index) => ({ index, leaf: encodeStatementLeaf(1_767_225_600_000 + index, statement.bytes) }));
  const { note: checkpoint } = signCheckpoint(
    { origin: ORIGIN, size: leaves.length, root: new Uint8Array(32) },
    logKey.publicKey.raw,
    (message) => logKey.sign(message) as Uint8Array,
  );
  const contents = new Contents({ logs: [{ checkpoint, leaves, proof: [], bodies: [] }] });
  const principals = new Principals({ members } as unknown as NetworkDocument);
  for (const logged of contents.statements) assert.equal(principals.take(logged), undefined);
  const last = contents.statements.at(-1);
  const inputs = [{ ...last, keyOwner: 'meter/1' }] as unknown as InputStatement[];
  const verification = { contents, principals, accountedFor: new Set(), assumptions: [] as string[] };
  const cuts = [{ origin: ORIGIN, index: leaves.length, atMs: 0 }];
  return findRecoveries(verification as unknown as Verification, inputs, { cuts });
}

test('a recovery by the enroller, of the fork as it is, is told with who said it', async () => {
  const { recoveries, details, shown } = await found();
  assert.equal(recoveries.length, 1);
  assert.deepEqual([...shown], [2, 3], 'both sides show the fork: what they said does not matter');
  assert.match(details[0] ?? '', /^meter\/1 was recovered from a fork by Member 0 at leaf 6: what it said from seq 1/);
});

test('by another member, with other heads, from another place, in the old epoch, or while the old key may speak: no', async () => {
  await assert.rejects(found({}, { by: other }), /Only the member who enrolled the thing/);
  await assert.rejects(found({ heads: [new Uint8Array(32)] }), /The heads named are not those of its sides/);
  await assert.rejects(found({ heads: [said.one.id] }, { without: 'one' }), /no fork or clone/);
  await assert.rejects(found({ heads: sortedHeads([said.first.id, said.one.id, said.two.id]) }), /The heads named/);
  await assert.rejects(found({ from: { epoch: 0, seq: 0 } }), /doubtful from seq 1 of epoch 0/);
  await assert.rejects(found({ key: did(oldKey) }), /The key that is to go on is not enrolled/);
  await assert.rejects(found({}, { without: 'revocation' }), /Every key that spoke before must be revoked/);
  await assert.rejects(found({ epoch: 0 }), /expected a later one than that of the fork/);
});
