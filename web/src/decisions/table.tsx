import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DecisionView } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';
import { formatWindow } from '../format/time.ts';
import { shorten } from '../format/words.ts';
import { StandingBadge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { useNow } from '../ui/use-now.ts';

export interface DecisionTableProps {
  readonly decisions: readonly DecisionView[];
  /** Names of things by subject, where known. */
  readonly names: ReadonlyMap<string, string>;
}

export function DecisionTable({ decisions, names }: DecisionTableProps): ReactNode {
  const now = useNow();
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <th>Time</th>
            <th>Verdict</th>
            <th className="wide-only">Why</th>
            <th className="wide-only">Device</th>
            <th className="end">Amount</th>
            <th className="end wide-only">
              <span className="sr-only">Proof</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {decisions.map((decision) => (
            <tr key={decision.id} className="link">
              <td>
                <Link className="row-link num" to="/decisions/$id" params={{ id: decision.id }}>
                  {formatWindow(decision.fromMs, decision.toMs, now)}
                </Link>
                <span className="phone-only">{decision.reason}</span>
                {decision.awaits !== undefined && decision.payment === undefined && (
                  <small className="dim block">waits: {decision.awaits}</small>
                )}
              </td>
              <td>
                <StandingBadge decision={decision} />
              </td>
              <td className="wide-only reason">{decision.reason}</td>
              <td className="wide-only dim">{shorten(names.get(decision.subject) ?? decision.subject, 24)}</td>
              <td className="end">
                {decision.amount > 0 ? formatMoney(decision.amount, decision.currency) : <span className="dim">–</span>}
              </td>
              <td className="end wide-only">
                <Link className="button small above" to="/proof/$id" params={{ id: decision.id }}>
                  <Icon name="proof" size={14} /> Proof
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
