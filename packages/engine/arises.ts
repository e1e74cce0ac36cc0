// Does an obligation arise under a policy at all? Whoever is shown a decision asks the same agenda as who made it.
import { equalBytes, NotChecked, type Obligation, obligationId, type Policy, StepError, toHex } from '@trine/protocol';
import { Agenda, type Due } from './agenda.ts';
import { zonesIdentity } from './calendar/calendar.ts';
import { zones } from './calendar/zones.ts';
import type { Domain } from './domain.ts';
import type { OpenedInput } from './inputs.ts';

/**
 * Checks that an obligation arises by the agenda of the policy, and that it was decided at its time.
 *
 * @param inputs of the decision, in the order of the log: what opened and closed the obligation is among them
 * @throws StepError where it does not; NotChecked where the policy's table of time zones is not at hand
 */
export function checkArises(
  domain: Domain,
  policy: Policy,
  given: {
    readonly obligation: Obligation;
    readonly cuts: readonly { readonly atMs: number }[];
    /** Arrival of the policy. */
    readonly sinceMs: number;
  },
  inputs: readonly OpenedInput[],
): void {
  const { obligation, cuts, sinceMs } = given;
  if (policy.zones && policy.zones.hash !== zonesIdentity(zones).hash)
    throw new NotChecked(`The table of time zones of release ${policy.zones.release} is not at hand here.`);
  const { base, revision: _, ...original } = obligation;
  if (base && !equalBytes(base, obligationId(original)))
    throw new StepError('What is decided corrects another obligation than it says.');
  const due = dueOf(new Agenda(domain, policy, zones, sinceMs), original, inputs);
  if (due === undefined || !isSame(due.obligation, original))
    throw new StepError('By the terms, nothing is to be decided on what was decided on.');
  // A correction is due once what it corrects by has come: later than the decision, and then the log shows when.
  const isAtItsTime = ({ atMs }: { readonly atMs: number }) => (base ? atMs >= due.dueMs : atMs === due.dueMs);
  if (!cuts.every(isAtItsTime))
    throw new StepError(`It was not decided at its time: by the terms that is ${new Date(due.dueMs).toISOString()}.`);
}

/** What the agenda makes of a time, or of what opened and closed the obligation. */
function dueOf(agenda: Agenda, obligation: Obligation, inputs: readonly OpenedInput[]): Due | undefined {
  const { fromMs, about } = obligation;
  if (about)
    for (const { index: leaf, arrivalMs, statement, firstMs, lastMs, event } of inputs) {
      const { kind, subject } = statement.header;
      if (event) agenda.note({ leaf, arrivalMs, kind, subject, firstMs, lastMs, event });
    }
  else {
    const [subject = ''] = agenda.subjects;
    const once = { leaf: 0, arrivalMs: fromMs, kind: 'pack', firstMs: fromMs, lastMs: fromMs };
    agenda.note({ ...once, subject: subject.replace(/\*$/, '') });
  }
  const id = toHex(obligationId(obligation));
  return agenda.due(Number.POSITIVE_INFINITY).find((one) => toHex(obligationId(one.obligation)) === id);
}

function isSame(a: Obligation, b: Obligation): boolean {
  const closing = ({ closedBy }: Obligation) => closedBy && toHex(closedBy);
  return a.fromMs === b.fromMs && a.toMs === b.toMs && closing(a) === closing(b);
}
