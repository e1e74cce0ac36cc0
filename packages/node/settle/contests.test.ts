// A party says that its row in a batch is wrong: from its signature to the arbiter's word, or to the end of the time in which
// nobody gave one, on the real contracts.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { actCall } from '@trine/ledger/acts.ts';
import { readBalance } from '@trine/ledger/agreements.ts';
import { endContestCall } from '@trine/ledger/batches.ts';
import { type Circle, rows, startCircle, underWay } from '@trine/ledger/testing/circle.ts';
import {
  type Agreement,
  addressOfPrivateKey,
  type Contest,
  detachBody,
  type Hex,
  type Intent,
  linkPayload,
  type NetworkDocument,
  sha256,
  toHex,
  toUtf8,
} from '@trine/protocol';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import type { LoggedAgreement, PolicyRegistry } from '../projections/policies.ts';
import { type PaymentView, Views } from '../serve/views.ts';
import { addressOf, DEADLINE_S, WINDOW_S } from '../testing/customers.ts';
import { District, homes } from '../testing/district.ts';
import { lined } from '../testing/lines.ts';
import { installedCounting } from '../testing/parts.ts';
import { ServedNode } from '../testing/served.ts';
import { nodeOf, openSettling, type Settling } from '../testing/settling.ts';
import { HOME } from '../testing/world.ts';
import { Contests } from './contests.ts';
import { ruleContestInPractice } from './practice-acts.ts';
import { SettleStore } from './settle-store.ts';

const START_MS = 60_000;
const HOLD_S = 7_200;
const BOND = 20;
const WORDS = 'Meter home/1 was read twice: 3 of 4 are right. 😐';

function terms({ parts }: Settling, over: Partial<Agreement['money']> = {}): Partial<Agreement> {
  const { money } = parts.agreement();
  const { batch } = parts.genesis.network.chain;
  const times = { disputeWindowS: WINDOW_S, deadlineS: DEADLINE_S, holdMaxS: HOLD_S };
  return { money: { ...money, contract: batch, ...times, contestBond: BOND, ...over } };
}

class Scene {
  readonly district: District;
  readonly intent: Intent;
  readonly digest: string;

  constructor(district: District, digest: string, intent: Intent) {
    this.district = district;
    this.digest = digest;
    this.intent = intent;
  }

  /** A batch of three homes that is announced; each has as much besides as a contest takes. */
  static async open(t: TestContext, over: Partial<Agreement['money']> = {}): Promise<Scene> {
    const district = await District.open(t, homes, (settling) => terms(settling, over));
    await district.decide(START_MS, [3, 4, 2]);
    for (const home of homes) await district.customers.fund(home, BigInt(BOND));
    const [row] = await district.query('SELECT digest FROM intents');
    const { parts, settler } = district.settling;
    const payment = await parts.does(settler.payment(row?.digest as Uint8Array));
    assert.ok(payment);
    return new Scene(district, payment.digest, payment.intent);
  }

  get settling(): Settling {
    return this.district.settling;
  }

  contests(home: string, words = WORDS, over: Partial<Contest> = {}) {
    return this.district.customers.contests(home, this.intent, words, over);
  }

  async shown(): Promise<PaymentView> {
    const { parts, settler } = this.settling;
    const { keyDirectory, sequences } = parts.projections;
    const views = new Views(parts.store, keyDirectory, sequences, settler);
    settler.round();
    await this.settling.settle();
    const found = await parts.does(views.payment(Buffer.from(this.digest, 'hex')));
    assert.ok(found);
    return found;
  }

  /** By key: how it ended. */
  async ended(): Promise<Record<string, string | undefined>> {
    const { contests = [] } = await this.shown();
    return Object.fromEntries(contests.map(({ key, ended }) => [key, ended?.how]));
  }

  free(account: Hex): Promise<bigint> {
    const { chain, contracts } = this.settling.parts.genesis;
    return this.settling.parts.does(readBalance(chain, contracts, account));
  }

  get residuary(): Hex {
    return addressOfPrivateKey(this.settling.parts.genesis.keys.account);
  }
}

