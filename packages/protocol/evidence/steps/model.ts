// Which model may decide: the one named in the terms, or one that the parties approved and a succession put in force.

import { equalBytes, toHex } from '../../bytes.ts';
import type { TypedDataDomain } from '../../evm/eip712.ts';
import { recoverAddress } from '../../evm/secp256k1.ts';
import { type Hex, hexOf } from '../../evm/words.ts';
import type { Decision } from '../../payloads/decision.ts';
import {
  type Approval,
  approvalDigest,
  approvalPayload,
  type ModelChange,
  modelChangePayload,
  modelHash,
  modelPayload,
  type Parameters,
  readParameters,
  sameModel,
} from '../../payloads/model.ts';
import { type Agreement, type ModelIdentity, movesMoney, type Policy, partyOf } from '../../payloads/policy.ts';
import { isBelow } from '../contents.ts';
import { StepError } from '../report.ts';
import { formatTime } from '../time.ts';
import type { Verification } from '../verification.ts';

/** An approval and where it stands in the log. */
export interface LoggedApproval {
  readonly index: number;
  /** Of its statement. */
  readonly id: Uint8Array;
  readonly approval: Approval;
}

/**
 * May this model decide under these terms? The newest vote of each party counts, of those sealed before `index`.
 *
 * @param terms of the agreement
 * @param agreement its id on the chain, 32 bytes
 * @param model hash of the model's identity
 * @param approvals of the log, in any order; those of other agreements and models are passed over
 * @param index leaf of the succession
 * @returns why not; undefined where it may
 */
export function refusedModel(
  terms: Agreement,
  agreement: Uint8Array,
  model: Uint8Array,
  approvals: readonly LoggedApproval[],
  index: number,
): string | undefined {
  if (equalBytes(model, modelHash(terms.model))) return undefined;
  if (terms.modelChange === undefined) return 'the terms allow no other model than the one they name';
  const domain = { chainId: BigInt(terms.money.chainId), verifyingContract: terms.money.contract as Hex };
  for (const role of terms.modelChange.approvals) {
    const { address, name } = partyOf(terms, role);
    const newest = approvals
      .filter(({ approval, index: at }) => {
        const isAbout = equalBytes(approval.agreement, agreement) && equalBytes(approval.model, model);
        return isAbout && at < index && approval.party === address && isSigned(approval, domain);
      })
      .sort((a, b) => a.approval.atMs - b.approval.atMs || a.index - b.index)
      .at(-1);
    if (newest?.approval.vote !== 'approve') return `${name} (${role}) did not approve it`;
  }
  return undefined;
}

function isSigned(approval: Approval, domain: TypedDataDomain): boolean {
  try {
    return recoverAddress(approvalDigest(approval, domain), hexOf(approval.signature)) === approval.party;
  } catch {
    return false;
  }
}

/** Finds the parameters of the model that decided, and who let it decide. @throws StepError */
export function verifyModel(
  { contents, accountedFor, assumptions }: Verification,
  decision: Decision,
  terms: Policy,
): { parameters: Parameters; detail: string } {
  const hash = modelHash(decision.model);
  const registered = contents
    .of('model')
    .map((sealed) => ({ sealed, model: modelPayload.decode(sealed.statement.payload) }))
    .find(({ model }) => sameModel(model.identity, decision.model));
  if (registered && !isBelow(decision, registered.sealed))
    throw new StepError('The model was registered only after the decision.');
  if (registered) accountedFor.add(registered.sealed.order);
  const parameters = registered ? readParameters(registered.model.parameters) : {};
  const name = `${decision.model.name} ${decision.model.version}`;
  if (sameModel(decision.model, terms.model)) {
    checkName(decision, terms.model, 'the terms');
    return { parameters, detail: `${name}, named in the terms` };
  }
  if (!movesMoney(terms) || decision.agreement === undefined)
    throw new StepError('The monitor names another model than the one that decided.');
  const change = findModelChange(contents, decision, decision.agreement);
  checkName(decision, change.modelChange.model, 'what put it in force');
  const agreement = decision.agreement;
  const approvals = contents
    .of('approval')
    .map(({ order, statement }) => ({
      index: order,
      id: statement.id,
      approval: approvalPayload.decode(statement.payload),
    }))
    .filter(({ approval }) => equalBytes(approval.agreement, agreement) && equalBytes(approval.model, hash));
  const refused = refusedModel(terms, agreement, hash, approvals, change.order);
  if (refused) throw new StepError(`The model may not decide: ${refused}.`);
  for (const order of [change.order, ...approvals.map((one) => one.index)]) accountedFor.add(order);
  assumptions.push(
    'That no other model took its place before this window, that no party had taken its approval back, and that it was tried beside the one before for as long as agreed: the log shows all three.',
  );
  return {
    parameters,
    detail: `${name} (${toHex(hash).slice(0, 12)}…), approved by the parties, in force since ${formatTime(change.modelChange.fromMs)}`,
  };
}

/** What a model is called is no part of what it computes: whoever decides may call it nothing else than the parties do. */
function checkName({ model }: Decision, { name, version }: ModelIdentity, by: string): void {
  if (model.name !== name || model.version !== version)
    throw new StepError(
      `The decision calls its model ${model.name} ${model.version}; ${by} calls it ${name} ${version}.`,
    );
}

function findModelChange(
  contents: Verification['contents'],
  decision: Decision,
  agreement: Uint8Array,
): { order: number; modelChange: ModelChange } {
  const logged = contents.only('model-change');
  const { order, statement } = logged;
  const modelChange = modelChangePayload.decode(statement.payload);
  if (!equalBytes(modelChange.agreement, agreement)) throw new StepError('The succession is of another agreement.');
  if (!sameModel(modelChange.model, decision.model)) throw new StepError('The succession names another model.');
  if (modelChange.fromMs > decision.obligation.fromMs || !isBelow(decision, logged))
    throw new StepError('The model came into force only after this window.');
  return { order, modelChange };
}
