// The one rule on who may say what, row by row: each row differs from one that may in a single point.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AssuranceClass } from './assurance.ts';
import { authorize, authorizeStatement, enrolledKey, type KeyState, memberKey } from './authorize.ts';
import type { Refusal } from './errors.ts';
import { didKey } from './keys.ts';
import { kinds, type StatementKind } from './kinds.ts';
import { type Enrolment, enrolmentPayload, keyStatusPayload } from './payloads/enrolment.ts';
import { temporarySigner } from './testing/signer.ts';

const [memberDid, otherDid, deviceDid] = [temporarySigner(), temporarySigner(), temporarySigner()].map(
  ({ publicKey }) => didKey(publicKey),
) as [string, string, string];
const member = memberKey(memberDid);
const enrolment: Enrolment = {
  key: deviceDid,
  name: 'Thermometer',
  class: 'software',
  subjects: ['thermo/1', 'hall/*'],
};
const device = enrolledKey({ issuer: memberDid, subject: 'thermo/1' }, enrolment, 5);

const spoken = (kind: StatementKind | 'unknown', subject = 'thermo/1', claimed: AssuranceClass = 'software') => ({
  kind,
  subject,
  class: claimed,
});

test('an enrolment makes a key that counts from the next leaf on, under its owner', () => {
  assert.deepEqual(device, {
    did: deviceDid,
    keyOwner: 'thermo/1',
    owner: memberDid,
    isMember: false,
    class: 'software',
    subjects: ['thermo/1', 'hall/*'],
    thing: undefined,
    enrolledAt: 5,
  });
  const ofThing = enrolledKey({ issuer: memberDid, subject: 'thermo/1' }, { ...enrolment, thing: 'a/b' }, 5);
  assert.equal(ofThing.thing, 'a/b');
});

test('a key counts after its enrolment, up to its revocation', () => {
  const revoked: KeyState = { ...device, revokedAt: 9 };
  const at = (key: KeyState | undefined, index: number) => authorize(key, spoken('pack'), index);
  const rows: [KeyState | undefined, number, Refusal | undefined][] = [
    [undefined, 7, 'unknown-key'],
    [device, 4, 'unknown-key'],
    [device, 5, 'unknown-key'],
    [device, 6, undefined],
    [device, 1_000, undefined],
    [revoked, 8, undefined],
    [revoked, 9, undefined],
    [revoked, 10, 'revoked-key'],
  ];
  for (const [key, index, refused] of rows) assert.equal(at(key, index), refused, `leaf ${index}`);
  assert.equal(authorize(member, spoken('label'), 0), undefined, 'a member from the first leaf on');
});

test('a key speaks of its subjects, in a class no better than its own', () => {
  const rows: [string, AssuranceClass, Refusal | undefined][] = [
    ['thermo/1', 'software', undefined],
    ['hall/3', 'software', undefined],
    ['hall/', 'software', undefined],
    ['hall', 'software', 'not-permitted'],
    ['thermo/11', 'software', 'not-permitted'],
    ['thermo/1', 'hardware', 'not-permitted'],
    ['thermo/1', 'gateway', undefined],
    ['thermo/1', 'simulated', undefined],
  ];
  for (const [subject, claimed, refused] of rows)
    assert.equal(authorize(device, spoken('pack', subject, claimed), 6), refused, `${subject} as ${claimed}`);
});

test('every kind is said by those whom the table of kinds names', () => {
  for (const kind of Object.keys(kinds) as StatementKind[]) {
    const { issuer } = kinds[kind];
    const byDevice = issuer === 'device' ? undefined : 'not-permitted';
    const byMember = issuer === 'gateway' ? 'not-permitted' : undefined;
    assert.equal(authorize(device, spoken(kind), 6), byDevice, `${kind} by a device`);
    const target = kind === 'key-status' ? device : undefined;
    // A kind about its own thing alone: a member's own thing is its key.
    const subject = kinds[kind].ownSubject ? memberDid : 'thermo/1';
    assert.equal(authorize(member, spoken(kind, subject), 6, target), byMember, `${kind} by a member`);
  }
  assert.equal(authorize(member, spoken('unknown'), 6), 'unknown-kind');
});

test('an event is about the thing that holds its key, and about nothing else the key may speak of', () => {
  assert.equal(authorize(device, spoken('event', 'thermo/1'), 6), undefined);
  assert.equal(authorize(device, spoken('event', 'hall/3'), 6), 'not-permitted');
});

test('a key is enrolled once, and revoked by the member who enrolled it', () => {
  const stranger = memberKey(otherDid);
  const rows: [KeyState, StatementKind, KeyState | undefined, Refusal | undefined][] = [
    [member, 'enrolment', undefined, undefined],
    [member, 'enrolment', device, 'not-permitted'],
    [member, 'key-status', device, undefined],
    [member, 'key-status', undefined, 'not-permitted'],
    [stranger, 'key-status', device, 'not-permitted'],
  ];
  for (const [by, kind, target, refused] of rows)
    assert.equal(authorize(by, spoken(kind), 6, target), refused, `${kind} of ${target?.did}`);
});

test('of a whole statement, the payload says which key it is about', () => {
  const known = new Map([member, device].map((key) => [key.did, key]));
  const find = (did: string) => known.get(did);
  const say = (kind: 'enrolment' | 'key-status' | 'pack', issuer: string, payload: Uint8Array) =>
    authorizeStatement({ header: { ...spoken(kind), issuer } as never, payload }, 6, find);
  const status = keyStatusPayload.encode({ key: deviceDid, status: 'revoked', reason: 'lost' });
  assert.equal(say('enrolment', memberDid, enrolmentPayload.encode(enrolment)), 'not-permitted');
  assert.equal(say('enrolment', memberDid, enrolmentPayload.encode({ ...enrolment, key: otherDid })), undefined);
  assert.equal(say('key-status', memberDid, status), undefined);
  assert.equal(say('key-status', deviceDid, status), 'not-permitted');
  assert.equal(say('key-status', otherDid, status), 'unknown-key');
  assert.equal(say('enrolment', memberDid, new Uint8Array([0xff])), 'malformed');
  assert.equal(say('pack', deviceDid, new Uint8Array([0xff])), undefined, 'what a pack holds is not read here');
});
