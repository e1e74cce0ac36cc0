// Lines of a decision settled in batches, from signed authorizations to a paid line that its holder proves alone, on the real
// contracts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry, type InstalledDomain, type RowInput } from '@trine/engine';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import { outcome, SECOND, type ToyTerms, toyDomain } from '@trine/engine/testing/toy.ts';
import { digestOf } from '@trine/ledger/acts.ts';
import { readBalance } from '@trine/ledger/agreements.ts';
import { announceBatchCall, publishCalls, readBatchObligation, readRoot } from '@trine/ledger/batches.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import {
  type Act,
  addressOfPrivateKey,
  type BatchPart,
  commitRows,
  decisionId,
  decodeEvidence,
  EMPTY_POSITIONS,
  type Evidence,
  encodeEvidence,
  encodeIntent,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  intentDigest,
  networkIdOnChain,
  originHash,
  Positions,
  type Report,
  signDigest,
  toHex,
  verifyEvidence,
  ZERO_HASH,
} from '@trine/protocol';
import { accountOf } from '../serve/views/accounts.ts';
import { payments } from '../serve/views/payments.ts';
import { agreements } from '../serve/views/policies.ts';
import { type DecisionView, Views } from '../serve/views.ts';
import { addressOf, bankOf, batched, Customers, WINDOW_S } from '../testing/customers.ts';
import { District, homes } from '../testing/district.ts';
import { lined } from '../testing/lines.ts';
import { installedCounting } from '../testing/parts.ts';
import { nodeOf, openSettling } from '../testing/settling.ts';
import { HOME, T0, type World } from '../testing/world.ts';
import type { Payment } from './settler.ts';

const failed = ({ steps }: Report) => steps.filter(({ status }) => status !== 'ok');
const START_MS = 60_000;

test('lines are netted, announced, published, and settled after the window; each proves its own payment', async (t) => {
  const district = await District.open(t, homes);
  const { settling } = district;
  await district.decide(START_MS, [3, 4, 2]);
  assert.equal(settling.settler.problem, undefined);
  const [intent, ...more] = await district.query('SELECT digest FROM intents');
  assert.deepEqual(more, []);
  const digest = intent?.digest as Uint8Array;
  assert.equal(settling.settler.courses.of(toHex(digest))?.state, 'announced');
  assert.deepEqual(await district.query('SELECT * FROM settlements'), [], 'not before its window is over');
  await district.pass(WINDOW_S);
  assert.equal(settling.settler.problem, undefined);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 1);
  const payment = await district.verify(digest);
  assert.deepEqual([payment.verdict, payment.about, failed(payment)], ['members-word', 'payment', []]);
  assert.match(payment.steps.find(({ name }) => name === 'intent')?.detail ?? '', /^3 lines, netted to 4 accounts$/);
  for (const [home, amount] of [
    ['home/1', '0.30'],
    ['home/2', '0.40'],
    ['home/3', '0.20'],
  ] as const) {
    const line = await district.verify(await district.lineOf(home, START_MS));
    assert.deepEqual([line.verdict, line.about, failed(line)], ['members-word', 'row', []]);
    const paid = line.steps.find(({ name }) => name === 'intent')?.detail ?? '';
    assert.ok(paid.includes(amount) && paid.includes(`less for ${home}, in a batch of 4 accounts`), paid);
    assert.ok(line.steps.some(({ name }) => name === 'payment'));
  }
});

