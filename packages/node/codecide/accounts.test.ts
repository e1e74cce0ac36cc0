// Accounts that joined: a second decider takes them from the node, checks them, and pays no line by what may not have come first.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Agreement,
  accountPayload,
  addressOfPrivateKey,
  detachBody,
  didKey,
  erasurePayload,
  fromHex,
  lineAccountDigest,
  policyHash,
  type StatementContent,
  signDigest,
  signStatement,
  toHex,
} from '@trine/protocol';
import { makeFolderNow } from '@trine/system/disk.ts';
import type { LoggedAgreement } from '../projections/policies.ts';
import { type Kept, keptIn, peerOf, secondDecider, twoDeciders } from '../testing/co-deciding.ts';
import { addressOf, keyOf, WINDOW_S } from '../testing/customers.ts';
import { District } from '../testing/district.ts';
import { ServedNode } from '../testing/served.ts';
import { openSettling, type Settling } from '../testing/settling.ts';
import { LineAccounts } from './accounts.ts';
import type { DeciderPeer, Said } from './co-decider.ts';
import { DeciderMemory } from './memory.ts';

const START_MS = 60_000;
const joining = ({ parts }: Settling): Partial<Agreement> => ({
  joining: { by: [didKey(parts.genesis.keys.member.publicKey)] },
  registrar: addressOfPrivateKey(parts.genesis.keys.account),
});

/** A district whose lines join, and a second decider beside it. */
class Scene {
  readonly district: District;
  readonly served: ServedNode;
  readonly kept: Kept;
  /** Of another agreement with the same lines. */
  readonly other: LoggedAgreement;

  constructor(district: District, other: LoggedAgreement) {
    this.district = district;
    this.served = ServedNode.over(district.settling);
    this.kept = keptIn(this.served);
    this.other = other;
  }

  static async open(t: TestContext): Promise<Scene> {
    const terms = (settling: Settling) => ({ ...joining(settling), ...twoDeciders(settling.parts.agreement()) });
    const district = await District.open(t, [], terms);
    const { parts, decisions } = district.settling;
    const policy = { ...district.logged.policy, title: 'Another agreement' };
    return new Scene(district, (await parts.does(decisions.propose(policy))) as LoggedAgreement);
  }

  /** @returns leaf of the account */
  async joins(home: string): Promise<number> {
    const leaf = await this.district.says(home);
    await this.district.join(home);
    return leaf;
  }

  /** A node that answers for some leaves something else. */
  lying(answer: (leaf: number, body: Uint8Array | undefined) => Uint8Array | undefined): DeciderPeer {
    const honest = peerOf(this.served);
    const bodies: DeciderPeer['bodies'] = async (policy, leaves) => {
      const given = await honest.bodies(policy, leaves);
      return { ...given, bodies: leaves.map((leaf, i) => answer(leaf, given.bodies[i])) };
    };
    return { ...honest, bodies };
  }

  round(change: Parameters<typeof secondDecider>[2] = {}, kept = this.kept): Promise<Said[]> {
    return secondDecider(this.served, kept, change).round();
  }

  /** @returns how many batches were paid in all */
  async paid(): Promise<number> {
    await this.district.settling.settle();
    await this.district.pass(WINDOW_S);
    return (await this.district.query('SELECT * FROM settlements')).length;
  }
}

const states = (said: readonly Said[]) => said.map(({ state }) => state);
const words = (said: readonly Said[]) => said.map((one) => one.words).join('\n');

