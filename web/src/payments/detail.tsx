import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ask, isNotFound } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { DecisionDetail, PaymentView } from '../api/types.ts';
import { formatCount, formatMoney } from '../format/amount.ts';
import { formatDateTime, timeZone } from '../format/time.ts';
import { rulingWords } from '../format/words.ts';
import { PaymentBadge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Facts, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useFocusBack } from '../ui/use-focus-back.ts';
import { useNames } from '../ui/use-names.ts';
import { useNow } from '../ui/use-now.ts';
import { Contests } from './contests.tsx';
import { courseWords, holderWords, isPending, type Step, stepsOf } from './course.ts';

const AGAIN_MS = 2_000;

/** May it still change on the chain? */
function isMoving({ state, contests = [] }: PaymentView): boolean {
  return isPending(state) || contests.some(({ ended }) => ended === undefined);
}

export function PaymentDetail(): ReactNode {
  const { id } = useParams({ from: '/payments/$id' });
  const found = useQuery({
    ...queries.payment(id),
    // The chain goes on without the log.
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? AGAIN_MS : false),
  });
  const payment = found.data;
  return (
    <Page
      title={payment ? formatMoney(payment.amount, payment.currency) : 'Payment'}
      tab={payment && `Payment, ${formatMoney(payment.amount, payment.currency)}, ${formatDateTime(payment.fromMs)}`}
      back={{ to: '/payments', label: 'Payments' }}
      actions={
        // What is not paid has no proof of its own.
        payment && (
          <Link
            className="button primary"
            to="/proof/$id"
            params={{ id: payment.paidMs === undefined ? payment.decision : id }}
          >
            <Icon name="proof" /> {payment.paidMs === undefined ? 'Proof of the decision' : 'Show proof'}
          </Link>
        )
      }
    >
      {payment ? (
        <>
          <Found payment={payment} />
          <Contests payment={payment} />
        </>
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

/** What people can do about it: by a button where all keys are here, else by a command. */
function Steps({ id, steps, onDone }: { id: string; steps: readonly Step[]; onDone: () => void }): ReactNode {
  const client = useQueryClient();
  const practice = useQuery(queries.overview()).data?.practice ?? false;
  const act = useMutation({
    mutationFn: (what: Step['act']) =>
      ask((api) => api.POST('/api/v1/payments/{id}/practice', { params: { path: { id } }, body: { act: what } })),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['payment', id] });
      onDone();
    },
  });
  return (
    <div className="row">
      {steps.map((step) =>
        practice ? (
          <button
            key={step.act}
            type="button"
            className="button"
            disabled={act.isPending}
            onClick={() => act.mutate(step.act)}
          >
            {step.label}
          </button>
        ) : (
          <code key={step.act} className="mono">
            {step.command}
          </code>
        ),
      )}
      {act.error && (
        <p role="alert">
          {act.error.message}
          {practice && (
            <>
              {' '}
              Whoever may do it signs with a key file:{' '}
              <code className="mono break">{steps.find((step) => step.act === act.variables)?.command}</code>
            </>
          )}
        </p>
      )}
    </div>
  );
}

/** What was ordered for the same before: this takes its place, or pays the difference besides. */
function usePaymentBefore(decision: DecisionDetail | undefined): PaymentView | undefined {
  const id = decision?.chain.find((one) => one.id === decision.supersedes)?.payment;
  return useQuery({ ...queries.payment(id ?? ''), enabled: id !== undefined }).data;
}

function Before({ id }: { id: string }): ReactNode {
  return (
    <Link to="/payments/$id" params={{ id }}>
      See the payment before
    </Link>
  );
}

function Found({ payment }: { payment: PaymentView }): ReactNode {
  const names = useNames();
  const now = useNow();
  const { subject, decision } = payment;
  const steps = stepsOf(payment, now);
  const heldBy = payment.course?.heldBy;
  const policy = useQuery({ ...queries.agreements(), enabled: heldBy !== undefined }).data?.find(
    ({ id }) => id === payment.agreement,
  )?.policy;
  const holder = heldBy && policy && holderWords(heldBy, policy);
  const [region, back] = useFocusBack<HTMLElement>();
  const decided = useQuery(queries.decision(decision)).data;
  const byHand = decided?.byHand;
  const before = usePaymentBefore(decided);
  return (
    <section ref={region} tabIndex={-1} aria-label="This payment">
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
            ['By hand', byHand && `${rulingWords(byHand)}, by ${byHand.by}: ${byHand.reason}`],
            ['Settled', payment.isBatch && 'In a batch: what many owe and are owed, in one payment'],
            payment.paidMs === undefined
              ? ['Where it stands', courseWords(payment, now, holder)]
              : ['Paid', `${formatDateTime(payment.paidMs)} (${timeZone})`],
            [
              'In its place',
              payment.replacedBy !== undefined && (
                <Link key="replaced-by" to="/payments/$id" params={{ id: payment.replacedBy }}>
                  See the payment in its place
                </Link>
              ),
            ],
            [
              before?.replacedBy === payment.id ? 'In place of' : 'Corrects',
              before && before.id !== payment.id && <Before key="before" id={before.id} />,
            ],
            ['What can be done', steps.length > 0 && <Steps key="steps" id={payment.id} steps={steps} onDone={back} />],
          ]}
        />
        <details className="more">
          <summary>Details</summary>
          <Facts
            rows={[
              [
                'Recipient account',
                <span key="recipient" className="mono">
                  {payment.recipient || (payment.isBatch ? 'many, in a batch' : 'none: nothing is due any more')}
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
    </section>
  );
}
