// Replay: computes a decision again with the domains at hand. What evidence verification and `trine replay` use.
import type { Replay } from '../protocol/evidence/verify-decision.ts';
import type { Domain } from './domain.ts';
import { evaluate } from './evaluate.ts';

/** @throws RangeError (when called) where the decision's domain or model is not installed */
export function replayWith(domains: readonly Domain[]): Replay {
  return (input) => {
    const domain = domains.find(({ name }) => name === input.terms.domain);
    if (domain === undefined)
      throw new RangeError(
        `The domain ${input.terms.domain} is not installed here: install it to replay the decision.`,
      );
    return evaluate({ ...input, domain }).decision;
  };
}
