// The question as a form, and the answer below it.
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { post } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { WhatIf } from '../api/types.ts';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { Skeleton } from '../ui/states.tsx';
import { Answer } from './answer.tsx';
import { type Matter, modelsFor, type Period, periods, timesOf } from './question.ts';
import { CREDIT, fromText, LIMIT, limitOf, numbersOf, toText } from './rule-words.ts';

export interface AskProps {
  readonly matter: Matter;
  readonly matters: readonly Matter[];
  readonly onChoose: (id: string) => void;
}

interface Asked {
  /** The form as it was, to tell whether the answer still belongs to it. */
  readonly form: string;
  readonly body: object;
}

export function Ask({ matter, matters, onChoose }: AskProps): ReactNode {
  const models = useQuery(queries.models()).data ?? [];
  const numbers = numbersOf(matter.rule, matter.currency);
  const [period, setPeriod] = useState<Period>('all');
  const [between, setBetween] = useState({ from: '', to: '' });
  const [model, setModel] = useState('');
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const replay = useMutation({ mutationFn: ({ body }: Asked) => post<WhatIf>('/api/replay', body) });

  const limit =
    matter.perObligationMax === undefined ? [] : [limitOf(matter.perObligationMax, matter.currency, texts[CREDIT])];
  const entered = [...numbers, ...limit].map((one) => ({ ...one, text: texts[one.name] ?? toText(one) }));
  const wrong = entered.filter(({ text, scale }) => fromText(text, scale) === undefined);
  const before = { ...matter.rule, [LIMIT]: matter.perObligationMax };
  const changed = Object.fromEntries(
    entered
      .map(({ name, text, scale }) => [name, fromText(text, scale)] as const)
      .filter(([name, number]) => number !== before[name as keyof typeof before]),
  );
  const { [LIMIT]: perObligationMax, ...rule } = changed;
  const form = JSON.stringify([period, between, model, changed]);
  const isChanged = model !== '' || Object.keys(changed).length > 0;
  const compute = () => {
    const times = timesOf(period, between, Date.now());
    if (times === undefined || wrong.length > 0) return;
    const change = {
      ...(model && { model }),
      ...(Object.keys(rule).length > 0 && { rule }),
      ...(perObligationMax !== undefined && { perObligationMax }),
    };
    replay.mutate({ form, body: { [matter.kind]: matter.id, ...times, ...change } });
  };
  const isReady = wrong.length === 0 && timesOf(period, between, 1) !== undefined;

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
          <Field label="About" wide>
            <select value={matter.id} onChange={(event) => onChoose(event.target.value)}>
              {(['agreement', 'watch'] as const).map((kind) => (
                <optgroup key={kind} label={kind === 'agreement' ? 'Agreements' : 'Watches'}>
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
          <Field label="Decided by" wide>
            <select value={model} onChange={(event) => setModel(event.target.value)}>
              <option value="">The model that decided</option>
              {modelsFor(matter, models).map(({ hash, identity, card }) => (
                <option key={hash} value={hash}>
                  {`${identity.name} ${identity.version} · ${hash.slice(0, 8)}${card ? ` · ${short(card.purpose)}` : ''}`}
                </option>
              ))}
            </select>
          </Field>
          <Field label="Period">
            <select value={period} onChange={(event) => setPeriod(event.target.value as Period)}>
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
                  onChange={(event) => setBetween({ ...between, [side]: event.target.value })}
                />
              </Field>
            ))}
          {entered.map(({ name, label, unit, text, scale }) => (
            <Field key={name} label={unit === '' ? label : `${label}, ${unit}`}>
              <input
                inputMode="decimal"
                maxLength={20}
                value={text}
                aria-invalid={fromText(text, scale) === undefined}
                onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
              />
            </Field>
          ))}
          <div className="row fields-end">
            <button type="submit" className="button primary" disabled={replay.isPending || !isReady}>
              <Icon name="fork" size={15} /> {replay.isPending ? 'Computing…' : 'Compute'}
            </button>
            {isChanged ? (
              <button
                type="button"
                className="button"
                onClick={() => {
                  setModel('');
                  setTexts({});
                }}
              >
                As it was
              </button>
            ) : (
              <span className="dim">Nothing is changed yet: the same decisions will come out.</span>
            )}
          </div>
        </form>
        {wrong.length > 0 && (
          <p className="dim small" role="alert">
            “{wrong[0]?.label}” takes a number{wrong[0]?.scale === 1 ? ' without decimals' : ''}.
          </p>
        )}
      </Card>
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
      {replay.data && !replay.isPending && replay.variables.form !== form && (
        <p className="dim">You have changed the question since: compute again for new figures.</p>
      )}
      {replay.data && !replay.isPending && <Answer found={replay.data} isAdvice={matter.kind === 'watch'} />}
    </>
  );
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function Field({ label, wide = false, children }: { label: string; wide?: boolean; children: ReactNode }): ReactNode {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className={wide ? 'wide' : undefined}>
      <span>{label}</span>
      {children}
    </label>
  );
}
