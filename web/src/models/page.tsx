// The models that decide: which is in force where, which are tried beside it, and what people make of them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { formatRuntime } from '@trine/protocol';
import type { ReactNode } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { ModelUse, ModelView } from '../api/types.ts';
import { formatCount, formatCounted, formatMoney } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { Badge, type Tone } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Facts, Notice, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { Monitors } from './monitors.tsx';

export function ModelsPage(): ReactNode {
  const models = useQuery(queries.models());
  const learn = useAction((agreement: string) =>
    ask((api) => api.POST('/api/v1/models/learn', { body: { agreement } })),
  );
  const active = models.data?.flatMap(({ uses }) => uses.filter(({ role }) => role === 'active')) ?? [];
  return (
    <Page
      title="Models"
      about="What turns readings into decisions. A new one is tried beside the one in force, approved by the parties, and only then decides."
      actions={active.slice(0, 1).map(({ agreement }) => (
        <button
          key={agreement}
          type="button"
          className="button"
          disabled={learn.isPending}
          onClick={() => learn.mutate(agreement)}
        >
          <Icon name="bolt" size={15} /> Learn from what people said
        </button>
      ))}
    >
      {learn.error && (
        <Notice tone="info" title="Nothing new was learnt">
          {learn.error.message}
        </Notice>
      )}
      <Loaded query={models}>
        {(all) =>
          all.length === 0 ? (
            <Card flush>
              <Empty icon="decide" title="No models yet">
                The first agreement brings the first one.
              </Empty>
            </Card>
          ) : (
            inOrder(all).map((model) => <Model key={model.hash} model={model} />)
          )
        }
      </Loaded>
      <Monitors />
    </Page>
  );
}

const order: Readonly<Record<ModelUse['role'], number>> = { active: 0, shadow: 1, proposed: 2, previous: 3 };

function inOrder(models: readonly ModelView[]): ModelView[] {
  const rank = ({ uses }: ModelView) => Math.min(4, ...uses.map(({ role }) => order[role]));
  return models.toSorted((a, b) => rank(a) - rank(b));
}

/** An action after which everything about models is asked for again. */
function useAction<T>(run: (given: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: () => client.invalidateQueries({ queryKey: ['models'] }),
  });
}

const roles: Readonly<Record<ModelUse['role'], { label: string; tone: Tone }>> = {
  active: { label: 'Decides', tone: 'ok' },
  shadow: { label: 'Tried beside', tone: 'info' },
  proposed: { label: 'Proposed', tone: 'plain' },
  previous: { label: 'Decided before', tone: 'plain' },
};

function Model({ model }: { model: ModelView }): ReactNode {
  const { identity, hash, learnt, card, installed, uses, registeredMs, parameters } = model;
  return (
    <Card
      title={
        <span className="row">
          {identity.name} {identity.version}
          <span className="mono dim">{hash.slice(0, 12)}</span>
          {learnt && <Badge tone="info">learnt from {formatCounted(learnt.labels, 'word', 'words')} of people</Badge>}
          {!installed && (
            <Badge tone="bad" icon="cross" title="Its code is not the code installed here: it cannot decide here.">
              Refused here
            </Badge>
          )}
        </span>
      }
    >
      <div className="model">
        {card && <p className="dim">{card.purpose}</p>}
        {uses.length === 0 && <p className="dim">Registered; nobody uses it yet.</p>}
        {uses.map((use) => (
          <Use key={use.agreement} use={use} hash={hash} installed={installed} />
        ))}
        {learnt && <Effect effect={learnt.effect} />}
        <details className="more">
          <summary>{card ? 'Model card and hashes' : 'Hashes; it has no card'}</summary>
          <Facts
            rows={[
              ['Registered', registeredMs && formatDateTime(registeredMs)],
              ['Data', card?.data],
              ['Split', card?.split],
              ['Metric', card?.metric],
              ['Result', card?.result],
              ['Limits', card?.limits],
              ['Licence', card?.licence],
              [
                'Set or learnt',
                Object.keys(parameters).length > 0 ? JSON.stringify(parameters) : 'Nothing: as delivered',
              ],
              ['Hash', <Mono key="hash" text={hash} />],
              ['Code', <Mono key="code" text={identity.code} />],
              ['Configuration', <Mono key="configuration" text={identity.configuration} />],
              ['Arithmetic', formatRuntime(identity.runtime)],
            ]}
          />
        </details>
      </div>
    </Card>
  );
}

function Mono({ text }: { text: string }): ReactNode {
  return <span className="mono">{text}</span>;
}

interface UseProps {
  readonly use: ModelUse;
  readonly hash: string;
  readonly installed: boolean;
}

