// `WATCH_SEED=7 WATCH_STEPS=100 node --test packages/ledger/batch-watch.test.ts` walks longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchRow, chunkHash, type Hex, type Positions, readRows, rowsHash, ZERO_HASH } from '@trine/protocol';
import { BatchWatch, type BatchWatchOptions, type Finding } from './batch-watch.ts';
import {
  leaveCall,
  publishCalls,
  readBatchObligation,
  readMember,
  recomputeCall,
  refuteLockCall,
  refuteRowCall,
} from './batches.ts';
import type { Call } from './contracts.ts';
import {
  type Batch,
  type Circle,
  forwarderOf,
  rows,
  settled,
  startCircle,
  underWay,
  WINDOW_S,
} from './testing/circle.ts';

const SEEDS = process.env.WATCH_SEED ? [Number(process.env.WATCH_SEED)] : [1, 2];
const STEPS = Number(process.env.WATCH_STEPS ?? 18);

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

/** A watch, and what it handed in. */
function watchOf(circle: Circle, over: Partial<BatchWatchOptions> = {}) {
  const { chain, contracts, agreement, send, network } = circle;
  const account = network.operator.address;
  const sent: Call[] = [];
  const submit = async (call: Call) => {
    sent.push(call);
    await send(call);
  };
  return { sent, watch: new BatchWatch({ chain, contracts, agreements: () => [agreement], account, submit, ...over }) };
}
/** What one round finds, when all can be looked at. */
async function only(watch: BatchWatch): Promise<Finding | undefined> {
  const { findings, failures } = await watch.round();
  assert.deepEqual(failures, []);
  assert.ok(findings.length <= 1);
  return findings[0];
}
const phaseOf = async ({ chain, contracts, agreement }: Circle, { intent }: Batch) =>
  (await readBatchObligation(chain, contracts, agreement, intent.obligation)).phase;

const ROOTS = ['root', 'root in steps'] as const;
const LIES = ['nobody', 'not covered', 'above limit', 'above lock', 'position', 'outside', ...ROOTS] as const;
type Lie = (typeof LIES)[number];

/** Members 1 to 4 take part; 5 left before anything was decided; 6 is nobody. */
class Walk {
  readonly told = new Map<Hex, Positions>();
  readonly refuted = new Map<string, number>();
  readonly #circle: Circle;
  readonly #random: () => number;

  constructor(circle: Circle, random: () => number) {
    this.#circle = circle;
    this.#random = random;
  }

