// Is an intent what a decision and its agreement order? The deciders ask before they sign, and the verifier of what was paid.
import { agreementId } from '../../evm/agreement.ts';
import { ENTRIES_MAX, type Intent, type IntentEntry, ZERO_HASH } from '../../evm/intent.ts';
import { type Hex, hexOf } from '../../evm/words.ts';
import type { Joined } from '../../payloads/account.ts';
import { obligationId, type Row } from '../../payloads/decision.ts';
import { type NetworkDocument, networkIdOnChain } from '../../payloads/network.ts';
import type { Agreement } from '../../payloads/policy.ts';
import { StepError } from '../report.ts';
import { checkAgreement } from './agreement.ts';
import {
  type BatchPart,
  checkBatch,
  checkClass,
  commonMovements,
  type Movement,
  movementsOf,
  summed,
} from './batch.ts';
import type { OrderingDecision, PayingDecision } from './decision.ts';

/** What it takes to compare a batch with its lines. */
export interface IntentBatch extends Pick<BatchPart, 'part' | 'lines'> {
  readonly numberOf: (account: Hex) => number | undefined;
}

/**
 * Is this intent what the decision and its agreement order, on this network?
 *
 * @param paying with its lines, where it has some
 * @param batch where the agreement is settled in batches
 * @throws StepError naming the field that differs
 */
export function checkIntent(
  intent: Intent,
  paying: PayingDecision,
  network: NetworkDocument,
  batch?: IntentBatch,
): void {
  checkOrder(intent, paying, network);
  const { decision, policy, joined, rows = new Map() } = paying;
  if (policy.money.contract === network.chain.batch) {
    for (const row of rows.values()) if (row.outcome === 'pay') checkClass(row.gate, network);
    if (batch === undefined) throw new StepError('The rows of the batch are not known here.');
    checkBatch(intent, { policy, decision, rows, joined }, batch, batch.numberOf);
    return;
  }
  checkFields(intent, NO_BATCH);
  const together = orderedTogether(intent, paying);
  // What is held moves nothing, whatever it rests on.
  for (const { decision: one, rows: lines = new Map<string, Row>() } of together) {
    if (one.gate.verdict === 'pass') checkClass(one.gate, network);
    for (const row of lines.values()) if (row.outcome === 'pay') checkClass(row.gate, network);
  }
  const ordered = intentEntries(policy, together, joined);
  const isSame =
    ordered.length === intent.entries.length &&
    ordered.every(({ from, to, amount }, i) => {
      const entry = intent.entries[i] as IntentEntry;
      return entry.from === from && entry.to === to && entry.amount === amount;
    });
  if (!isSame) throw new StepError("The intent's entries are not those of the decision.");
}

function checkFields(intent: Intent, expected: Partial<Record<keyof Intent, unknown>>): void {
  for (const [field, value] of Object.entries(expected))
    if (intent[field as keyof Intent] !== value)
      throw new StepError(`The intent's ${field} is not that of the decision.`);
}

/** All of an intent but its obligation and what it moves. @throws StepError naming the field that differs */
export function checkOrder(intent: Intent, { decision, id, policy }: PayingDecision, network: NetworkDocument): void {
  const { money } = policy;
  checkAgreement(decision, policy, network);
  checkFields(intent, {
    network: networkIdOnChain(network.id),
    chainId: BigInt(money.chainId),
    settler: money.contract,
    agreement: agreementId(policy, network.chain.terms as Hex),
    termsHash: hexOf(decision.policy),
    ...secondsOf(decision.obligation),
    token: money.token,
    decision: hexOf(id),
  });
  if (decision.outcome !== 'pay')
    throw new StepError(`The decision's outcome is ${decision.outcome}: nothing was to be paid.`);
  const { chain } = network;
  if (money.chainId !== chain.id || ![chain.direct, chain.batch].includes(money.contract))
    throw new StepError('The terms name another chain or contract than the network.');
  if (!chain.tokens.some(({ address, currency }) => address === money.token && currency === money.currency))
    throw new StepError('The token is not one of the network for this currency.');
  checkClass(decision.gate, network);
}

/** What stands in an intent that is no batch. */
export const NO_BATCH = {
  rowsHash: ZERO_HASH,
  rowCount: 0n,
  positionsBefore: ZERO_HASH,
  positionsAfter: ZERO_HASH,
} as const;

/** The time an obligation is about, in the whole seconds of the chain: the end is rounded up. */
export function secondsOf({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): {
  begin: bigint;
  end: bigint;
} {
  return { begin: BigInt(Math.floor(fromMs / 1000)), end: BigInt(Math.ceil(toMs / 1000)) };
}

/**
 * The decisions that an intent pays together: that of its own obligation alone, or, in place of an order that was not paid,
 * with those that it corrects, back to the one for whose obligation the intent is.
 *
 * @returns the newest first
 * @throws StepError where it is for no obligation of theirs
 */
export function orderedTogether(
  { obligation, supersedes }: Pick<Intent, 'obligation' | 'supersedes'>,
  { decision, rows, before = [] }: Pick<PayingDecision, 'decision' | 'rows' | 'before'>,
): readonly OrderingDecision[] {
  const all: OrderingDecision[] = [{ decision, rows }, ...before];
  const last = all.findIndex((one) => hexOf(obligationId(one.decision.obligation)) === obligation);
  if (last < 0) throw new StepError("The intent's obligation is not that of the decision.");
  if (last === 0 && supersedes !== ZERO_HASH)
    throw new StepError('It takes the place of another order, and its decision of no other decision.');
  return all.slice(0, last + 1);
}

/**
 * What decisions move between the accounts of their agreement, as a direct intent has it: of one, the entries between the
 * same two accounts added up, ascending; of several, what is left of all between each two.
 *
 * @param together as {@link orderedTogether} gives them; what is held ordered nothing
 * @throws StepError where it cannot be settled entry by entry, names who has no account, or, of one, moves nothing
 */
export function intentEntries(
  policy: Agreement,
  together: readonly OrderingDecision[],
  joined?: Joined,
): IntentEntry[] {
  const movements = together.flatMap(({ decision, rows = new Map<string, Row>() }) => [
    ...commonMovements(policy, decision),
    ...[...rows.values()]
      .filter(({ outcome }) => outcome === 'pay')
      .flatMap((row) => movementsOf(policy, row, row.key, joined)),
  ]);
  const entries = together.length === 1 ? summed(movements) : netted(movements);
  if (entries.length > ENTRIES_MAX)
    throw new StepError(`It has ${entries.length} entries: ${ENTRIES_MAX} are settled one by one, more in batches.`);
  if (entries.length === 0 && together.length === 1)
    throw new StepError('The decision moves nothing from one account to another.');
  return entries;
}

/** What is left between each two accounts, ascending. */
function netted(movements: readonly Movement[]): IntentEntry[] {
  const flipped = movements.map(({ from, to, amount }) =>
    from < to ? { from, to, amount } : { from: to, to: from, amount: -amount },
  );
  const left = summed(flipped).filter(({ amount }) => amount !== 0n);
  return summed(
    left.map(({ from, to, amount }) => (amount > 0n ? { from, to, amount } : { from: to, to: from, amount: -amount })),
  );
}
