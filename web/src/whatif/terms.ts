// The terms of a question: the domain's own form, beside it the agreement's limit, and what of both is changed.
import type { TermsField } from '@trine/engine';
import type { DomainView } from '../api/types.ts';
import { type FormField, fieldsOf, fromText, toText } from '../domains/form.ts';
import type { Matter } from './question.ts';

/** The agreement's own limit: dearer terms count only up to it. A domain has no term of that name. */
export const LIMIT = 'most an obligation may cost';
const limitField: TermsField = { type: 'integer', kind: 'money', minimum: 1 };

export interface AskedTerms {
  readonly fields: readonly FormField[];
  /** As entered; where nothing was, as it stands. */
  readonly texts: Readonly<Record<string, string>>;
  /** The first field that cannot be read. */
  readonly wrong: FormField | undefined;
  /** Terms that take another value. */
  readonly terms: Readonly<Record<string, unknown>>;
  readonly perObligationMax: number | undefined;
  readonly isChanged: boolean;
}

/** @param entered by name of the field */
export function askedTerms(
  domain: DomainView | undefined,
  matter: Matter,
  entered: Readonly<Record<string, string>>,
): AskedTerms {
  const { currency, terms: before } = matter;
  const own = fieldsOf(domain?.terms ?? {}, currency);
  const given = (name: string, field: TermsField, value: unknown) => entered[name] ?? toText(field, value, currency);
  const texts = Object.fromEntries(own.map(({ name, field }) => [name, given(name, field, before[name])]));
  const read = own.map((one) => ({ ...one, value: fromText(one.field, texts[one.name] as string, currency) }));
  const terms = Object.fromEntries(
    read
      .filter(({ name, value }) => value !== undefined && JSON.stringify(value) !== JSON.stringify(before[name]))
      .map(({ name, value }) => [name, value]),
  );
  const limit = limitOf(matter, read, entered[LIMIT]);
  const fields = [...own, ...(limit ? [limit.shown] : [])];
  const unread = read.find(({ name, value }) => value === undefined && texts[name] !== '');
  const wrong = unread ?? (limit && limit.value === undefined ? limit.shown : undefined);
  const perObligationMax = limit?.value === matter.perObligationMax ? undefined : limit?.value;
  return {
    fields,
    texts: { ...texts, ...(limit && { [LIMIT]: limit.text }) },
    wrong,
    terms,
    perObligationMax,
    isChanged: Object.keys(terms).length > 0 || perObligationMax !== undefined,
  };
}

interface Limit {
  readonly shown: FormField;
  readonly text: string;
  readonly value: number | undefined;
}

/** The limit follows dearer terms until it is set by hand. */
function limitOf(
  { perObligationMax, currency }: Matter,
  read: readonly { readonly field: TermsField; readonly value: unknown }[],
  entered: string | undefined,
): Limit | undefined {
  if (perObligationMax === undefined) return undefined;
  const amounts = read.filter(({ field }) => field.kind === 'money').map(({ value }) => Number(value ?? 0));
  const text = entered ?? toText(limitField, Math.max(perObligationMax, ...amounts), currency);
  const label = `Most one obligation may cost, ${currency}`;
  const help = 'Dearer terms count only up to this limit of the agreement.';
  return {
    shown: { name: LIMIT, label, help, field: limitField, choices: undefined },
    text,
    value: fromText(limitField, text, currency) as number | undefined,
  };
}