  watch(over: Partial<BatchWatchOptions> = {}) {
    const disclosed: BatchWatchOptions['disclosed'] = async ({ positionsAfter }) =>
      this.told.get(positionsAfter)?.entries();
    return watchOf(this.#circle, { disclosed, ...over });
  }

  pick(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** What a member can still lose by one obligation. */
  #left(number: number): bigint {
    const has = 1_000n + this.#circle.tree.of(number);
    return has < 400n ? has : 400n;
  }

  /** Rows that are true: one or two lose what they can, the others share it. */
  honest(): BatchRow[] {
    const loser = 1 + this.pick(4);
    const amount = BigInt(1 + this.pick(Number(this.#left(loser) || 1n)));
    if (this.#left(loser) === 0n) return rows();
    const winner = 1 + ((loser + this.pick(3)) % 4);
    const share = amount > 2n && this.pick(2) === 0 ? amount / 3n : 0n;
    const third = [1, 2, 3, 4].find((number) => number !== loser && number !== winner) as number;
    const made = rows([loser, -amount], [winner, amount - share], [third, share]);
    return made.filter((row) => row.amount !== 0n).sort((a, b) => a.number - b.number);
  }

  /** Rows with a lie among true ones, or true ones under a false root; undefined where there is no such lie now. */
  async lie(kind: Lie): Promise<Batch | undefined> {
    const { tree, batchOf } = this.#circle;
    const loss = (number: number, amount: bigint) => {
      const winner = number === 1 ? 2 : 1;
      const pair = number < winner ? ([[number, -amount], [winner, amount]] as const) : ([[winner, amount], [number, -amount]] as const); // biome-ignore format: two pairs
      return rows(...pair);
    };
    if (kind === 'nobody') return batchOf(tree, rows([1 + this.pick(4), -1n], [6 + this.pick(9), 1n]));
    if (kind === 'not covered') return batchOf(tree, loss(5, 1n));
    if (kind === 'above limit') return batchOf(tree, loss(1 + this.pick(4), 401n + BigInt(this.pick(50))));
    if (kind === 'above lock') {
      while (this.#left(4) === 400n) await settled(this.#circle, loss(4, 400n));
      return batchOf(tree, loss(4, this.#left(4) + 1n));
    }
    const made = this.honest();
    if (made.length === 0) return undefined;
    const after = tree.clone().apply(made);
    const [within, outside] = [made[this.pick(made.length)]!.number, [5, 0, 17, 2 ** 12][this.pick(4)]!];
    after.apply([{ number: kind === 'outside' ? outside : within, amount: BigInt(this.pick(2) === 0 ? 7 : -7) }]);
    if (kind !== 'root' && kind !== 'root in steps') this.told.set(after.root(), after);
    return batchOf(tree, made, { after });
  }
}

type Watched = ReturnType<Walk['watch']>;
/** Each lie once, then whatever comes. */
const kindAt = (walk: Walk, i: number) => (i % 2 === 0 ? (LIES[i / 2] ?? LIES[walk.pick(LIES.length)]) : undefined);

/** Another watch, a row a call, is stopped after the first; somebody else recomputes beside it; a third goes on. */
async function stopped(
  circle: Circle,
  walk: Walk,
  { intent, chunks, rows: made }: Batch,
): Promise<Finding | undefined> {
  const thief = circle.people[walk.pick(4)]!;
  const tree = circle.tree.clone();
  const theirs = async (row: BatchRow) => {
    const step = { rows: chunks[0]!, before: [tree.of(row.number)], path: tree.pathBeside([row.number]) };
    await circle.send(recomputeCall(intent, step), thief);
    tree.apply([row]);
  };
  if (walk.pick(2) === 0) await theirs(made[0]!);
  let calls = 0;
  const submit = async (call: Call) => {
    if (calls++ > 0) throw new Error('stopped');
    await circle.send(call);
  };
  const { failures } = await walk.watch({ bytesMax: 0, submit }).watch.round();
  assert.deepEqual(failures, [{ agreement: circle.agreement, message: 'stopped' }]);
  if (tree.root() === circle.tree.root()) await theirs(made[0]!);
  const resumed = walk.watch({ bytesMax: 0 });
  const found = await only(resumed.watch);
  assert.equal(resumed.sent.length, made.length - 1, 'from where the chain says that the account was');
  return found;
}

async function step(circle: Circle, walk: Walk, { watch, sent }: Watched, kind: Lie | undefined): Promise<void> {
  const lie = kind && (await walk.lie(kind));
  const before = sent.length;
  if (kind !== undefined && lie !== undefined) {
    await circle.announce(lie);
    assert.equal((await only(watch))?.verdict, 'incomplete');
    await circle.publish(lie);
    const [found, calls] = kind === 'root in steps' ? [await stopped(circle, walk, lie), 0] : [await only(watch), 1];
    const fault = { outside: 'position', 'root in steps': 'root' }[kind as string] ?? kind;
    assert.deepEqual([found?.verdict, found?.verdict === 'refuted' && found.fault], ['refuted', fault]);
    assert.equal(sent.length, before + calls);
    assert.equal(await phaseOf(circle, lie), 'none');
    walk.refuted.set(kind, (walk.refuted.get(kind) ?? 0) + 1);
    assert.equal(await only(watch), undefined);
  } else {
    const made = walk.honest();
    if (made.length === 0) return;
    const batch = await underWay(circle, circle.tree, made);
    assert.equal((await only(watch))?.verdict, 'true');
    await circle.pass(WINDOW_S);
    assert.equal((await only(watch))?.verdict, 'true');
    await circle.settle(batch);
    circle.tree.apply(made);
    assert.equal(sent.length, before, 'a true batch is never refuted');
  }
}

test('every lie is refuted, and no true batch is', async (t) => {
  for (const seed of SEEDS) {
    const circle = await startCircle(t, { members: 5 });
    const { agreement, people, send } = circle;
    const last = people[4]!;
    await send(leaveCall(circle.contracts, { agreement, account: last.address, ...circle.once() }), last);
    await circle.pass(60n);
    const walk = new Walk(circle, uniform(seed));
    let watched = walk.watch();
    for (let i = 0; i < STEPS; i++) {
      // Stopped and started at any time: it knows what the chain knows.
      if (walk.pick(4) === 0) watched = walk.watch();
      await step(circle, walk, watched, kindAt(walk, i));
    }
    t.diagnostic(`seed ${seed}: ${[...walk.refuted].map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
    assert.equal(walk.refuted.size, LIES.length);
  }
});

test('what failed on the way is handed in again; what another handed in, or this one before, is not', async (t) => {
  const circle = await startCircle(t, { members: 2, chain: { confirmations: 4 } });
  const { chain } = circle;
  const settle = async () => {
    for (let i = 0; i < 4; i++) await chain.mine();
  };
  const batch = await underWay(circle, circle.tree, rows([1, -401n], [2, 401n]));
  const [one, other] = [watchOf(circle), watchOf(circle)];
  assert.equal(await only(one.watch), undefined, 'what is not final is not looked at');
  await settle();
  chain.failNext('eth_sendRawTransaction');
  const { failures } = await one.watch.round();
  assert.equal(failures.length, 1);
  assert.equal(await phaseOf(circle, batch), 'announced');
  assert.equal((await only(one.watch))?.verdict, 'refuted');
  assert.equal(await phaseOf(circle, batch), 'none');
  // The block that refutes it is not final: both still see the batch.
  for (const { watch } of [one, other]) assert.equal((await only(watch))?.verdict, 'refuted');
  assert.deepEqual([one.sent.length, other.sent.length], [2, 0]);
  // Taken back with that block, it is there again, and refuted again.
  await chain.reorg(1, 'lost');
  await chain.mine();
  assert.equal((await only(other.watch))?.verdict, 'refuted');
  assert.equal(await phaseOf(circle, batch), 'none');
  await settle();
  for (const { watch } of [one, other]) assert.equal(await only(watch), undefined);
  assert.deepEqual([one.sent.length, other.sent.length], [2, 1]);
});

test('one agreement that cannot be looked at keeps none from it; one that is no longer wanted is forgotten', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  await underWay(circle, circle.tree, rows([1, -10n], [2, 10n]));
  let wanted: Hex[] = [ZERO_HASH, circle.agreement];
  const { watch } = watchOf(circle, { agreements: () => wanted });
  circle.chain.failNext('eth_getLogs');
  const { findings, failures } = await watch.round();
  assert.deepEqual(
    failures.map(({ agreement }) => agreement),
    [ZERO_HASH],
  );
  assert.equal(findings[0]?.verdict, 'true');
  wanted = [];
  assert.deepEqual(await watch.round(), { findings: [], failures: [] });
});

test('a change of what a member has or allows counts from the next batch', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const { watch, sent } = watchOf(circle);
  const person = circle.people[0]!;
  await settled(circle, rows([1, -400n], [2, 400n]));
  const above = rows([1, -500n], [2, 500n]);
  await underWay(circle, circle.tree, above);
  assert.equal((await only(watch))?.verdict, 'refuted');
  await circle.fund(person, 100n);
  await circle.enter(person, { amount: 100n, perObligation: 500n });
  const batch = await underWay(circle, circle.tree, above);
  assert.equal((await only(watch))?.verdict, 'true');
  await circle.pass(WINDOW_S);
  await circle.settle(batch);
  assert.equal(sent.length, 1);
});

test('a false batch that was settled while nobody looked is said, and so is what follows from it', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const made = rows([1, -10n], [2, 10n]);
  const after = circle.tree
    .clone()
    .apply(made)
    .apply(rows([2, 5n]));
  const batch = await underWay(circle, circle.tree, made, { after });
  await circle.pass(WINDOW_S);
  await circle.settle(batch);
  const { watch, sent } = watchOf(circle);
  assert.equal(await only(watch), undefined);
  await underWay(circle, after, made);
  const found = await only(watch);
  assert.match(found?.verdict === 'groundless' ? found.detail : '', /nobody refuted it/);
  assert.deepEqual(sent, []);
});

test('what the deciders say of the positions is believed only under the root they signed', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const made = rows([1, -10n], [2, 10n]);
  const after = circle.tree
    .clone()
    .apply(made)
    .apply(rows([2, 5n]));
  await underWay(circle, circle.tree, made, { after });
  const answers: Awaited<ReturnType<NonNullable<BatchWatchOptions['disclosed']>>>[] = [
    undefined,
    [],
    [[1, -10n], [2, 11n]], // biome-ignore format: pairs
    [[-1, 1n]],
    [[2 ** 20, 1n]],
  ];
  const submit = async () => {};
  const silent = () => Promise.reject(new Error('no answer'));
  for (const disclosed of [silent, ...answers.map((answer) => async () => answer)]) {
    const found = await only(watchOf(circle, { disclosed, submit }).watch);
    assert.deepEqual([found?.verdict, found?.verdict === 'refuting' && found.fault], ['refuting', 'root']);
  }
  const { watch } = watchOf(circle, { disclosed: async () => after.entries() });
  const found = await only(watch);
  assert.equal(found?.verdict === 'refuted' && found.fault, 'position');
});

test('a root of many calls is refuted over many rounds, whatever is lost on the way', async (t) => {
  const circle = await startCircle(t, { members: 10, chain: { confirmations: 4 } });
  const final = async () => {
    for (let i = 0; i < 4; i++) await circle.chain.mine();
  };
  const made = Array.from({ length: 10 }, (_, i) => ({ number: i + 1, amount: i % 2 === 0 ? -5n : 5n }));
  const hidden = circle.tree
    .clone()
    .apply(made)
    .apply(rows([777, 5n]));
  const batch = await underWay(circle, circle.tree, made, { after: hidden });
  await final();
  const waiting: Call[] = [];
  const { watch } = watchOf(circle, { bytesMax: 0, submit: async (call) => waiting.push(call) });
  const done = async (one: BatchWatch) => {
    const found = await only(one);
    return found?.verdict === 'refuting' ? `${found.done} of ${found.rows}` : found?.verdict;
  };
  // What is on its way is waited for, and handed in again where it does not come.
  assert.equal(await done(watch), '0 of 10');
  assert.equal(waiting.length, 1);
  assert.equal(await done(watch), '0 of 10');
  await circle.send(waiting[0]!);
  assert.equal(await done(watch), '1 of 10');
  assert.equal(waiting.length, 3);
  const quick = watchOf(circle, { bytesMax: 0 });
  assert.equal(await done(quick.watch), '9 of 10');
  assert.equal(quick.sent.length, 8, 'no more in a round');
  // Blocks that are taken back take back how far it came.
  await circle.chain.reorg(2, 'lost');
  await circle.chain.mine();
  assert.equal(await done(quick.watch), 'refuted');
  assert.equal(quick.sent.length, 8 + 3);
  assert.equal(await phaseOf(circle, batch), 'none');
  assert.equal(await done(watch), 'refuted');
  await final();
  for (const one of [watch, quick.watch]) assert.equal(await done(one), undefined);
});

test('what was announced through another contract is recomputed as soon as its rows are there', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const forwarder = await forwarderOf(circle);
  const batch = await circle.batchOf(circle.tree, rows([1, -401n], [2, 401n]));
  await circle.announce(batch, forwarder);
  const { watch } = watchOf(circle);
  assert.equal((await only(watch))?.verdict, 'incomplete');
  await circle.publish(batch);
  assert.equal((await only(watch))?.verdict, 'refuted');
});

test('chunks that are shorter than documents have them are read as the contract reads them', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const made = Array.from({ length: 1_112 }, (_, i) => ({ number: i + 1, amount: i % 2 === 0 ? -5n : 5n }));
  const whole = await circle.batchOf(circle.tree, made);
  const bytes = Uint8Array.from(whole.chunks.flatMap((chunk) => [...chunk]));
  const chunks = [bytes.subarray(0, 512 * 12), bytes.subarray(512 * 12)];
  assert.throws(() => readRows(chunks), /only the last may be shorter/);
  const hashes = chunks.map(chunkHash);
  const batch = { ...whole, chunks, hashes, intent: { ...whole.intent, rowsHash: rowsHash(hashes) } };
  await circle.announce(batch);
  for (const chunk of chunks)
    for (const call of publishCalls(batch.intent, { chunks: [chunk] })) await circle.send(call);
  const { watch } = watchOf(circle);
  const found = await only(watch);
  assert.deepEqual(found?.verdict === 'refuted' && 'number' in found && [found.fault, found.number], ['nobody', 3]);
  assert.equal(await phaseOf(circle, batch), 'none');
});

test('at the edges of what a member allows and has a row is true, for the watch and for the contract', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const [person] = circle.people as [(typeof circle.people)[0]];
  const { tree, send, agreement } = circle;
  const all = rows([1, -400n], [2, 400n]); // the limit to the unit
  await settled(circle, all);
  const limit = await underWay(circle, tree, all);
  assert.equal((await only(watchOf(circle).watch))?.verdict, 'true');
  await circle.pass(WINDOW_S);
  await circle.settle(limit);
  tree.apply(all);
  await send(leaveCall(circle.contracts, { agreement, account: person.address, ...circle.once() }), person);
  const { cover } = await readMember(circle.chain, circle.contracts, agreement, 1);
  await circle.pass(60n);
  const { watch, sent } = watchOf(circle);
  const made = rows([1, -200n], [2, 200n]); // all it has
  const times = { begin: cover.revokedAt, end: cover.revokedAt + 5n };
  const batch = await underWay(circle, tree, made, { over: times });
  assert.equal((await only(watch))?.verdict, 'true');
  const shown = { index: 0, rows: batch.chunks[0]! };
  const refused = (error: { revert?: { name: string } }) => error.revert?.name === 'NotRefuted';
  await assert.rejects(send(refuteRowCall(batch.intent, 1, shown)), refused);
  await assert.rejects(send(refuteLockCall(batch.intent, shown, tree.prove(1))), refused);
  await circle.pass(WINDOW_S);
  await circle.settle(batch);
  tree.apply(made);
  // A second later, or a unit more, and it is false.
  await underWay(circle, tree, rows([1, -1n], [2, 1n]), { over: { ...times, begin: times.begin + 1n } });
  const late = await only(watch);
  assert.equal(late?.verdict === 'refuted' && late.fault, 'not covered');
  await underWay(circle, tree, rows([1, -1n], [2, 1n]), { over: times });
  const more = await only(watch);
  assert.equal(more?.verdict === 'refuted' && more.fault, 'above lock');
  assert.equal(sent.length, 2);
});
