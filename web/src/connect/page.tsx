// Connect: what is out there, how it is read, and what nothing reads. No configuration file is needed.
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ConnectFilter } from '../api/filters.ts';
import { queries } from '../api/queries.ts';
import { timeZone } from '../format/time.ts';
import { Choices } from '../ui/choices.tsx';
import { Page } from '../ui/page.tsx';
import { useChangeFilter } from '../ui/use-filter.ts';
import { ConnectorsView } from './connectors.tsx';
import { RefusedView } from './refused.tsx';
import { ThingsView } from './things.tsx';
import { UnreadView } from './unread.tsx';

const views = {
  things: { label: 'Things', title: 'Connect' },
  connectors: { label: 'Connectors', title: 'Connect: connectors' },
  unread: { label: 'Unread', title: 'Connect: what nothing reads' },
  refused: { label: 'Refused', title: 'Connect: what was refused' },
} as const;
type View = keyof typeof views;

export function ConnectPage(): ReactNode {
  const filter: ConnectFilter = useSearch({ from: '/connect' });
  const counts = useQuery(queries.overview()).data?.connectors;
  const change = useChangeFilter<ConnectFilter>({});
  const chosen: View = filter.view ?? 'things';
  const count: Readonly<Record<View, number | undefined>> = {
    things: counts && counts.found + counts.accepted,
    connectors: undefined,
    unread: counts?.unread,
    refused: counts?.refused,
  };
  return (
    <Page
      title="Connect"
      tab={views[chosen].title}
      about={`What speaks on your network appears here by itself. Accept it, and what it says is sealed from then on. Times in ${timeZone}.`}
    >
      <Choices
        label="Show"
        choices={(Object.keys(views) as View[]).map((id) => ({
          ...{ id, label: views[id].label, count: count[id], isChosen: id === chosen },
          choose: () => change({ view: id === 'things' ? undefined : id }),
        }))}
      />
      {chosen === 'things' && <ThingsView filter={filter} />}
      {chosen === 'connectors' && <ConnectorsView />}
      {chosen === 'unread' && <UnreadView filter={filter} />}
      {chosen === 'refused' && <RefusedView />}
    </Page>
  );
}