test('a contest takes the bond, is shown with its words, and holds nothing: the batch is settled as it was', async (t) => {
  const scene = await Scene.open(t);
  const { state, error } = await scene.contests('home/1');
  assert.equal(state, 'confirmed', error);
  assert.equal(await scene.free(addressOf('home/1')), 0n);
  const { contests = [], state: standing } = await scene.shown();
  assert.equal(standing, 'announced');
  const [contest, ...more] = contests;
  assert.deepEqual(more, []);
  const { sinceMs = 0, untilMs, ...told } = contest ?? {};
  assert.deepEqual(told, {
    ...{ account: addressOf('home/1'), key: 'home/1', bond: BOND, ended: undefined, words: WORDS },
  });
  assert.equal(untilMs, sinceMs + HOLD_S * 1_000);
  assert.ok(Math.abs(sinceMs - scene.settling.parts.world.now()) < 60_000);
  await scene.district.pass(WINDOW_S);
  assert.equal((await scene.shown()).state, 'paid');
  assert.equal(scene.settling.settler.problem, undefined);
});

test('the arbiter says that it was justified, or not: the bond goes back, or to the residuary', async (t) => {
  const scene = await Scene.open(t);
  for (const home of ['home/1', 'home/2']) assert.equal((await scene.contests(home)).state, 'confirmed');
  const before = await scene.free(scene.residuary);
  const { customers } = scene.district;
  assert.equal((await customers.ruled('home/1', scene.intent, true)).state, 'confirmed');
  assert.equal((await customers.ruled('home/2', scene.intent, false)).state, 'confirmed');
  assert.deepEqual(await scene.ended(), { 'home/1': 'justified', 'home/2': 'unjustified' });
  assert.equal(await scene.free(addressOf('home/1')), BigInt(BOND));
  assert.equal(await scene.free(addressOf('home/2')), 0n);
  assert.equal(await scene.free(scene.residuary), before + BigInt(BOND));
  await assert.rejects(customers.ruled('home/1', scene.intent, false), /has no open contest of this batch/);
});

test('on a practice network the node rules in the name of the arbiter, and nowhere else', async (t) => {
  const scene = await Scene.open(t);
  await scene.contests('home/1');
  const { parts } = scene.settling;
  const node = nodeOf(scene.settling);
  await parts.does(ruleContestInPractice(node, scene.digest, addressOf('home/1'), true));
  assert.deepEqual(await scene.ended(), { 'home/1': 'justified' });
  const { network } = parts.genesis;
  const elsewhere = { ...parts.genesis, network: { ...network, chain: { ...network.chain, kind: 'evm' as const } } };
  await assert.rejects(
    ruleContestInPractice({ ...node, genesis: elsewhere }, scene.digest, addressOf('home/1'), true),
    { code: 'forbidden', message: /trine rule-contest/ },
  );
});

test('an arbiter that vanished keeps no bond: after the longest hold the node ends it, also after a power failure', async (t) => {
  const scene = await Scene.open(t);
  await scene.contests('home/1');
  await scene.contests('home/3', 'Not mine.');
  await scene.settling.settle();
  const { world } = scene.settling.parts;
  scene.settling.parts.life.isOver = true;
  world.disk.restart();
  scene.district.settling = await openSettling({ world, installed: [installedCounting, lined] });
  assert.deepEqual(
    (await scene.shown()).contests?.map(({ key, words }) => [key, words]),
    [
      ['home/1', WORDS],
      ['home/3', 'Not mine.'],
    ],
    'what was said is there',
  );
  await scene.district.pass(HOLD_S - 600);
  assert.deepEqual(await scene.ended(), { 'home/1': undefined, 'home/3': undefined });
  assert.equal((await scene.district.customers.ruled('home/3', scene.intent, false)).state, 'confirmed');
  await scene.district.pass(700);
  assert.deepEqual(await scene.ended(), { 'home/1': 'not-ruled', 'home/3': 'unjustified' });
  assert.equal(await scene.free(addressOf('home/1')), BigInt(BOND));
  assert.equal(scene.settling.settler.problem, undefined);
  assert.equal(scene.settling.settler.outbox.get(`endContest:${idOf(scene, 'home/3')}`), undefined, 'nothing to end');
});

