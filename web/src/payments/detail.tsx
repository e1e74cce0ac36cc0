import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { isNotFound } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { PaymentView } from '../api/types.ts';
import { formatCount, formatMoney } from '../format/amount.ts';
import { formatDateTime, timeZone } from '../format/time.ts';
import { PaymentBadge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Facts, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';

export function PaymentDetail(): ReactNode {
  const { id } = useParams({ from: '/payments/$id' });
  const found = useQuery(queries.payment(id));
  const payment = found.data;
  return (
    <Page
      title={payment ? formatMoney(payment.amount, payment.currency) : 'Payment'}
      tab={payment && `Payment, ${formatMoney(payment.amount, payment.currency)}, ${formatDateTime(payment.fromMs)}`}
      back={{ to: '/payments', label: 'Payments' }}
      actions={
        <Link className="button primary" to="/proof/$id" params={{ id }}>
          <Icon name="proof" /> Show proof
        </Link>
      }
    >
      {payment ? (
        <Found payment={payment} />
      ) : (
        <Card flush>
          {isNotFound(found.error) ? (
            <Empty icon="pay" title="No such payment">
              The node knows none with this id. Was the address copied whole, and is it a payment of this network?
            </Empty>
          ) : (
            <Loaded query={found}>{() => null}</Loaded>
          )}
        </Card>
      )}
    </Page>
  );
}

function Found({ payment }: { payment: PaymentView }): ReactNode {
  const names = useNames();
  const { subject, decision } = payment;
  return (
    <Card title="Payment" aside={<PaymentBadge state={payment.state} />}>
      <Facts
        rows={[
          ['Because', <span key="reason">{payment.reason}</span>],
          ['For the time', `${formatDateTime(payment.fromMs)} to ${formatDateTime(payment.toMs)} (${timeZone})`],
          [
            'Device',
            <Link key="device" to="/devices/$subject" params={{ subject }}>
              {names.get(subject) ?? subject}
            </Link>,
          ],
          [
            'Decided by',
            <Link key="decision" to="/decisions/$id" params={{ id: decision }}>
              See the decision
            </Link>,
          ],
          [
            'Paid',
            payment.paidMs === undefined
              ? 'Not yet: the time to object has to pass first'
              : formatDateTime(payment.paidMs),
          ],
        ]}
      />
      <details className="more">
        <summary>Details</summary>
        <Facts
          rows={[
            [
              'Recipient account',
              <span key="recipient" className="mono">
                {payment.recipient}
              </span>,
            ],
            ['Block', payment.block === undefined ? undefined : formatCount(payment.block)],
            [
              'Payment id',
              <span key="id" className="mono">
                {payment.id}
              </span>,
            ],
            [
              'Decision id',
              <span key="decision-id" className="mono">
                {decision}
              </span>,
            ],
          ]}
        />
      </details>
    </Card>
  );
}
