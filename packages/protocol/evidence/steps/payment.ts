// The steps from a decision to the payment: intent, deciders' signatures, anchor, settlement.

import { assuranceClasses } from '../../assurance.ts';
import { toHex } from '../../bytes.ts';
import { agreementId } from '../../evm/agreement.ts';
import { decodeAnchored, decodeSettled } from '../../evm/events.ts';
import { ENTRIES_MAX, ESCROW, type Intent, type IntentEntry, intentDigest, ZERO_HASH } from '../../evm/intent.ts';
import { type VerifiedReceipt, verifyReceipt } from '../../evm/receipt-proof.ts';
import { recoverAddress } from '../../evm/secp256k1.ts';
import { type Hex, hexOf } from '../../evm/words.ts';
import { type Decision, type Entry, entriesOf, obligationId } from '../../payloads/decision.ts';
import { type NetworkDocument, networkIdOnChain } from '../../payloads/network.ts';
import { type Agreement, partyOf } from '../../payloads/policy.ts';
import { type Settlement, settlementPayload } from '../../payloads/settlement.ts';
import type { SignedCheckpoint } from '../../tlog/checkpoint.ts';
import { verifyConsistency } from '../../tlog/verify.ts';
import { countOf, plural } from '../../words.ts';
import { formatAmount } from '../amount.ts';
import type { LoggedIntent } from '../contents.ts';
import type { Evidence, EvidenceReceipt } from '../format.ts';
import { StepError } from '../report.ts';
import { formatTime } from '../time.ts';
import type { Verification } from '../verification.ts';
import { checkAgreement } from './agreement.ts';
import { type PayingDecision, payingOf, type VerifiedDecision } from './decision.ts';

export type { PayingDecision, VerifiedDecision };

export async function verifyPayment(verification: Verification, decided: VerifiedDecision): Promise<void> {
  const { step, evidence } = verification;
  const { paying, sealed } = await step('intent', () => {
    const payingDecision = payingOf(decided);
    const found = findIntent(verification);
    checkIntent(found.intent, payingDecision, verification.network);
    verification.facts.intent = intentDigest(found.intent);
    return {
      value: { paying: payingDecision, sealed: found },
      detail: found.intent.entries
        .map((one) => entryWords(one, payingDecision.policy, verification.network))
        .join('; '),
    };
  });
  await step('deciders', () => ({ value: undefined, detail: checkDeciders(paying.policy, sealed, evidence) }));
  const settlement = findSettlements(verification, sealed);
  const anchor = await step('anchor', () => {
    if (!evidence.anchor) throw new StepError('The file holds no anchor.');
    const receipt = receiptOf(evidence.anchor.receipt);
    return { value: receipt, detail: checkAnchor(verification, evidence.anchor, receipt, sealed) };
  });
  await step('payment', () => {
    if (!evidence.settlement) throw new StepError('The file holds no settlement.');
    const receipt = receiptOf(evidence.settlement.receipt);
    if (receipt.blockNumber < anchor.blockNumber) throw new StepError('It was paid before the log was anchored.');
    const tags = [evidence.anchor, evidence.settlement].map((one) => one?.receipt.finality.tag ?? '');
    return { value: undefined, detail: checkPayment(verification, sealed, receipt, anchor, settlement, tags) };
  });
}

function checkDeciders({ deciders }: Agreement, sealed: LoggedIntent, { signatures = [] }: Evidence): string {
  const addresses = deciders.list.map(({ address }) => address);
  const signers = new Set<string>();
  for (const signature of signatures) {
    const signer = recoverAddress(`0x${sealed.digest}`, hexOf(signature));
    if (!addresses.includes(signer)) throw new StepError(`${signer} signed, but is no decider of this agreement.`);
    if (signers.has(signer)) throw new StepError(`${signer} signed twice.`);
    signers.add(signer);
  }
  if (signers.size < deciders.quorum)
    throw new StepError(`${countOf(signers.size, 'decider')} signed; ${deciders.quorum} must.`);
  return `${signers.size} of ${countOf(addresses.length, 'decider')}; ${deciders.quorum} needed`;
}

function findIntent({ contents, evidence }: Verification): LoggedIntent {
  const [sealed] = contents.intents;
  if (contents.intents.length !== 1 || sealed === undefined)
    throw new StepError(`The file should hold one intent; it holds ${contents.intents.length}.`);
  if (sealed.digest !== toHex(evidence.about.id))
    throw new StepError('The intent in the file is not the one it is about.');
  return sealed;
}

