// The steps from a decision to the payment: intent, deciders' signatures, anchor, settlement.

import { equalBytes, toHex } from '../../bytes.ts';
import { agreementId } from '../../evm/agreement.ts';
import { decodeAnchored, decodeSettled } from '../../evm/events.ts';
import { ENTRIES_MAX, ESCROW, type Intent, type IntentEntry, intentDigest, ZERO_HASH } from '../../evm/intent.ts';
import { type VerifiedReceipt, verifyReceipt } from '../../evm/receipt-proof.ts';
import { recoverAddress } from '../../evm/secp256k1.ts';
import { type Hex, hexOf } from '../../evm/words.ts';
import type { Joined } from '../../payloads/account.ts';
import { type Decision, obligationId, type Row } from '../../payloads/decision.ts';
import { type NetworkDocument, networkIdOnChain } from '../../payloads/network.ts';
import type { Agreement } from '../../payloads/policy.ts';
import { released, releasedBy, releasePayload, releaseRefusal } from '../../payloads/release.ts';
import { type Settlement, settlementPayload } from '../../payloads/settlement.ts';
import type { SignedCheckpoint } from '../../tlog/checkpoint.ts';
import { verifyConsistency } from '../../tlog/verify.ts';
import { countOf, plural } from '../../words.ts';
import { formatAmount } from '../amount.ts';
import { isBefore, type LoggedIntent } from '../contents.ts';
import type { Evidence, EvidenceReceipt } from '../format.ts';
import { StepError } from '../report.ts';
import { formatTime } from '../time.ts';
import type { Verification } from '../verification.ts';
import { checkAgreement } from './agreement.ts';
import {
  type BatchPart,
  checkBatch,
  checkClass,
  commonMovements,
  movementsOf,
  summed,
  verifyBatch,
  verifyLine,
} from './batch.ts';
import { type PayingDecision, payingOf, type VerifiedDecision } from './decision.ts';

export type { PayingDecision, VerifiedDecision };

