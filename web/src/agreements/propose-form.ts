// What was entered for an agreement: whether it is one, and what is asked of the node.
import { currencyDigits } from '@trine/protocol';
import type { DomainView } from '../api/types.ts';
import { expected, type FormField, fromText } from '../domains/form.ts';
import { readable } from '../domains/words.ts';
import { dayAfter, dayOf, startOfDay } from '../format/time.ts';

export type Texts = Readonly<Record<string, string>>;

export const CLASSES = ['hardware', 'software', 'gateway', 'imported', 'simulated'] as const;

/** The contract takes no less: so long whoever checks batches can refute a false one. */
const BATCH_WINDOW_MS = 3_600_000;
const YEAR_MS = 365 * 86_400_000;
const money = { type: 'integer', kind: 'money', minimum: 1 } as const;
const duration = { type: 'integer', kind: 'duration', minimum: 0 } as const;

/** What is asked of every agreement, by name. */
export function startTexts(practice: boolean): Texts {
  const now = Date.now();
  return {
    ...{ subject: '', title: '', arbiter: '', most: '', total: '', from: dayOf(now), until: dayOf(now + YEAR_MS) },
    ...{ disputeWindow: practice ? '10 min' : '1 d', holdMax: '30 d', afterHold: 'drop', ownersMin: '1' },
    ...{ correctable: '', classMin: 'software', joining: '', contestBond: '' },
  };
}

export const isAddress = (text: string): boolean => /^0x[0-9a-fA-F]{40}$/.test(text);

/** @returns what a field of the domain takes, where something else was entered */
export function wrongTerm(
  fields: readonly FormField[],
  terms: Texts,
  domain: DomainView,
  subject: string,
  currency: string,
): string | undefined {
  const wrong = fields.find(({ name, field }) => {
    const text = field.kind === 'subject' ? subject : (terms[name] ?? '');
    const isNeeded = text !== '' || domain.terms.required?.includes(name);
    return isNeeded && fromText(field, text, currency) === undefined;
  });
  if (wrong === undefined) return undefined;
  return wrong.field.kind === 'subject' ? 'Name the device.' : `“${wrong.label}” takes ${expected(wrong.field)}.`;
}

const AMOUNTS = [
  ['most', 'Most for one obligation'],
  ['total', 'Most in all'],
] as const;

/** @returns what an account takes, where something else was entered for one */
export function wrongAccount(roles: readonly string[], parties: Texts): string | undefined {
  const wrong = roles.find((role) => parties[`${role}-address`] && !isAddress(parties[`${role}-address`] as string));
  return wrong && `“${readable(wrong)}: account” takes 0x and 40 hex digits, or nothing.`;
}

export function wrongField(texts: Texts, currency: string, practice: boolean): string | undefined {
  for (const [name, label] of AMOUNTS)
    if (fromText(money, texts[name] ?? '', currency) === undefined)
      return `“${label}” takes an amount above 0 with at most ${currencyDigits(currency)} decimals, after a point.`;
  if (fromText(duration, texts.disputeWindow ?? '', currency) === undefined)
    return `“Time to object” takes ${expected(duration)}.`;
  if (texts.joining && (fromText(duration, texts.disputeWindow ?? '', currency) as number) < BATCH_WINDOW_MS)
    return '“Time to object” takes at least 1 h where lines are paid in batches.';
  if (fromText(duration, texts.holdMax ?? '', currency) === undefined)
    return `“An objection holds at most” takes ${expected(duration)}.`;
  if (texts.correctable && !fromText(duration, texts.correctable, currency))
    return `“Late readings count for” takes ${expected(duration)}, or nothing.`;
  if (texts.joining && texts.contestBond && fromText(money, texts.contestBond, currency) === undefined)
    return '“Contesting a row takes” takes an amount above 0, or nothing.';
  if (!/^\d{1,2}$/.test(texts.ownersMin ?? '')) return '“Owners besides who gains” takes a number from 0 to 64.';
  const arbiter = texts.arbiter ?? '';
  if (arbiter === '' ? !practice : !isAddress(arbiter)) return 'The arbiter’s account is 0x and 40 hex digits.';
  return undefined;
}

interface Entered {
  readonly domain: DomainView;
  readonly fields: readonly FormField[];
  readonly terms: Texts;
  readonly texts: Texts;
  readonly parties: Texts;
  readonly currency: string;
}

export function bodyOf({ domain, fields, terms, texts, parties, currency }: Entered) {
  const { subject = '', title = '', arbiter = '', joining = '', contestBond = '' } = texts;
  const minor = (name: string) => fromText(money, texts[name] ?? '', currency) as number;
  const seconds = (name: string) => Math.ceil((fromText(duration, texts[name] ?? '', currency) as number) / 1000);
  const values = fields.map(({ name, field }) => [
    name,
    fromText(field, field.kind === 'subject' ? subject : (terms[name] ?? ''), currency),
  ]);
  const startMs = startOfDay(texts.from ?? '') ?? Date.now();
  return {
    ...{ subject: subject.trim(), domain: domain.name, title: title.trim() },
    terms: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    parties: domain.roles
      .filter((role) => (parties[role] ?? '').trim() !== '')
      .map((role) => {
        const address = parties[`${role}-address`]?.toLowerCase();
        return { role, name: (parties[role] ?? '').trim(), ...(address && { address }) };
      }),
    ...(arbiter !== '' && { arbiter: arbiter.toLowerCase() }),
    ...(joining !== '' && { joining: { by: [joining] } }),
    ...(joining !== '' && contestBond !== '' && { contestBond: minor('contestBond') }),
    ...{ currency, perObligationMax: minor('most'), totalMax: minor('total') },
    // What lies before now cannot be agreed on any more.
    ...{ startMs: Math.max(startMs, Date.now()), endMs: dayAfter(texts.until ?? '') ?? startMs + YEAR_MS },
    ...{ disputeWindowS: seconds('disputeWindow'), holdMaxS: seconds('holdMax') },
    afterHold: texts.afterHold as 'pay' | 'drop',
    ...(texts.correctable && { correctableMs: fromText(duration, texts.correctable, currency) as number }),
    ...{ ownersMin: Number(texts.ownersMin), classMin: texts.classMin as (typeof CLASSES)[number] },
  };
}
