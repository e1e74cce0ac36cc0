// Watching a thing without an agreement: what a domain asks for, from now on or over all it ever said.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { DomainView, MonitorView } from '../api/types.ts';
import { expected, fieldsOf, fromText } from '../domains/form.ts';
import { firstTexts, LearntWords, useLearnt } from '../domains/learnt.tsx';
import { TermsFields } from '../domains/terms-fields.tsx';
import { useDomains } from '../domains/use-domains.ts';
import { verdictWord } from '../domains/words.ts';
import { formatCount } from '../format/amount.ts';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice } from '../ui/page.tsx';

/** No reading is older. */
const BEGINNING_MS = Date.UTC(1990, 0);
/** Advice moves no money. */
const NO_CURRENCY = '';

export function WatchCard({ subject, name }: { subject: string; name: string }): ReactNode {
  const monitors = useQuery(queries.monitors());
  const domains = [...useDomains().values()];
  const [wanted, setWanted] = useState<string>();
  const domain = domains.find((one) => one.name === wanted) ?? domains[0];
  const own = (monitors.data ?? []).filter(
    ({ policy, standing }) => policy.subject === subject && policy.shadows === undefined && standing === 'in-force',
  );
  return (
    <Card title="Watch it" aside={<span className="dim">advice, no money</span>}>
      {own.map((monitor) => (
        <Watched key={monitor.hash} monitor={monitor} />
      ))}
      {domains.length > 1 && (
        <div className="fields">
          <Field label="What for" wide>
            <select value={domain?.name} onChange={(event) => setWanted(event.target.value)}>
              {domains.map(({ name: each, title }) => (
                <option key={each} value={each}>
                  {title}
                </option>
              ))}
            </select>
          </Field>
        </div>
      )}
      {domain && <WatchForm key={domain.name} domain={domain} subject={subject} name={name} />}
    </Card>
  );
}

function Watched({ monitor: { hash, policy, verdicts, problem } }: { monitor: MonitorView }): ReactNode {
  const domains = useDomains();
  const counted = Object.entries(verdicts).map(
    ([verdict, count]) => `${formatCount(count)} ${verdictWord(domains, policy.domain, verdict).label.toLowerCase()}`,
  );
  return (
    <p>
      Watched as “{policy.title}”: <strong>{counted.length > 0 ? counted.join(', ') : 'nothing decided yet'}</strong>.{' '}
      {problem ?? (
        <Link to="/decisions" search={{ policy: hash }}>
          See the decisions
        </Link>
      )}
    </p>
  );
}

interface WatchFormProps {
  readonly domain: DomainView;
  readonly subject: string;
  readonly name: string;
}

function WatchForm({ domain, subject, name }: WatchFormProps): ReactNode {
  const client = useQueryClient();
  const fields = fieldsOf(domain.terms, NO_CURRENCY).filter(({ field }) => field.kind !== 'money');
  const [entered, setEntered] = useState(() => firstTexts(fields, subject, NO_CURRENCY));
  const { texts, words, isAsking } = useLearnt(domain.terms, fields, entered, subject, NO_CURRENCY);
  const [past, setPast] = useState(true);
  const terms = Object.fromEntries(
    fields.map(({ name: term, field }) => [term, fromText(field, texts[term] ?? '', NO_CURRENCY)]),
  );
  const wrong = fields.find(
    ({ name: term }) =>
      terms[term] === undefined && ((texts[term] ?? '') !== '' || domain.terms.required?.includes(term)),
  );
  const add = useMutation({
    mutationFn: () =>
      ask((api) =>
        api.POST('/api/v1/monitors', {
          body: {
            subject,
            domain: domain.name,
            title: `${domain.title} of ${name}`.slice(0, 200),
            terms,
            ...(past && { startMs: BEGINNING_MS }),
          },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['monitors'] }),
  });
  return (
    <form
      className="watch-form"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <p className="dim">{domain.about}</p>
      <div className="fields">
        <TermsFields
          fields={fields}
          texts={texts}
          currency={NO_CURRENCY}
          onChange={(term, text) => setEntered({ ...entered, [term]: text })}
        />
      </div>
      <LearntWords words={words} />
      <div className="row">
        <label className="row">
          <input type="checkbox" checked={past} onChange={(event) => setPast(event.target.checked)} /> also its past
        </label>
        <button type="submit" className="button" disabled={add.isPending || isAsking || wrong !== undefined}>
          <Icon name="decide" size={15} /> Watch
        </button>
      </div>
      {wrong && (
        <p className="dim small" role="alert">
          “{wrong.label}” takes {expected(wrong.field)}.
        </p>
      )}
      {add.error && (
        <Notice tone="bad" title="This could not be watched">
          {add.error.message}
        </Notice>
      )}
      <p className="dim small">What is found is sealed and proven like any decision.</p>
    </form>
  );
}
