// Random walks over both ways of settling: whoever calls what, in whatever order and with whatever lies, after every
// step the books balance, and what was paid was due. `WALK_SEED=7 WALK_STEPS=2000 node --test contracts/test/settlement-walk.test.ts`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BaseError,
  ContractFunctionRevertedError,
  type Hex,
  keccak256,
  type PrivateKeyAccount,
  zeroAddress,
} from 'viem';
import { account } from './chain.ts';
import { chunksOf, PositionTree, type Row } from './positions.ts';
import {
  DAY,
  DROP,
  type Intent,
  PAY,
  REDECIDE,
  type SettlementScene,
  startSettlementScene,
  WINDOW,
} from './settlement-scene.ts';

const SEEDS = process.env.WALK_SEED ? [Number(process.env.WALK_SEED)] : [1, 2, 3];
const STEPS = Number(process.env.WALK_STEPS ?? 500);
const HOLD_MAX = 2n * DAY;

interface Pending {
  readonly what: Intent;
  /** From when the window counts: announcement, last chunk, or the giving in of a party. */
  from: bigint;
  released: boolean;
  held: boolean;
}
interface PendingBatch extends Pending {
  readonly rows: readonly Row[];
  readonly bytes: readonly Hex[];
  readonly after: PositionTree;
  readonly lie: number | undefined;
  complete: boolean;
}

/** Seeded numbers in [0, 1): mulberry32. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a walk knows of the world beside the chain, to say what must hold. */
class Walk {
  readonly steps = new Map<string, number>();
  readonly direct = new Map<Hex, Pending>();
  readonly settled = new Set<Hex>();
  readonly bonds = new Set<string>();
  readonly people: PrivateKeyAccount[];
  readonly agreements: { direct: Hex; batch: Hex };
  readonly scene: SettlementScene;
  batch: PendingBatch | undefined;
  tree = new PositionTree();
  readonly #random: () => number;

  constructor(
    scene: SettlementScene,
    people: PrivateKeyAccount[],
    agreements: { direct: Hex; batch: Hex },
    seed: number,
  ) {
    this.scene = scene;
    this.people = people;
    this.agreements = agreements;
    this.#random = uniform(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
  /** Runs one call; a refusal by a custom error of the contracts is an ordinary outcome, anything else is not. */
  async attempt(name: string, call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
    } catch (error) {
      const revert = error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError);
      assert.ok(revert instanceof ContractFunctionRevertedError && revert.data, `${name}: ${(error as Error).message}`);
      return false;
    }
    this.steps.set(name, (this.steps.get(name) ?? 0) + 1);
    return true;
  }
}

async function begin(seed: number): Promise<Walk> {
  const scene = await startSettlementScene();
  const people = Array.from({ length: 4 }, (_, i) => account(`walker ${seed} ${i}`));
  const parties = people.map(({ address }) => address);
  const common = {
    parties,
    holdMax: HOLD_MAX,
    settleWithin: 3n * DAY,
    salt: keccak256(`0x${seed.toString(16).padStart(4, '0')}`),
  };
  const agreements = {
    direct: await scene.open(await scene.terms({ ...common, residuary: parties[0] })),
    batch: await scene.open(await scene.terms({ ...common, residuary: parties[0], settler: scene.batch })),
  };
  for (const person of people) await scene.fund(person, 5_000n);
  return new Walk(scene, people, agreements, seed);
}

// ── Steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

async function authorize(walk: Walk): Promise<void> {
  const { scene, agreements } = walk;
  const who = walk.pick(walk.people);
  const over = { amount: BigInt(walk.below(600)), perObligation: BigInt(walk.below(300)) };
  if (walk.below(2)) {
    const period = walk.below(3) ? {} : { perPeriod: BigInt(walk.below(900)), period: DAY };
    await walk.attempt('authorize direct', () => scene.authorize(who, agreements.direct, { ...over, ...period }));
  } else {
    await walk.attempt('authorize batch', () => scene.authorize(who, agreements.batch, over, undefined, scene.batch));
  }
}

async function leave(walk: Walk): Promise<void> {
  const { scene, agreements } = walk;
  const who = walk.pick(walk.people);
  const which = walk.below(8);
  if (which === 0) await walk.attempt('revoke direct', () => scene.revoke(who, agreements.direct));
  else if (which === 1) await walk.attempt('revoke batch', () => scene.revoke(who, agreements.batch, scene.batch));
  else if (which < 4) {
    await walk.attempt('release', () => scene.send(scene.direct, 'release', [agreements.direct, who.address]));
  } else if (which < 6) await claim(walk, who);
  else await walk.attempt('withdraw', () => withdraw(walk, who));
}

