// Which agreement a decision is made under: its id on the chain follows from its terms; who signed it, and whether it was
// ended.
import { equalBytes, fromHex, toHex } from '../../bytes.ts';
import { agreementId } from '../../evm/agreement.ts';
import type { Hex } from '../../evm/words.ts';
import { consentPayload, consentRefusal } from '../../payloads/consent.ts';
import type { Decision } from '../../payloads/decision.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import { type Agreement, movesMoney, type Policy, policyHash } from '../../payloads/policy.ts';
import { policyEndPayload, policyEndRefusal } from '../../payloads/policy-end.ts';
import { isBefore, type LoggedStatement } from '../contents.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';

/**
 * Is the decision made under the agreement that the contract knows by these terms?
 * @throws StepError where its id is another
 */
export function checkAgreement(
  { agreement }: Pick<Decision, 'agreement'>,
  policy: Agreement,
  { chain }: NetworkDocument,
): void {
  if (agreement === undefined || !equalBytes(agreement, fromHex(agreementId(policy, chain.terms as Hex).slice(2))))
    throw new StepError('The agreement that the decision names is not the one that the contract knows by these terms.');
}

/**
 * Which parties have signed the agreement before it was decided under it.
 *
 * @param decided the decision, where it stands
 * @returns roles, in the order of the terms
 * @throws StepError where a consent in the file is not one to this agreement, or comes later
 */
export function signersOf(
  { contents, accountedFor, network }: Pick<Verification, 'contents' | 'accountedFor' | 'network'>,
  policy: Agreement,
  decided: LoggedStatement,
): string[] {
  const id = fromHex(agreementId(policy, network.chain.terms as Hex));
  const signed = new Set<string>();
  for (const one of contents.of('consent')) {
    const consent = consentPayload.decode(one.statement.payload);
    const refused = consentRefusal(consent, policy, id);
    if (refused) throw new StepError(refused);
    if (!isBefore(one, decided)) throw new StepError(`The ${consent.role} signed after the decision.`);
    signed.add(consent.role);
    accountedFor.add(one.order);
  }
  return policy.parties.map(({ role }) => role).filter((role) => signed.has(role));
}

/**
 * Was the policy in force when the obligation began?
 *
 * @param decided the decision, where it stands
 * @returns whether the file shows an end, after that
 * @throws StepError where it was ended before
 */
export function checkEnd(
  { contents, accountedFor, network }: Pick<Verification, 'contents' | 'accountedFor' | 'network'>,
  policy: Policy,
  { obligation }: Pick<Decision, 'obligation'>,
  decided: LoggedStatement,
): boolean {
  const id = movesMoney(policy) ? fromHex(agreementId(policy, network.chain.terms as Hex)) : undefined;
  const ends = contents.of('policy-end');
  for (const one of ends) {
    const end = policyEndPayload.decode(one.statement.payload);
    if (toHex(end.policy) !== toHex(policyHash(policy)))
      throw new StepError('The end in the file is of another policy.');
    const refused = policyEndRefusal(end, policy, id);
    if (refused) throw new StepError(refused);
    const fromMs = Math.max(end.fromMs, one.arrivalMs);
    if (isBefore(one, decided) && obligation.fromMs >= fromMs)
      throw new StepError('The policy was ended before the time that was decided on began.');
    accountedFor.add(one.order);
  }
  return ends.length > 0;
}