test('where a line is forgotten, or the person behind it, what was said for it is, too; that it contested stays', async (t) => {
  const scene = await Scene.open(t);
  await scene.contests('home/1');
  await scene.contests('home/2', 'Ours is right');
  const served = ServedNode.over(scene.settling);
  const told = async () => (await scene.shown()).contests?.map(({ key, words }) => [key, words]);
  assert.deepEqual(await told(), [
    ['home/1', WORDS],
    ['home/2', 'Ours is right'],
  ]);
  const { bodies } = await served.does(served.node.forget('home/1', { reason: 'asked', by: 'Ada' }));
  assert.ok(bodies > 0);
  assert.deepEqual(await told(), [
    ['home/1', undefined],
    ['home/2', 'Ours is right'],
  ]);
  // A person's name for one session, as a member says it of a line.
  const { world, identities } = scene.settling.parts;
  const said = linkPayload.encode({ trine: 'link/1', person: 'ada' });
  const { commitment, disclosure } = detachBody(said, world.random(16));
  await served.does(identities.member.issueDetached('link', 'home/2', commitment, disclosure));
  await served.does(served.node.forget('ada', { reason: 'asked', by: 'Ada' }));
  assert.deepEqual(
    (await told())?.map(([, words]) => words),
    [undefined, undefined],
  );
});

function idOf({ intent }: Scene, home: string): string {
  return `${intent.agreement}:${intent.obligation}:${addressOf(home)}`;
}

test('what comes to nothing is refused in words, sent nowhere, and its words are not kept', async (t) => {
  const scene = await Scene.open(t);
  const { customers, logged } = scene.district;
  const { settler, parts } = scene.settling;
  await parts.does(customers.authorizes('home/1', logged.id, logged.policy, { amount: 20n }));
  const before = settler.outbox.counts();
  const refused = (work: Promise<unknown>, code: string, message: RegExp) =>
    assert.rejects(work, (error: Error & { code?: string }) => {
      assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
      return true;
    });
  await refused(
    scene.contests('home/1'),
    'refused',
    /takes a bond of 0\.20 EUR .* and that is 0\.00 EUR: deposit more first/,
  );
  await refused(scene.contests('thief'), 'forbidden', /neither a party nor the arbiter/);
  await refused(scene.contests('home/2', 'x', { account: addressOf('home/3') }), 'bad-signature', /is not by /);
  const other = { statement: `0x${toHex(sha256(toUtf8('other')))}` as Hex };
  await refused(scene.contests('home/2', WORDS, other), 'invalid', /act\.statement is not their SHA-256/);
  await refused(scene.contests('home/2', 'x'.repeat(1_001)), 'invalid', /at most 1000 characters/);
  const unknown = { obligation: `0x${'7'.repeat(64)}` as Hex };
  await refused(scene.contests('home/2', WORDS, unknown), 'refused', /No batch of this obligation stands/);
  await refused(customers.ruled('home/2', scene.intent, true), 'refused', /has no open contest of this batch/);
  await refused(
    customers.ruled('home/2', scene.intent, true, parts.genesis.keys.account),
    'bad-signature',
    new RegExp(`is not by ${addressOfPrivateKey(parts.genesis.keys.arbiter)}`),
  );
  assert.deepEqual(settler.outbox.counts(), before);
  const kept = parts.world.disk.database(`${HOME}/ledger/settle.sqlite`).prepare('SELECT * FROM contest_words');
  assert.deepEqual(kept.all(), []);
  assert.equal((await scene.contests('home/2')).state, 'confirmed');
  await refused(scene.contests('home/2', 'Once more'), 'refused', /has contested this batch before/);
  const counting = await parts.does(scene.settling.decisions.propose(parts.agreement({ title: 'Beside' })));
  const counted = counting as LoggedAgreement;
  const direct = { ...scene.intent, agreement: `0x${toHex(counted.id)}` as Hex };
  const { account, arbiter } = parts.genesis.keys;
  await refused(customers.ruled('home/1', direct, true, arbiter), 'forbidden', /neither a party nor the arbiter/);
  const act: Contest = {
    ...{ kind: 'contest', agreement: direct.agreement, obligation: direct.obligation, ...other },
    ...{
      account: addressOfPrivateKey(account),
      nonce: 7n,
      deadline: BigInt(Math.floor(parts.world.now() / 1000) + 60),
    },
  };
  await refused(
    customers.does(act, 'payer', undefined, { key: account, words: 'other' }),
    'refused',
    /not settled in batches/,
  );
});

test('an arbiter who rules at length is not kept from it by whom it rules on: each signer has its own number of acts', async (t) => {
  const scene = await Scene.open(t);
  const { customers } = scene.district;
  for (const home of homes) await scene.contests(home);
  // home/1 has acted as often as is paid for.
  let refusals = 0;
  for (let i = 0; i < 25 && refusals === 0; i++)
    await customers
      .authorizes('home/1', scene.district.logged.id, scene.district.logged.policy, { amount: 0n })
      .catch((error: { code?: string }) => {
        assert.equal(error.code, 'rate-limited');
        refusals++;
      });
  assert.equal(refusals, 1);
  assert.equal((await customers.ruled('home/1', scene.intent, true)).state, 'confirmed');
});