async function withdraw({ scene }: Walk, who: PrivateKeyAccount): Promise<void> {
  const message = { account: who.address, token: scene.token, to: who.address, amount: 60n };
  const { act, proof } = await scene.sign(scene.accounts, 'Withdrawal', who, message);
  await scene.send(scene.accounts, 'withdraw', [act, proof]);
}

async function claim(walk: Walk, who: PrivateKeyAccount): Promise<void> {
  const { scene, agreements } = walk;
  const number = (await scene.read(scene.batch, 'numberOf', [agreements.batch, who.address])) as number;
  const shown = walk.tree.prove(number);
  // Now and then a lie about the position.
  if (walk.below(4) === 0) shown.position += 100n;
  const message = { agreement: agreements.batch, account: who.address, amount: BigInt(walk.below(200)) };
  const { act, proof } = await scene.sign(scene.batch, 'Claim', who, message);
  await walk.attempt('claim', () => scene.send(scene.batch, 'claim', [act, shown, proof]));
}

async function announceDirect(walk: Walk): Promise<void> {
  const { scene, agreements } = walk;
  const accounts = [zeroAddress as Hex, ...walk.people.map(({ address }) => address)];
  const [from, to] = [walk.pick(accounts), walk.pick(accounts)];
  const old = walk.below(3) === 0 ? walk.pick([...walk.direct.values(), undefined]) : undefined;
  const supersedes = old ? await scene.digestOf(old.what) : undefined;
  const what = await scene.intent(agreements.direct, {
    entries: [{ from, to, amount: BigInt(walk.below(320)) }],
    ...(old && supersedes
      ? { obligation: old.what.obligation, begin: old.what.begin, end: old.what.end, supersedes }
      : {}),
  });
  const sealed = await scene.seal(what);
  const call = () =>
    old
      ? scene.send(scene.direct, 'supersede', [old.what, what, ...sealed])
      : scene.send(scene.direct, 'announce', [what, ...sealed]);
  if (!(await walk.attempt(old ? 'supersede direct' : 'announce direct', call))) return;
  assert.ok(!walk.settled.has(what.obligation), 'nothing is announced for what is settled');
  walk.direct.set(what.obligation, { what, from: await scene.chain.now(), released: false, held: false });
}

async function holdOrRule(walk: Walk): Promise<void> {
  const { scene } = walk;
  const all = [...walk.direct.values(), ...(walk.batch ? [walk.batch] : [])];
  if (all.length === 0) return;
  const pending = walk.pick(all);
  const who = walk.pick([...walk.people, scene.arbiter, scene.arbiter]);
  const arbiter = who === scene.arbiter;
  if (!pending.held) {
    if (await walk.attempt('hold', () => scene.hold(pending.what, who))) pending.held = true;
    return;
  }
  const ruling = walk.pick([PAY, DROP, REDECIDE]);
  const late = walk.below(3) === 0;
  const call = () =>
    late ? scene.send(pending.what.settler, 'endHold', [pending.what]) : scene.rule(pending.what, ruling, who);
  if (!(await walk.attempt(late ? 'hold ends' : 'rule', call))) return;
  if (!late && ruling === REDECIDE) return;
  if (!late && ruling === DROP) return forget(walk, pending);
  pending.held = false;
  if (late || arbiter) pending.released = true;
  else pending.from = await scene.chain.now();
}

function forget(walk: Walk, pending: Pending): void {
  walk.direct.delete(pending.what.obligation);
  if (walk.batch === pending) walk.batch = undefined;
}

async function settleDirect(walk: Walk): Promise<void> {
  const { scene } = walk;
  if (walk.direct.size === 0) return;
  const pending = walk.pick([...walk.direct.values()]);
  const { what } = pending;
  const empty = { originHash: keccak256('0x'), index: 0n, size: 0n, root: keccak256('0x'), path: [] };
  if (await walk.attempt('settle direct', () => scene.send(scene.direct, 'settle', [what, [], empty]))) {
    const now = await scene.chain.now();
    assert.ok(!pending.held && (pending.released || now >= pending.from + WINDOW), 'paid when it was due');
    assert.ok(!walk.settled.has(what.obligation), 'once');
    walk.settled.add(what.obligation);
    walk.direct.delete(what.obligation);
  } else if (await walk.attempt('expire direct', () => scene.send(scene.direct, 'expire', [what]))) {
    walk.direct.delete(what.obligation);
  }
}

