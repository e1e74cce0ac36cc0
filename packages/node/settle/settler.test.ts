// Settling: what a decision orders is paid once, on the real contracts, over failures, restarts and lost blocks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayWith } from '@trine/engine';
import { readLimits, readTerms } from '@trine/ledger/agreements.ts';
import {
  type Agreement,
  addressOfPrivateKey,
  fromHex,
  type Hex,
  hexOf,
  partyOf,
  signDigest,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { buildEvidence } from '../evidence/build.ts';
import type { LoggedPolicy } from '../projections/policies.ts';
import type { Parts } from '../testing/parts.ts';
import { openSettling, type Settling } from '../testing/settling.ts';
import { isOwnPractice } from './agreements.ts';

/** An agreement, and a window in which one of two statements is missing. */
async function owing(
  settling: Settling,
  change: (parts: Parts) => ReturnType<Parts['agreement']> = (p) => p.agreement(),
) {
  const { parts, decisions } = settling;
  const logged = await parts.does(decisions.propose(change(parts)));
  await parts.say([{ atMs: 1_000 }]);
  const [decision] = await parts.decideAt(12_000);
  assert.equal(decision?.outcome, 'pay');
  return { logged, decision };
}

const rows = ({ parts }: Settling, sql: string) => parts.does(parts.store.query(sql));
const count = async (settling: Settling, table: string) => (await rows(settling, `SELECT * FROM ${table}`)).length;
async function intentOf(settling: Settling): Promise<Uint8Array> {
  const [row, ...more] = await rows(settling, 'SELECT digest FROM intents');
  assert.deepEqual(more, [], 'one intent');
  return row?.digest as Uint8Array;
}

test('a decision that pays becomes an intent, is anchored, paid and vouched for; the file about it holds', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  await owing(settling);
  await settling.settle();
  const { settler, parts } = settling;
  assert.equal(settler.problem, undefined);
  const digest = await intentOf(settling);
  const payment = await parts.does(settler.payment(digest));
  assert.equal(payment?.intent.entries[0]?.amount, 5n);
  assert.ok((payment?.anchored?.size ?? 0) > (payment?.index ?? 0));
  assert.equal(await count(settling, 'settlements'), 1);
  const { network } = parts.genesis;
  const options = { ...parts.sources, log: parts.log, settler, policies: parts.projections.policies };
  const file = await parts.does(buildEvidence(options, digest));
  const report = await verifyEvidence(file, { network, replay: replayWith(parts.domains) });
  assert.deepEqual([report.verdict, report.about], ['members-word', 'payment']);
  settler.round();
  await settling.settle();
  assert.equal(await count(settling, 'settlements'), 1, 'vouched for once');
  assert.equal(await parts.does(settler.payment(new Uint8Array(32))), undefined);
});

for (const beforeMs of [0, 1_500, 3_000])
  test(`where the power fails ${beforeMs} ms after it was decided, it is paid all the same, and once`, async (t) => {
    const first = await openSettling();
    await owing(first);
    await first.parts.world.reaches(first.parts.world.time.elapsedMs + beforeMs);
    const { world } = first.parts;
    first.parts.life.isOver = true;
    world.disk.restart();
    const settling = await openSettling({ world });
    t.after(() => settling.close());
    // As a node does at each start.
    for (const { policy } of settling.parts.projections.policies.agreements()) settling.settler.open(policy);
    await settling.settle();
    await intentOf(settling);
    assert.equal(settling.settler.problem, undefined);
    assert.equal(await count(settling, 'settlements'), 1);
    const [entry] = settling.settler.outbox.list('confirmed').filter(({ kind }) => kind === 'settle');
    assert.ok(entry);
  });

test('of two deciders both must sign; nobody else can, and nothing is paid before', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, settler } = settling;
  const { issuer, recipient, member } = parts.genesis.keys;
  await owing(settling, () => {
    const { deciders, ...rest } = parts.agreement();
    const key = deciders.list[0]?.key as string;
    assert.ok(member);
    return {
      ...rest,
      deciders: { list: [...deciders.list, { key, address: addressOfPrivateKey(issuer) }], quorum: 2 },
    };
  });
  await settling.settle();
  const [waiting] = await parts.does(settler.unsigned());
  assert.deepEqual([waiting?.signatures, waiting?.quorum], [1, 2]);
  assert.equal(await count(settling, 'settlements'), 0);
  const digest = fromHex(waiting?.digest as string);
  const by = (key: Uint8Array) => fromHex(signDigest(hexOf(digest), key));
  await assert.rejects(parts.does(settler.addSignature(digest, by(recipient))), { code: 'forbidden' });
  await assert.rejects(parts.does(settler.addSignature(new Uint8Array(32), by(issuer))), { code: 'not-found' });
  await parts.does(settler.addSignature(digest, by(issuer)));
  await settling.settle();
  assert.deepEqual(await parts.does(settler.unsigned()), []);
  assert.equal(await count(settling, 'settlements'), 1);
});

test('an order stands as long as the terms say, from when its window is over: also where that is longer', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  await owing(settling, (parts) => {
    const { money } = parts.agreement();
    return parts.agreement({ money: { ...money, disputeWindowS: 60, deadlineS: 60 } });
  });
  await settling.settle();
  assert.equal(settling.settler.problem, undefined);
  await settling.parts.world.reaches(settling.parts.world.time.elapsedMs + 60_000);
  await settling.settle();
  assert.equal(await count(settling, 'settlements'), 1);
});

