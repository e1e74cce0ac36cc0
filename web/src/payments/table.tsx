import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { PaymentView } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';
import { formatDateTime, formatWindow } from '../format/time.ts';
import { shorten } from '../format/words.ts';
import { PaymentBadge } from '../ui/badge.tsx';
import { useNames } from '../ui/use-names.ts';
import { useNow } from '../ui/use-now.ts';

export interface PaymentTableProps {
  readonly payments: readonly PaymentView[];
  /** Beside other things, where there is no room for the device and the time. */
  readonly compact?: boolean;
}

export function PaymentTable({ payments, compact = false }: PaymentTableProps): ReactNode {
  const now = useNow();
  const names = useNames();
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <th>Amount</th>
            <th>State</th>
            <th className="wide-only">For</th>
            {!compact && <th className="wide-only">Device</th>}
            <th>Time</th>
            {!compact && <th className="end wide-only">Paid</th>}
          </tr>
        </thead>
        <tbody>
          {payments.map((payment) => (
            <tr key={payment.id} className="link">
              <td>
                <Link className="row-link num" to="/payments/$id" params={{ id: payment.id }}>
                  {formatMoney(payment.amount, payment.currency)}
                </Link>
                <span className="phone-only">{payment.reason}</span>
              </td>
              <td>
                <PaymentBadge state={payment.state} />
              </td>
              <td className="wide-only reason">{payment.reason}</td>
              {!compact && (
                <td className="wide-only dim">{shorten(names.get(payment.subject) ?? payment.subject, 24)}</td>
              )}
              <td>{formatWindow(payment.fromMs, payment.toMs, now)}</td>
              {!compact && (
                <td className="end wide-only">
                  {payment.paidMs === undefined ? <span className="dim">–</span> : formatDateTime(payment.paidMs)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