// ── What the chain takes back ───────────────────────────────────────────────────────────────────────────────────────

/** Contests of one agreement of batches, on a chain whose newest blocks can be taken back. */
class Reader {
  readonly contests: Contests;
  readonly kept: SettleStore;
  /** Whose were to be ended. */
  readonly ended: string[] = [];
  readonly #circle: Circle;
  readonly #obligation: Hex;

  constructor(circle: Circle, obligation: Hex, disk: MemoryDisk) {
    this.#circle = circle;
    this.#obligation = obligation;
    this.kept = new SettleStore('/ledger/settle.sqlite', disk);
    const { chain, contracts, time, agreement, terms: onChain } = circle;
    const policy = { parties: [], money: { contract: contracts.batch, holdMaxS: Number(onChain.holdMax) } };
    const logged = { id: Buffer.from(agreement.slice(2), 'hex'), hash: '', policy };
    const policies = { agreements: () => [logged], lineOf: () => undefined } as unknown as PolicyRegistry;
    const network = { chain: { batch: contracts.batch } } as unknown as NetworkDocument;
    const enqueue = (kind: string, { account }: { account: string }) => {
      this.ended.push(`${kind} ${account}`);
    };
    this.contests = new Contests({
      ...{ chain, contracts, network, policies, kept: this.kept.contests, timers: time, now: () => time.now() },
      outbox: () => ({ enqueue }) as never,
    });
  }

  async shown() {
    await this.contests.round();
    return this.contests
      .of(this.#circle.agreement, this.#obligation)
      .map(({ account, ended }) => [account, ended?.how]);
  }

  /** As final blocks tell it. */
  get final(): number {
    return this.kept.contests.of(this.#circle.agreement, this.#obligation).length;
  }
}

test('a contest that is taken back with its block is gone, and ended by the node only once its block is final', async (t) => {
  const circle = await startCircle(t, { members: 2, chain: { confirmations: 4 } });
  const { chain, contracts, agreement, people, time, send } = circle;
  const [who] = people as [(typeof people)[0]];
  await circle.fund(who, 50n);
  const { intent } = await underWay(circle, circle.tree, rows([1, -10n], [2, 10n]));
  const { obligation } = intent;
  const mine = async (blocks: number) => {
    for (let i = 0; i < blocks; i++) await chain.mine();
  };
  const contest = async () => {
    const signed = { account: who.address, statement: circle.network.word('wrong'), ...circle.once() };
    const act: Contest = { kind: 'contest', agreement, obligation, ...signed };
    const { signature } = circle.sign(act, who);
    await send(actCall(contracts, act, { settler: contracts.batch, signature }));
  };
  const disk = new MemoryDisk();
  const reader = new Reader(circle, obligation, disk);
  await mine(4);
  assert.deepEqual(await reader.shown(), []);
  await contest();
  assert.deepEqual([await reader.shown(), reader.final], [[[who.address, undefined]], 0], 'shown at once');
  // However late it is: a block that may be taken back says nothing for good.
  time.set(time.now() + 10_000_000);
  await reader.shown();
  assert.deepEqual(reader.ended, []);
  await chain.reorg(1, 'lost');
  await mine(1);
  assert.deepEqual([await reader.shown(), reader.final], [[], 0], 'taken back');
  await contest();
  chain.failNext('eth_getLogs');
  await reader.contests.round();
  assert.match(reader.contests.problem ?? '', /^Contests: /);
  await mine(4);
  assert.deepEqual([await reader.shown(), reader.final], [[[who.address, undefined]], 1]);
  assert.equal(reader.contests.problem, undefined);
  assert.deepEqual(reader.ended, []);
  await circle.pass(3_700n);
  await reader.shown();
  assert.deepEqual(reader.ended, [`endContest ${who.address}`]);
  await send(endContestCall(contracts, { agreement, obligation, account: who.address }));
  // A new start reads on from where the disk says.
  reader.kept.close();
  const again = new Reader(circle, obligation, disk);
  assert.deepEqual(await again.shown(), [[who.address, 'not-ruled']]);
  await mine(4);
  assert.deepEqual(await again.shown(), [[who.address, 'not-ruled']]);
  again.ended.length = 0;
  await again.shown();
  assert.deepEqual(again.ended, [], 'it is over');
});
