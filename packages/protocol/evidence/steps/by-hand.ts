// What people said by hand, as a file shows it: that it counts, of what was held, and before it was ordered to be paid.
import { equalBytes } from '../../bytes.ts';
import { lineWordRefusal } from '../../payloads/by-hand.ts';
import type { Row } from '../../payloads/decision.ts';
import { released, releasedBy } from '../../payloads/release.ts';
import { countOf } from '../../words.ts';
import { isBefore, type LoggedIntent } from '../contents.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';
import type { PayingDecision } from './decision.ts';
import { checkCounts, covers, type LoggedRelease, releasesIn } from './releases.ts';

/** @throws StepError where one stands before the decision, or after the order to pay */
function checkPlace({ contents }: Verification, { sealed }: LoggedRelease, intent: LoggedIntent): void {
  const isAfter = contents.of('decision').every((one) => isBefore(one, sealed));
  if (!isAfter || (sealed.origin === intent.origin && sealed.index > intent.index))
    throw new StepError('The release stands before the decision, or after the order to pay.');
}

const NOTHING_ELSE = 'That nothing else was said by hand of the decision before: the public log tells.';

/**
 * What the gate held is paid only by the word of enough deciders or of all parties, and is said to be.
 * @param intent the order to pay
 * @returns what is ordered then, and that in words
 * @throws StepError saying what is wrong with a release
 */
export function payingByHand(
  verification: Verification,
  paying: PayingDecision,
  intent: LoggedIntent,
): { paying: PayingDecision; words: string } {
  const { network } = verification;
  if (paying.isClosed)
    throw new StepError('What it corrects was released or dropped by hand: that was the last word on it.');
  return paying.policy.money.contract === network.chain.batch
    ? linesPaid(verification, paying, intent)
    : wholePaid(verification, paying, intent);
}

/** A decision that is settled entry by entry is released as a whole. */
function wholePaid(
  verification: Verification,
  paying: PayingDecision,
  intent: LoggedIntent,
): { paying: PayingDecision; words: string } {
  const { facts, accountedFor, assumptions } = verification;
  const { decision, policy, rows } = paying;
  const [logged] = releasesIn(verification);
  if (decision.outcome !== 'hold' || logged === undefined) return { paying, words: '' };
  const { release, sealed } = logged;
  if (release.ruling !== 'pay' || release.row !== undefined || !equalBytes(release.decision, paying.id))
    throw new StepError('The release in the file is not one of this decision to be paid.');
  checkCounts(logged, policy, decision);
  checkPlace(verification, logged, intent);
  accountedFor.add(sealed.order);
  const by = byOf(logged, paying);
  facts.released = `by hand, by ${by}: ${release.reason}`;
  assumptions.push(NOTHING_ELSE);
  return {
    paying: { ...paying, ...released(decision, rows) },
    words: `released by hand by ${by}; the gate had held it; `,
  };
}

function byOf({ release }: LoggedRelease, { policy, decision }: PayingDecision): string {
  return releasedBy(release, policy, decision.agreement as Uint8Array) as string;
}

/** Of what is settled in batches lines are released: each by itself, or all that are held. */
function linesPaid(
  verification: Verification,
  paying: PayingDecision,
  intent: LoggedIntent,
): { paying: PayingDecision; words: string } {
  const { evidence, accountedFor, assumptions, facts } = verification;
  const { decision, policy, rows, row } = paying;
  const own = releasesIn(verification).filter(({ release }) => equalBytes(release.decision, paying.id));
  if (own.length === 0) return { paying, words: '' };
  const refused = lineWordRefusal(decision);
  if (refused) throw new StepError(`The release does not count: ${refused}`);
  for (const one of own) {
    checkCounts(one, policy, decision);
    checkPlace(verification, one, intent);
  }
  const known = row ? new Map([[row.key, row]]) : rows;
  // Of lines that were not computed again nobody can say here which of them were held.
  const held = known && linesOf(evidence.batch?.lines, known).filter(({ outcome }) => outcome === 'hold');
  const words = held && new Map(held.map(({ key }) => [key, own.find(({ release }) => covers(release, key))]));
  const counting = words ? [...new Set([...words.values()].filter((one) => one !== undefined))] : own;
  if (counting.length < own.length || counting.some(({ release }) => release.ruling !== 'pay'))
    throw new StepError('A release in the file is not one of what was paid: it is of another line, or drops it.');
  for (const { sealed } of counting) accountedFor.add(sealed.order);
  facts.released = `by hand, ${once(counting.map((one) => `by ${byOf(one, paying)}: ${one.release.reason}`)).join('; ')}`;
  assumptions.push(NOTHING_ELSE);
  const lines = new Set([...(words ?? [])].flatMap(([key, word]) => (word ? [key] : [])));
  const passing = known ? released(decision, known, lines) : released(decision);
  const which = row ? '' : known ? `${countOf(lines.size, 'line')} ` : 'lines ';
  const by = once(counting.map((one) => byOf(one, paying))).join(', ');
  return {
    paying: {
      ...paying,
      decision: passing.decision,
      ...(row ? { row: passing.rows.get(row.key) } : rows && { rows: passing.rows }),
    },
    words: `${which}released by hand by ${by}; the gate had held ${row ? 'it' : 'them'}; `,
  };
}

function once(words: readonly string[]): string[] {
  return [...new Set(words)];
}

function linesOf(keys: readonly string[] | undefined, rows: ReadonlyMap<string, Row>): Row[] {
  return (keys ?? [...rows.keys()]).flatMap((key) => rows.get(key) ?? []);
}