test('what a batch paid is claimed, and no more; what a party has in the agreement is said', async (t) => {
  const district = await District.open(t, homes);
  const { settling, logged } = district;
  const { parts, settler } = settling;
  const { chain, contracts, keys } = parts.genesis;
  const account = addressOfPrivateKey(keys.recipient);
  await district.decide(START_MS, [3, 4, 2]);
  let nonce = 1_000n;
  const claims = (amount: bigint) => {
    const deadline = BigInt(Math.floor(parts.world.now() / 1000) + 600);
    const act: Act = { kind: 'claim', agreement: hexOf(logged.id), amount, account, nonce: nonce++, deadline };
    const signature = signDigest(digestOf(chain.chainId, contracts, act, contracts.batch), keys.recipient);
    return parts.does(settler.acts.take({ act, signature }, 'recipient'));
  };
  await assert.rejects(claims(90n), /Beyond its limit the account has 0\.00 EUR in/);
  await district.pass(WINDOW_S);
  const shown = await parts.does(accountOf(nodeOf(settling), account));
  const [lock] = shown.locks;
  assert.deepEqual(
    [lock?.role, lock?.position, lock?.claimable, lock?.contract],
    ['recipient', 90, 90, contracts.batch],
  );
  await assert.rejects(claims(91n), /Beyond its limit the account has 0\.90 EUR in/);
  await claims(90n);
  await settling.settle();
  assert.equal(await parts.does(readBalance(chain, contracts, account)), 90n);
  assert.equal((await parts.does(accountOf(nodeOf(settling), account))).locks[0]?.claimable, 0);
  const home = (await parts.does(accountOf(nodeOf(settling), addressOf('home/1')))).locks;
  assert.deepEqual(
    home.map(({ role, locked, position, claimable }) => [role, locked, position, claimable]),
    [['home/1', 100, -30, 0]],
  );
  const [view] = await parts.does(agreements(nodeOf(settling), 10));
  // The payer's as well; what was claimed is gone.
  assert.deepEqual([view?.locked, view?.paid], [10_000 + 300 - 90, 90]);
  const { items } = await parts.does(payments(parts.store, { limit: 10 }));
  assert.deepEqual(
    items.map(({ amount, recipient, state }) => [amount, recipient, state]),
    [[90, '', 'paid']],
  );
});

test('a line whose account did not join, or allows less, waits and is shown; it keeps no other, and goes into a later batch', async (t) => {
  const district = await District.open(t, ['home/1']);
  const { settling, customers, logged } = district;
  await customers.fund('home/2', 100n);
  const little = { perObligation: 39n, amount: 39n };
  assert.equal((await customers.authorizes('home/2', logged.id, logged.policy, little)).state, 'confirmed');
  const decision = await district.decide(START_MS, [3, 4, 2]);
  assert.deepEqual(district.waiting(decision), [
    ['home/2', 'it is more than was authorised for one obligation'],
    ['home/3', 'its account has not joined the agreement on the chain'],
  ]);
  const view = new Views(
    settling.parts.store,
    settling.parts.projections.keyDirectory,
    settling.parts.projections.sequences,
    settling.settler,
  );
  const shown = await settling.parts.does(view.decision(decisionId(decision)));
  assert.equal(shown?.awaits, '2 of its lines: it is more than was authorised for one obligation');
  const lines = await settling.parts.does(view.rowsOf(shown as DecisionView, { limit: 10 }));
  assert.deepEqual(
    lines.items.map(({ key, awaits }) => [key, awaits === undefined]),
    [
      ['home/1', true],
      ['home/2', false],
      ['home/3', false],
    ],
  );
  await district.pass(WINDOW_S);
  assert.equal(settling.settler.problem, undefined);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 1);
  const unpaid = await district.verify(await district.lineOf('home/3', START_MS));
  assert.deepEqual([unpaid.verdict, unpaid.steps.some(({ name }) => name === 'payment')], ['trusted', false]);
  // More is authorised, and goes into the next batch; who joins meanwhile, saying from when on it counts, into the third.
  const more = { perObligation: 100n, amount: 61n };
  assert.equal((await customers.authorizes('home/2', logged.id, logged.policy, more)).state, 'confirmed');
  await district.pass(30);
  await district.join('home/3');
  for (const settled of [2, 3]) {
    await district.pass(WINDOW_S);
    assert.equal((await district.query('SELECT * FROM settlements')).length, settled);
    await district.pass(30);
  }
  assert.deepEqual(district.waiting(decision), []);
  for (const home of homes) {
    const line = await district.verify(await district.lineOf(home, START_MS));
    assert.deepEqual([line.verdict, failed(line)], ['members-word', []]);
    assert.ok(
      line.steps.some(({ name }) => name === 'payment'),
      home,
    );
  }
  const intents = await district.query('SELECT digest FROM intents ORDER BY leaf');
  const details: (string | undefined)[] = [];
  for (const { digest } of intents) {
    const report = await district.verify(digest as Uint8Array);
    assert.deepEqual([report.verdict, failed(report)], ['members-word', []]);
    details.push(report.steps.find(({ name }) => name === 'intent')?.detail);
  }
  assert.deepEqual(details, [
    '1 line, netted to 2 accounts; 2 went into no batch, or into another',
    '1 line, netted to 2 accounts; 2 went into no batch, or into another',
    '1 line, netted to 2 accounts; 2 went into no batch, or into another',
  ]);
  await district.pass(60);
  assert.equal((await district.query('SELECT * FROM intents')).length, 3, 'each line once');
});

