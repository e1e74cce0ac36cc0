// The steps from a decision to the payment: intent, deciders' signatures, anchor, settlement.

import { toHex } from '../../bytes.ts';
import { decodeAnchored, decodeSettled } from '../../evm/events.ts';
import { ESCROW, type Intent, type IntentEntry, intentDigest, ZERO_HASH } from '../../evm/intent.ts';
import { type VerifiedReceipt, verifyReceipt } from '../../evm/receipt-proof.ts';
import { recoverAddress } from '../../evm/secp256k1.ts';
import { type Hex, hexOf } from '../../evm/words.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import type { Agreement } from '../../payloads/policy.ts';
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
import { type BatchPart, checkClass, verifyBatch, verifyLine } from './batch.ts';
import { payingByHand } from './by-hand.ts';
import { type PayingDecision, payingOf, type VerifiedDecision } from './decision.ts';
import { checkIntent, checkOrder, orderedTogether } from './intent.ts';

export async function verifyPayment(verification: Verification, decided: VerifiedDecision): Promise<void> {
  const { step, evidence } = verification;
  const { paying, sealed } = await step('intent', () => {
    const found = findIntent(verification);
    const byHand = payingByHand(verification, payingOf(decided), found);
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
    if (!isBatch) orderedTogether(intent, paying);
    assumptions.push('That what is paid is what the lines order: they were not computed again here.');
    return isBatch ? countOf(Number(intent.rowCount), 'account') : entriesWords(intent, policy, network);
  }
  if (!isBatch) {
    checkIntent(intent, paying, network);
    return entriesWords(intent, policy, network) + togetherWords(intent, orderedTogether(intent, paying).length);
  }
  const shown = evidence.batch as BatchPart;
  checkOrder(intent, paying, network);
  return verifyBatch(intent, { policy, decision, rows: rows ?? new Map(), joined: paying.joined }, shown, assumptions);
}

/** What an order in place of another one pays besides its own decision. */
function togetherWords({ supersedes }: Intent, decisions: number): string {
  if (decisions === 1) return '';
  const other =
    supersedes === ZERO_HASH ? 'an order that was not paid in time' : `the order ${supersedes.slice(2, 14)}`;
  return `; in place of ${other}, ${countOf(decisions, 'decision')} together`;
}

function entriesWords({ entries }: Intent, policy: Agreement, network: NetworkDocument): string {
  return entries.map((one) => entryWords(one, policy, network)).join('; ') || 'nothing is due any more';
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

function checkDeciders({ deciders }: Agreement, sealed: LoggedIntent, { signatures = [] }: Evidence): string {
  const addresses = deciders.list.map(({ address }) => address);
  const signers = signatures.map((signature) => recoverAddress(`0x${sealed.digest}`, hexOf(signature)));
  for (const [i, signer] of signers.entries()) {
    if (!addresses.includes(signer)) throw new StepError(`${signer} signed, but is no decider of this agreement.`);
    if (signers.indexOf(signer) < i) throw new StepError(`${signer} signed twice.`);
    // As the contract takes them: else one file could be written in several ways.
    if (signer < (signers[i - 1] ?? '')) throw new StepError('The signatures are not in the order of who signed.');
  }
  if (signers.length < deciders.quorum)
    throw new StepError(`${countOf(signers.length, 'decider')} signed; ${deciders.quorum} must.`);
  return `${signers.length} of ${countOf(addresses.length, 'decider')}; ${deciders.quorum} needed`;
}

function findIntent({ contents, evidence }: Verification): LoggedIntent {
  const [sealed] = contents.intents;
  if (contents.intents.length !== 1 || sealed === undefined)
    throw new StepError(`The file should hold one intent; it holds ${contents.intents.length}.`);
  if (evidence.about.kind === 'payment' && sealed.digest !== toHex(evidence.about.id))
    throw new StepError('The intent in the file is not the one it is about.');
  return sealed;
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
