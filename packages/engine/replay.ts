// Replay: computes a decision again with the domains at hand. What evidence verification and `trine replay` use, in
// Node and in a browser.
import { NotChecked, type Replay, sameModel } from '@trine/protocol';
import type { Domain } from './domain.ts';
import { evaluate } from './evaluate.ts';

/**
 * @param domains with the models installed here
 * @returns a function that throws NotChecked where the domain or its model is not the one agreed on: nothing is found out
 *   then, neither for nor against the decision
 */
export function replayWith(domains: readonly Domain[]): Replay {
  return (input) => {
    const { domain: name } = input.terms;
    const agreed = input.model.identity;
    const domain = domains.find((one) => one.name === name);
    if (domain === undefined)
      throw new NotChecked(
        `Not computed again: the domain ${name} is not installed here. Install it and check once more.`,
      );
    const here = domain.model(input.model.parameters);
    if (!sameModel(here, agreed))
      throw new NotChecked(
        `Not computed again: it was decided with the model ${agreed.name} ${agreed.version} (${agreed.code.slice(0, 12)}…), here is ${here.name} ${here.version} (${here.code.slice(0, 12)}…). Check it with the release that has the agreed one.`,
      );
    return evaluate({ ...input, domain }).decision;
  };
}
