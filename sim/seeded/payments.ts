// Payments: what decisions order is paid, and nothing else; the books of the chain add up.
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
  amountOf,
  type Decision,
  decisionId,
  decodeSettled,
  type EvmLog,
  type Hex,
  hexOf,
  obligationId,
  SETTLED_TOPIC,
  toHex,
  verifyEvidence,
} from '@trine/protocol';

/** The outbox pauses no longer. */
const PAUSE_MS_MAX = 60_000;

/** A decision in the log. */
export interface Decided {
  readonly leaf: number;
  readonly decision: Decision;
}

interface Paying {
  /** What was decided below this leaf, on what was over by then, is paid. */
  readonly quietSize: number;
  readonly quietMs: number;
  /** Digests, hex, of what the arbiter was asked to drop. */
  readonly drops: ReadonlySet<string>;
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
  const { settled, last } = found as unknown as Books;
  if (last) {
    const evidence = await node.evidence(decisionId(last.decision));
    const report = await verifyEvidence(evidence, { network: node.genesis.network, replay: replayWith(node.domains) });
    assert.equal(report.verdict, 'trusted', JSON.stringify(report.steps.filter(({ status }) => status !== 'ok')));
  }
  return settled;
}

interface Books {
  readonly settled: number;
  /** The last that was paid. */
  readonly last: Decided | undefined;
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

/** Why nothing is paid. */
function stuckWords(node: Node, decision: Decision, phase: string): string {
  const words = itemsOf(node, decision).map(
    ({ kind, state, attempts, nextAttemptAt, error }) =>
      `${kind} ${state}, tried ${attempts} times, again in ${nextAttemptAt - node.clock()} ms: ${error}`,
  );
  return `${phase} on the chain; ${words.join('; ') || 'nothing does it'}`;
}

/** Every decision that pays is paid, once, as it says; the books of the chain add up. */
async function checkBooks(
  node: Node,
  chain: Chain,
  decided: readonly Decided[],
  { quietSize, quietMs, drops }: Paying,
): Promise<Books> {
  const { contracts, keys } = node.genesis;
  const filter = { address: contracts.direct, fromBlock: '0x0', toBlock: 'latest', topics: [SETTLED_TOPIC] };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as EvmLog[];
  const settled = logs.map((log) => decodeSettled(log) as NonNullable<ReturnType<typeof decodeSettled>>);
  const names = settled.map(({ agreement, obligation }) => `${agreement} ${obligation}`);
  assert.equal(new Set(names).size, names.length, 'An obligation was paid twice.');
  const agreements = new Map(node.policies.agreements().map(({ hash, id }) => [hash, id]));
  const due = decided.filter(({ decision }) => decision.outcome === 'pay' && agreements.has(toHex(decision.policy)));
  const byDecision = new Map(settled.map((event) => [event.decision, event]));
  /** Announced and neither paid nor at its end: taken from the lock, and nobody's yet. */
  let pending = 0n;
  for (const { leaf, decision } of due) {
    const event = byDecision.get(hexOf(decisionId(decision)));
    let why = '';
    if (event === undefined) {
      const id = hexOf(agreements.get(toHex(decision.policy)) as Uint8Array);
      const obligation = hexOf(obligationId(decision.obligation));
      const { phase, intent } = await readObligation(chain, contracts, id, obligation);
      if (phase === 'announced' || phase === 'held' || phase === 'released') pending += BigInt(amountOf(decision));
      if (leaf >= quietSize || (phase === 'dropped' && drops.has(intent.slice(2)))) continue;
      if (phase !== 'dropped' && decision.obligation.toMs > quietMs) {
        if (phase === 'none') checkAwaited(node, leaf, decision);
        continue;
      }
      why = stuckWords(node, decision, phase);
    }
    assert.ok(event, `What leaf ${leaf} orders is not paid: ${why}`);
    assert.equal(event.obligation, hexOf(obligationId(decision.obligation)));
  }
  const ordered = new Set(due.map(({ decision }) => hexOf(decisionId(decision))));
  assert.deepEqual(
    settled.filter(({ decision }) => !ordered.has(decision)),
    [],
    'Something was paid that no decision orders.',
  );
  const client = publicClient(chain);
  const token = { address: contracts.token, abi: fiatTokenAbi } as const;
  const balance = (owner: Hex) => client.readContract({ ...token, functionName: 'balanceOf', args: [owner] });
  const accounts = [keys.account, keys.issuer, keys.recipient, keys.arbiter].map(addressOfPrivateKey);
  const balances = await Promise.all([...accounts, contracts.accounts].map(balance));
  assert.equal(
    await client.readContract({ ...token, functionName: 'totalSupply' }),
    balances.reduce((sum, one) => sum + one, 0n),
    'Money came from nowhere, or is gone.',
  );
  const amounts = new Map(due.map(({ decision }) => [hexOf(decisionId(decision)), amountOf(decision)]));
  const paid = settled.reduce((sum, { decision }) => sum + BigInt(amounts.get(decision) ?? 0), 0n);
  const free = await Promise.all(accounts.map((account) => readBalance(chain, contracts, account)));
  assert.equal(free[2], paid, 'The recipient has what was paid.');
  let held = 0n;
  for (const { id } of node.policies.agreements())
    held += (await readLimits(chain, contracts, hexOf(id), accounts[0] as Hex)).locked;
  assert.equal(
    balances[4],
    free.reduce((sum, one) => sum + one, held + pending),
    'The contract holds what is free, locked or pending.',
  );
  return { settled: settled.length, last: due.findLast(({ decision }) => byDecision.has(hexOf(decisionId(decision)))) };
}
