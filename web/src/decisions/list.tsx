import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { queries, ROWS_MAX } from '../api/queries.ts';
import type { DecisionView, TotalsView } from '../api/types.ts';
import { formatCount } from '../format/amount.ts';
import { type Standing, standingOf } from '../format/words.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';
import { DecisionTable } from './table.tsx';

const filters: readonly { standing: Standing | 'all'; label: string }[] = [
  { standing: 'all', label: 'All' },
  { standing: 'met', label: 'Met' },
  { standing: 'breached', label: 'Breached' },
  { standing: 'held', label: 'Held' },
  { standing: 'advice', label: 'Advice' },
];

/** A breach whose payment is held counts as held. */
function countOf(standing: Standing | 'all', { decisions, breached, held, advice }: TotalsView): number {
  if (standing === 'advice') return advice;
  if (standing === 'all') return decisions + advice;
  if (standing === 'breached') return breached - held;
  if (standing === 'held') return held;
  return decisions - breached;
}

export function DecisionsPage(): ReactNode {
  const decisions = useQuery(queries.decisions());
  const totals = useQuery(queries.totals()).data;
  const [wanted, setWanted] = useState<Standing | 'all'>('all');
  const names = useNames();
  // Whatever a watch finds is advice, met or not: the other filters are of agreements.
  const of = (standing: Standing | 'all', rows: readonly DecisionView[]) =>
    standing === 'all'
      ? rows
      : rows.filter((row) => (row.agreement === undefined ? 'advice' : standingOf(row)) === standing);
  return (
    <Page
      title="Decisions"
      about="Every window of an agreement or a watch, judged from sealed readings. Anyone can compute each of them again."
      actions={
        <fieldset className="filter" aria-label="Show">
          {filters.map(({ standing, label }) => (
            <button key={standing} type="button" aria-pressed={wanted === standing} onClick={() => setWanted(standing)}>
              {label}
              {totals && <span className="num">{formatCount(countOf(standing, totals))}</span>}
            </button>
          ))}
        </fieldset>
      }
    >
      <Card flush>
        <Loaded query={decisions} rows={6}>
          {(all) => {
            const rows = of(wanted, all);
            if (rows.length > 0) return <DecisionTable decisions={rows} names={names} />;
            return all.length === 0 ? (
              <Empty icon="decide" title="No decisions yet">
                The first window is judged a few seconds after it ends. They appear here by themselves.
              </Empty>
            ) : (
              <Empty icon="decide" title={`None of that kind among the newest ${formatCount(all.length)}`}>
                Choose another filter to see the rest.
              </Empty>
            );
          }}
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
