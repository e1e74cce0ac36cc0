// Payments: what decisions order is paid, and nothing else; the books of the chain add up, over what corrects what as well.
import assert from 'node:assert/strict';
import { replayWith } from '@trine/engine';
import { readBalance, readLimits, readObligation } from '@trine/ledger/agreements.ts';
import { type Chain, publicClient } from '@trine/ledger/chain.ts';
import { fiatTokenAbi } from '@trine/ledger/contracts.ts';
import { intentOf, type SettlePayload } from '@trine/ledger/outbox-kinds.ts';
import type { OutboxItem } from '@trine/ledger/outbox-store.ts';
import type { Node } from '@trine/node/node.ts';
import {
  addressOfPrivateKey,
  type Decision,
  decisionId,
  decodeSettled,
  type EvmLog,
  entriesOf,
  type Hex,
  hexOf,
  type Intent,
  obligationId,
  SETTLED_TOPIC,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { encodeEventTopics, zeroAddress } from 'viem';
import type { Decided } from './decided.ts';
import { byId, type Orders, ordersOf, paidBy } from './ordered.ts';
import { accountsOf, potOf } from './pots.ts';
import type { SecondDecider } from './second.ts';
import { directOf } from './settled.ts';

/** The outbox pauses no longer. */
const PAUSE_MS_MAX = 60_000;
const PENDING = new Set(['announced', 'held', 'released']);

interface Paying {
  /** What was decided below this leaf, on what was over by then, is paid. */
  readonly quietSize: number;
  readonly quietMs: number;
  /** Digests, hex, of what the arbiter was asked to drop. */
  readonly drops: ReadonlySet<string>;
  readonly second: SecondDecider | undefined;
  readonly standStill: (work: () => Promise<void>) => Promise<void>;
}

/** @returns how many were paid */
export async function checkPayments(
  node: Node,
  chain: Chain,
  decided: readonly Decided[],
  paying: Paying,
): Promise<number> {
  // Nothing happens meanwhile: what is read is of one moment.
  let found: Books | undefined;
  await paying.standStill(async () => {
    found = await checkBooks(node, chain, decided, paying);
  });
  const { settled, shown } = found as unknown as Books;
  for (const decision of shown) {
    const evidence = await node.evidence(decisionId(decision));
    const report = await verifyEvidence(evidence, { network: node.genesis.network, replay: replayWith(node.domains) });
    assert.equal(report.verdict, 'trusted', JSON.stringify(report.steps.filter(({ status }) => status !== 'ok')));
  }
  return settled;
}

interface Books {
  readonly settled: number;
  /** The last that was paid, and the last of what corrects another. */
  readonly shown: readonly Decision[];
}

/**
 * Under a clock that was ahead, a time was decided on that was not over. The contract takes no intent before that
 * (`NotYet`), and says when: the node keeps it, and tries it again then and hardly later.
 */
function checkAwaited(node: Node, leaf: number, decision: Decision): void {
  const waiting = itemsOf(node, decision).find(
    ({ kind, state }) => kind === 'announce' && ['queued', 'submitted'].includes(state),
  );
  assert.ok(waiting, `What leaf ${leaf} orders cannot be paid yet, and nothing waits to do it.`);
  const againMs = Math.max(node.clock(), decision.obligation.toMs) + PAUSE_MS_MAX;
  assert.ok(waiting.nextAttemptAt <= againMs, `What leaf ${leaf} orders is not tried when it can be paid.`);
}

/** What the outbox had to do for a decision. */
function itemsOf({ settler: { outbox } }: Node, decision: Decision): OutboxItem[] {
  const id = hexOf(decisionId(decision));
  const states = ['queued', 'submitted', 'confirmed', 'refused'] as const;
  return states
    .flatMap((state) => outbox.list(state, 1_000))
    .filter(
      ({ kind, payload }) =>
        ['announce', 'settle'].includes(kind) && intentOf(payload as SettlePayload).decision === id,
    );
}

/** Why nothing is paid: how each order stands for what is about the same, and what the outbox has had to do for it. */
function stuckWords({ node, orders, standing, paid }: Read, one: readonly Decided[]): string {
  const words = one.flatMap(({ leaf, decision }) => {
    const id = hexOf(decisionId(decision));
    const own = [...orders].filter(([, { intent }]) => intent.decision === id);
    const items = itemsOf(node, decision).map(
      ({ kind, state, attempts, nextAttemptAt, error }) =>
        `${kind} ${state}, tried ${attempts} times, again in ${nextAttemptAt - node.clock()} ms: ${error}`,
    );
    const stands = own.map(([digest, { leaf: at, intent }]) => {
      const course = node.settler.courses.of(digest.slice(2));
      const { phase, intent: newest } = standing.get(`${intent.agreement} ${intent.obligation}`) as Phase;
      return `order ${at} ${course?.state ?? 'ordered'} here, ${newest === digest ? phase : `${phase} is another`} on the chain`;
    });
    const waits = node.settler.waiting.get(id.slice(2))?.reason ?? [];
    const isPaid = paid.has(id) ? 'paid' : decision.outcome;
    return [`decision ${leaf} ${isPaid}: ${[...stands, ...items, waits].flat().join(', ')}`];
  });
  return words.join('; ');
}

type Phase = Awaited<ReturnType<typeof readObligation>>;

/** What the chain says of each obligation that anything was ordered for: by agreement and obligation. */
async function standingOf({ genesis }: Node, chain: Chain, orders: Orders): Promise<ReadonlyMap<string, Phase>> {
  const found = new Map<string, Phase>();
  for (const { intent } of orders.values()) {
    const { agreement, obligation } = intent;
    const name = `${agreement} ${obligation}`;
    if (!found.has(name)) found.set(name, await readObligation(chain, genesis.contracts, agreement, obligation));
  }
  return found;
}

/** Whose decisions are about the same, oldest first. */
function chainsOf(decided: readonly Decided[]): Decided[][] {
  const nameOf = ({ decision: { policy, obligation } }: Decided) =>
    `${toHex(policy)} ${toHex(obligation.base ?? obligationId(obligation))}`;
  return [...Map.groupBy(decided, nameOf).values()];
}

/** From payer to recipient, minor units: less than nothing where it goes back. */
function owedBy(decision: Decision): bigint {
  return entriesOf(decision).reduce((sum, { from, amount }) => sum + BigInt(from === 'payer' ? amount : -amount), 0n);
}

function movedBy({ entries }: Intent, payer: Hex): bigint {
  return entries.reduce((sum, { from, amount }) => sum + (from === payer ? amount : -amount), 0n);
}

/** Every decision that pays is paid, once, as it says; the books of the chain add up. */
async function checkBooks(node: Node, chain: Chain, decided: readonly Decided[], paying: Paying): Promise<Books> {
  const { contracts, keys } = node.genesis;
  const filter = { address: contracts.direct, fromBlock: '0x0', toBlock: 'latest', topics: [SETTLED_TOPIC] };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as EvmLog[];
  const settled = logs.map((log) => decodeSettled(log) as NonNullable<ReturnType<typeof decodeSettled>>);
  const names = settled.map(({ agreement, obligation }) => `${agreement} ${obligation}`);
  assert.equal(new Set(names).size, names.length, 'An obligation was paid twice.');
  const agreements = new Set(directOf(node).map(({ hash }) => hash));
  // What is netted in batches, bills.ts looks at.
  const orders = new Map([...ordersOf(node)].filter(([, { intent }]) => intent.settler === contracts.direct));
  const decisions = byId(decided.map(({ decision }) => decision));
  const payer = addressOfPrivateKey(keys.account);
  const paid = new Map<Hex, Hex>();
  for (const { intent: digest, decision, obligation } of settled) {
    const intent = orders.get(digest)?.intent;
    assert.ok(intent, 'Something was paid that no order says.');
    assert.deepEqual([intent.decision, intent.obligation], [decision, obligation]);
    assert.equal(decisions.get(decision)?.outcome, 'pay', 'Something was paid that no decision orders.');
    const together = paidBy(intent, decisions);
    for (const id of together) {
      assert.ok(!paid.has(id), `What ${id} orders was paid twice.`);
      paid.set(id, digest);
    }
    const owed = together.reduce((sum, id) => sum + owedBy(decisions.get(id) as Decision), 0n);
    assert.equal(movedBy(intent, payer), owed, `${digest} pays something else than its decisions order.`);
    checkNamed(node, intent, digest, paying);
  }
  const standing = await standingOf(node, chain, orders);
  const due = decided.filter(({ decision }) => agreements.has(toHex(decision.policy)));
  for (const one of chainsOf(due)) checkChain({ node, orders, paid, standing, paying }, one);
  await checkAccounts(node, chain, { orders, standing, settled: settled.map(({ intent }) => intent) });
  const isPaid = ({ decision }: Decided) => paid.has(hexOf(decisionId(decision)));
  const shown = [due.findLast(isPaid), due.findLast((one) => one.decision.supersedes && isPaid(one))];
  return { settled: settled.length, shown: [...new Set(shown.flatMap((one) => one?.decision ?? []))] };
}

/** What takes two names has both. */
function checkNamed(node: Node, intent: Intent, digest: Hex, { second }: Paying): void {
  assert.ok(isNamed(node, intent, digest, second), `${digest} was paid without the name of the second decider.`);
}

function isNamed({ policies }: Node, { agreement }: Intent, digest: Hex, second: Paying['second']): boolean {
  const found = policies.agreements().find(({ id }) => hexOf(id) === agreement);
  return (found?.policy.deciders.quorum ?? 1) < 2 || second?.signings.has(digest) === true;
}

interface Read {
  readonly node: Node;
  readonly orders: Orders;
  /** By which order, by decision. */
  readonly paid: ReadonlyMap<Hex, Hex>;
  readonly standing: ReadonlyMap<string, Phase>;
  readonly paying: Paying;
}

/** What is about the same: all of it is paid, and together as the last of it says; unless something holds it that may. */
function checkChain(read: Read, one: readonly Decided[]): void {
  const { node, paid } = read;
  const pays = one.filter(({ decision }) => decision.outcome === 'pay');
  const unpaid = pays.filter(({ decision }) => !paid.has(hexOf(decisionId(decision))));
  for (const { leaf, decision } of unpaid)
    if (!mayBeUnpaid(read, one, decision))
      assert.fail(`What leaf ${leaf} orders is not paid: ${stuckWords(read, one)}`);
  const last = one.findLast(({ decision }) => decision.outcome !== 'hold')?.decision;
  if (unpaid.length > 0 || last === undefined) return;
  const terms = node.policies.get(toHex(last.policy))?.policy.terms;
  const { creditMinorUnits = 0 } = (terms ?? {}) as { creditMinorUnits?: number };
  const sum = pays.reduce((all, { decision }) => all + owedBy(decision), 0n);
  const says = last.verdict === 'breached' ? BigInt(creditMinorUnits) : 0n;
  assert.equal(sum, says, `What was paid for ${toHex(obligationId(last.obligation))} is not what was decided last.`);
}

function mayBeUnpaid({ node, orders, standing, paying }: Read, one: readonly Decided[], decision: Decision): boolean {
  const { quietSize, quietMs, drops, second } = paying;
  // What came last takes the place of what is pending.
  if (one.some(({ leaf }) => leaf >= quietSize)) return true;
  const ids = new Set(one.map((each) => hexOf(decisionId(each.decision))));
  const phases = [...orders.values()]
    .filter(({ intent }) => ids.has(intent.decision))
    .map(({ intent }) => standing.get(`${intent.agreement} ${intent.obligation}`) as Phase);
  if (phases.some(({ phase, intent }) => phase === 'dropped' && drops.has(intent.slice(2)))) return true;
  if ([...ids].some((id) => second?.refused.has(id))) return true;
  if (phases.some(({ phase }) => phase === 'dropped') || decision.obligation.toMs <= quietMs) return false;
  const first = one.find((each) => each.decision.outcome === 'pay') as Decided;
  // Before its time the second decider signs nothing either.
  const isSigned = [...orders].some(
    ([digest, { intent }]) => ids.has(intent.decision) && isNamed(node, intent, digest, second),
  );
  if (isSigned && phases.every(({ phase }) => phase === 'none')) checkAwaited(node, first.leaf, first.decision);
  return true;
}

/** Nothing comes from nowhere, and everybody has what he is to have. */
async function checkAccounts(
  node: Node,
  chain: Chain,
  { orders, standing, settled }: { orders: Orders; standing: ReadonlyMap<string, Phase>; settled: readonly Hex[] },
): Promise<void> {
  const { contracts, keys } = node.genesis;
  const client = publicClient(chain);
  const token = { address: contracts.token, abi: fiatTokenAbi } as const;
  const balance = (owner: Hex) => client.readContract({ ...token, functionName: 'balanceOf', args: [owner] });
  const accounts = [keys.account, keys.issuer, keys.recipient, keys.arbiter].map(addressOfPrivateKey);
  const [payer, , recipient] = accounts as [Hex, Hex, Hex, Hex];
  const homes = accountsOf(node);
  const wallets = await Promise.all(homes.map(balance));
  const balances = await Promise.all([...accounts, contracts.accounts].map(balance));
  const sumOf = (all: readonly bigint[]) => all.reduce((sum, one) => sum + one, 0n);
  assert.equal(
    await client.readContract({ ...token, functionName: 'totalSupply' }),
    sumOf([...balances, ...wallets]),
    'Money came from nowhere, or is gone.',
  );
  const free = await Promise.all([...accounts, ...homes].map((account) => readBalance(chain, contracts, account)));
  const { pot, bonds, stakeOf } = await potOf(node, chain);
  const lockedOf = async (account: Hex) => {
    let sum = 0n;
    for (const { id } of directOf(node)) sum += (await readLimits(chain, contracts, hexOf(id), account)).locked;
    return sum;
  };
  /** Announced and neither paid nor at its end: taken from a lock, and nobody's yet. */
  const pending = [...standing.values()]
    .filter(({ phase }) => PENDING.has(phase))
    .flatMap(({ intent }) => orders.get(intent)?.intent.entries ?? []);
  const pendingOf = (account: Hex) => sumOf(pending.filter(({ from }) => from === account).map(({ amount }) => amount));
  const locked = await lockedOf(recipient);
  const paid = sumOf(settled.map((digest) => movedBy((orders.get(digest) as { intent: Intent }).intent, payer)));
  assert.equal(
    sumOf([balances[2] as bigint, free[2] as bigint, locked, await stakeOf(recipient), pendingOf(recipient)]),
    paid + (await mintedFor(chain, contracts.token, recipient)),
    'The recipient has what was paid.',
  );
  assert.equal(
    balances[4],
    sumOf([...free, await lockedOf(payer), locked, ...pending.map(({ amount }) => amount), pot, bonds]),
    'The contract holds what is free, locked, pending, in the pot of those who net their bills, or staked on a contest.',
  );
}

async function mintedFor(chain: Chain, token: Hex, to: Hex): Promise<bigint> {
  const topics = encodeEventTopics({ abi: fiatTokenAbi, eventName: 'Transfer', args: { from: zeroAddress, to } });
  const filter = { address: token, fromBlock: '0x0', toBlock: 'latest', topics };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] } as never)) as EvmLog[];
  return logs.reduce((sum, { data }) => sum + BigInt(data), 0n);
}
