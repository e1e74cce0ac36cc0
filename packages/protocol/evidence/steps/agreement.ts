// Which agreement a decision is made under: its id on the chain follows from its terms.
import { equalBytes, fromHex } from '../../bytes.ts';
import { agreementId } from '../../evm/agreement.ts';
import type { Hex } from '../../evm/words.ts';
import type { Decision } from '../../payloads/decision.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import type { Agreement } from '../../payloads/policy.ts';
import { StepError } from '../report.ts';

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
