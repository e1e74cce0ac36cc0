// What would have been decided with another model or under other terms, and what it would have cost.
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { Ask } from './ask.tsx';
import { type Matter, mattersOf } from './question.ts';

export function WhatIfPage(): ReactNode {
  const agreements = useQuery(queries.agreements());
  const monitors = useQuery(queries.monitors());
  const wanted = useSearch({ from: '/what-if' }).of;
  return (
    <Page
      title="What if"
      about="Decide the past again with another model or under other terms, and see what it would have cost. Nothing is changed by asking."
    >
      <Loaded query={agreements}>
        {(some) => (
          <Loaded query={monitors}>{(others) => <Choose matters={mattersOf(some, others)} wanted={wanted} />}</Loaded>
        )}
      </Loaded>
    </Page>
  );
}

function Choose({ matters, wanted }: { matters: readonly Matter[]; wanted: string | undefined }): ReactNode {
  const navigate = useNavigate();
  const chosen = matters.find(({ id }) => id === wanted) ?? matters[0];
  if (chosen === undefined)
    return (
      <Card flush>
        <Empty icon="fork" title="Nothing has been agreed or watched yet">
          As soon as there are decisions, they can be made again here in another way.
        </Empty>
      </Card>
    );
  const choose = (id: string) => void navigate({ to: '/what-if', search: { of: id }, replace: true });
  return <Ask key={chosen.id} matter={chosen} matters={matters} onChoose={choose} />;
}
