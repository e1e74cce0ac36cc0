// Checks a proof file with the models this console carries.
import type { Domain } from '@trine/core/flow/domain.ts';
import { evaluate } from '@trine/core/flow/evaluate.ts';
import { NotChecked, type Report, StepError } from '@trine/core/protocol/evidence/report.ts';
import { verifyEvidence } from '@trine/core/protocol/evidence/verify.ts';
import type { Replay } from '@trine/core/protocol/evidence/verify-decision.ts';
import type { NetworkDocument } from '@trine/core/protocol/payloads/network.ts';

/**
 * Verifies an evidence file.
 *
 * @param file its bytes
 * @param network the document that is trusted; undefined when none is
 * @param domains whose decisions can be computed again here
 * @returns each step; a decision of another domain is not computed again, which is said and taken on trust
 * @example checkFile(bytes, network, [domain]).verdict // 'trusted'
 */
export function checkFile(file: Uint8Array, network: NetworkDocument | undefined, domains: readonly Domain[]): Report {
  const report = verifyEvidence(file, { ...(network && { network }), replay: replayHere(domains) });
  const isSkipped = report.steps.some(({ name, status }) => name === 'replay' && status === 'not-checked');
  if (report.verdict === 'broken' || !isSkipped) return report;
  const taken = 'That the decision follows from the readings: it was not computed again here.';
  return { ...report, assumptions: [...report.assumptions, taken] };
}

function replayHere(domains: readonly Domain[]): Replay {
  return (input) => {
    const { domain: name, model: agreed } = input.terms;
    const domain = domains.find((each) => each.name === name);
    if (!domain)
      throw new NotChecked(
        `The decision was not computed again here: this console does not know agreements of the kind “${name}”. “trine verify” does where that domain is installed.`,
      );
    const here = domain.model();
    // Of the same domain, another model would be no proof of anything: computing with it is refused, not skipped.
    if (here.code !== agreed.code || here.configuration !== agreed.configuration)
      throw new StepError(
        `The agreement names the model ${agreed.name} ${agreed.version} (${agreed.code.slice(0, 12)}…); this console carries ${here.name} ${here.version} (${here.code.slice(0, 12)}…). Check the file with the release of Trine whose model the agreement names.`,
      );
    return evaluate({ domain, ...input }).decision;
  };
}
