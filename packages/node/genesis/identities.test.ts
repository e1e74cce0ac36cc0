// Identities: who is let in at the start, once; who is let in and shut out later; and how a thing goes on after a fork.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLeaf, didKey, encodeNetwork, parseStatement, toHex } from '@trine/protocol';
import { Parts } from '../testing/parts.ts';

const kinds = (parts: Parts) =>
  Array.from({ length: parts.log.size }, (_, index) => {
    const leaf = decodeLeaf(parts.log.read(index));
    return leaf.kind === 'statement' ? parseStatement(leaf.statement).header.kind : leaf.kind;
  });

test('the log begins with the network, then the node and its machine are let in; a later start adds nothing', async (t) => {
  const first = await Parts.open();
  assert.deepEqual(kinds(first), ['network', 'enrolment', 'enrolment']);
  const leaf = decodeLeaf(first.log.read(0));
  assert.ok(leaf.kind === 'statement');
  assert.equal(toHex(parseStatement(leaf.statement).payload), toHex(encodeNetwork(first.genesis.network)));
  assert.equal(first.identities.deviceSubject, 'machine/test');
  const parts = await first.crash();
  t.after(() => parts.close());
  assert.deepEqual(kinds(parts), ['network', 'enrolment', 'enrolment']);
});

test('a key is let in once and shut out once; whom nobody let in cannot be shut out', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const { identities, projections, genesis } = parts;
  await parts.say([{ atMs: 1 }, { atMs: 2 }]);
  const key = didKey(parts.signerOf('thing/1').publicKey);
  await parts.does(identities.revoke(key, 'lost'));
  const { size } = parts.log;
  await parts.does(identities.revoke(key, 'again'));
  await parts.does(identities.enrol('thing/2', { key, name: 'x', class: 'software', subjects: ['thing/2'] }));
  assert.equal(parts.log.size, size, 'known already');
  assert.equal(projections.keyDirectory.get(key)?.keyOwner, 'thing/1');
  assert.equal((await parts.ask({ atMs: 3 })).answer.reason, 'revoked-key');
  const stranger = didKey(parts.signerOf('stranger').publicKey);
  await assert.rejects(parts.does(identities.revoke(stranger, 'x')), { code: 'not-found' });
  const member = didKey(genesis.keys.member.publicKey);
  await assert.rejects(parts.does(identities.revoke(member, 'x')), { code: 'not-found' }, 'a member is not enrolled');
  for (const own of [genesis.keys.gateway, genesis.keys.device])
    await assert.rejects(parts.does(identities.revoke(didKey(own.publicKey), 'x')), { code: 'conflict' });
});

/** A thing whose sequence has two sides. */
async function forked(): Promise<Parts> {
  const parts = await Parts.open();
  const [first] = await parts.say([{ atMs: 1 }, { atMs: 2 }, { atMs: 3 }]);
  const { answer } = await parts.ask({ atMs: 4, seq: 1, prev: first?.id ?? assert.fail() });
  assert.equal(answer.flag, 'fork');
  return parts;
}

test('after a fork another key goes on in a later epoch, and those that spoke are shut out', async (t) => {
  const first = await forked();
  const next = didKey(first.signerOf('thing/1 next').publicKey);
  const given = { subject: 'thing/1', keyOwner: 'thing/1', key: next, reason: 'copied' };
  const recovered = await first.does(first.identities.recover(given));
  const old = didKey(first.signerOf('thing/1').publicKey);
  assert.deepEqual(
    [recovered.key, recovered.epoch, recovered.from, recovered.revoked],
    [next, 1, { epoch: 0, seq: 1 }, [old]],
  );
  assert.deepEqual(kinds(first).slice(-3), ['enrolment', 'key-status', 'recovery']);
  await assert.rejects(first.does(first.identities.recover(given)), { code: 'conflict' }, 'nothing is left to do');
  const parts = await first.restart();
  t.after(() => parts.close());
  assert.equal(parts.projections.sequences.forkOf('thing/1', 'thing/1'), undefined);
});

test('a recovery that a crash cut short goes on where it stopped', async (t) => {
  const first = await forked();
  const next = didKey(first.signerOf('thing/1 next').publicKey);
  const { member, revoke } = first.identities;
  const enrol = { key: next, name: 'thing/1', class: 'software', subjects: ['thing/1'] } as const;
  await first.does(first.identities.enrol('thing/1', { ...enrol, subjects: ['thing/1'] }));
  await first.does(revoke(didKey(first.signerOf('thing/1').publicKey), 'copied'));
  assert.ok(member);
  const parts = await first.crash();
  t.after(() => parts.close());
  const given = { subject: 'thing/1', keyOwner: 'thing/1', key: next, reason: 'copied' };
  const { size } = parts.log;
  assert.deepEqual((await parts.does(parts.identities.recover(given))).revoked, []);
  assert.equal(parts.log.size, size + 1);
});

test('where there is no fork, for the node’s own keys, and with a key of another thing, nothing is done', async (t) => {
  const parts = await forked();
  t.after(() => parts.close());
  await parts.say([{ thing: 'thing/2', atMs: 5 }]);
  const { size } = parts.log;
  const recover = (given: { subject: string; keyOwner: string; key: string }) =>
    parts.does(parts.identities.recover({ ...given, reason: 'x' }));
  const fresh = didKey(parts.signerOf('fresh').publicKey);
  const conflict = { code: 'conflict' };
  await assert.rejects(recover({ subject: 'thing/2', keyOwner: 'thing/2', key: fresh }), conflict);
  const taken = didKey(parts.signerOf('thing/2').publicKey);
  await assert.rejects(recover({ subject: 'thing/1', keyOwner: 'thing/1', key: taken }), conflict);
  assert.equal(parts.log.size, size);
});
