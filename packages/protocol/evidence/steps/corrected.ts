// What a correction takes for ordered before it: of what the gate held nothing, but for lines that were released by hand.
import { equalBytes } from '../../bytes.ts';
import { isLineOrdered, type LineDecided, linesByHand, lineWordRefusal } from '../../payloads/by-hand.ts';
import { type Decision, decisionId, type Effect, obligationId, type Row } from '../../payloads/decision.ts';
import { type Agreement, movesMoney, type Policy } from '../../payloads/policy.ts';
import { isBefore, isBelow, type LoggedStatement } from '../contents.ts';
import type { ReplayInput } from '../replay.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';
import { checkCounts, covers, releasesIn } from './releases.ts';

/** A decision, and where it stands. */
export interface LoggedDecision {
  readonly sealed: LoggedStatement;
  readonly decision: Decision;
}

/** A decision of a file, and those that it corrects. */
interface Correcting extends LoggedDecision {
  readonly row: Row | undefined;
  /** The newest first. */
  readonly before: readonly LoggedDecision[];
  /** The same party's lines in these; undefined where the file does not show them. */
  readonly rowsBefore: readonly Row[] | undefined;
}

/** What the decisions before have ordered in all; and whether nothing follows from the line of a file any more. */
export function correctedBy(
  verification: Verification,
  { before, rowsBefore = [], row, ...head }: Correcting,
  policy: Policy,
): { readonly input: ReplayInput['corrected']; readonly isClosed: boolean } | undefined {
  const { decision } = head;
  if (before.length === 0) return undefined;
  for (const one of before)
    if (!equalBytes(one.decision.policy, decision.policy) || !isSameBase(one.decision, decision))
      throw new StepError('The decision corrects another obligation than its own.');
  const entries: Effect[] = before.flatMap(({ decision: one }) => (one.outcome === 'hold' ? [] : one.effects));
  const isBatched = movesMoney(policy) && policy.money.contract === verification.network.chain.batch;
  // What is settled entry by entry is released as a whole, and not corrected any more.
  const { ordered, isClosed } =
    isBatched && row
      ? linesOrdered(verification, head, before, rowsBefore, policy)
      : { ordered: rowsBefore.filter(({ outcome }) => outcome !== 'hold'), isClosed: false };
  const rows = new Map<string, Effect[]>();
  for (const { key, effects } of ordered) rows.set(key, [...(rows.get(key) ?? []), ...effects]);
  const seen = before[0]?.decision.cuts ?? [];
  return { input: { decision: decision.supersedes as Uint8Array, seen, entries, rows }, isClosed };
}

function isSameBase(a: Decision, b: Decision): boolean {
  const baseOf = ({ obligation }: Decision) => obligation.base ?? obligationId(obligation);
  return equalBytes(baseOf(a), baseOf(b));
}

/**
 * A party's lines in the decisions that one corrects: of those that count for ordered, with what was said of them by hand.
 *
 * @param before the newest first
 * @param rows as far as there were some
 * @returns lines that are ordered; whether nothing follows from the line any more
 * @throws StepError for a release that is of no use here
 */
function linesOrdered(
  verification: Verification,
  head: LoggedDecision,
  before: readonly LoggedDecision[],
  rows: readonly Row[],
  policy: Agreement,
): { readonly ordered: Row[]; readonly isClosed: boolean } {
  const { accountedFor, assumptions, evidence } = verification;
  const key = evidence.row?.key as string;
  const all = releasesIn(verification);
  const decided = [...before].reverse().map((one) => {
    const name = obligationId(one.decision.obligation);
    const row = rows.find(({ obligation }) => equalBytes(obligationId(obligation), name));
    const id = decisionId(one.decision);
    const words = all.filter(({ release }) => equalBytes(release.decision, id));
    for (const word of words) checkCounts(word, policy, one.decision);
    const first = lineWordRefusal(one.decision) ? undefined : words.find(({ release }) => covers(release, key));
    return { ...one, row, words, word: first && { ruling: first.release.ruling, at: first.sealed } };
  });
  const toLines = ({ decision, sealed }: LoggedDecision): Omit<LineDecided<LoggedStatement>, 'outcome'> => ({
    at: sealed,
    sees: (place) => isBelow(decision, place),
  });
  const byHand = linesByHand<LoggedStatement>(
    [
      ...decided.map((one) => ({ ...toLines(one), outcome: one.row?.outcome, word: one.word })),
      { ...toLines(head), outcome: undefined },
    ],
    isBefore,
  );
  const ordered: Row[] = [];
  for (const [i, { row, words }] of decided.entries()) {
    const standing = byHand[i] as (typeof byHand)[number];
    if (words.some(({ sealed }) => sealed !== standing.word?.at))
      throw new StepError(
        'A release in the file counts for nothing: it is of another line, not the first, or too late.',
      );
    for (const { sealed } of words) accountedFor.add(sealed.order);
    if (row?.outcome === 'hold' && words.length === 0)
      assumptions.push('That the line that was held before was not released or dropped by hand: the public log tells.');
    if (row && isLineOrdered(row, standing, (place) => isBelow(head.decision, place))) ordered.push(row);
  }
  return { ordered, isClosed: byHand.at(-1)?.isClosed ?? false };
}
