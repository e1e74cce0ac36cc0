import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries, ROWS_MAX } from '../api/queries.ts';
import type { DecisionView, TotalsView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { type Domains, verdictWord } from '../domains/words.ts';
import { formatCount } from '../format/amount.ts';
import { Icon } from '../ui/icons.tsx';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';
import { DecisionTable } from './table.tsx';

interface Filter {
  readonly id: string;
  readonly label: string;
  readonly count: number | undefined;
  readonly shows: (decision: DecisionView) => boolean;
}

/** Verdicts are of agreements: what a monitor finds is advice, and what is held waits, whatever the verdict. */
function filtersOf(totals: TotalsView | undefined, domains: Domains): Filter[] {
  return [
    { id: 'all', label: 'All', count: totals && totals.decisions + totals.advice, shows: () => true },
    ...(totals?.verdicts ?? []).map(({ domain, verdict, count }) => ({
      id: `${domain} ${verdict}`,
      label: verdictWord(domains, domain, verdict).label,
      count,
      shows: (row: DecisionView) =>
        row.agreement !== undefined && row.outcome !== 'hold' && row.domain === domain && row.verdict === verdict,
    })),
    { id: 'held', label: 'Held', count: totals?.held, shows: isHeld },
    { id: 'advice', label: 'Advice', count: totals?.advice, shows: ({ agreement }) => agreement === undefined },
  ];
}

function isHeld({ outcome, supersededBy }: DecisionView): boolean {
  return outcome === 'hold' && supersededBy === undefined;
}

export function DecisionsPage(): ReactNode {
  const decisions = useQuery(queries.decisions());
  const totals = useQuery(queries.totals()).data;
  const [wanted, setWanted] = useState('all');
  const filters = filtersOf(totals, useDomains());
  const chosen = filters.find(({ id }) => id === wanted) ?? (filters[0] as Filter);
  return (
    <Page
      title="Decisions"
      about="Everything decided under an agreement or a monitor, from sealed readings. Anyone can compute each of them again."
      actions={
        <>
          <fieldset className="filter" aria-label="Show">
            {filters.map(({ id, label, count }) => (
              <button key={id} type="button" aria-pressed={chosen.id === id} onClick={() => setWanted(id)}>
                {label}
                {count !== undefined && <span className="num">{formatCount(count)}</span>}
              </button>
            ))}
          </fieldset>
          <Link className="button" to="/alerts">
            <Icon name="warn" /> Alerts
          </Link>
        </>
      }
    >
      <Card flush>
        <Loaded query={decisions} rows={6}>
          {(all) => <Shown all={all} shown={all.filter(chosen.shows)} />}
        </Loaded>
      </Card>
      {totals && totals.decisions + totals.advice > ROWS_MAX && (
        <p className="dim">
          Of the newest {ROWS_MAX}, out of {formatCount(totals.decisions + totals.advice)}.
        </p>
      )}
    </Page>
  );
}

function Shown({ all, shown }: { all: readonly DecisionView[]; shown: readonly DecisionView[] }): ReactNode {
  const names = useNames();
  if (shown.length > 0) return <DecisionTable decisions={shown} names={names} />;
  return all.length === 0 ? (
    <Empty icon="decide" title="No decisions yet">
      What falls due is decided once it is over and its grace has passed. Decisions appear here by themselves.
    </Empty>
  ) : (
    <Empty icon="decide" title={`None of that kind among the newest ${formatCount(all.length)}`}>
      Choose another filter to see the rest.
    </Empty>
  );
}
