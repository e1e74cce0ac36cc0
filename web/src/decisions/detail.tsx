import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { DecisionView } from '../api/types.ts';
import { formatCount, formatMoney } from '../format/amount.ts';
import { formatDateTime, formatSpan } from '../format/time.ts';
import { standingOf } from '../format/words.ts';
import { StandingBadge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Facts, Notice, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { StreamChart } from '../ui/stream-chart.tsx';
import { useNames } from '../ui/use-names.ts';
import { Say } from './say.tsx';
import { Why } from './why.tsx';

export function DecisionDetail(): ReactNode {
  const { id } = useParams({ from: '/decisions/$id' });
  const found = useQuery(queries.decision(id));
  const decision = found.data;
  return (
    <Page
      title="Decision"
      back={{ to: '/decisions', label: 'Decisions' }}
      actions={
        <Link className="button primary" to="/proof/$id" params={{ id }}>
          <Icon name="proof" /> Show proof
        </Link>
      }
    >
      {decision ? (
        <Found decision={decision} />
      ) : (
        <Card flush>
          {found.error instanceof ApiError && found.error.status === 404 ? (
            <Empty icon="decide" title="No such decision">
              The node knows none with this id. Was the address copied whole, and is it a decision of this network?
            </Empty>
          ) : (
            <Loaded query={found}>{() => null}</Loaded>
          )}
        </Card>
      )}
    </Page>
  );
}

function Found({ decision }: { decision: DecisionView }): ReactNode {
  const names = useNames();
  const { subject, fromMs, toMs } = decision;
  return (
    <>
      <section className="card verdict" data-standing={standingOf(decision)}>
        <StandingBadge decision={decision} />
        <strong className="say">{sentence(decision.reason)}</strong>
        <p className="dim num">
          {formatDateTime(fromMs)}, for {formatSpan(toMs - fromMs)}
        </p>
      </section>
      {decision.gate.length > 0 && (
        <Notice
          tone="warn"
          title={
            decision.agreement === undefined ? 'Not enough to rely on' : 'The payment is held until someone looks at it'
          }
        >
          {decision.gate.map(sentence).join(' ')}
        </Notice>
      )}
      <div className="columns">
        <div className="stack">
          <Why decision={decision} />
          <WindowCharts decision={decision} />
        </div>
        <div className="stack">
          <Card title="What was decided">
            <Facts
              rows={[
                [
                  'Device',
                  <Link key="device" to="/devices/$subject" params={{ subject }}>
                    {names.get(subject) ?? subject}
                  </Link>,
                ],
                ['Credit', decision.amount > 0 ? formatMoney(decision.amount, decision.currency) : 'None owed'],
                ['Payment', <PaymentLink key="payment" decision={decision} />],
                ['Strangeness', `${(decision.score * 100).toFixed(1)} of 100`],
                ['Money', decision.agreement === undefined ? 'None: this is advice under a watch' : undefined],
                ['Decided', formatDateTime(decision.arrivalMs)],
                ['Place in the log', formatCount(decision.leaf)],
              ]}
            />
            <details className="more">
              <summary>Details</summary>
              <Facts
                rows={[
                  [
                    'Decision id',
                    <span key="id" className="mono">
                      {decision.id}
                    </span>,
                  ],
                  [
                    'Model',
                    <Link key="model" className="mono" to="/models">
                      {decision.model}
                    </Link>,
                  ],
                ]}
              />
            </details>
          </Card>
          <Say decision={decision} />
        </div>
      </div>
    </>
  );
}

function PaymentLink({ decision }: { decision: DecisionView }): ReactNode {
  if (decision.payment)
    return (
      <Link to="/payments/$id" params={{ id: decision.payment }}>
        See the payment
      </Link>
    );
  return standingOf(decision) === 'breached' && decision.amount > 0 ? 'Being ordered' : 'None';
}

/** Reasons are written to stand inside a line; here they stand alone. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

const CHARTS_MAX = 4;

function WindowCharts({ decision }: { decision: DecisionView }): ReactNode {
  const { subject, fromMs, toMs } = decision;
  const streams = useQuery(queries.streams(subject));
  const around = { fromMs: fromMs - 2 * (toMs - fromMs), toMs: toMs + (toMs - fromMs) };
  return (
    <Card title="Readings around the window" aside={<span className="dim">the window is shaded</span>} flush>
      <Loaded query={streams}>
        {(all) =>
          all.some(({ lastMs }) => (lastMs ?? 0) >= around.fromMs) ? (
            <div className="charts two">
              {all.slice(0, CHARTS_MAX).map((stream) => (
                <StreamChart key={stream.stream} stream={stream} height={150} {...around} shade={{ fromMs, toMs }} />
              ))}
            </div>
          ) : (
            <Empty icon="hold" title="Silence">
              No reading came in this window, nor shortly before or after it.
            </Empty>
          )
        }
      </Loaded>
    </Card>
  );
}
