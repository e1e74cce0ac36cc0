// Does an obligation arise under a policy at all? Whoever is shown a decision asks the same agenda as who made it.
import {
  type Decision,
  equalBytes,
  formatTime,
  NotChecked,
  type Obligation,
  obligationId,
  type Policy,
  StepError,
  toHex,
} from '@trine/protocol';
import { zones } from '../protocol/calendar/zones.ts';
import { Agenda, type Due } from './agenda.ts';
import { zonesIdentity } from './calendar/identity.ts';
import type { Domain } from './domain.ts';
import { notedOf, type OpenedInput, replaced } from './inputs.ts';
import { correctionDueMs } from './late.ts';

/**
 * Checks that an obligation arises by the agenda of the policy, and that it was decided at its time. A correction arises by
 * what came after the cut of the decision that it corrects, and is due a grace after the first of that. Of one line of it that
 * first one may be another's, which is not shown: it was not decided before anything that came late could make it due, nor later
 * than what is shown did.
 *
 * @param inputs of the decision, in the order of the log: what opened and closed the obligation is among them, and of a
 *   correction what came late
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
    /** Of a correction: the cuts of the decision before. */
    readonly seen?: Decision['cuts'] | undefined;
    /** Where one line is all that is asked for. */
    readonly row?: string | undefined;
  },
  inputs: readonly OpenedInput[],
): void {
  const { obligation, cuts, sinceMs, seen = [], row } = given;
  if (policy.zones && policy.zones.hash !== zonesIdentity(zones).hash)
    throw new NotChecked(`The table of time zones of release ${policy.zones.release} is not at hand here.`);
  const { base, revision = 0, ...original } = obligation;
  if (base && !equalBytes(base, obligationId(original)))
    throw new StepError('What is decided corrects another obligation than it says.');
  const agenda = new Agenda(domain, policy, zones, sinceMs, row);
  const replacedBy = replaced(inputs);
  const isLate = ({ origin, index }: OpenedInput) =>
    base !== undefined && seen.some((cut) => cut.origin === origin && index >= cut.index);
  const seenTo = inputs.find(isLate)?.order ?? Number.POSITIVE_INFINITY;
  noteArising(
    agenda,
    original,
    inputs.filter((one) => !isLate(one)),
  );
  const due = dueOf(agenda, original);
  if (due === undefined || !isSame(due.obligation, original))
    throw new StepError('By the terms, nothing is to be decided on what was decided on.');
  let [earliestMs, latestMs] = [due.dueMs, due.dueMs];
  if (base) {
    agenda.decided({ ...original, ...(revision > 1 && { base, revision: revision - 1 }) }, seenTo);
    for (const input of inputs.filter(isLate)) agenda.note(notedOf(input, replacedBy));
    const correctedMs = dueOf(agenda, obligation)?.dueMs;
    if (row === undefined && correctedMs === undefined)
      throw new StepError('Nothing came late by which it could be corrected.');
    if (policy.correctableMs === undefined) throw new StepError('By the terms, nothing that comes late corrects it.');
    latestMs = correctedMs ?? Number.POSITIVE_INFINITY;
    const fromMs = Math.max(...seen.map(({ atMs }) => atMs));
    earliestMs = row === undefined ? latestMs : correctionDueMs({ fromMs }, agenda.graceOf(original));
  }
  checkTime(cuts, earliestMs, latestMs);
}

/** @throws StepError where it was decided before the one or after the other */
function checkTime(cuts: readonly { readonly atMs: number }[], earliestMs: number, latestMs: number): void {
  if (cuts.every(({ atMs }) => atMs >= earliestMs && atMs <= latestMs)) return;
  const times =
    earliestMs === latestMs
      ? formatTime(latestMs)
      : `from ${formatTime(earliestMs)} on${Number.isFinite(latestMs) ? `, until ${formatTime(latestMs)}` : ''}`;
  throw new StepError(`It was not decided at its time: by the terms that is ${times}.`);
}

/** A time, or what opened and closed the obligation. */
function noteArising(agenda: Agenda, { fromMs, about }: Obligation, inputs: readonly OpenedInput[]): void {
  if (about) for (const input of inputs.filter(({ event }) => event)) agenda.note(notedOf(input, () => []));
  else {
    const [subject = ''] = agenda.subjects;
    const once = { leaf: 0, arrivalMs: fromMs, kind: 'pack', firstMs: fromMs, lastMs: fromMs };
    agenda.note({ ...once, subject: subject.replace(/\*$/, '') });
  }
}

function dueOf(agenda: Agenda, obligation: Obligation): Due | undefined {
  const id = toHex(obligationId(obligation));
  return agenda.due(Number.POSITIVE_INFINITY).find((one) => toHex(obligationId(one.obligation)) === id);
}

function isSame(a: Obligation, b: Obligation): boolean {
  const closing = ({ closedBy }: Obligation) => closedBy && toHex(closedBy);
  return a.fromMs === b.fromMs && a.toMs === b.toMs && closing(a) === closing(b);
}
