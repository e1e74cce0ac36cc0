// The key directory: who may speak of what, from which leaf on and until which.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contentTypeOf,
  didKey,
  type Enrolment,
  enrolmentPayload,
  keyStatusPayload,
  type NetworkDocument,
  type Statement,
  type StatementKind,
  signStatement,
} from '@trine/protocol';
import { type TemporarySigner, temporarySigner } from '@trine/protocol/testing/signer.ts';
import { KeyDirectory, type KeyEntry } from './keys.ts';
import { type Entry, NO_UNDO, Undo } from './projection.ts';

const network = `trine:${'0'.repeat(32)}`;
const [member, thing, other] = [temporarySigner(), temporarySigner(), temporarySigner()];
const did = ({ publicKey }: TemporarySigner) => didKey(publicKey);
const members = { members: [{ name: 'Member', key: did(member) }] } as unknown as NetworkDocument;

function directory(): KeyDirectory {
  const keys = new KeyDirectory();
  keys.addMembers(members);
  return keys;
}

const sign = (signer: TemporarySigner, kind: StatementKind, subject: string, payload: Uint8Array): Promise<Statement> =>
  signStatement(signer, {
    ...{ kind, subject, network, epoch: 0, seq: 0, clock: 'synchronised', class: 'software' },
    ...{ contentType: kind === 'pack' ? 112 : contentTypeOf(kind as 'enrolment'), payload },
  });
const entryOf = (statement: Statement, index: number): Entry =>
  ({ index, kind: statement.header.kind, statement: () => statement }) as unknown as Entry;
const enrolment = (signer: TemporarySigner, subject: string, given: Partial<Enrolment> = {}, by = member) =>
  sign(
    by,
    'enrolment',
    subject,
    enrolmentPayload.encode({ key: did(signer), name: subject, class: 'software', subjects: [subject], ...given }),
  );
const revocation = (signer: TemporarySigner, subject: string, by = member) =>
  sign(by, 'key-status', subject, keyStatusPayload.encode({ key: did(signer), status: 'revoked', reason: 'lost' }));

test('a member lets a key in about a thing; it speaks of that and nothing else, from the next leaf on', async () => {
  const keys = directory();
  const heard: string[] = [];
  keys.subscribe(({ name }) => heard.push(name));
  keys.apply(entryOf(await enrolment(thing, 'pump/1'), 5), NO_UNDO);
  assert.deepEqual(heard, ['Member', 'pump/1']);
  const entry = keys.get(did(thing)) as KeyEntry;
  assert.deepEqual([entry.keyOwner, entry.owner, entry.enrolledAt, entry.isMember], ['pump/1', did(member), 5, false]);
  assert.deepEqual(keys.keysOf('pump/1'), [entry]);
  assert.equal(keys.refusalOfPack(entry, 'pump/1', 2, 6), undefined);
  assert.equal(keys.refusalOfPack(entry, 'pump/2', 2, 6), 'not-permitted');
  const pack = await sign(thing, 'pack', 'pump/1', new Uint8Array(1));
  assert.equal(keys.refusalOf(pack, 6), undefined);
  assert.equal(keys.refusalOf(await sign(other, 'pack', 'pump/1', new Uint8Array(1)), 6), 'unknown-key');
});

test('a key is shut out from the leaf on that says so; what it said before stays', async () => {
  const keys = directory();
  keys.apply(entryOf(await enrolment(thing, 'pump/1'), 5), NO_UNDO);
  const states: (number | undefined)[] = [];
  keys.subscribe(({ isMember, revokedAt }) => !isMember && states.push(revokedAt));
  keys.apply(entryOf(await revocation(thing, 'pump/1'), 9), NO_UNDO);
  keys.apply(entryOf(await revocation(thing, 'pump/1'), 12), NO_UNDO);
  assert.deepEqual(states, [undefined, 9], 'once');
  const pack = await sign(thing, 'pack', 'pump/1', new Uint8Array(1));
  assert.equal(keys.refusalOf(pack, 10), 'revoked-key');
  assert.equal(keys.refusalOf(pack, 9), undefined, 'as of then');
});

test('who may not let in or shut out changes nothing, nor does what names a key that nobody knows', async () => {
  const keys = directory();
  keys.apply(entryOf(await enrolment(thing, 'pump/1'), 5), NO_UNDO);
  keys.apply(entryOf(await enrolment(other, 'pump/2', {}, thing), 6), NO_UNDO);
  keys.apply(entryOf(await revocation(member, 'pump/1', thing), 7), NO_UNDO);
  keys.apply(entryOf(await revocation(other, 'pump/9'), 8), NO_UNDO);
  keys.apply(entryOf(await sign(thing, 'pack', 'pump/1', new Uint8Array(1)), 9), NO_UNDO);
  assert.deepEqual(
    keys.entries().map(({ name, revokedAt }) => [name, revokedAt]),
    [
      ['Member', undefined],
      ['pump/1', undefined],
    ],
  );
});

test('steps that ran ahead of the log are taken back', async () => {
  const keys = directory();
  keys.apply(entryOf(await enrolment(thing, 'pump/1'), 5), NO_UNDO);
  const undo = new Undo();
  keys.apply(entryOf(await revocation(thing, 'pump/1'), 6), undo);
  keys.apply(entryOf(await enrolment(other, 'pump/2'), 7), undo);
  undo.rollback();
  assert.equal(keys.get(did(thing))?.revokedAt, undefined);
  assert.equal(keys.get(did(other)), undefined);
});

test('a snapshot holds all but the members, who stand in the network document', async () => {
  const keys = directory();
  keys.apply(entryOf(await enrolment(thing, 'pump/1'), 5), NO_UNDO);
  keys.apply(entryOf(await revocation(thing, 'pump/1'), 6), NO_UNDO);
  const restored = directory();
  const heard: string[] = [];
  restored.restore(structuredClone(keys.snapshot()));
  restored.subscribe(({ name }) => heard.push(name));
  assert.deepEqual(heard, ['Member', 'pump/1']);
  assert.deepEqual(restored.entries(), keys.entries());
});