test('batches of one agreement follow each other, each from where the one before ended', async (t) => {
  const district = await District.open(t, homes);
  await district.decide(START_MS, [3, 4, 2]);
  await district.decide(START_MS + 60_000, [1, 1, 1]);
  assert.equal((await district.query('SELECT * FROM intents')).length, 1);
  await district.pass(WINDOW_S);
  await district.pass(WINDOW_S);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 2);
  const line = await district.verify(await district.lineOf('home/2', START_MS + 60_000));
  assert.deepEqual([line.verdict, failed(line)], ['members-word', []]);
  assert.match(line.steps.find(({ name }) => name === 'intent')?.detail ?? '', /0\.10.* less for home\/2/);
});

test('of a paid line nothing can be told otherwise', async (t) => {
  const district = await District.open(t, homes);
  await district.decide(START_MS, [3, 4, 2]);
  await district.pass(WINDOW_S);
  const file = decodeEvidence(await district.file(await district.lineOf('home/1', START_MS)));
  const other = decodeEvidence(await district.file(await district.lineOf('home/2', START_MS)));
  const { position, part } = file.batch as Required<BatchPart>;
  const told = async (change: Partial<Evidence>) => {
    const report = await verifyEvidence(encodeEvidence({ ...file, ...change }), district.options);
    return [report.verdict, report.steps.find(({ status }) => status === 'failed')?.name];
  };
  const forged = (over: Partial<typeof position>) => told({ batch: { part, position: { ...position, ...over } } });
  assert.deepEqual(await told({}), ['members-word', undefined]);
  assert.deepEqual(await forged({ after: position.after + 1 }), ['broken', 'intent']);
  assert.deepEqual(await forged({ before: position.before + 1, after: position.after + 1 }), ['broken', 'intent']);
  assert.deepEqual(await forged({ number: position.number + 1 }), ['broken', 'intent']);
  assert.deepEqual(await forged({ pathAfter: position.pathBefore }), ['broken', 'intent']);
  assert.deepEqual(await told({ batch: other.batch as BatchPart }), ['broken', 'intent'], 'what another one paid');
  assert.deepEqual(await told({ batch: { part: part + 1, position } }), ['broken', 'intent']);
  assert.deepEqual(await told({ batch: { part } }), ['broken', 'intent']);
  assert.deepEqual(await told({ signatures: [] }), ['broken', 'deciders']);
  const { settlement: _s, ...unsettled } = file;
  assert.equal((await verifyEvidence(encodeEvidence(unsettled), district.options)).verdict, 'broken');
  const { batch: _b, ...unbatched } = file;
  assert.equal((await verifyEvidence(encodeEvidence(unbatched), district.options)).verdict, 'broken');
});