test('what its own evidence does not prove is not ordered: it is said, tried again, and keeps no other from it', async (t) => {
  let isDamaged = true;
  const settling = await openSettling({}, ({ evidence }) => ({
    evidence: (id) => (isDamaged ? Promise.reject(new Error('The file is damaged.')) : evidence(id)),
  }));
  t.after(() => settling.close());
  await owing(settling);
  await settling.settle();
  assert.equal(settling.settler.problem, 'The file is damaged.');
  assert.equal(await count(settling, 'intents'), 0);
  isDamaged = false;
  // Somebody sets the clock back by a minute: the pause is as long as it was.
  settling.parts.world.skewMs = -60_000;
  await settling.settle();
  assert.equal(settling.settler.problem, undefined);
  assert.equal(await count(settling, 'settlements'), 1);
});

test('a decision that somebody changed on the way to its evidence is not paid, and the step is named', async (t) => {
  const settling = await openSettling({}, () => ({ evidence: async () => new Uint8Array(3) }));
  t.after(() => settling.close());
  await owing(settling);
  await settling.settle();
  assert.match(settling.settler.problem ?? '', /is not paid: its own evidence does not hold/);
  assert.equal(await count(settling, 'intents'), 0);
});

test('a chain that is lost for a while, and blocks that are taken back, change nothing of it', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { world } = settling.parts;
  world.chain?.failNext('eth_call');
  world.chain?.failNext('eth_sendRawTransaction');
  await owing(settling);
  world.chain?.dropNext();
  world.chain?.failNext();
  await settling.settle();
  for (let minute = 0; minute < 5 && (await count(settling, 'settlements')) === 0; minute++) {
    await world.reaches(world.time.elapsedMs + 60_000);
    await settling.settle();
  }
  assert.equal(settling.settler.problem, undefined);
  assert.equal(await count(settling, 'settlements'), 1);
});

test('what waits for an anchor that is final late is tried as soon as it is, however often it was tried before', async (t) => {
  let isFinal = false;
  const settling = await openSettling({}, ({ chain }) => ({
    chain: { ...chain, finalBlock: async () => (isFinal ? chain.finalBlock() : -1n) },
  }));
  t.after(() => settling.close());
  const { world } = settling.parts;
  await owing(settling);
  settling.settler.round();
  await world.reaches(world.time.elapsedMs + 100_000);
  const { outbox } = settling.settler;
  const waiting = outbox.list('queued').find(({ error }) => error?.includes('follows the next anchor'));
  assert.ok(waiting && waiting.attempts > 5 && waiting.nextAttemptAt > world.now() + 15_000, JSON.stringify(waiting));
  isFinal = true;
  await world.reaches(world.time.elapsedMs + 10_000);
  assert.equal(await count(settling, 'settlements'), 1);
});

test('what is held is not ordered, nor what was decided elsewhere', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, decisions, settler } = settling;
  const { gate } = parts.agreement();
  await parts.does(decisions.propose(parts.agreement({ gate: { ...gate, ownersMin: 3 } })));
  await parts.say([{ atMs: 1_000 }]);
  const [decision] = await parts.decideAt(12_000);
  assert.equal(decision?.outcome, 'hold');
  await settling.settle();
  assert.equal(await count(settling, 'intents'), 0);
  assert.deepEqual(await parts.does(settler.unsigned()), []);
});

test('every agreement is opened on the chain; money is brought where both keys are here', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, decisions, chain } = settling;
  const logged = await parts.does(decisions.propose(parts.agreement()));
  await settling.settle();
  const on = (id: Uint8Array | undefined) =>
    parts.does(readTerms(chain, parts.genesis.contracts, hexOf(id as Uint8Array) as Hex));
  assert.ok(await on(logged.id));
  settling.settler.open(parts.agreement());
  await settling.settle();
  assert.equal(settling.settler.problem, undefined, 'once more is nothing');
  const { parties } = parts.agreement();
  const foreign = parts.agreement({
    title: 'Of others',
    parties: parties.map((one) => ({ ...one, address: `0x${'9'.repeat(40)}` })),
  });
  assert.equal(isOwnPractice(foreign, parts.genesis.keys), false);
  const theirs = await parts.does(decisions.propose(foreign));
  await settling.settle();
  assert.ok(await on(theirs.id));
  const locked = ({ id }: LoggedPolicy, account: string) =>
    parts.does(readLimits(chain, parts.genesis.contracts, hexOf(id as Uint8Array), account as Hex));
  assert.equal((await locked(logged, partyOf(logged.policy as Agreement, 'payer').address)).locked > 0n, true);
  assert.equal((await locked(theirs, `0x${'9'.repeat(40)}`)).since, 0n);
  assert.equal(toHex(theirs.id as Uint8Array).length, 64);
});

test('keys that are let in stand in the registry on the chain, and those shut out do not', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, settler } = settling;
  parts.projections.keyDirectory.subscribe((entry) => settler.publishKey(entry));
  const [said] = await parts.say([{ atMs: 100 }]);
  assert.ok(said);
  const [entry] = parts.projections.keyDirectory.keysOf('thing/1');
  await parts.does(parts.identities.revoke(entry?.did as string, 'lost'));
  await settling.settle();
  const done = settler.outbox.list('confirmed').map(({ kind }) => kind);
  assert.deepEqual(
    ['register', 'revoke'].map((kind) => done.filter((one) => one === kind).length),
    [3, 1],
    'the node itself, its machine and the thing; the member stands in the network document',
  );
});
