// Where a payment stands, in words, and what can be done about it.
import type { AgreementView, PaymentView } from '../api/types.ts';
import { readable } from '../domains/words.ts';
import { formatDateTime, timeZone } from '../format/time.ts';

type State = PaymentView['state'];

const at = (ms: number | undefined): string => (ms === undefined ? '' : `${formatDateTime(ms)} (${timeZone})`);

/**
 * Who objected, as people know it.
 * @returns name and role in the agreement, or the account where it is neither a party's nor the arbiter's
 */
export function holderWords(account: string, policy: Pick<AgreementView['policy'], 'parties' | 'arbiter'>): string {
  if (account === policy.arbiter) return 'the arbiter';
  const party = policy.parties.find(({ address }) => address === account);
  return party ? `${party.name}, the ${readable(party.role).toLowerCase()}` : account;
}

/** @returns a sentence or two; nothing of what is paid, which says when */
export function courseWords(
  { state, course = {}, isBatch, amount }: Pick<PaymentView, 'state' | 'course' | 'isBatch' | 'amount'>,
  nowMs: number,
  holder = course.heldBy,
): string {
  // A later batch has no amount of its own: it is of lines that waited.
  const isNothing = amount === 0 && !isBatch;
  switch (state) {
    case 'ordered':
      return 'Ordered: it is on its way to the chain.';
    case 'announced':
      return (course.disputableUntilMs ?? 0) > nowMs
        ? `Announced: ${isBatch ? 'the arbiter can hold it' : 'it can be disputed'} until ${at(course.disputableUntilMs)}. ${isNothing ? 'Then nothing is paid: nothing is due any more.' : 'Then it is paid.'}`
        : `The time to object is over: ${isNothing ? 'it ends, and nothing is paid.' : 'it is being paid.'}`;
    case 'held': {
      const { heldUntilMs, afterHold, replaceable } = course;
      const then = afterHold === 'pay' ? 'it is paid' : 'it is dropped';
      const isReplaced = replaceable && !isBatch;
      const replaced = isReplaced
        ? ' If late readings change the decision, what they leave of it takes its place.'
        : '';
      return `Held by ${holder}: nothing is paid before the arbiter has ruled.${replaced} If nobody rules until ${at(heldUntilMs)}, ${then}.`;
    }
    case 'released':
      return 'Released: it is being paid.';
    case 'paid':
      return 'Paid.';
    case 'dropped':
      return 'Dropped: it is never paid. What was reserved for it is free again.';
    case 'expired':
      return 'Expired: it was not paid in time. What was reserved for it is free again; once who pays has enough, it is ordered anew.';
    case 'replaced':
      return 'Replaced: another order took its place, or it was to take that of one that was paid before. What is due is ordered by itself.';
  }
}

/** May it still change on the chain? */
export function isPending(state: State): boolean {
  return !['paid', 'dropped', 'expired', 'replaced'].includes(state);
}

export interface Step {
  readonly act: 'hold' | 'pay' | 'drop' | 'redecide';
  readonly label: string;
  /** What does the same on a network that is not for practice. */
  readonly command: string;
}

/** What people can do about it now. */
export function stepsOf(
  { id, state, course, isBatch }: Pick<PaymentView, 'id' | 'state' | 'course' | 'isBatch'>,
  nowMs: number,
): Step[] {
  const short = id.slice(0, 12);
  if (state === 'announced' && (course?.disputableUntilMs ?? 0) > nowMs)
    return [
      {
        act: 'hold',
        label: isBatch ? 'Hold, as the arbiter' : 'Object, as who pays',
        command: `npx trine hold ${short} --key FILE`,
      },
    ];
  if (state !== 'held') return [];
  const rule = (act: Step['act'], label: string): Step => ({
    act,
    label,
    command: `npx trine rule ${short} ${act} --key FILE`,
  });
  const rulings = [rule('pay', 'Rule: pay'), rule('drop', 'Rule: drop')];
  // Nothing takes the place of a batch: what is wrong in it is corrected by one after it.
  return course?.replaceable || isBatch ? rulings : [...rulings, rule('redecide', 'Rule: decide again')];
}