function Use({ use, hash, installed }: UseProps): ReactNode {
  const { title, role, trial, rule, drift, heard } = use;
  return (
    <div className="use">
      <div className="row">
        <Badge tone={roles[role].tone}>{roles[role].label}</Badge>
        <strong>{title}</strong>
        {drift?.verdict === 'drifting' && (
          <Badge tone="warn" icon="warn" title="Its scores have moved away from those it began with">
            Scores drift
          </Badge>
        )}
      </div>
      <p className="dim">
        {use.approvals.map(({ role: party, name, vote }) => (
          <span key={party} className="party">
            {name}: {voteWords(vote)}
          </span>
        ))}
      </p>
      {trial && rule && role === 'shadow' && <TrialFigures trial={trial} rule={rule} currency={use.currency} />}
      {heard && heard.labels > 0 && (
        <p>
          People found {formatCount(heard.wrong)} of {formatCounted(heard.labels, 'decision')} wrong.
        </p>
      )}
      <UseActions use={use} hash={hash} installed={installed} />
    </div>
  );
}

function UseActions({ use, hash, installed }: UseProps): ReactNode {
  const { agreement, role } = use;
  const act = useAction((word: 'approve' | 'reject' | 'shadow' | 'rollback') => change(word, hash, agreement));
  const to = (word: 'approve' | 'reject' | 'shadow') => () => act.mutate(word);
  const isCandidate = role === 'shadow' || role === 'proposed';
  const canReturn = role === 'active' && use.approvals.some(({ vote }) => vote !== 'named in the terms');
  return (
    <>
      <div className="row">
        {isCandidate && (
          <>
            <button
              type="button"
              className="button small primary"
              disabled={act.isPending || !installed}
              onClick={to('approve')}
            >
              Approve
            </button>
            <button type="button" className="button small" disabled={act.isPending} onClick={to('reject')}>
              Reject
            </button>
          </>
        )}
        {role === 'proposed' && (
          <button type="button" className="button small" disabled={act.isPending || !installed} onClick={to('shadow')}>
            Try beside
          </button>
        )}
        {canReturn && (
          <button
            type="button"
            className="button small"
            disabled={act.isPending}
            onClick={() => act.mutate('rollback')}
          >
            <Icon name="undo" size={14} /> Back to the one before
          </button>
        )}
      </div>
      {act.error && (
        <Notice tone="bad" title="This was refused">
          {act.error.message}
        </Notice>
      )}
    </>
  );
}

function change(word: 'approve' | 'reject' | 'shadow' | 'rollback', hash: string, agreement: string): Promise<unknown> {
  const params = { path: { id: hash } };
  if (word === 'rollback')
    return ask((api) => api.POST('/api/v1/models/rollback', { body: { agreement, by: 'Console' } }));
  if (word === 'shadow') return ask((api) => api.POST('/api/v1/models/{id}/shadow', { params, body: { agreement } }));
  return ask((api) =>
    api.POST('/api/v1/models/{id}/{vote}', { params: { path: { id: hash, vote: word } }, body: { agreement } }),
  );
}

function voteWords(vote: ModelUse['approvals'][number]['vote']): string {
  if (vote === undefined) return 'has not spoken';
  if (vote === 'named in the terms') return 'agreed to it in the terms';
  return vote === 'approve' ? 'approves' : 'rejects';
}

function TrialFigures({
  trial,
  rule,
  currency,
}: {
  currency: string;
  trial: NonNullable<ModelUse['trial']>;
  rule: NonNullable<ModelUse['rule']>;
}): ReactNode {
  const done = Math.min(1, trial.obligations / rule.shadowsMin);
  return (
    <div className="trial">
      <meter min={0} max={1} value={done} aria-label={`${trial.obligations} of ${rule.shadowsMin} tried`} />
      <p>
        {formatCount(trial.obligations)} tried, {formatCount(rule.shadowsMin)} needed; {formatCount(trial.differences)}{' '}
        decided otherwise.
        {trial.obligations > 0 &&
          ` ${formatMoney(trial.amountActive, currency)} was decided, it would have been ${formatMoney(trial.amountShadow, currency)}.`}
        {trial.labels > 0 &&
          ` Right in people’s eyes: ${trial.rightShadow} of ${trial.labels}, the one in force ${trial.rightActive}.`}
      </p>
    </div>
  );
}

function Effect({ effect }: { effect: Readonly<Record<string, number | string>> }): ReactNode {
  const of = (name: string) => Number(effect[name] ?? 0);
  const bars = [
    { label: 'As people say, before', value: of('rightBefore'), max: of('labels') },
    { label: 'As people say, now', value: of('rightAfter'), max: of('labels') },
    { label: 'On what it was not taught', value: of('rightHeldOut'), max: of('heldOut') },
  ];
  return (
    <div className="effect">
      <strong>What the lesson changed</strong>
      {bars.map(({ label, value, max }) => (
        <div key={label} className="bar">
          <span>{label}</span>
          <meter min={0} max={Math.max(1, max)} value={value} aria-label={`${label}: ${value} of ${max}`} />
          <span className="num">
            {value} of {max}
          </span>
        </div>
      ))}
      <p className="dim">
        On {formatCounted(of('others'), 'decision')} nobody spoke of, {formatCount(of('differences'))} would be decided
        otherwise.
      </p>
    </div>
  );
}
