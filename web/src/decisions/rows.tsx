// Lines of single parties under a decision over many.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { rowsOf } from '../api/pages.ts';
import { lists } from '../api/queries.ts';
import type { DecisionView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { readable, standingOf } from '../domains/words.ts';
import { formatCount, formatMoney } from '../format/amount.ts';
import { rulingWords } from '../format/words.ts';
import { WordBadge } from '../ui/badge.tsx';
import { More } from '../ui/pages.tsx';
import { Empty, Loaded } from '../ui/states.tsx';

function factWords(value: string | number | undefined): string {
  return typeof value === 'number' ? formatCount(value) : (value ?? '–');
}

export interface RowTableProps {
  readonly decision: DecisionView;
  /** Names of facts that become columns. */
  readonly facts?: readonly string[];
}

export function RowTable({ decision, facts: wanted = [] }: RowTableProps): ReactNode {
  // The amount has a column of its own, in money.
  const facts = wanted.filter((name) => name !== 'amount');
  const domains = useDomains();
  const rows = useInfiniteQuery(lists.rows(decision.id));
  const { domain, currency, rowCount = 0 } = decision;
  return (
    <Loaded query={rows} rows={3}>
      {(pages) => {
        const all = rowsOf(pages);
        return all.length === 0 ? (
          <Empty icon="info" title="No lines to show">
            {rowCount === 0 ? 'This decision has none.' : 'They are not kept here, or were erased.'}
          </Empty>
        ) : (
          <div className="table-wrap">
            <table>
              <thead>
                <tr>
                  <th>Party</th>
                  <th>Verdict</th>
                  {facts.map((name) => (
                    <th key={name} className="end">
                      {readable(name)}
                    </th>
                  ))}
                  <th className="wide-only">Why</th>
                  <th className="end">Amount</th>
                </tr>
              </thead>
              <tbody>
                {all.map((row) => (
                  <tr key={row.id} className="link">
                    <td>
                      <Link className="row-link mono" to="/proof/$id" params={{ id: row.id }}>
                        {row.key}
                      </Link>
                    </td>
                    <td>
                      <WordBadge word={standingOf(domains, { ...row, domain })} />
                      {row.byHand && (
                        <p className="dim">
                          {rulingWords(row.byHand)}, by {row.byHand.by}: {row.byHand.reason}
                        </p>
                      )}
                    </td>
                    {facts.map((name) => (
                      <td key={name} className="end">
                        {factWords(row.facts[name])}
                      </td>
                    ))}
                    <td className="wide-only reason">{row.reason}</td>
                    <td className="end">{row.amount > 0 ? formatMoney(row.amount, currency) : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <More query={rows} of="line" />
          </div>
        );
      }}
    </Loaded>
  );
}
