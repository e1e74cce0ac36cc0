// The steps from a decision to the payment: intent, deciders' signatures, anchor, settlement.

import { assuranceClasses } from '../../assurance.ts';
import { toHex } from '../../bytes.ts';
import { decodeAnchored, decodeSettled } from '../../evm/events.ts';
import { type Intent, intentDigest } from '../../evm/intent.ts';
import { type VerifiedReceipt, verifyReceipt } from '../../evm/receipt-proof.ts';
import { recoverAddress } from '../../evm/secp256k1.ts';
import { hexOf } from '../../evm/words.ts';
import { amountOf, type Decision, type Entry, entriesOf, obligationId } from '../../payloads/decision.ts';
import { type NetworkDocument, networkIdOnChain } from '../../payloads/network.ts';
import { type Agreement, partyOf } from '../../payloads/policy.ts';
import { type Settlement, settlementPayload } from '../../payloads/settlement.ts';
import { verifyConsistency } from '../../tlog/verify.ts';
import { formatAmount } from '../amount.ts';
import type { LoggedIntent } from '../contents.ts';
import type { Evidence, EvidenceReceipt } from '../format.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';
import { type PayingDecision, payingOf, type VerifiedDecision } from './decision.ts';

export type { PayingDecision, VerifiedDecision };

