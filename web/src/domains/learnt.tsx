// What the past of a thing proposes for fields that nobody filled in yet: it stands there until somebody writes another value.
import { useQueries } from '@tanstack/react-query';
import { type TermsSchema, toLearn } from '@trine/engine';
import type { ReactNode } from 'react';
import { ask } from '../api/client.ts';
import { useNames } from '../ui/use-names.ts';
import { type FormField, fromText, toText } from './form.ts';

type Texts = Readonly<Record<string, string>>;

/** Defaults as text, but of what is learnt: that is asked first. @param subject of fields that name a thing */
export function firstTexts(fields: readonly FormField[], subject: string, currency: string): Texts {
  return Object.fromEntries(
    fields.flatMap(({ name, field }) =>
      field.learnt === undefined
        ? [[name, field.kind === 'subject' ? subject : toText(field, field.default, currency)]]
        : [],
    ),
  );
}

export interface Learnt {
  /** Of every field: what was entered, else what was learnt, else the default. */
  readonly texts: Texts;
  /** What was learnt, in words. */
  readonly words: readonly string[];
  /** What is proposed is not known yet. */
  readonly isAsking: boolean;
}

/** @param entered fields that have none yet are learnt; @param subject of the form, where its fields do not name the thing */
export function useLearnt(
  schema: TermsSchema,
  fields: readonly FormField[],
  entered: Texts,
  subject: string,
  currency: string,
): Learnt {
  const given = Object.fromEntries(
    fields.map(({ name, field }) => [
      name,
      fromText(field, field.kind === 'subject' ? entered[name] || subject : (entered[name] ?? ''), currency),
    ]),
  );
  const names = useNames();
  // Whoever is still writing the name of a thing is no question.
  const asked = toLearn(schema, given).filter((one) => names.has(one.subject));
  const rates = useQueries({
    queries: asked.map(({ name: _, ...query }) => ({
      queryKey: ['rate', query],
      queryFn: () => ask((api) => api.GET('/api/v1/rate', { params: { query } })),
      retry: false,
      staleTime: 60_000,
    })),
  });
  const proposed = new Map(asked.map(({ name }, i) => [name, rates[i]?.data?.proposed]));
  const texts = fields.map(({ name, field }) => [
    name,
    entered[name] ?? toText(field, proposed.get(name) ?? field.default, currency),
  ]);
  return {
    texts: Object.fromEntries(texts),
    words: rates.flatMap(({ data }) => (data ? [data.words] : [])),
    isAsking: rates.some(({ isLoading }) => isLoading),
  };
}

export function LearntWords({ words }: Pick<Learnt, 'words'>): ReactNode {
  return words.map((sentence) => (
    <p key={sentence} className="dim small" role="status">
      {sentence}
    </p>
  ));
}
