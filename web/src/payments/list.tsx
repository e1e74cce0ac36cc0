import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries, ROWS_MAX } from '../api/queries.ts';
import type { PaymentView } from '../api/types.ts';
import { formatCount, formatMoney } from '../format/amount.ts';
import { formatDateTime, formatWindow } from '../format/time.ts';
import { shorten } from '../format/words.ts';
import { PaymentBadge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Figure, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';
import { useNow } from '../ui/use-now.ts';
import { sumPayments } from './sums.ts';

export function PaymentsPage(): ReactNode {
  const payments = useQuery(queries.payments());
  const totals = useQuery(queries.totals()).data;
  const agreements = useQuery(queries.agreements()).data;
  const sums = sumPayments(payments.data, totals, agreements);
  return (
    <Page
      title="Payments"
      about="What decisions ordered. Each is paid once for what it is about, by the contract, without anyone pressing a button."
      actions={
        <Link className="button" to="/agreements">
          <Icon name="agreement" /> Agreements
        </Link>
      }
    >
      <div className="figures">
        <Figure
          label="Paid"
          value={sums?.paid ?? '–'}
          note={totals && `${formatCount(totals.paid)} payment${totals.paid === 1 ? '' : 's'}`}
        />
        <Figure
          label="On its way"
          value={sums?.underWay ?? '–'}
          note={sums && `${formatCount(sums.underWayCount)} ordered`}
        />
      </div>
      <Card flush>
        <Loaded query={payments} rows={5}>
          {(all) =>
            all.length === 0 ? (
              <Empty icon="pay" title="Nothing has been paid yet">
                A payment follows when a decision orders one. <Link to="/">Pause this computer’s device</Link> to see
                one.
              </Empty>
            ) : (
              <PaymentTable payments={all} />
            )
          }
        </Loaded>
      </Card>
      {totals && totals.ordered > ROWS_MAX && (
        <p className="dim">
          The newest {ROWS_MAX} of {formatCount(totals.ordered)} are shown.
        </p>
      )}
    </Page>
  );
}

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