/**
 * Is this intent what the decision and its agreement order, on this network?
 * @throws StepError naming the field that differs
 */
export function checkIntent(intent: Intent, { decision, id, policy }: PayingDecision, network: NetworkDocument): void {
  const { money } = policy;
  checkAgreement(decision, policy, network);
  const { fromMs, toMs } = decision.obligation;
  const expected: Partial<Record<keyof Intent, unknown>> = {
    network: networkIdOnChain(network.id),
    chainId: BigInt(money.chainId),
    settler: money.contract,
    agreement: agreementId(policy, network.chain.terms as Hex),
    termsHash: hexOf(decision.policy),
    obligation: hexOf(obligationId(decision.obligation)),
    ...secondsOf({ fromMs, toMs }),
    ...NO_BATCH,
    token: money.token,
    decision: hexOf(id),
  };
  for (const [field, value] of Object.entries(expected))
    if (intent[field as keyof Intent] !== value)
      throw new StepError(`The intent's ${field} is not that of the decision.`);
  const ordered = intentEntries(decision, policy);
  const isSame =
    ordered.length === intent.entries.length &&
    ordered.every(({ from, to, amount }, i) => {
      const entry = intent.entries[i] as IntentEntry;
      return entry.from === from && entry.to === to && entry.amount === amount;
    });
  if (!isSame) throw new StepError("The intent's entries are not those of the decision.");
  if (decision.outcome !== 'pay')
    throw new StepError(`The decision's outcome is ${decision.outcome}: nothing was to be paid.`);
  if (money.chainId !== network.chain.id || money.contract !== network.chain.direct)
    throw new StepError('The terms name another chain or contract than the network.');
  if (!network.chain.tokens.some(({ address, currency }) => address === money.token && currency === money.currency))
    throw new StepError('The token is not one of the network for this currency.');
  if (network.chain.kind !== 'practice' && assuranceClasses[decision.gate.class] >= assuranceClasses.imported)
    throw new StepError(`Readings of class ${decision.gate.class} never move money outside a practice network.`);
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

/** The account behind a name in an entry: the agreement's own, or that of the party with the role. */
function accountOf(policy: Agreement, name: string): Hex {
  return name === 'escrow' ? ESCROW : (partyOf(policy, name).address as Hex);
}

function nameOf(policy: Agreement, account: Hex): string {
  if (account === ESCROW) return 'escrow';
  return policy.parties.find(({ address }) => address === account)?.name ?? account;
}

function entryWords({ from, to, amount }: IntentEntry, policy: Agreement, network: NetworkDocument): string {
  const money = formatAmount(amount, policy.money.currency, network);
  return `${money} from ${nameOf(policy, from)} to ${nameOf(policy, to)}`;
}

/**
 * Why a decision cannot be settled entry by entry.
 *
 * @param decision its entries, and whether it has lines
 * @param currency of the agreement
 * @returns in words what it waits for; undefined where it can be ordered
 */
export function awaitedBy(
  { entries, hasRows }: { readonly entries: readonly Entry[]; readonly hasRows: boolean },
  currency: string,
): string | undefined {
  if (hasRows) return 'the settlement of many lines in a batch, which the node does not order yet';
  if (entries.some((one) => one.currency !== currency)) return 'a token of another currency';
  const { size } = new Set(entries.map(({ from, to }) => `${from} ${to}`));
  return size > ENTRIES_MAX ? `a batch: it has ${size} entries, and ${ENTRIES_MAX} are settled one by one` : undefined;
}

/**
 * What a decision moves between the accounts of its agreement, as an intent has it: those between the same two accounts
 * added up, ascending.
 * @throws StepError where it cannot be settled entry by entry, names who is no party, or moves nothing
 */
export function intentEntries(decision: Pick<Decision, 'effects' | 'rows'>, policy: Agreement): IntentEntry[] {
  const entries = entriesOf(decision);
  const awaited = awaitedBy({ entries, hasRows: decision.rows !== undefined }, policy.money.currency);
  if (awaited) throw new StepError(`The decision waits for ${awaited}.`);
  const sums = new Map<string, IntentEntry>();
  for (const entry of entries) {
    const [from, to] = [accountOf(policy, entry.from), accountOf(policy, entry.to)];
    const before = sums.get(from + to)?.amount ?? 0n;
    // Between two names of one account nothing moves.
    if (from !== to) sums.set(from + to, { from, to, amount: before + BigInt(entry.amount) });
  }
  if (sums.size === 0) throw new StepError('The decision moves nothing from one account to another.');
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** Members' words for what the chain did. */
function findSettlements(
  { contents, accountedFor }: Verification,
  { digest }: LoggedIntent,
): { by: string; said: Settlement }[] {
  return contents.of('settlement').map(({ order, statement }) => {
    const said = settlementPayload.decode(statement.payload);
    if (toHex(said.intent) === digest) accountedFor.add(order);
    return { by: statement.header.issuer, said };
  });
}

function receiptOf({ header, transaction, nodes }: EvidenceReceipt): VerifiedReceipt {
  const verified = verifyReceipt({ headerRlp: header, txIndex: transaction, proofNodes: nodes });
  if (verified.receipt.status !== 1) throw new StepError('The transaction failed.');
  return verified;
}

function checkAnchor(
  { checkpoints, network }: Verification,
  anchor: NonNullable<Evidence['anchor']>,
  { receipt, blockNumber }: VerifiedReceipt,
  { origin, index }: LoggedIntent,
): string {
  const checkpoint = checkpoints.get(origin) as SignedCheckpoint;
  if (index >= anchor.size) throw new StepError('The intent came after the anchor.');
  if (!verifyConsistency(anchor.size, checkpoint.size, anchor.root, checkpoint.root, anchor.consistency))
    throw new StepError('The anchored tree is not a beginning of the log’s tree.');
  const event = receipt.logs
    .filter(({ address }) => address === network.chain.checkpoints)
    .map(decodeAnchored)
    .find((found) => found?.origin === checkpoint.origin && found.size === BigInt(anchor.size));
  if (event?.root !== hexOf(anchor.root)) throw new StepError('The transaction did not anchor this tree.');
  return `${countOf(anchor.size, 'leaf', 'leaves')}, in block ${blockNumber}`;
}

function checkPayment(
  { network, facts, assumptions, lowered }: Verification,
  { intent, digest }: LoggedIntent,
  receipt: VerifiedReceipt,
  anchor: VerifiedReceipt,
  settlements: readonly { by: string; said: Settlement }[],
  tags: readonly string[],
): string {
  const event = receipt.receipt.logs
    .filter(({ address }) => address === network.chain.direct)
    .map(decodeSettled)
    .find((found) => found?.intent === `0x${digest}`);
  if (event === undefined) throw new StepError('The transaction did not pay this intent.');
  if (
    event.agreement !== intent.agreement ||
    event.obligation !== intent.obligation ||
    event.decision !== intent.decision
  )
    throw new StepError('What was paid is not what the intent ordered.');
  const members = new Set(
    settlements
      .filter(
        ({ said }) =>
          toHex(said.intent) === digest &&
          said.block.chainId === network.chain.id &&
          said.block.number === Number(receipt.blockNumber) &&
          said.block.timeS === Number(receipt.timestamp) &&
          hexOf(said.block.hash) === receipt.blockHash &&
          said.anchorBlock.number === Number(anchor.blockNumber) &&
          hexOf(said.anchorBlock.hash) === anchor.blockHash,
      )
      .map(({ by }) => by),
  );
  const unknown = tags.find((tag) => tag !== 'members');
  if (unknown === undefined && members.size < network.quorum)
    throw new StepError(
      `${countOf(members.size, 'member')} ${plural(members.size, 'vouches', 'vouch')} for the blocks; ${network.quorum} must.`,
    );
  // No proof of a chain is known here yet that needs nobody's word.
  lowered.add('members-word');
  facts.paid = formatTime(Number(receipt.timestamp) * 1000);
  facts.block = String(receipt.blockNumber);
  const proof = unknown ? `, and the proof of kind "${unknown}" is not known here` : '';
  assumptions.push(
    `That the blocks are part of the chain: ${members.size} of ${countOf(network.members.length, 'member')} ${plural(members.size, 'says', 'say')} so${proof}.`,
  );
  return `block ${receipt.blockNumber}, ${facts.paid}`;
}
