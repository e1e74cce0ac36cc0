// Accounts of lines that joined by statements: each signed by the account itself, handed in by a member whom the terms name,
// below the cut of what is decided.
import { equalBytes } from '../../bytes.ts';
import { accountPayload, firstAccounts, type Joined, lineAccountRefusal } from '../../payloads/account.ts';
import type { Decision } from '../../payloads/decision.ts';
import { movesMoney, type Policy } from '../../payloads/policy.ts';
import { countOf, plural } from '../../words.ts';
import { isBefore, isBelow } from '../contents.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';

/**
 * The accounts in a file, by the keys of their lines.
 * @returns undefined where the terms let none join
 * @throws StepError naming the leaf of one that does not count for this decision, or is of no use here
 */
export function findJoined(
  { contents, evidence, accountedFor, assumptions }: Verification,
  decision: Decision,
  policy: Policy,
): Joined | undefined {
  if (!movesMoney(policy) || policy.joining === undefined || decision.agreement === undefined) return undefined;
  const agreement = contents.only('agreement');
  const found = contents.of('account');
  const said = found.map((one) => {
    const { index, statement } = one;
    const { issuer, subject } = statement.header;
    const account = accountPayload.decode(contents.body(one));
    const refuse = (why: string) => new StepError(`The account at leaf ${index}: ${why}`);
    if (!equalBytes(account.policy, decision.policy)) throw refuse('It is of other terms.');
    const refused = lineAccountRefusal(account, issuer, policy, decision.agreement as Uint8Array);
    if (refused !== undefined) throw refuse(refused);
    if (subject !== account.key) throw refuse('It is sealed under another subject.');
    if (!isBefore(agreement, one)) throw refuse('It joined before the terms were there.');
    if (!isBelow(decision, one)) throw refuse('It joined after the cut of the decision.');
    if (evidence.row && evidence.row.key !== account.key) throw refuse('It is of another line.');
    accountedFor.add(one.order);
    return account;
  });
  const joined = firstAccounts(said);
  if (joined.size !== said.length)
    throw new StepError('A line has two accounts in the file, or an account two lines: the first of each counts.');
  if (said.length > 0)
    assumptions.push(
      `That no other account joined for ${plural(said.length, 'this line', `these ${countOf(said.length, 'line')}`)} before the ${plural(said.length, 'one', 'ones')} shown: the deciders read the whole log, and a receipt of one refutes them.`,
    );
  return joined;
}