export async function verifyPayment(verification: Verification, decided: VerifiedDecision): Promise<void> {
  const { step, evidence } = verification;
  const { paying, sealed } = await step('intent', () => {
    const found = findIntent(verification);
    const byHand = findRelease(verification, payingOf(decided), found);
    const payingDecision = byHand.paying;
    verification.facts.intent = intentDigest(found.intent);
    return {
      value: { paying: payingDecision, sealed: found },
      detail: byHand.words + checkPaid(verification, found.intent, payingDecision),
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

/** What an intent pays of a decision, or of the one line that the file is about. @returns in words */
function checkPaid(verification: Verification, intent: Intent, paying: PayingDecision): string {
  const { network, evidence, assumptions, facts } = verification;
  const { policy, decision, rows, row } = paying;
  const isBatch = policy.money.contract === network.chain.batch;
  if (isBatch !== (evidence.batch !== undefined))
    throw new StepError(isBatch ? 'The file says nothing of the batch.' : 'What it says of a batch is about none.');
  if (row) {
    checkOrder(intent, paying, network);
    checkClass(row.gate, network);
    const line = { policy, row, obligation: decision.obligation, joined: paying.joined };
    const { change, number } = verifyLine(intent, line, evidence.batch as BatchPart, assumptions);
    const amount = formatAmount(change < 0n ? -change : change, policy.money.currency, network);
    facts.account = `number ${number} in the agreement`;
    return `${amount} ${change < 0n ? 'less' : 'more'} for ${row.key}, in a batch of ${countOf(Number(intent.rowCount), 'account')}`;
  }
  if (decision.rows && rows === undefined) {
    checkOrder(intent, paying, network);
    assumptions.push('That what is paid is what the lines order: they were not computed again here.');
    return isBatch ? countOf(Number(intent.rowCount), 'account') : entriesWords(intent, policy, network);
  }
  if (!isBatch) {
    checkIntent(intent, paying, network);
    return entriesWords(intent, policy, network);
  }
  const shown = evidence.batch as BatchPart;
  checkOrder(intent, paying, network);
  return verifyBatch(intent, { policy, decision, rows: rows ?? new Map(), joined: paying.joined }, shown, assumptions);
}

function entriesWords({ entries }: Intent, policy: Agreement, network: NetworkDocument): string {
  return entries.map((one) => entryWords(one, policy, network)).join('; ');
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
  if (evidence.about.kind === 'payment' && sealed.digest !== toHex(evidence.about.id))
    throw new StepError('The intent in the file is not the one it is about.');
  return sealed;
}

/** What the gate held is paid only by the word of enough deciders or of all parties, and is said to be. */
function findRelease(
  { contents, facts, accountedFor, assumptions }: Verification,
  paying: PayingDecision,
  intent: LoggedIntent,
): { paying: PayingDecision; words: string } {
  const { decision, policy, rows } = paying;
  const [sealed] = contents.of('release');
  if (decision.outcome !== 'hold' || sealed === undefined) return { paying, words: '' };
  const release = releasePayload.decode(sealed.statement.payload);
  if (
    release.ruling !== 'pay' ||
    !equalBytes(release.decision, paying.id) ||
    !equalBytes(release.policy, decision.policy)
  )
    throw new StepError('The release in the file is not one of this decision to be paid.');
  const refused = releaseRefusal(release, policy, decision.agreement);
  if (refused) throw new StepError(`The release does not count: ${refused}`);
  const isAfter = contents.of('decision').every((one) => isBefore(one, sealed));
  if (!isAfter || (sealed.origin === intent.origin && sealed.index > intent.index))
    throw new StepError('The release stands before the decision, or after the order to pay.');
  accountedFor.add(sealed.order);
  const by = releasedBy(release, policy, decision.agreement as Uint8Array) as string;
  facts.released = `by hand, by ${by}: ${release.reason}`;
  assumptions.push('That nothing else was said by hand of the decision before: the public log tells.');
  return {
    paying: { ...paying, ...released(decision, rows) },
    words: `released by hand by ${by}; the gate had held it; `,
  };
}

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
  for (const row of rows.values()) if (row.outcome === 'pay') checkClass(row.gate, network);
  if (policy.money.contract === network.chain.batch) {
    if (batch === undefined) throw new StepError('The rows of the batch are not known here.');
    checkBatch(intent, { policy, decision, rows, joined }, batch, batch.numberOf);
    return;
  }
  checkFields(intent, { obligation: hexOf(obligationId(decision.obligation)), ...NO_BATCH });
  const ordered = intentEntries(decision, policy, rows, joined);
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

/** All of an intent but what it moves. @throws StepError naming the field that differs */
function checkOrder(intent: Intent, { decision, id, policy }: PayingDecision, network: NetworkDocument): void {
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

function nameOf(policy: Agreement, account: Hex): string {
  if (account === ESCROW) return 'escrow';
  const line = policy.accounts?.find(({ address }) => address === account);
  return policy.parties.find(({ address }) => address === account)?.name ?? line?.key ?? account;
}

function entryWords({ from, to, amount }: IntentEntry, policy: Agreement, network: NetworkDocument): string {
  const money = formatAmount(amount, policy.money.currency, network);
  return `${money} from ${nameOf(policy, from)} to ${nameOf(policy, to)}`;
}

/**
 * What a decision moves between the accounts of its agreement, as a direct intent has it: those between the same two
 * accounts added up, ascending.
 *
 * @param rows its lines; those that pay count
 * @throws StepError where it cannot be settled entry by entry, names who has no account, or moves nothing
 */
export function intentEntries(
  decision: Pick<Decision, 'effects' | 'gate'>,
  policy: Agreement,
  rows: ReadonlyMap<string, Row> = new Map(),
  joined?: Joined,
): IntentEntry[] {
  const paying = [...rows.values()].filter(({ outcome }) => outcome === 'pay');
  const entries = summed([
    ...commonMovements(policy, decision),
    ...paying.flatMap((row) => movementsOf(policy, row, row.key, joined)),
  ]);
  if (entries.length > ENTRIES_MAX)
    throw new StepError(`It has ${entries.length} entries: ${ENTRIES_MAX} are settled one by one, more in batches.`);
  if (entries.length === 0) throw new StepError('The decision moves nothing from one account to another.');
  return entries;
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
    .filter(({ address }) => address === intent.settler)
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