async function announceBatch(walk: Walk): Promise<void> {
  const { scene, agreements, tree } = walk;
  const amount = BigInt(1 + walk.below(320));
  const sign = walk.below(2) ? 1n : -1n;
  const numbers = [1 + walk.below(4), 5]
    .map((n) => (n === 5 && walk.below(4) ? 1 + walk.below(4) : n))
    .sort((a, b) => a - b);
  if (numbers[0] === numbers[1]) return;
  const rows: readonly Row[] = [
    [numbers[0] as number, sign * amount],
    [numbers[1] as number, -sign * amount],
  ];
  const after = tree.clone().apply(rows);
  const lie = walk.below(3) === 0 ? 1 + walk.below(6) : undefined;
  if (lie !== undefined) after.set(lie, after.of(lie) + 50n);
  const { bytes, hashes, rowsHash } = chunksOf(rows);
  const what = await scene.intent(agreements.batch, {
    settler: scene.batch,
    entries: [],
    rowsHash,
    rowCount: 2,
    positionsBefore: tree.root(),
    positionsAfter: after.root(),
  });
  const sealed = await scene.seal(what);
  if (await walk.attempt('announce batch', () => scene.send(scene.batch, 'announce', [what, hashes, ...sealed]))) {
    walk.batch = { what, rows, bytes, after, lie, from: 0n, released: false, held: false, complete: false };
  }
}

/** Recomputes some rows, from the positions before and the rows alone. */
function recompute(walk: Walk, { what, rows, bytes }: PendingBatch, by: PrivateKeyAccount, count: number, at = 0) {
  const tree = walk.tree.clone().apply(rows.slice(0, at));
  const numbers = rows.slice(at, at + count).map(([number]) => number);
  const before = numbers.map((number) => tree.of(number));
  const args = [what, bytes[0], before, tree.pathBeside(numbers)];
  return walk.attempt('recompute', () => walk.scene.send(walk.scene.batch, 'recompute', args, by));
}

/** Somebody always looks: a batch that anything is wrong with is refuted before it can be settled. */
async function watch(walk: Walk, batch: PendingBatch): Promise<boolean> {
  const { scene, tree } = walk;
  const refute = (name: string, args: unknown[]) =>
    walk.attempt(name, () => scene.send(scene.batch, name, [batch.what, ...args]));
  for (const [number] of batch.rows) {
    if (await refute('refuteRow', [number, 0n, batch.bytes[0]])) return true;
    if (await refute('refuteLock', [0n, batch.bytes[0], tree.prove(number)])) return true;
  }
  // Somebody else begins, and never ends.
  if (walk.below(3) === 0) await recompute(walk, batch, walk.pick(walk.people), 1);
  // Whoever cannot show the tree recomputes it.
  if (walk.below(2) === 0) {
    for (let at = 0; at < batch.rows.length; ) {
      const count = 1 + walk.below(batch.rows.length - at);
      const tried = await recompute(walk, batch, scene.anyone as PrivateKeyAccount, count, at);
      assert.ok(tried, 'every step is taken');
      at += count;
    }
    const gone = (await scene.phaseOf(batch.what)) === 'none';
    assert.equal(gone, batch.lie !== undefined, 'a false root, and no true one');
    if (gone) walk.steps.set('refuted by recomputing', 1);
    return gone;
  }
  for (let number = 1; number <= 6; number++) {
    const args = [0n, batch.bytes[0], tree.prove(number), batch.after.prove(number)];
    if (await refute('refutePosition', args)) {
      assert.equal(number, batch.lie, 'only a lie is refuted as one');
      return true;
    }
  }
  assert.equal(batch.lie, undefined, 'every lie is refuted');
  return false;
}

async function stepBatch(walk: Walk): Promise<void> {
  const { scene, batch } = walk;
  if (!batch) return announceBatch(walk);
  if (!batch.complete) {
    if (await walk.attempt('publish', () => scene.send(scene.batch, 'publish', [batch.what, batch.bytes[0]]))) {
      batch.complete = true;
      batch.from = await scene.chain.now();
      if (await watch(walk, batch)) walk.batch = undefined;
    } else if (await walk.attempt('expire batch', () => scene.send(scene.batch, 'expire', [batch.what]))) {
      walk.batch = undefined;
    }
    return;
  }
  if (await walk.attempt('settle batch', () => scene.send(scene.batch, 'settle', [batch.what]))) {
    assert.ok(!batch.held && (await scene.chain.now()) >= batch.from + WINDOW, 'settled when it was due');
    walk.tree = batch.after;
    walk.batch = undefined;
  } else if (await walk.attempt('expire batch', () => scene.send(scene.batch, 'expire', [batch.what]))) {
    walk.batch = undefined;
  }
}

