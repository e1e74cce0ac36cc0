// What the past of a thing proposes for fields that nobody filled in yet: it stands there until somebody writes another value.
import { useQueries } from '@tanstack/react-query';
import { type TermsSchema, toLearn } from '@trine/engine';
import { type ReactNode, useEffect, useState } from 'react';
import { ask } from '../api/client.ts';
import { type FormField, fromText, toText } from './form.ts';

const SETTLED_MS = 400;

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
  const settled = useSettled(subject);
  const given = Object.fromEntries(
    fields.map(({ name, field }) => [
      name,
      fromText(field, field.kind === 'subject' ? entered[name] || settled : (entered[name] ?? ''), currency),
    ]),
  );
  const asked = toLearn(schema, given);
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
    isAsking: settled !== subject || rates.some(({ isLoading }) => isLoading),
  };
}

/** The text that stood for a moment: whoever is still writing the name of a thing asks nothing. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export function LearntWords({ words }: Pick<Learnt, 'words'>): ReactNode {
  return words.map((sentence) => (
    <p key={sentence} className="dim small" role="status">
      {sentence}
    </p>
  ));
}
