// Co-deciding: another decider takes nobody's word. It verifies the evidence of the decision, computes it again, checks
// that the intent is what the decision orders, and only then signs.

import { type Domains, replayWith } from '@trine/engine';
import {
  agreementPayload,
  Contents,
  checkIntent,
  type Decision,
  decisionId,
  decisionPayload,
  decodeEvidence,
  equalBytes,
  fromHex,
  type Intent,
  intentDigest,
  type NetworkDocument,
  signDigest,
  TrineError,
  verifyEvidence,
} from '@trine/protocol';

/** The decision or the intent does not hold: nothing is signed. */
export class CosignError extends TrineError {
  override readonly name = 'CosignError';
  constructor(message: string) {
    super('not-proven', message);
  }
}

/**
 * Signs an intent as a decider.
 *
 * @param evidence file about the decision
 * @param intent what is to be paid
 * @param options the network this decider trusts, the domains it computes with, its secp256k1 key (32 bytes)
 * @returns 65 bytes
 * @throws CosignError naming the step that does not hold; StepError naming the field of the intent that differs
 */
export async function cosign(
  evidence: Uint8Array,
  intent: Intent,
  options: { network: NetworkDocument; domains: Domains; key: Uint8Array },
): Promise<Uint8Array> {
  const { network, domains, key } = options;
  const report = await verifyEvidence(evidence, { network, replay: replayWith(domains) });
  const failed = report.steps.find(({ status }) => status === 'failed');
  if (report.verdict !== 'trusted' || report.about !== 'decision')
    throw new CosignError(
      `The decision does not hold: ${failed ? `${failed.title}: ${failed.detail}` : 'the file is about something else'}`,
    );
  const file = decodeEvidence(evidence);
  const contents = new Contents(file);
  const decision = contents
    .of('decision')
    .map(({ statement }) => decisionPayload.decode(statement.payload))
    .find((one) => equalBytes(decisionId(one), file.about.id)) as Decision;
  const policy = agreementPayload.decode(contents.only('agreement').statement.payload);
  checkIntent(intent, { decision, id: decisionId(decision), policy }, network);
  return fromHex(signDigest(intentDigest(intent), key));
}