export async function verifyPayment(verification: Verification, decided: VerifiedDecision): Promise<void> {
  const { step, evidence } = verification;
  const { paying, sealed } = await step('intent', () => {
    const payingDecision = payingOf(decided);
    const found = findIntent(verification);
    checkIntent(found.intent, payingDecision, verification.network);
    verification.facts.intent = intentDigest(found.intent);
    const amount = formatAmount(found.intent.amount, payingDecision.policy.money.currency, verification.network);
    return {
      value: { paying: payingDecision, sealed: found },
      detail: `${amount} to ${partyOf(payingDecision.policy, 'recipient').name}`,
    };
  });
  await step('deciders', () => ({ value: undefined, detail: checkDeciders(paying.policy, sealed, evidence) }));
  const settlement = findSettlements(verification, sealed);
  const anchor = await step('anchor', () => {
    if (!evidence.anchor) throw new StepError('The file holds no anchor.');
    const receipt = receiptOf(evidence.anchor.receipt);
    return { value: receipt, detail: checkAnchor(verification, evidence.anchor, receipt, sealed.index) };
  });
  await step('payment', () => {
    if (!evidence.settlement) throw new StepError('The file holds no settlement.');
    const receipt = receiptOf(evidence.settlement.receipt);
    if (receipt.blockNumber < anchor.blockNumber) throw new StepError('It was paid before the log was anchored.');
    return { value: undefined, detail: checkPayment(verification, sealed, receipt, anchor, settlement) };
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
  if (signers.size < deciders.quorum) throw new StepError(`${signers.size} deciders signed; ${deciders.quorum} must.`);
  return `${signers.size} of ${addresses.length} deciders; ${deciders.quorum} needed`;
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
  const expected: Partial<Record<keyof Intent, unknown>> = {
    network: networkIdOnChain(network.id),
    chainId: BigInt(money.chainId),
    agreements: money.contract,
    agreement: hexOf(decision.agreement as Uint8Array),
    termsHash: hexOf(decision.policy),
    occasion: hexOf(obligationId(decision.obligation)),
    recipient: partyOf(policy, 'recipient').address,
    token: money.token,
    amount: BigInt(payableOf(decision, policy)),
    decision: hexOf(id),
  };
  for (const [field, value] of Object.entries(expected))
    if (intent[field as keyof Intent] !== value)
      throw new StepError(`The intent's ${field} is not that of the decision.`);
  if (decision.outcome !== 'pay')
    throw new StepError(`The decision's outcome is ${decision.outcome}: nothing was to be paid.`);
  if (money.chainId !== network.chain.id || money.contract !== network.chain.agreements)
    throw new StepError('The terms name another chain or contract than the network.');
  if (!network.chain.tokens.some(({ address, currency }) => address === money.token && currency === money.currency))
    throw new StepError('The token is not one of the network for this currency.');
  if (network.chain.kind !== 'practice' && assuranceClasses[decision.gate.class] >= assuranceClasses.imported)
    throw new StepError(`Readings of class ${decision.gate.class} never move money outside a practice network.`);
}

/**
 * Why the contract cannot pay a decision as it is today: it moves single sums from the payer to the recipient.
 *
 * @param decision its entries, and whether it has lines
 * @param currency of the agreement
 * @returns in words what it waits for; undefined where it can be ordered
 */
export function awaitedBy(
  { entries, hasRows }: { readonly entries: readonly Entry[]; readonly hasRows: boolean },
  currency: string,
): string | undefined {
  if (hasRows) return 'the settlement of many lines in a batch, which the contract does not know yet';
  const other = entries.find((one) => one.from !== 'payer' || one.to !== 'recipient');
  if (other) return `accounts, which the contract does not know yet: it moves from ${other.from} to ${other.to}`;
  return entries.some((one) => one.currency !== currency) ? 'a token of another currency' : undefined;
}

/**
 * Minor units that the contract can pay on a decision: what the payer owes the recipient, and nothing else.
 * @throws StepError where the decision orders more than that
 */
export function payableOf(decision: Pick<Decision, 'effects' | 'rows'>, { money }: Agreement): number {
  const awaited = awaitedBy({ entries: entriesOf(decision), hasRows: decision.rows !== undefined }, money.currency);
  if (awaited) throw new StepError(`The decision waits for ${awaited}.`);
  return amountOf(decision);
}

/** Members' words for what the chain did. */
function findSettlements(
  { contents, accountedFor }: Verification,
  { digest }: LoggedIntent,
): { by: string; said: Settlement }[] {
  return contents.of('settlement').map(({ index, statement }) => {
    const said = settlementPayload.decode(statement.payload);
    if (toHex(said.intent) === digest) accountedFor.add(index);
    return { by: statement.header.issuer, said };
  });
}

function receiptOf({ header, transaction, nodes }: EvidenceReceipt): VerifiedReceipt {
  const verified = verifyReceipt({ headerRlp: header, txIndex: transaction, proofNodes: nodes });
  if (verified.receipt.status !== 1) throw new StepError('The transaction failed.');
  return verified;
}

function checkAnchor(
  { checkpoint, network }: Verification,
  anchor: NonNullable<Evidence['anchor']>,
  { receipt, blockNumber }: VerifiedReceipt,
  intentIndex: number,
): string {
  if (intentIndex >= anchor.size) throw new StepError('The intent came after the anchor.');
  if (!verifyConsistency(anchor.size, checkpoint.size, anchor.root, checkpoint.root, anchor.consistency))
    throw new StepError('The anchored tree is not a beginning of the log’s tree.');
  const event = receipt.logs
    .filter(({ address }) => address === network.chain.checkpoints)
    .map(decodeAnchored)
    .find((found) => found?.origin === checkpoint.origin && found.size === BigInt(anchor.size));
  if (event?.root !== hexOf(anchor.root)) throw new StepError('The transaction did not anchor this tree.');
  return `${anchor.size} leaves, in block ${blockNumber}`;
}

function checkPayment(
  { network, facts, assumptions }: Verification,
  { intent, digest }: LoggedIntent,
  receipt: VerifiedReceipt,
  anchor: VerifiedReceipt,
  settlements: readonly { by: string; said: Settlement }[],
): string {
  const event = receipt.receipt.logs
    .filter(({ address }) => address === network.chain.agreements)
    .map(decodeSettled)
    .find((found) => found?.intentHash === `0x${digest}`);
  if (event === undefined) throw new StepError('The transaction did not pay this intent.');
  if (
    event.agreement !== intent.agreement ||
    event.occasion !== intent.occasion ||
    event.recipient !== intent.recipient ||
    event.amount !== intent.amount ||
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
  if (members.size < network.quorum)
    throw new StepError(`${members.size} members vouch for the blocks; ${network.quorum} must.`);
  facts.paid = new Date(Number(receipt.timestamp) * 1000).toISOString();
  facts.block = String(receipt.blockNumber);
  assumptions.push(
    `That the blocks are part of the chain: ${members.size} of ${network.members.length} members say so.`,
  );
  return `block ${receipt.blockNumber}, ${new Date(Number(receipt.timestamp) * 1000).toISOString()}`;
}
