// Bills: each line that pays is in one batch that is settled, or waits for a reason that is told; the books of the homes add up over
// all batches, and what is billed is what their counters said.
import assert from 'node:assert/strict';
import { replayWith } from '@trine/engine';
import { readObligation } from '@trine/ledger/agreements.ts';
import { readMember, readPot, readRoot } from '@trine/ledger/batches.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import { settling } from '@trine/ledger/outbox-kinds.ts';
import type { Node } from '@trine/node/node.ts';
import { hexOf, obligationId, toHex, verifyEvidence } from '@trine/protocol';
import { billed, midnightAfter } from './homes.ts';
import { type Line, type Lined, paidLines, rowsOf, type Street, streetOf } from './lines.ts';
import { packsOf, type Spoken } from './packs.ts';
import { openContests } from './pots.ts';
import type { SecondDecider } from './second.ts';

const DAY_MS = 86_400_000;
/** Why a line waits, where that is as it should be. */
const TOLD =
  /more than was authorised for one obligation|more than it has in the agreement|dropped: that was the last word/;

export interface Billing {
  /** What was decided below this leaf, on what was over by then, is settled. */
  readonly quietSize: number;
  readonly quietMs: number;
  /** Digests, hex, of what the arbiter was asked to drop. */
  readonly drops: ReadonlySet<string>;
  readonly second: SecondDecider | undefined;
}

/** Lines that are due and neither paid nor wait for a reason that is told, in words. @param chain as it is */
export async function unsettledLines(node: Node, chain: Chain, billing: Billing): Promise<string[]> {
  const logged = billed(node);
  if (logged === undefined) return [];
  const street = await streetOf(node, chain, logged);
  return unsettled(node, chain, street, billing);
}

async function unsettled(node: Node, chain: Chain, street: Street, billing: Billing): Promise<string[]> {
  const { quietSize, quietMs, second } = billing;
  const paid = paidLines(street);
  const dropped = await droppedLines(node, chain, street, billing);
  // Batches follow each other: what is never signed keeps those after it waiting.
  if (second && second.refused.size > 0) return [];
  const found: string[] = [];
  for (const { leaf, decision, id, lines } of street.decided) {
    if (leaf >= quietSize || decision.obligation.toMs > quietMs || decision.outcome !== 'pay') continue;
    const waiting = node.settler.waiting.get(id.slice(2));
    for (const [key, { row, owed }] of lines) {
      const name = `${id} ${key}`;
      if (row.outcome !== 'pay' || owed === 0n || paid.has(name) || dropped.has(name)) continue;
      const reason = waiting?.lines.get(key) ?? waiting?.reason;
      if (reason === undefined || !TOLD.test(reason))
        found.push(`the line of ${key} of the decision at leaf ${leaf}, ${owed} minor units: ${reason ?? 'no reason'}`);
    }
  }
  for (const { digest } of street.settled)
    if (!street.vouched.has(digest)) found.push(`the batch ${digest} is settled, and nobody vouches for it`);
  const { holdMaxS } = street.logged.policy.money;
  for (const { account, atS } of await openContests(node, chain))
    if ((atS + holdMaxS) * 1_000 < quietMs) found.push(`the contest of ${account}, on which nobody ruled, has no end`);
  return found;
}

/** Lines of batches that the arbiter dropped, as he was asked to, and of which the node knows that. */
async function droppedLines(
  node: Node,
  chain: Chain,
  { orders, logged, homes }: Street,
  { drops }: Billing,
): Promise<ReadonlySet<string>> {
  const { genesis, settler } = node;
  const found = new Set<string>();
  for (const [digest, { intent }] of orders) {
    if (intent.agreement !== hexOf(logged.id)) continue;
    const at = settling(genesis.contracts, intent);
    const { phase, intent: standing } = await readObligation(chain, at, intent.agreement, intent.obligation);
    if (phase !== 'dropped' || standing !== digest) continue;
    assert.ok(drops.has(digest.slice(2)), `The batch ${digest} is dropped, and nobody asked for it.`);
    if (settler.courses.of(digest.slice(2))?.state !== 'dropped') continue;
    for (const { number } of rowsOf(node, digest, intent)) found.add(`${intent.decision} ${homes.get(number)}`);
  }
  return found;
}

/** What was settled. */
export interface Bills {
  readonly batches: number;
  /** Ids of the statements of lines to show: the last that is paid, and the last paid one of what corrects another. */
  readonly shown: readonly Uint8Array[];
}