for (const beforeMs of [0, 1_000, 2_000, 4_000, 8_000])
  test(`where the power fails ${beforeMs} ms after it was decided, the batch is paid all the same, and once`, async (t) => {
    const district = await District.open(t, homes);
    const { parts } = district.settling;
    await parts.say([
      { thing: 'market/1', atMs: START_MS + 1_000, value: 10 },
      { thing: 'home/1', atMs: START_MS + 2_000, value: 3 },
    ]);
    await parts.decideAt(START_MS + 11_500);
    const { world }: { world: World } = parts;
    for (let ms = 0; ms < beforeMs; ms += 500) {
      district.settling.settler.round();
      await world.reaches(world.time.elapsedMs + 500);
    }
    parts.life.isOver = true;
    world.disk.restart();
    district.settling = await openSettling({ world, installed: [installedCounting, lined] });
    await district.settling.settle();
    await district.pass(WINDOW_S);
    assert.equal(district.settling.settler.problem, undefined);
    assert.equal((await district.query('SELECT * FROM intents')).length, 1);
    assert.equal((await district.query('SELECT * FROM settlements')).length, 1);
    const line = await district.verify(await district.lineOf('home/1', START_MS));
    assert.deepEqual([line.verdict, failed(line)], ['members-word', []]);
  });

test('a batch that could not be ordered is said, and ordered once it can be', async (t) => {
  let isDamaged = true;
  const district = await District.open(t, homes, undefined, ({ evidence }) => ({
    evidence: async (id) => (isDamaged ? new Uint8Array(3) : evidence(id)),
  }));
  await district.decide(START_MS, [3, 4, 2]);
  assert.match(district.settling.settler.problem ?? '', /is not paid: its own evidence does not hold/);
  assert.deepEqual(await district.query('SELECT * FROM intents'), []);
  isDamaged = false;
  await district.pass(30);
  assert.equal(district.settling.settler.problem, undefined);
  assert.equal((await district.query('SELECT * FROM intents')).length, 1);
});

test('where the rows of a batch were lost before they were published, that is said', async (t) => {
  const district = await District.open(t, homes);
  const { world } = district.settling.parts;
  await district.decide(START_MS, [3, 4, 2]);
  district.settling.parts.life.isOver = true;
  world.disk.restart();
  world.disk.database(`${HOME}/ledger/settle.sqlite`).exec('DELETE FROM batches');
  district.settling = await openSettling({ world, installed: [installedCounting, lined] });
  await district.settling.settle();
  assert.match(district.settling.settler.problem ?? '', /^The rows of the batch [0-9a-f]{16} are not here/);
});

