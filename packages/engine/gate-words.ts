// What the gate gives as reasons, for people. In decisions they stand as they were written; here each becomes a sentence.
import { type AssuranceClass, countOf } from '@trine/protocol';

/** Who signed readings of a class. */
const SIGNERS: Readonly<Record<AssuranceClass, string>> = {
  hardware: 'a hardware key',
  software: 'a software key of the device',
  gateway: 'a gateway for a device that cannot sign',
  imported: 'whoever imported them',
  simulated: 'a simulator',
};

const signers = (name: string): string => (Object.hasOwn(SIGNERS, name) ? SIGNERS[name as AssuranceClass] : name);

type Words = (found: readonly string[]) => string;

const KNOWN: readonly (readonly [RegExp, Words])[] = [
  [
    /^owners besides who gains whose statements count: (\d+); needed: (\d+)$/,
    ([has, needed]) =>
      `Readings of ${countOf(Number(needed), 'owner')} besides who gains must stand behind a payment, and here are readings of ${has === '0' ? 'none' : has}.`,
  ],
  [
    /^a statement of class (\S+); at least (\S+) needed$/,
    ([has = '', needed = '']) =>
      `Some readings were signed by ${signers(has)}; these terms pay on nothing less than ${signers(needed)}.`,
  ],
  [/^what is common to all lines is held$/, () => 'What is common to all lines is held, and so is every line.'],
  [
    /^a sequence with two sides: a fork or a clone$/,
    () => 'Two different statements claim one place of a sequence: it forked, or the device was cloned.',
  ],
  [/^leaf (\d+) cannot be read$/, ([leaf]) => `What stands at place ${leaf} of the log cannot be read.`],
  [
    /^the log took nothing for (\d+) s of the time$/,
    ([seconds]) => `For ${seconds} s of the time the log took nothing in: readings may be missing that were sent.`,
  ],
  [
    /^no way in by (.+) for (\d+) s of the time$/,
    ([ways = '', seconds]) =>
      `For ${seconds} s of the time nothing could come in by ${ways}: readings may be missing that were sent.`,
  ],
  [/^an effect of another version: (\S+)$/, ([tag]) => `It has an effect that is not known here: ${tag}.`],
  [
    /^trust of (\d+) %; at least (\d+) % needed$/,
    ([has, needed]) => `What it says is trusted by ${has} %, and these terms ask for ${needed} %.`,
  ],
];

/**
 * A reason of the gate as a sentence; one in other words than these stands as it is.
 * @example gateWords('leaf 7 cannot be read') // 'What stands at place 7 of the log cannot be read.'
 */
export function gateWords(reason: string): string {
  for (const [pattern, words] of KNOWN) {
    const found = pattern.exec(reason);
    if (found) return words(found.slice(1));
  }
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`;
}
