// The question as a form, and the answer below it.
import { type UseMutationResult, useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { WhatIf } from '../api/types.ts';
import { expected } from '../domains/form.ts';
import { TermsFields } from '../domains/terms-fields.tsx';
import { useDomains } from '../domains/use-domains.ts';
import { timeZone } from '../format/time.ts';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { Skeleton } from '../ui/states.tsx';
import { Answer } from './answer.tsx';
import { type Matter, modelsFor, type Period, periods, timesOf } from './question.ts';
import { askedTerms } from './terms.ts';

export interface AskProps {
  readonly matter: Matter;
  readonly matters: readonly Matter[];
  readonly onChoose: (id: string) => void;
}

interface Asked {
  /** The form as it was, to tell whether the answer still belongs to it. */
  readonly form: string;
  readonly body: {
    readonly policy: string;
    readonly fromMs?: number;
    readonly toMs?: number;
    readonly model?: string;
    readonly terms?: Record<string, unknown>;
    readonly perObligationMax?: number;
  };
}

export function Ask({ matter, matters, onChoose }: AskProps): ReactNode {
  const domain = useDomains().get(matter.domain);
  const [period, setPeriod] = useState<Period>('all');
  const [between, setBetween] = useState({ from: '', to: '' });
  const [model, setModel] = useState('');
  const [entered, setEntered] = useState<Readonly<Record<string, string>>>({});
  const replay = useMutation({ mutationFn: ({ body }: Asked) => ask((api) => api.POST('/api/v1/replay', { body })) });
  const { fields, texts, wrong, terms, perObligationMax, isChanged } = askedTerms(domain, matter, entered);
  const form = JSON.stringify([period, between, model, terms, perObligationMax]);
  const compute = () => {
    const times = timesOf(period, between, Date.now());
    if (times === undefined || wrong !== undefined) return;
    const change = {
      ...(model && { model }),
      ...(isChanged && { terms, ...(perObligationMax !== undefined && { perObligationMax }) }),
    };
    replay.mutate({ form, body: { policy: matter.id, ...times, ...change } });
  };
  const isReady = wrong === undefined && timesOf(period, between, 1) !== undefined;
  return (
    <>
      <Card>
        <form
          className="fields"
          onSubmit={(event) => {
            event.preventDefault();
            compute();
          }}
        >
          <About matter={matter} matters={matters} onChoose={onChoose} />
          <DecidedBy matter={matter} model={model} onChoose={setModel} />
          <When period={period} between={between} onPeriod={setPeriod} onBetween={setBetween} />
          <TermsFields
            fields={fields}
            texts={texts}
            currency={matter.currency}
            onChange={(name, text) => setEntered({ ...entered, [name]: text })}
          />
          <div className="row fields-end">
            <button type="submit" className="button primary" disabled={replay.isPending || !isReady}>
              <Icon name="fork" size={15} /> {replay.isPending ? 'Computing…' : 'Compute'}
            </button>
            {isChanged || model !== '' ? (
              <button
                type="button"
                className="button"
                onClick={() => {
                  setModel('');
                  setEntered({});
                }}
              >
                As it was
              </button>
            ) : (
              <span className="dim">Nothing is changed yet: the same decisions will come out.</span>
            )}
          </div>
        </form>
        {wrong && (
          <p className="dim small" role="alert">
            “{wrong.label}” takes {expected(wrong.field)}.
          </p>
        )}
      </Card>
      <Replayed replay={replay} form={form} matter={matter} />
    </>
  );
}

interface ReplayedProps {
  readonly replay: UseMutationResult<WhatIf, Error, Asked>;
  /** As it is now: the answer may be to an older one. */
  readonly form: string;
  readonly matter: Matter;
}

function Replayed({ replay, form, matter }: ReplayedProps): ReactNode {
  return (
    <>
      {replay.error && (
        <Notice tone="bad" title="This could not be computed">
          {replay.error.message}
        </Notice>
      )}
      {replay.isPending && (
        <Card flush>
          <Skeleton rows={5} />
        </Card>
      )}
      {replay.data && !replay.isPending && replay.variables?.form !== form && (
        <p className="dim">You have changed the question since: compute again for new figures.</p>
      )}
      {replay.data && !replay.isPending && <Answer found={replay.data} matter={matter} />}
    </>
  );
}

function About({ matter, matters, onChoose }: AskProps): ReactNode {
  return (
    <Field label="About" wide>
      <select value={matter.id} onChange={(event) => onChoose(event.target.value)}>
        {(['agreement', 'monitor'] as const).map((kind) => (
          <optgroup key={kind} label={kind === 'agreement' ? 'Agreements' : 'Monitors'}>
            {matters
              .filter((one) => one.kind === kind)
              .map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </Field>
  );
}

interface DecidedByProps {
  readonly matter: Matter;
  readonly model: string;
  readonly onChoose: (hash: string) => void;
}

function DecidedBy({ matter, model, onChoose }: DecidedByProps): ReactNode {
  const models = useQuery(queries.models()).data ?? [];
  return (
    <Field label="Decided by" wide>
      <select value={model} onChange={(event) => onChoose(event.target.value)}>
        <option value="">The model that decided</option>
        {modelsFor(matter, models).map(({ hash, identity, card }) => (
          <option key={hash} value={hash}>
            {`${identity.name} ${identity.version} · ${hash.slice(0, 8)}${card ? ` · ${short(card.purpose)}` : ''}`}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface WhenProps {
  readonly period: Period;
  readonly between: { readonly from: string; readonly to: string };
  readonly onPeriod: (period: Period) => void;
  readonly onBetween: (between: { from: string; to: string }) => void;
}

function When({ period, between, onPeriod, onBetween }: WhenProps): ReactNode {
  return (
    <>
      <Field label={`Period (${timeZone})`}>
        <select value={period} onChange={(event) => onPeriod(event.target.value as Period)}>
          {Object.entries(periods).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      {period === 'between' &&
        (['from', 'to'] as const).map((side) => (
          <Field key={side} label={side === 'from' ? 'From' : 'Until'}>
            <input
              type="datetime-local"
              required
              value={between[side]}
              onChange={(event) => onBetween({ ...between, [side]: event.target.value })}
            />
          </Field>
        ))}
    </>
  );
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
