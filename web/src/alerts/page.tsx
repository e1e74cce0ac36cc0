// Alerts: what decisions found worth telling a person, and what people did about each.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import type { AlertFilter } from '../api/filters.ts';
import { keyOfAlert, rowsOf } from '../api/pages.ts';
import { lists } from '../api/queries.ts';
import type { AlertView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { alertWord } from '../domains/words.ts';
import { formatCounted } from '../format/amount.ts';
import { formatMoment } from '../format/time.ts';
import { alertStatusWord, sentence } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { WordBadge } from '../ui/badge.tsx';
import { Choices, Dates, Narrowed, Select } from '../ui/choices.tsx';
import { Field } from '../ui/field.tsx';
import { rememberedName, rememberName } from '../ui/name.ts';
import { Card, Notice, Page } from '../ui/page.tsx';
import { More } from '../ui/pages.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useChangeFilter } from '../ui/use-filter.ts';
import { useNames } from '../ui/use-names.ts';
import { SilentThings } from './silent.tsx';

export function AlertsPage(): ReactNode {
  const filter: AlertFilter = useSearch({ from: '/alerts' });
  const alerts = useInfiniteQuery(lists.alerts(filter));
  const change = useChangeFilter(filter);
  const statuses = alerts.data?.pages[0]?.counts.statuses;
  const count = (isCounted: (status: AlertView['status']) => boolean) =>
    statuses
      ?.filter((one) => isCounted(one.status) && (filter.severity ?? one.severity) === one.severity)
      .reduce((sum, one) => sum + one.count, 0);
  const choice = (status: AlertFilter['status'], label: string, counted: number | undefined) => ({
    id: status ?? 'open',
    label,
    count: counted,
    isChosen: filter.status === status,
    choose: () => change({ status }),
  });
  return (
    <Page
      title="Alerts"
      about="What decisions found worth telling someone, and things that fell silent. An alert goes on as one until a person resolves it."
    >
      <SilentThings />
      <Choices
        label="Show"
        choices={[
          choice(
            undefined,
            'Open',
            count((status) => status !== 'resolved'),
          ),
          choice(
            'acknowledged',
            'Seen',
            count((status) => status === 'acknowledged'),
          ),
          choice(
            'resolved',
            'Resolved',
            count((status) => status === 'resolved'),
          ),
          choice(
            'all',
            'All',
            count(() => true),
          ),
        ]}
      />
      <MoreFilters filter={filter} change={change} />
      <Loaded query={alerts}>
        {(pages) => {
          const rows = rowsOf(pages);
          return rows.length === 0 ? <NoAlerts filter={filter} /> : <AlertList alerts={rows} />;
        }}
      </Loaded>
      <More query={alerts} of="alert" />
    </Page>
  );
}

interface MoreFiltersProps {
  readonly filter: AlertFilter;
  readonly change: ReturnType<typeof useChangeFilter<AlertFilter>>;
}

function MoreFilters({ filter, change }: MoreFiltersProps): ReactNode {
  const names = useNames();
  const { severity, subject, sort } = filter;
  return (
    <div className="fields list-filters">
      <Select
        label="Severity"
        value={severity}
        options={[
          ['', 'Any'],
          ['critical', 'Critical'],
          ['warning', 'Warning'],
          ['info', 'For information'],
        ]}
        onChange={(wanted) => change({ severity: wanted })}
      />
      <Dates between={filter} onChange={change} />
      <Select
        label="Order"
        value={sort}
        options={[
          ['', 'Newest first'],
          ['oldest', 'Oldest first'],
          ['severity', 'Gravest first'],
        ]}
        onChange={(wanted) => change({ sort: wanted })}
      />
      {subject !== undefined && (
        <Narrowed label="About" value={names.get(subject) ?? subject} onClear={() => change({ subject: undefined })} />
      )}
    </div>
  );
}

function NoAlerts({ filter: { status, ...rest } }: { filter: AlertFilter }): ReactNode {
  const isNarrow = Object.keys(rest).length > 0 || (status !== undefined && status !== 'all');
  return (
    <Card flush>
      <Empty icon="check" title={isNarrow ? 'None of that kind' : 'Nothing is open'}>
        {isNarrow ? 'Another choice may show some.' : 'Alerts appear here by themselves when a decision raises one.'}
      </Empty>
    </Card>
  );
}

function AlertList({ alerts }: { alerts: readonly AlertView[] }): ReactNode {
  const [by, setBy] = useState(rememberedName);
  return (
    <Card flush>
      <div className="card-body say-form">
        <Field label="Your name, for what you say about them">
          <input
            value={by}
            maxLength={100}
            onChange={(event) => setBy(event.target.value)}
            placeholder="Operator on duty"
          />
        </Field>
      </div>
      <ul className="alerts">
        {alerts.map((alert) => (
          <Alert key={keyOfAlert(alert)} alert={alert} by={by.trim()} />
        ))}
      </ul>
    </Card>
  );
}

function Alert({ alert, by }: { alert: AlertView; by: string }): ReactNode {
  const { decision, subject, reason, sinceMs, times, said } = alert;
  const word = alertWord(useDomains(), alert);
  const name = useNames().get(subject) ?? subject;
  return (
    <li>
      <div className="row">
        <WordBadge word={word} />
        <strong>{name}</strong>
        <span className="dim">{alertStatusWord(alert.status)}</span>
      </div>
      <p>{sentence(reason)}</p>
      <p className="dim small">
        Since {formatMoment(sinceMs, Date.now())}
        {times > 1 && `, raised ${formatCounted(times, 'time')}`}.{' '}
        <Link to="/decisions/$id" params={{ id: decision }}>
          See the decision
        </Link>
        {said && (
          <>
            {' '}
            {said.by}
            {said.note !== '' && `: ${said.note}`}, <Ago ms={said.atMs} />.
          </>
        )}
      </p>
      {alert.status !== 'resolved' && <AlertActions alert={alert} by={by} />}
    </li>
  );
}

function AlertActions({ alert: { decision, code, status, subject }, by }: { alert: AlertView; by: string }): ReactNode {
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const say = useMutation({
    mutationFn: (next: 'acknowledged' | 'resolved') =>
      ask((api) =>
        api.POST('/api/v1/alerts/{id}/status', {
          params: { path: { id: decision } },
          body: { code, status: next, by, note: note.trim() },
        }),
      ),
    onSuccess: async () => {
      rememberName(by);
      setNote('');
      await client.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
  const isBlocked = by === '' || say.isPending;
  return (
    <>
      <div className="row">
        <input
          aria-label={`Note on the alert about ${subject}`}
          placeholder="Note (if you like)"
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {status === 'raised' && (
          <button
            type="button"
            className="button small"
            disabled={isBlocked}
            onClick={() => say.mutate('acknowledged')}
          >
            Acknowledge
          </button>
        )}
        <button type="button" className="button small" disabled={isBlocked} onClick={() => say.mutate('resolved')}>
          Resolve
        </button>
      </div>
      {say.error && (
        <Notice tone="bad" title="This could not be sealed">
          {say.error.message}
        </Notice>
      )}
    </>
  );
}
