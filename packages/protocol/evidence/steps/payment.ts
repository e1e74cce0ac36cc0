// The steps from a decision to the payment: intent, deciders' signatures, anchor, settlement.

import { assuranceClasses } from '../../assurance.ts';
import { toHex } from '../../bytes.ts';
import { decodeAnchored, decodeSettled } from '../../evm/events.ts';
import { type Intent, intentDigest } from '../../evm/intent.ts';
import { type VerifiedReceipt, verifyReceipt } from '../../evm/receipt-proof.ts';
import { recoverAddress } from '../../evm/secp256k1.ts';
import { hexOf } from '../../evm/words.ts';
import { obligationId } from '../../payloads/decision.ts';
import { type NetworkDocument, networkIdOnChain } from '../../payloads/network.ts';
import { type Settlement, settlementPayload } from '../../payloads/settlement.ts';
import { verifyConsistency } from '../../tlog/verify.ts';
import type { LoggedIntent } from '../contents.ts';
import type { Evidence, EvidenceReceipt } from '../format.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verify.ts';
import { decisionOf, type VerifiedDecision } from './decision.ts';

export function verifyPayment(verification: Verification): void {
  const { step, evidence } = verification;
  let decided!: VerifiedDecision;
  let sealed!: LoggedIntent;
  step('intent', () => {
    decided = decisionOf(verification);
    sealed = findIntent(verification);
    checkIntent(sealed.intent, decided, verification.network);
    verification.facts.intent = intentDigest(sealed.intent);
    return `${(Number(sealed.intent.amount) / 100).toFixed(2)} ${decided.decision.currency} to ${decided.terms.recipient.name}`;
  });
  step('deciders', () => {
    const { addresses, quorum } = decided.terms.deciders;
    const signers = new Set<string>();
    for (const signature of evidence.signatures ?? []) {
      const signer = recoverAddress(`0x${sealed.digest}`, hexOf(signature));
      if (!addresses.includes(signer)) throw new StepError(`${signer} signed, but is no decider of this agreement.`);
      if (signers.has(signer)) throw new StepError(`${signer} signed twice.`);
      signers.add(signer);
    }
    if (signers.size < quorum) throw new StepError(`${signers.size} deciders signed; ${quorum} must.`);
    return `${signers.size} of ${addresses.length} deciders; ${quorum} needed`;
  });
  const settlement = findSettlements(verification, sealed);
  let anchorReceipt!: VerifiedReceipt;
  step('anchor', () => {
    if (!evidence.anchor) throw new StepError('The file holds no anchor.');
    anchorReceipt = receiptOf(evidence.anchor.receipt);
    return checkAnchor(verification, evidence.anchor, anchorReceipt, sealed.index);
  });
  step('payment', () => {
    if (!evidence.settlement) throw new StepError('The file holds no settlement.');
    const receipt = receiptOf(evidence.settlement.receipt);
    if (receipt.blockNumber < anchorReceipt.blockNumber)
      throw new StepError('It was paid before the log was anchored.');
    return checkPayment(verification, sealed, receipt, anchorReceipt, settlement);
  });
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
 * Is this intent what the decision and its terms order, on this network?
 * @throws StepError naming the field that differs
 */
export function checkIntent(intent: Intent, { decision, id, terms }: VerifiedDecision, network: NetworkDocument): void {
  const expected: Partial<Record<keyof Intent, unknown>> = {
    network: networkIdOnChain(network.id),
    chainId: BigInt(terms.money.chainId),
    agreements: terms.money.contract,
    agreement: hexOf(decision.agreement as Uint8Array),
    termsHash: hexOf(decision.terms as Uint8Array),
    occasion: hexOf(obligationId(decision.obligation)),
    recipient: terms.recipient.address,
    token: terms.money.token,
    amount: BigInt(decision.amount),
    decision: hexOf(id),
  };
  for (const [field, value] of Object.entries(expected))
    if (intent[field as keyof Intent] !== value)
      throw new StepError(`The intent's ${field} is not that of the decision.`);
  if (decision.outcome !== 'pay')
    throw new StepError(`The decision's outcome is ${decision.outcome}: nothing was to be paid.`);
  if (terms.money.chainId !== network.chain.id || terms.money.contract !== network.chain.agreements)
    throw new StepError('The terms name another chain or contract than the network.');
  if (
    !network.chain.tokens.some(
      ({ address, currency }) => address === terms.money.token && currency === decision.currency,
    )
  )
    throw new StepError('The token is not one of the network for this currency.');
  if (network.chain.kind !== 'practice' && assuranceClasses[decision.gate.class] >= assuranceClasses.imported)
    throw new StepError(`Readings of class ${decision.gate.class} never move money outside a practice network.`);
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
