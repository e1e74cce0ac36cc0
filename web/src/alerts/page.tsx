// Alerts: what decisions found worth telling a person, and what people did about each.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { API, post } from '../api/client.ts';
import { queries, ROWS_MAX } from '../api/queries.ts';
import type { AlertView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { alertWord } from '../domains/words.ts';
import { formatCount } from '../format/amount.ts';
import { formatMoment } from '../format/time.ts';
import { alertStatusWord, sentence } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { WordBadge } from '../ui/badge.tsx';
import { Field } from '../ui/field.tsx';
import { rememberedName, rememberName } from '../ui/name.ts';
import { Card, Notice, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';

export function AlertsPage(): ReactNode {
  const alerts = useQuery(queries.alerts());
  const [isAll, setAll] = useState(false);
  const isOpen = ({ status }: AlertView) => status !== 'resolved';
  const open = alerts.data?.filter(isOpen).length;
  return (
    <Page
      title="Alerts"
      about="What decisions found worth telling someone. An alert goes on as one until a person resolves it."
      actions={
        <fieldset className="filter" aria-label="Show">
          {[false, true].map((all) => (
            <button key={String(all)} type="button" aria-pressed={isAll === all} onClick={() => setAll(all)}>
              {all ? 'All' : 'Open'}
              {open !== undefined && (
                <span className="num">{formatCount(all ? (alerts.data?.length ?? 0) : open)}</span>
              )}
            </button>
          ))}
        </fieldset>
      }
    >
      <Loaded query={alerts}>
        {(rows) => {
          const shown = isAll ? rows : rows.filter(isOpen);
          return shown.length === 0 ? <NoAlerts isAny={rows.length > 0} /> : <AlertList alerts={shown} />;
        }}
      </Loaded>
      {alerts.data?.length === ROWS_MAX && <p className="dim">The newest {ROWS_MAX} are shown.</p>}
    </Page>
  );
}

function NoAlerts({ isAny }: { isAny: boolean }): ReactNode {
  return (
    <Card flush>
      <Empty icon="check" title={isAny ? 'Nothing is open' : 'No alerts so far'}>
        {isAny ? 'Every alert was resolved.' : 'They appear here by themselves when a decision raises one.'}
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
          <Alert key={`${alert.decision} ${alert.code} ${alert.subject}`} alert={alert} by={by.trim()} />
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
        {times > 1 && `, raised ${formatCount(times)} times`}.{' '}
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
      post(`${API}/alerts/${decision}/status`, { code, status: next, by, note: note.trim() }),
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