async function contest(walk: Walk): Promise<void> {
  const { scene, agreements, batch } = walk;
  const who = walk.pick(walk.people);
  if (!batch) return;
  const { obligation } = batch.what;
  const message = { agreement: agreements.batch, obligation, account: who.address, statement: keccak256('0x01') };
  const { act, proof } = await scene.sign(scene.batch, 'Contest', who, message);
  const key = `${obligation} ${who.address}`;
  if (await walk.attempt('contest', () => scene.send(scene.batch, 'contest', [act, proof]))) walk.bonds.add(key);
  if (walk.below(2)) return;
  const ruling = { agreement: agreements.batch, obligation, account: who.address, justified: walk.below(2) === 0 };
  const ruled = await scene.sign(scene.batch, 'ContestRuling', scene.arbiter, ruling);
  const call = () => scene.send(scene.batch, 'ruleContest', [ruled.act, ruled.proof]);
  if (await walk.attempt('rule contest', call)) walk.bonds.delete(key);
}

// ── What must hold ──────────────────────────────────────────────────────────────────────────────────────────────────

async function booksBalance(walk: Walk): Promise<void> {
  const { scene, agreements, people, tree } = walk;
  const held = (controller: Hex) => scene.read(scene.accounts, 'heldBy', [controller, scene.token]) as Promise<bigint>;
  const sum = (list: bigint[]) => list.reduce((total, one) => total + one, 0n);
  const free = sum(await Promise.all(people.map(({ address }) => scene.balance(address))));
  const [direct, batch] = [await held(scene.direct), await held(scene.batch)];
  assert.equal(await scene.balanceOf(scene.accounts), free + direct + batch, 'every token is somebody’s');
  const locked = await Promise.all(
    people.map(async ({ address }) => {
      const limits = await scene.read(scene.direct, 'getLimits', [agreements.direct, address]);
      return (limits as { locked: bigint }).locked;
    }),
  );
  const reserved = sum([...walk.direct.values()].flatMap(({ what }) => what.entries.map(({ amount }) => amount)));
  const escrow = (await scene.read(scene.direct, 'escrowOf', [agreements.direct])) as bigint;
  assert.equal(direct, sum(locked) + reserved + escrow, 'locks, pending entries and the escrow');
  const pot = (await scene.read(scene.batch, 'potOf', [agreements.batch])) as bigint;
  assert.equal(batch, pot + 50n * BigInt(walk.bonds.size), 'pot and bonds');
  let stakes = 0n;
  for (let number = 1; number <= people.length; number++) {
    const member = (await scene.read(scene.batch, 'getMember', [agreements.batch, number])) as { stake: bigint };
    assert.ok(member.stake + tree.of(number) >= 0n, 'nobody owes');
    stakes += member.stake + tree.of(number);
  }
  assert.equal(pot, stakes, 'the pot is what its members have: the last claimant finds its money');
  assert.equal(await scene.read(scene.batch, 'rootOf', [agreements.batch]), tree.root(), 'only true positions settle');
}

const STEP_KINDS = [
  ...[authorize, leave, contest],
  ...[announceDirect, announceDirect, settleDirect, settleDirect, holdOrRule],
  ...[stepBatch, stepBatch],
];
const came = new Set<string>();

for (const seed of SEEDS) {
  test(`the books balance after every step of walk ${seed}`, async () => {
    const walk = await begin(seed);
    const { scene, agreements } = walk;
    const limits = { amount: 900n, perObligation: 300n };
    for (const person of walk.people) {
      await scene.authorize(person, agreements.direct, limits);
      await scene.authorize(person, agreements.batch, { ...limits, amount: 320n }, undefined, scene.batch);
    }
    for (let step = 0; step < STEPS; step++) {
      await walk.pick(STEP_KINDS)(walk);
      if (walk.below(3) === 0) await scene.chain.advance(walk.below(walk.below(12) ? 4_000 : 300_000));
      await booksBalance(walk);
    }
    for (const name of walk.steps.keys()) came.add(name);
  });
}

test('the walks came by everything that can be done', { skip: SEEDS.length < 3 && 'one seed alone' }, () => {
  const all = 'authorize direct,authorize batch,revoke direct,revoke batch,release,claim,withdraw,contest,rule contest';
  const paying = 'announce direct,supersede direct,settle direct,expire direct,hold,rule,hold ends';
  const batches =
    'announce batch,publish,settle batch,expire batch,refuteRow,refuteLock,refutePosition,recompute,refuted by recomputing';
  const missing = [all, paying, batches].flatMap((list) => list.split(',')).filter((name) => !came.has(name));
  assert.deepEqual(missing, []);
});
