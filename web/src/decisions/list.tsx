import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DecisionFilter } from '../api/filters.ts';
import { rowsOf } from '../api/pages.ts';
import { lists, queries } from '../api/queries.ts';
import type { DecisionView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { type Domains, verdictWord } from '../domains/words.ts';
import { type Choice, Choices, Dates, Narrowed, Select } from '../ui/choices.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Page } from '../ui/page.tsx';
import { More } from '../ui/pages.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useChangeFilter } from '../ui/use-filter.ts';
import { useNames } from '../ui/use-names.ts';
import { DecisionTable } from './table.tsx';

interface VerdictCount {
  readonly domain: string;
  readonly verdict: string;
  readonly count: number;
  readonly held: number;
  readonly advice: number;
}

/** What choosing among decisions sets; all of it is set at each choice. */
type Chosen = { readonly [Name in 'verdict' | 'domain' | 'held' | 'advice']: DecisionFilter[Name] | undefined };
const ALL: Chosen = { verdict: undefined, domain: undefined, held: undefined, advice: undefined };

/** A word of several domains is chosen together with its domain. */
function chosenBy({ domain, verdict }: VerdictCount, all: readonly VerdictCount[]): Chosen {
  const isShared = all.filter((one) => one.verdict === verdict).length > 1;
  return { ...ALL, verdict, domain: isShared ? domain : undefined };
}

function choicesOf(
  filter: DecisionFilter,
  verdicts: readonly VerdictCount[] | undefined,
  domains: Domains,
  change: (chosen: Chosen) => void,
): Choice[] {
  const sum = (name: 'count' | 'held' | 'advice') => verdicts?.reduce((total, one) => total + one[name], 0);
  const choice = (id: string, label: string, count: number | undefined, chosen: Chosen): Choice => ({
    id,
    label,
    count,
    isChosen: filter.verdict === chosen.verdict && filter.held === chosen.held && filter.advice === chosen.advice,
    choose: () => change(chosen),
  });
  return [
    choice('all', 'All', sum('count'), ALL),
    ...(verdicts ?? []).map((one) =>
      choice(
        `${one.domain} ${one.verdict}`,
        verdictWord(domains, one.domain, one.verdict).label,
        one.count,
        chosenBy(one, verdicts ?? []),
      ),
    ),
    choice('held', 'Held', sum('held'), { ...ALL, held: true }),
    choice('advice', 'Advice', sum('advice'), { ...ALL, advice: true }),
  ];
}

export function DecisionsPage(): ReactNode {
  const filter: DecisionFilter = useSearch({ from: '/decisions' });
  const change = useChangeFilter(filter);
  const decisions = useInfiniteQuery(lists.decisions(filter));
  const counts = decisions.data?.pages[0]?.counts;
  const choices = choicesOf(filter, counts?.verdicts, useDomains(), change);
  return (
    <Page
      title="Decisions"
      about="Everything decided under an agreement or a monitor, from sealed readings. Anyone can compute each of them again."
      actions={
        <Link className="button" to="/alerts">
          <Icon name="warn" /> Alerts
        </Link>
      }
    >
      <Choices label="Show" choices={choices} />
      <MoreFilters filter={filter} change={change} />
      <Card flush>
        <Loaded query={decisions} rows={6}>
          {(pages) => <Shown rows={rowsOf(pages)} isFiltered={Object.keys(filter).length > 0} />}
        </Loaded>
      </Card>
      <More query={decisions} of="decision" />
    </Page>
  );
}

interface MoreFiltersProps {
  readonly filter: DecisionFilter;
  readonly change: ReturnType<typeof useChangeFilter<DecisionFilter>>;
}

function MoreFilters({ filter, change }: MoreFiltersProps): ReactNode {
  const names = useNames();
  const agreements = useQuery(queries.agreements()).data ?? [];
  const monitors = useQuery(queries.monitors()).data ?? [];
  const { subject, policy, standing, sort } = filter;
  const titled = [...agreements, ...monitors].map(({ hash, policy: { title } }) => [hash, title] as const);
  return (
    <div className="fields list-filters">
      <Select
        label="Under"
        value={policy}
        options={[['', 'Any agreement or monitor'], ...titled]}
        onChange={(wanted) => change({ policy: wanted })}
      />
      <Dates between={filter} onChange={change} />
      <Select
        label="Which"
        value={standing === undefined ? undefined : standing ? 'standing' : 'replaced'}
        options={[
          ['', 'Standing and replaced'],
          ['standing', 'Standing'],
          ['replaced', 'Replaced or corrected'],
        ]}
        onChange={(wanted) => change({ standing: wanted === undefined ? undefined : wanted === 'standing' })}
      />
      <Select
        label="Order"
        value={sort}
        options={[
          ['', 'Newest decision first'],
          ['oldest', 'Oldest decision first'],
          ['amount', 'Largest amount first'],
          ['score', 'Strangest first'],
        ]}
        onChange={(wanted) => change({ sort: wanted })}
      />
      {subject !== undefined && (
        <Narrowed label="About" value={names.get(subject) ?? subject} onClear={() => change({ subject: undefined })} />
      )}
    </div>
  );
}

function Shown({ rows, isFiltered }: { rows: readonly DecisionView[]; isFiltered: boolean }): ReactNode {
  const names = useNames();
  if (rows.length > 0) return <DecisionTable decisions={rows} names={names} />;
  return isFiltered ? (
    <Empty icon="decide" title="None of that kind">
      <Link to="/decisions">Show all decisions</Link>.
    </Empty>
  ) : (
    <Empty icon="decide" title="No decisions yet">
      What falls due is decided once it is over and its grace has passed. Decisions appear here by themselves.
    </Empty>
  );
}
