// Terms of a service level as sentences.
import type { Agreement } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';
import { formatLength } from '../format/time.ts';
import { classWords } from '../format/words.ts';

/**
 * @returns one sentence a rule, in the order in which things happen
 * @example termsInWords(agreement.terms)[0] // 'Time is divided into windows of 30 s, judged 3 s after each ends.'
 */
export function termsInWords({ window, rule, money, gate, deciders }: Agreement): string[] {
  const lines = [
    `Time is divided into windows of ${formatLength(window.lengthMs)}, judged ${formatLength(window.graceMs)} after each ends.`,
  ];
  if (typeof rule.statementsMin === 'number')
    lines.push(`At least ${count(rule.statementsMin, 'statement')} must arrive in each window. Silence is not uptime.`);
  if (typeof rule.outOfOrderReadings === 'number')
    lines.push(`Fewer than ${count(rule.outOfOrderReadings, 'reading')} may be out of the ordinary.`);
  if (typeof rule.creditMinorUnits === 'number')
    lines.push(`A window that fails costs ${formatMoney(rule.creditMinorUnits, money.currency)}, paid once.`);
  lines.push(
    `No more than ${formatMoney(money.totalMax, money.currency)} in all. Payments can be disputed for ${formatLength(money.disputeWindowS * 1000)}.`,
  );
  lines.push(
    `${deciders.quorum} of ${count(deciders.addresses.length, 'decider')} must agree; the readings need the assurance “${classWords(gate.classMin).label}” or better.`,
  );
  return lines;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