test('a batch of lines that joined is signed and paid, whatever the node hands out of accounts when; all of it survives a start', async (t) => {
  const scene = await Scene.open(t);
  const { district } = scene;
  await scene.round();
  const first = await scene.joins('home/1');
  // Of another agreement: the account of a line that joined this one later, and of one that never does.
  const elsewhere = await district.says('home/2', 'home/3', scene.other);
  await district.says('home/3', 'home/1', scene.other);
  await scene.joins('home/2');
  await district.decide(START_MS, [3, 4, 2]);
  const nextMs = district.settling.parts.world.time.elapsedMs + 20_000;
  await district.decide(nextMs - (nextMs % 10_000), [1, 1, 1]);
  // Each with a memory of its own, to whom the node hands out all but one body, or another one for it.
  const lies: [number, Uint8Array | undefined, string][] = [
    [first, undefined, 'home/1'],
    [first, new Uint8Array(40), 'home/1'],
    // The first of two about one line: whether it is of this agreement nobody can tell who does not see it.
    [elsewhere, undefined, 'home/2'],
  ];
  for (const [i, [kept, instead, home]] of lies.entries()) {
    const peer = scene.lying((leaf, body) => (leaf === kept ? instead : body));
    const said = await scene.round({ peer }, keptIn(scene.served, `/lied-to-${i}`));
    assert.deepEqual(states(said), ['waits'], words(said));
    assert.match(words(said), new RegExp(`does not hand out what leaf ${kept} says of the account of ${home},`));
  }
  assert.equal(await scene.paid(), 0);
  // It asks again for what an order waits for, though nothing came to the log since.
  let isKeeping = true;
  const turning = secondDecider(scene.served, scene.kept, {
    peer: scene.lying((leaf, body) => (isKeeping && leaf === elsewhere ? undefined : body)),
  });
  assert.deepEqual(states(await turning.round()), ['waits']);
  isKeeping = false;
  const signed = await turning.round();
  assert.deepEqual(states(signed), ['signed'], words(signed));
  assert.equal(await scene.paid(), 1);
  // The next batch follows the first. What it has it asks for no more.
  const asked: number[] = [];
  const noting = scene.lying((leaf, body) => {
    asked.push(leaf);
    return body;
  });
  const next = await scene.round({ peer: noting });
  assert.deepEqual(states(next), ['signed'], words(next));
  assert.ok(!asked.includes(first) && !asked.includes(elsewhere));
  assert.equal(await scene.paid(), 2);
});

test('the node hands out accounts of lines that joined, and of no other; what was erased is forgotten on both sides', async (t) => {
  const scene = await Scene.open(t);
  const { district, served, kept } = scene;
  // It decides under both agreements, and is asked for one.
  const { hash } = district.logged;
  const early = await district.says('home/1', 'home/3', scene.other);
  const own = await district.says('home/1');
  const foreign = await district.says('home/2', 'home/2', scene.other);
  const bodies = async (...leaves: number[]) =>
    (await peerOf(served).bodies(hash, leaves)).bodies.map((body) => body !== undefined);
  await served.recorded();
  assert.deepEqual(await bodies(early, own, foreign), [true, true, false]);
  await scene.round();
  const memory = new DeciderMemory(kept.memory);
  assert.deepEqual(
    [early, own].map((leaf) => memory.account(leaf) !== undefined),
    [true, true],
  );
  await served.does(served.node.forget('home/1', { reason: 'Moved away.', by: 'The operator' }));
  await served.recorded();
  assert.deepEqual(await bodies(early, own), [false, false]);
  await scene.round();
  assert.deepEqual(
    [early, own].map((leaf) => memory.account(leaf)),
    [undefined, undefined],
  );
});

test('a batch whose line was erased before it was signed is refused, and it is said that this is why', async (t) => {
  const scene = await Scene.open(t);
  const { served } = scene;
  const own = await scene.joins('home/1');
  await scene.joins('home/2');
  await scene.district.decide(START_MS, [3, 4, 2]);
  // The decision was computed again before: only the account is missing.
  const peer = scene.lying((leaf, body) => (leaf === own ? undefined : body));
  assert.deepEqual(states(await scene.round({ peer })), ['waits']);
  await served.does(served.node.forget('home/1', { reason: 'Moved away.', by: 'The operator' }));
  await served.recorded();
  const said = await scene.round();
  assert.deepEqual(states(said), ['refused'], words(said));
  assert.match(words(said), /^What was said of the account of home\/1 was erased, so that nobody can check its line: /);
});