export async function checkBills(node: Node, chain: Chain, billing: Billing): Promise<Bills> {
  const logged = billed(node);
  if (logged === undefined) return { batches: 0, shown: [] };
  const street = await streetOf(node, chain, logged);
  const paid = paidLines(street);
  for (const { digest } of street.settled)
    assert.ok(
      logged.policy.deciders.quorum < 2 || billing.second?.signings.has(digest),
      `The batch ${digest} was settled without the name of the second decider.`,
    );
  assert.deepEqual(await unsettled(node, chain, street, billing), [], 'Lines that pay are not settled.');
  await checkPositions(node, chain, street);
  checkDays(street, billing);
  checkBilled(street, packsOf(node));
  const isPaid = (one: Lined, key: string) => paid.has(`${one.id} ${key}`);
  const last = (all: readonly Lined[]): Line[] =>
    all.flatMap((one) => [...one.lines].flatMap(([key, line]) => (isPaid(one, key) ? [line] : []))).slice(-1);
  const corrections = street.decided.filter(({ decision }) => decision.obligation.base !== undefined);
  const shown = [...new Set([...last(street.decided), ...last(corrections)].map(({ id }) => id))];
  return { batches: street.settled.length, shown };
}

/** Each has what all batches together gave and took, and the contract holds what all of them have. */
async function checkPositions(node: Node, chain: Chain, { logged, settled, history }: Street): Promise<void> {
  const { contracts } = node.genesis;
  const agreement = hexOf(logged.id);
  const sums = new Map<number, bigint>();
  for (const { rows } of settled)
    for (const { number, amount } of rows) sums.set(number, (sums.get(number) ?? 0n) + amount);
  let stakes = 0n;
  for (const number of history.members.keys()) {
    const position = history.positions.of(number);
    assert.equal(position, sums.get(number) ?? 0n, `Number ${number} has another position than its rows come to.`);
    const { stake } = await readMember(chain, contracts, agreement, number);
    assert.ok(stake + position >= 0n, `Number ${number} owes more than it has.`);
    stakes += stake;
  }
  assert.equal(await readRoot(chain, contracts, agreement), history.positions.root());
  assert.equal(await readPot(chain, contracts, agreement), stakes, 'The pot is not what its members have together.');
}

/** Every day that was over is decided. */
function checkDays({ logged, decided }: Street, { quietMs }: Billing): void {
  const { period, terms } = logged.policy;
  const { graceMs } = terms as { graceMs: number };
  for (let toMs = midnightAfter(period.startMs); toMs + graceMs < quietMs; toMs += DAY_MS)
    assert.ok(
      decided.some(({ decision: { obligation } }) => !obligation.base && obligation.toMs === toMs),
      `The day until ${new Date(toMs).toISOString()} is not decided.`,
    );
}

/** Of each day: what its decisions order of each home together is what its counter said below the last cut. */
function checkBilled({ logged, decided }: Street, packs: readonly Spoken[]): void {
  const { customers } = logged.policy.terms as { customers: { customer: string; meters: [string] }[] };
  const days = Map.groupBy(decided, ({ decision: { obligation } }) =>
    toHex(obligation.base ?? obligationId(obligation)),
  );
  for (const all of days.values())
    for (const { customer, meters } of customers) {
      const lines = all.flatMap(({ lines: some }) => some.get(customer) ?? []);
      // What the gate holds orders nothing, and what follows continues from what was decided.
      if (lines.some(({ row }) => row.outcome === 'hold')) continue;
      const { leaf, decision } = all.findLast(({ lines: some }) => some.has(customer)) as Lined;
      const said = saidOf(packs, meters[0], decision.cuts[0]?.index as number, decision.obligation);
      const sum = lines.reduce((owed, line) => owed + line.owed, 0n);
      assert.equal(sum, said, `${customer} is billed something else than ${meters[0]} said until leaf ${leaf}.`);
    }
}

function saidOf(
  packs: readonly Spoken[],
  meter: string,
  cut: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): bigint {
  const found = new Map<number, number>();
  for (const { leaf, subject, replacedAt, timesMs, values } of packs)
    if (subject === meter && leaf < cut && replacedAt >= cut)
      timesMs.forEach((ms, i) => {
        if (ms >= fromMs && ms < toMs) found.set(ms, values[i] as number);
      });
  return BigInt([...found.values()].reduce((sum, one) => sum + one, 0));
}

/** The file of a line shows all of it, down to what was paid. */
export async function checkShown(node: Node, ids: readonly Uint8Array[]): Promise<void> {
  for (const id of ids) {
    const report = await verifyEvidence(await node.evidence(id), {
      network: node.genesis.network,
      replay: replayWith(node.domains),
    });
    assert.ok(
      ['trusted', 'members-word'].includes(report.verdict) && report.steps.some(({ name }) => name === 'payment'),
      `${report.verdict}: ${JSON.stringify(report.steps)}`,
    );
  }
}
