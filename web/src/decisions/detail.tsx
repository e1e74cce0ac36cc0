import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { gateWords } from '@trine/engine';
import type { ReactNode } from 'react';
import { isNotFound } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { DecisionDetail, DecisionView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { readable, standingOf } from '../domains/words.ts';
import { formatCount, formatCounted, formatMoney } from '../format/amount.ts';
import { formatDateTime, formatSpan, timeZone } from '../format/time.ts';
import { classWords, heldWords, outcomeWords, sentence } from '../format/words.ts';
import { WordBadge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Facts, Notice, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { StreamChart } from '../ui/stream-chart.tsx';
import { useNames } from '../ui/use-names.ts';
import { ByHand } from './by-hand.tsx';
import { Corrections, Entries } from './effects.tsx';
import { RowTable } from './rows.tsx';
import { Say } from './say.tsx';
import { Why } from './why.tsx';

export function DecisionPage(): ReactNode {
  const { id } = useParams({ from: '/decisions/$id' });
  const found = useQuery(queries.decision(id));
  const decision = found.data;
  const name = useNames().get(decision?.subject ?? '') ?? decision?.subject;
  return (
    <Page
      title="Decision"
      tab={decision && `Decision, ${name}, ${formatDateTime(decision.fromMs)}`}
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
          {isNotFound(found.error) ? (
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

function Found({ decision }: { decision: DecisionDetail }): ReactNode {
  const { fromMs, toMs, rowCount } = decision;
  const standing = standingOf(useDomains(), decision);
  return (
    <>
      <section className="card verdict" data-tone={standing.tone}>
        <WordBadge word={standing} />
        <strong className="say">{sentence(decision.reason)}</strong>
        <p className="dim num">
          {formatDateTime(fromMs)} to {formatDateTime(toMs)} ({timeZone}), {formatSpan(toMs - fromMs)}
        </p>
      </section>
      <Caveats decision={decision} />
      <ByHand decision={decision} />
      <div className="columns">
        <div className="stack">
          <Why decision={decision} />
          <Entries decision={decision} />
          {rowCount !== undefined && (
            <Card title="Lines of the parties" flush>
              <RowTable decision={decision} />
            </Card>
          )}
          <Corrections decision={decision} />
          <ReadingsAround decision={decision} />
        </div>
        <div className="stack">
          <Decided decision={decision} />
          <Measured decision={decision} />
          <Say decision={decision} />
        </div>
      </div>
    </>
  );
}

/** What stands against relying on it. */
function Caveats({ decision: { gate, outcome, supersededBy, byHand } }: { decision: DecisionDetail }): ReactNode {
  return (
    <>
      {gate.length > 0 && (
        <Notice tone="warn" title={outcome === 'hold' ? outcomeWords(outcome, byHand) : 'Not enough to rely on'}>
          {gate.map(gateWords).join(' ')}
          {outcome === 'hold' && byHand === undefined && ` ${heldWords}`}
        </Notice>
      )}
      {supersededBy && (
        <Notice
          tone="info"
          title="Decided again since"
          actions={
            <Link className="button small" to="/decisions/$id" params={{ id: supersededBy }}>
              See the newer one
            </Link>
          }
        >
          Corrected or late readings changed what is known of this time.
        </Notice>
      )}
    </>
  );
}

function Decided({ decision }: { decision: DecisionDetail }): ReactNode {
  const names = useNames();
  const { subject, score, outcome, agreement, trigger, statesBefore, statesAfter } = decision;
  return (
    <Card title="What was decided">
      <Facts
        rows={[
          [
            'Device',
            <Link key="device" to="/devices/$subject" params={{ subject }}>
              {names.get(subject) ?? subject}
            </Link>,
          ],
          ['Because of', readable(trigger)],
          ['Amount', amountWords(decision)],
          ['What follows', outcomeWords(outcome, decision.byHand)],
          ['Payment', agreement !== undefined && <PaymentLink key="payment" decision={decision} />],
          ['Anomaly score', score && `${percent(score.ppm)}; remarkable from ${percent(score.thresholdPpm)}`],
          ['Owners whose readings count', formatCount(decision.owners)],
          ['Their keys', decision.owners > 0 && `${classWords(decision.class).label}, or better`],
          ['States', `${formatCount(statesBefore)} before, ${formatCount(statesAfter)} after`],
          ['Decided', formatDateTime(decision.arrivalMs)],
          ['Looked at', `the first ${formatCounted(decision.cut, 'place')} in the log`],
          ['Place in the log', formatCount(decision.leaf)],
        ]}
      />
      <details className="more">
        <summary>Details</summary>
        <Facts rows={hashesOf(decision)} />
      </details>
    </Card>
  );
}

/** What is owed by its lines stands with each of them. */
function amountWords({ amount, currency, rowCount = 0 }: DecisionDetail): string {
  if (amount > 0) return formatMoney(amount, currency);
  return rowCount > 0 ? 'By its lines' : 'None owed';
}

function percent(ppm: number): string {
  return `${(ppm / 10_000).toFixed(1)} %`;
}

function hashesOf({ id, obligation, policy, model, base, revision }: DecisionDetail): (readonly [string, ReactNode])[] {
  return [
    ['Decision id', <Hash key="id" text={id} />],
    ['Obligation', <Hash key="obligation" text={obligation} />],
    ['Corrects', base && <Hash key="base" text={base} />],
    ['Correction number', revision],
    ['Terms', <Hash key="policy" text={policy} />],
    [
      'Model',
      <Link key="model" className="mono" to="/models">
        {model}
      </Link>,
    ],
  ];
}

function Hash({ text }: { text: string }): ReactNode {
  return <span className="mono">{text}</span>;
}

/** The facts it rests on, in the names of its domain. */
function Measured({ decision: { facts } }: { decision: DecisionView }): ReactNode {
  const names = Object.entries(facts);
  if (names.length === 0) return null;
  return (
    <Card title="Facts">
      <Facts
        rows={names.map(([name, value]) => [readable(name), typeof value === 'number' ? formatCount(value) : value])}
      />
    </Card>
  );
}

function PaymentLink({ decision: { payment, outcome, awaits, byHand } }: { decision: DecisionDetail }): ReactNode {
  if (payment)
    return (
      <Link to="/payments/$id" params={{ id: payment }}>
        See the payment
      </Link>
    );
  if (outcome === 'hold') return byHand?.ruling === 'pay' ? 'Being ordered' : 'Held: not paid';
  if (awaits) return `Not paid yet. ${awaits}`;
  return outcome === 'pay' ? 'Being ordered' : 'None';
}

const CHARTS_MAX = 4;

function ReadingsAround({ decision }: { decision: DecisionView }): ReactNode {
  const { subject, fromMs, toMs } = decision;
  const streams = useQuery(queries.streams(subject));
  const name = useNames().get(subject) ?? subject;
  const around = { fromMs: fromMs - 2 * (toMs - fromMs), toMs: toMs + (toMs - fromMs) };
  return (
    <Card title="Readings around it" aside={<span className="dim">the time decided on is shaded</span>} flush>
      <Loaded query={streams}>
        {(all) =>
          all.some(({ lastMs }) => (lastMs ?? 0) >= around.fromMs) ? (
            <div className="charts two">
              {all.slice(0, CHARTS_MAX).map((stream) => (
                <StreamChart key={stream.stream} stream={stream} height={150} {...around} shade={{ fromMs, toMs }} />
              ))}
            </div>
          ) : (
            <Empty icon="hold" title="No readings of its own">
              {name} measured nothing in this time, nor shortly before or after it.
            </Empty>
          )
        }
      </Loaded>
    </Card>
  );
}