test('by the place in the log, not by when it came: of a line the first account, of an account the first line, none after a gap', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, decisions } = settling;
  const { network } = parts.genesis;
  const money = { ...parts.agreement().money, contract: network.chain.batch, disputeWindowS: WINDOW_S };
  const policy = { ...parts.agreement(), ...joining(settling), money };
  const { id, hash, index } = (await parts.does(decisions.propose(policy))) as LoggedAgreement;
  const signer = parts.genesis.keys.member;
  const of = { network: network.id, epoch: 0, seq: 0, clock: 'synchronised', class: 'software' } as const;
  const sealed = async (subject: string, body: Uint8Array, kind: StatementContent['kind'] = 'account') => {
    const { commitment, disclosure } = detachBody(body, parts.world.random(16));
    const content = { ...of, kind, subject, contentType: 'application/cbor', sealed: true, payload: commitment };
    return { bytes: (await signStatement(signer, content)).bytes, disclosure };
  };
  const account = (key: string, by: string, signedBy = by, about = key) => {
    const signature = fromHex(signDigest(lineAccountDigest(id, key, money), keyOf(signedBy)));
    const said = { policy: policyHash(policy), agreement: id, key, address: addressOf(by), signature };
    return sealed(about, accountPayload.encode({ trine: 'account/1', ...said }));
  };
  const said = [
    await account('home/1', 'a'),
    await account('home/1', 'b'),
    await account('home/2', 'a'),
    await account('home/2', 'c'),
    // By another than the account itself, about another line, and of no form.
    await account('home/3', 'e', 'd'),
    await account('home/4', 'f', 'f', 'home/3'),
    await sealed('home/3', new Uint8Array([1])),
    await account('home/3', 'd'),
  ];
  const erasure = erasurePayload.encode({
    ...{ trine: 'erasure/1' as const, reason: 'Moved away.', by: 'The operator', bodies: 1, open: 0 },
  });
  const { disk } = parts.world;
  makeFolderNow(disk, '/accounts', 0o700);
  const open = (name: string) => {
    const memory = new DeciderMemory(disk.database(`/accounts/${name}.sqlite`));
    const accounts = new LineAccounts({ memory, policies: parts.projections.policies });
    for (const [i, { bytes }] of said.entries()) accounts.take(index + 1 + i, bytes);
    const given = new Map(said.map(({ disclosure }, i) => [index + 1 + i, disclosure]));
    return { accounts, given };
  };
  const logged = parts.projections.policies.get(hash) as LoggedAgreement;
  const joined = (accounts: LineAccounts, below = index + 100) => Object.fromEntries(accounts.joinedBelow(hash, below));
  const [a, c, d] = ['a', 'c', 'd'].map(addressOf);
  const whole = { 'home/1': a, 'home/2': c, 'home/3': d };

  const backwards = open('backwards');
  const places = backwards.accounts.wanted(logged);
  for (const place of places.toReversed()) backwards.accounts.keep([place], [backwards.given.get(place.leaf)]);
  assert.deepEqual(joined(backwards.accounts), whole);
  assert.deepEqual(backwards.accounts.wanted(logged), []);
  // Those of a cut stand below it.
  assert.deepEqual(joined(backwards.accounts, index + 2), { 'home/1': a });
  assert.deepEqual(joined(backwards.accounts, index + 5), { 'home/1': a, 'home/2': c });

  const gap = open('gap');
  gap.accounts.keep(
    places,
    places.map(({ leaf }) => (leaf === index + 1 ? undefined : gap.given.get(leaf))),
  );
  assert.equal(joined(gap.accounts)['home/1'], undefined);
  assert.deepEqual(gap.accounts.missing(hash, ['home/3', 'home/1'], index + 100)?.leaf, index + 1);
  assert.equal(gap.accounts.missing(hash, ['home/3'], index + 100), undefined);
  const before = open('gap');
  assert.deepEqual(joined(before.accounts), joined(gap.accounts), 'after a start');
  gap.accounts.keep(
    places,
    places.map(({ leaf }) => gap.given.get(leaf)),
  );
  assert.deepEqual(joined(gap.accounts), whole);

  // What was erased counts no more, and what is said later does.
  const content = {
    ...of,
    kind: 'erasure',
    subject: 'home/1',
    contentType: 'application/cbor',
    payload: erasure,
  } as const;
  gap.accounts.take(index + 20, (await signStatement(signer, content)).bytes);
  const again = await account('home/1', 'b');
  gap.accounts.take(index + 21, again.bytes);
  assert.equal(joined(gap.accounts)['home/1'], undefined);
  assert.deepEqual(
    gap.accounts.wanted(logged).map(({ leaf }) => leaf),
    [index + 21],
  );
  gap.accounts.keep(gap.accounts.wanted(logged), [again.disclosure]);
  assert.equal(joined(gap.accounts)['home/1'], addressOf('b'));
  assert.equal(toHex(id).length, 64);
});
