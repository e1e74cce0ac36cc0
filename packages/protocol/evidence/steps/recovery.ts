// Recoveries in a file: who said that a sequence goes on after a fork, and that both sides of it are named.
import { compareBytes, equalBytes, toHex } from '../../bytes.ts';
import type { Decision } from '../../payloads/decision.ts';
import { type Recovery, recoveryPayload } from '../../payloads/recovery.ts';
import { earlierPlace, forkSides, type LoggedRecovery, recoveryRefusal, type StandingFork } from '../../recovery.ts';
import { isBelow, type LoggedStatement } from '../contents.ts';
import type { InputStatement } from '../format.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';

export interface FoundRecoveries {
  readonly recoveries: readonly LoggedRecovery[];
  /** For people. */
  readonly details: readonly string[];
  /** What shows forks, by its number in the file: what was said there does not matter. */
  readonly shown: ReadonlySet<number>;
}

/**
 * Recoveries that concern the inputs, each held against the rule and against the statements of its sequence in the file.
 * @throws StepError for one that should not be in the log, or that is of no sequence that went in
 */
export function findRecoveries(
  verification: Verification,
  inputs: readonly InputStatement[],
  decision: Pick<Decision, 'cuts'>,
): FoundRecoveries {
  const { contents, principals, accountedFor, assumptions } = verification;
  const recoveries: LoggedRecovery[] = [];
  const details: string[] = [];
  const shown = new Set<number>();
  const isOf = (keyOwner: string, subject: string) => (one: InputStatement) =>
    one.keyOwner === keyOwner && one.statement.header.subject === subject;
  for (const logged of contents.of('recovery')) {
    const { origin, index, order, arrivalMs, statement } = logged;
    const { subject, issuer } = statement.header;
    const recovery = recoveryPayload.decode(statement.payload);
    const { keyOwner, from, epoch } = recovery;
    if (!isBelow(decision, logged) || !inputs.some(isOf(keyOwner, subject)))
      throw new StepError(`The recovery at leaf ${index} is of no sequence that went in.`);
    const before = sequenceBefore(verification, keyOwner, subject, order);
    const fork = forkIn(recovery, before);
    const refused = recoveryRefusal(recovery, { issuer, subject, index: order }, principals.keysOf(keyOwner), fork);
    if (refused) throw new StepError(`The recovery at leaf ${index} (${subject}) does not hold: ${refused}`);
    accountedFor.add(order);
    for (const one of shownBy(recovery, before)) {
      accountedFor.add(one.order);
      shown.add(one.order);
    }
    recoveries.push({ keyOwner, subject, from, epoch, origin, index, arrivalMs });
    const by = principals.get(issuer)?.name ?? issuer;
    details.push(
      `${subject} was recovered from a fork by ${by} at leaf ${index}: what it said from seq ${from.seq} of epoch ${from.epoch} to then is no value`,
    );
    assumptions.push(
      `That the fork of ${subject} had no other sides than those that the recovery names (${recovery.heads.length}): whoever reads the log sees it.`,
    );
  }
  return { recoveries, details, shown };
}

type Said = LoggedStatement & { readonly keyOwner: string };

function sequenceBefore(
  { contents, principals }: Verification,
  keyOwner: string,
  subject: string,
  order: number,
): Said[] {
  return contents.statements
    .map((one) => ({ ...one, keyOwner: principals.get(one.statement.header.issuer)?.keyOwner ?? '' }))
    .filter((one) => one.order < order && one.keyOwner === keyOwner && one.statement.header.subject === subject);
}

/** The statements that show the fork. */
function shownBy({ heads }: Recovery, before: readonly Said[]): Said[] {
  return [
    ...forkSides(before),
    ...before.filter(({ statement: { id } }) => heads.some((head) => equalBytes(head, id))),
  ];
}

/** The fork as the file shows it: heads that are not there, or that something follows, are none. */
function forkIn({ heads }: Recovery, before: readonly Said[]): StandingFork | undefined {
  const [first, ...others] = forkSides(before);
  if (first === undefined) return undefined;
  const followed = new Set(before.flatMap(({ statement: { header } }) => (header.prev ? [toHex(header.prev)] : [])));
  const places = [first, ...others].map(({ statement: { header } }) => ({ epoch: header.epoch, seq: header.seq }));
  return {
    epoch: Math.max(...before.map(({ statement }) => statement.header.epoch)),
    from: places.reduce(earlierPlace),
    heads: heads
      .filter((head) => !followed.has(toHex(head)) && before.some(({ statement }) => equalBytes(statement.id, head)))
      .sort(compareBytes),
  };
}