test('a false batch that deciders signed is refuted, said to be, and not settled', async (t) => {
  const district = await District.open(t, homes);
  const { settling, logged } = district;
  const { parts, settler } = settling;
  const { chain, contracts, keys, network, origin } = parts.genesis;
  const agreement = hexOf(logged.id);
  const [victim, gainer] = [await district.numberOf('home/1'), await district.numberOf('home/2')];
  const rows = [
    { number: victim, amount: -101n },
    { number: gainer, amount: 101n },
  ].sort((a, b) => a.number - b.number);
  const commitment = commitRows(rows);
  const before = new Positions();
  const beginS = BigInt(T0 / 1000);
  const intent: Intent = {
    ...{ network: networkIdOnChain(network.id), chainId: chain.chainId, settler: contracts.batch, agreement },
    ...{
      termsHash: `0x${logged.hash}` as Hex,
      obligation: hexOf(new Uint8Array(32).fill(7)),
      begin: beginS,
      end: beginS,
    },
    ...{ entries: [], rowsHash: commitment.rowsHash, rowCount: commitment.rowCount },
    ...{ positionsBefore: before.root(), positionsAfter: before.clone().apply(rows).root(), token: contracts.token },
    ...{
      validAfter: 0n,
      deadline: beginS + 86_400n,
      decision: hexOf(new Uint8Array(32).fill(8)),
      supersedes: ZERO_HASH,
    },
  };
  const index = parts.log.size;
  await parts.does(parts.ingest.appendIntent(encodeIntent(intent)));
  await parts.does(settler.anchor(index + 1));
  await settling.settle();
  const digest = hexOf(fromHex(intentDigest(intent)));
  const { anchored } = (await parts.does(settler.payment(fromHex(digest)))) as Payment;
  assert.ok(anchored);
  const path = await parts.does(parts.log.inclusionProof(index, anchored.size));
  const proof = {
    ...{ originHash: originHash(origin), index: BigInt(index), size: BigInt(anchored.size) },
    ...{ root: hexOf(anchored.root), path: path.map(hexOf) },
  };
  const by = hexOf(keys.issuer);
  const signatures = [signDigest(digest, keys.account)];
  await parts.does(sendCall(chain, by, announceBatchCall(intent, commitment.hashes, signatures, proof)));
  for (const call of publishCalls(intent, commitment)) await parts.does(sendCall(chain, by, call));
  const phase = async () =>
    (await parts.does(readBatchObligation(chain, contracts, agreement, intent.obligation))).phase;
  assert.equal(await phase(), 'announced');
  settler.round();
  await parts.world.reaches(parts.world.time.elapsedMs + 500);
  assert.match(
    settler.problem ?? '',
    /^The batch [0-9a-f]{16} of agreement [0-9a-f]{16} is false \(above limit\): it is refuted\.$/,
  );
  assert.equal(settler.watching.counts.false, 1);
  await settling.settle();
  assert.equal(await phase(), 'none');
  await district.pass(60);
  assert.equal(settler.watching.problem, undefined);
  assert.equal(await parts.does(readRoot(chain, contracts, agreement)), EMPTY_POSITIONS);
});

const TEN_SECONDS = { ...SECOND, lengthMs: 10_000, graceMs: 1_000 } as const;

/** What each thing said goes from the payer to the recipient, by way of its own account. */
const through: InstalledDomain = {
  identity: testIdentity('toy'),
  domain: toyDomain({
    triggers: [TEN_SECONDS],
    rows: ({ things }) => things,
    inputs: ({ things }, { fromMs, toMs }) =>
      things.map((thing) => ({ name: 'said', subjects: [thing], kinds: ['pack'] as const, fromMs, toMs, row: thing })),
    engine: {
      decide: () => outcome(),
      row({ key, inputs }: RowInput<ToyTerms>) {
        const said = Number(inputs.get('said')?.readings[0]?.value ?? 0);
        const effects = said > 0 ? [entry('payer', key, said, 'EUR'), entry(key, 'recipient', said, 'EUR')] : [];
        return { ...outcome({ facts: { said } }), state: new Uint8Array(0), effects };
      },
    },
  }),
};

test('a line that leaves its own account as it was waits: nothing would tell that it was paid, and it would be again', async (t) => {
  const settling = await openSettling({ installed: [installedCounting, through] });
  t.after(() => settling.close());
  const { parts, decisions, settler } = settling;
  const parties = parts.agreement().parties.map((party) => ({ ...party, address: addressOf(party.role) }));
  const policy = batched(settling, ['home/1'], { parties });
  const logged = await parts.does(decisions.propose(policy));
  await settling.settle();
  const customers = new Customers(bankOf(() => settling));
  for (const name of ['payer', 'recipient', 'home/1']) {
    await customers.fund(name, 100n);
    assert.equal((await customers.authorizes(name, logged.id as Uint8Array, policy)).state, 'confirmed');
  }
  await parts.say([{ thing: 'home/1', atMs: 62_000, value: 7 }]);
  await parts.decideAt(71_500);
  for (let batch = 0; batch < 2; batch++) {
    await parts.world.reaches(parts.world.time.elapsedMs + WINDOW_S * 1_000);
    settler.round();
    await settling.settle();
  }
  assert.equal((await parts.does(parts.store.query('SELECT * FROM intents'))).length, 0);
  const waiting = [...settler.waiting.values()].flatMap(({ lines }) => [...lines]);
  assert.match(String(waiting), /^home\/1,it moves money between others, /);
});
