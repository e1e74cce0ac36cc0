// Statements in a file that did not go into its decision: whether it should have looked at them only the domain knows.
import { toHex } from '../../bytes.ts';
import type { Decision } from '../../payloads/decision.ts';
import type { Policy } from '../../payloads/policy.ts';
import type { LoggedStatement } from '../contents.ts';
import type { Looked } from '../replay.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';

const NAMED_MAX = 10;

/** Subjects that were looked at, and of which the file shows neither what was said nor that nothing was. */
export function unseen(policy: Policy, looked: readonly Looked[], shown: ReadonlySet<string>): string[] {
  const patterns = [...new Set(looked.flatMap(({ subjects }) => subjects))];
  const left = patterns.filter((pattern) => pattern !== policy.gate.heartbeat && !shown.has(pattern));
  if (left.length === 0) return [];
  const names = `${left.slice(0, NAMED_MAX).join(', ')}${more(left.length)}`;
  return [
    `That nothing else was said about ${names}: the decision looks at that, and the deciders read the whole log.`,
  ];
}

/** What the domain looks at went in. @throws StepError naming a leaf that was left out */
export function checkLeft({ packs }: Verification, left: readonly LoggedStatement[], looked: readonly Looked[]): void {
  for (const one of left) {
    const { kind, subject } = one.statement.header;
    const times = packs.timesOf(one);
    const isWithin = ({ fromMs, toMs }: Looked) => times.some((ms) => ms < toMs) && times.some((ms) => ms >= fromMs);
    const isLooked = looked.some(
      (one) => one.kinds.includes(kind) && one.subjects.some((pattern) => matches(pattern, subject)) && isWithin(one),
    );
    if (isLooked) throw new StepError(`The statement at leaf ${one.index} belongs to the time and did not go in.`);
  }
}

function matches(pattern: string, subject: string): boolean {
  return pattern.endsWith('*') ? subject.startsWith(pattern.slice(0, -1)) : pattern === subject;
}

/** Without the domain it is said that it does not look at them. */
export function leftWords(
  { packs }: Verification,
  { obligation: { fromMs, toMs } }: Decision,
  left: readonly LoggedStatement[],
): string[] {
  const within = left.filter((one) => packs.timesOf(one).some((ms) => ms >= fromMs && ms < toMs));
  if (within.length === 0) return [];
  const ids = within.slice(0, NAMED_MAX).map(({ statement, index }) => `${toHex(statement.id)} (leaf ${index})`);
  return [
    `That the decision does not look at what was said of this time and did not go in: ${ids.join(', ')}${more(within.length)}.`,
  ];
}

function more(count: number): string {
  return count > NAMED_MAX ? ` and ${count - NAMED_MAX} more` : '';
}
