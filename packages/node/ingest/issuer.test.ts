// What the node itself says: in one chain for each subject, whatever is asked at once, and after a refusal and a restart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLeaf, didKey, keyStatusPayload, parseStatement, type Statement, toHex } from '@trine/protocol';
import { Parts } from '../testing/parts.ts';
import { T0 } from '../testing/world.ts';
import { Issuer } from './issuer.ts';

const pulse = [{ quantity: 'q', unit: 'count', timeMs: T0, value: 1 }];

function statementAt(parts: Parts, index: number): Statement {
  const leaf = decodeLeaf(parts.log.read(index));
  assert.equal(leaf.kind, 'statement');
  return parseStatement((leaf as { statement: Uint8Array }).statement);
}

const hex = (bytes: Uint8Array | undefined) => toHex(bytes ?? new Uint8Array());
const places = (all: readonly { statement: Statement }[]) => all.map(({ statement }) => statement.header.seq);

test('asked for at once, statements about a subject follow each other; those about others are chains of their own', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const { gateway } = parts.identities;
  const say = (subject: string) => gateway.measure(subject, pulse, { class: 'software', isOpen: true });
  const said = await parts.does(Promise.all(['a', 'a', 'b', 'a'].map(say)));
  assert.deepEqual(places(said), [0, 1, 0, 2]);
  assert.deepEqual(hex(said[1]?.statement.header.prev), hex(said[0]?.statement.id));
  assert.equal(said[2]?.statement.header.prev, undefined);
  for (const { index, statement } of said) assert.equal(hex(statementAt(parts, index).id), hex(statement.id));
});

test('one that is refused is an error with its reason, takes no place, and the next goes on', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const { member, gateway } = parts.identities;
  const key = didKey(parts.signerOf('nobody').publicKey);
  const refused = keyStatusPayload.encode({ key, status: 'revoked', reason: 'x' });
  const { size } = parts.log;
  await assert.rejects(parts.does(member.issue('key-status', 'a', refused)), /was refused/);
  await assert.rejects(parts.does(gateway.measure('a', pulse, { class: 'hardware', isOpen: true })), {
    code: 'not-permitted',
  });
  assert.equal(parts.log.size, size);
  assert.deepEqual(places([await parts.does(gateway.measure('a', pulse, { class: 'software', isOpen: true }))]), [0]);
});

test('a body stands in the log or beside it; behind its hash nobody sees it there', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const { gateway } = parts.identities;
  const open = await parts.does(gateway.measure('a', pulse, { class: 'software', isOpen: true }));
  const closed = await parts.does(gateway.measure('a', pulse, { class: 'software' }));
  assert.deepEqual(
    [open, closed].map(({ statement }) => statement.header.sealed),
    [false, true],
  );
  assert.equal(parts.bodies.read(open.index), undefined);
  assert.notDeepEqual(statementAt(parts, closed.index).payload, statementAt(parts, open.index).payload);
  assert.ok(parts.bodies.read(closed.index));
});

test('after a restart the chain goes on, and a key that nobody enrolled is told so', async (t) => {
  const first = await Parts.open();
  const before = await first.does(first.identities.gateway.measure('a', pulse, { class: 'software', isOpen: true }));
  const parts = await first.restart();
  t.after(() => parts.close());
  const next = await parts.does(parts.identities.gateway.measure('a', pulse, { class: 'software', isOpen: true }));
  assert.equal(hex(next.statement.header.prev), hex(before.statement.id));
  const { ingest, projections, genesis, world } = parts;
  const stranger = new Issuer({
    ...{ signer: parts.signerOf('stranger'), keyOwner: 'stranger', network: genesis.network.id, ingest },
    ...{ sequences: projections.sequences, random: world.random },
  });
  await assert.rejects(parts.does(stranger.measure('stranger', pulse, { class: 'software', isOpen: true })), {
    code: 'unknown-key',
  });
});
