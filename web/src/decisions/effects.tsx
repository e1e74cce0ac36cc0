// What follows from a decision, and what came before and after it on the same obligation.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DecisionDetail, DecisionView } from '../api/types.ts';
import { readable } from '../domains/words.ts';
import { formatMoney } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { outcomeWords } from '../format/words.ts';
import { StandingBadge } from '../ui/badge.tsx';
import { Card } from '../ui/page.tsx';

/** Money as double entry: what leaves one account enters another. */
export function Entries({ decision: { entries, outcome, byHand } }: { decision: DecisionDetail }): ReactNode {
  if (entries.length === 0) return null;
  return (
    <Card title="Money" aside={<span className="dim">{outcomeWords(outcome, byHand)}</span>} flush>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th>From</th>
              <th>To</th>
              <th className="end">Amount</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(({ from, to, amount, currency }) => (
              <tr key={`${from} ${to} ${amount}`}>
                <td>{readable(from)}</td>
                <td>{readable(to)}</td>
                <td className="end">{formatMoney(amount, currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** Every decision on the same obligation, where there is more than one. */
export function Corrections({ decision: { id, chain } }: { decision: DecisionDetail }): ReactNode {
  if (chain.length < 2) return null;
  return (
    <Card title="Decided more than once" aside={<span className="dim">oldest first</span>} flush>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Decided</th>
              <th>Verdict</th>
              <th className="wide-only">How</th>
              <th className="end">Amount</th>
            </tr>
          </thead>
          <tbody>
            {chain.map((one) => (
              <tr key={one.id} className="link">
                <td>
                  {one.id === id ? (
                    <strong>{formatDateTime(one.arrivalMs)}, this one</strong>
                  ) : (
                    <Link className="row-link num" to="/decisions/$id" params={{ id: one.id }}>
                      {formatDateTime(one.arrivalMs)}
                    </Link>
                  )}
                </td>
                <td>
                  <StandingBadge decision={one} />
                </td>
                <td className="wide-only">{howDecided(one)}</td>
                <td className="end">{one.amount > 0 ? formatMoney(one.amount, one.currency) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function howDecided({ base, supersedes }: DecisionView): string {
  if (base !== undefined) return 'Corrects what was settled: the amount is the difference';
  return supersedes === undefined ? 'At first' : 'Replaces the one before';
}
