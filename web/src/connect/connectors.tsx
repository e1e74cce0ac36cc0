// The connectors of this installation: what each is for, whether it is on, how it is set, what it heard, and where to push to.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { ConnectorView } from '../api/types.ts';
import { formatCount, formatCounted } from '../format/amount.ts';
import { wayWords } from '../format/words.ts';
import { Badge } from '../ui/badge.tsx';
import { Card, Facts, Notice } from '../ui/page.tsx';
import { Loaded } from '../ui/states.tsx';
import { askAgain } from './acts.ts';
import { PushAddress } from './push-address.tsx';
import { SettingsForm } from './settings.tsx';

export function ConnectorsView(): ReactNode {
  const connectors = useQuery(queries.connectors());
  return (
    <Loaded query={connectors} rows={6}>
      {(all) => (
        <div className="connectors">
          {all.map((one) => (
            <ConnectorCard key={one.name} connector={one} />
          ))}
        </div>
      )}
    </Loaded>
  );
}

function ConnectorCard({ connector }: { connector: ConnectorView }): ReactNode {
  const client = useQueryClient();
  const [isSet, setSet] = useState(false);
  const { name, title, about, enabled, settings, ways } = connector;
  const set = useMutation({
    mutationFn: (body: { enabled: boolean; settings: Record<string, unknown> }) =>
      ask((api) => api.POST('/api/v1/connectors/{name}/settings', { params: { path: { name } }, body })),
    onSuccess: async () => {
      setSet(true);
      await askAgain(client);
    },
  });
  return (
    <Card
      title={title}
      aside={
        <div className="row">
          <Badge tone={enabled ? 'ok' : 'plain'} icon={enabled ? 'check' : 'minus'}>
            {enabled ? 'On' : 'Off'}
          </Badge>
          <button
            type="button"
            className="button small"
            disabled={set.isPending}
            aria-label={`Switch ${enabled ? 'off' : 'on'} ${title}`}
            onClick={() => set.mutate({ enabled: !enabled, settings })}
          >
            Switch {enabled ? 'off' : 'on'}
          </button>
        </div>
      }
    >
      <div className="connector">
        <p>{about}</p>
        <ConnectorFacts connector={connector} />
        {ways.includes('http') && enabled && <PushAddress connector={connector} />}
        {Object.keys((connector.schema.properties ?? {}) as object).length > 0 && (
          <details>
            <summary>Settings</summary>
            <SettingsForm
              key={JSON.stringify(settings)}
              connector={connector}
              isPending={set.isPending}
              isSet={isSet && !set.error}
              onSet={(next) => set.mutate({ enabled, settings: next })}
            />
          </details>
        )}
        {set.error && (
          <Notice tone="bad" title="It was not set">
            {set.error.message}
          </Notice>
        )}
      </div>
    </Card>
  );
}

function ConnectorFacts({ connector }: { connector: ConnectorView }): ReactNode {
  const { name, ways, filters, heard, refused, lastRefused, found, accepted, kinds, triedAgainst } = connector;
  return (
    <Facts
      rows={[
        [
          'Things',
          found + accepted > 0 && (
            <Link key="things" to="/connect" search={{ connector: name }}>
              {formatCount(found)} found, {formatCount(accepted)} accepted
            </Link>
          ),
        ],
        ['Accepted as they come', kinds.join(', ')],
        ['Comes by', wayWords(ways)],
        [
          'Listens to',
          filters.length > 0 &&
            filters.map((filter) => (
              <span key={filter} className="mono block">
                {filter}
              </span>
            )),
        ],
        ['Looked at', `${formatCounted(heard, 'message')} since the start`],
        [
          'Refused',
          refused > 0 && (
            <>
              {formatCount(refused)}
              {lastRefused !== undefined && <small>Last: {lastRefused}</small>}
            </>
          ),
        ],
        ['Tried against', triedAgainst],
      ]}
    />
  );
}
