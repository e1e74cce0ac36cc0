// The way of a reading as five stations, each with what happened last. A station glows when its count moves.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { rowsOf } from '../api/pages.ts';
import { useLive } from '../api/provider.tsx';
import { lists, NEWEST, queries } from '../api/queries.ts';
import type { DecisionView, Overview } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { standingOf } from '../domains/words.ts';
import { formatCount, formatRate } from '../format/amount.ts';
import { countOf, sumOf, UNDER_WAY } from '../payments/bill.ts';
import { Ago } from '../ui/ago.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';

interface StationProps {
  readonly icon: IconName;
  readonly name: string;
  readonly to: string;
  /** What makes it glow when it changes. */
  readonly beat: string | number;
  readonly value: ReactNode;
  readonly note: ReactNode;
}

function Station({ icon, name, to, beat, value, note }: StationProps): ReactNode {
  return (
    <li className="station">
      <Link to={to}>
        <span className="station-name">
          <i key={beat} className="beat">
            <Icon name={icon} size={16} />
          </i>
          {name}
        </span>
        <strong>{value}</strong>
        <small>{note}</small>
      </Link>
    </li>
  );
}

const unknown = <span className="skeleton" style={{ width: 64, height: 22 }} />;

export function Stations({ overview }: { overview: Overview | undefined }): ReactNode {
  const { rates } = useLive();
  const lastDecision = rowsOf(useInfiniteQuery(lists.decisions({}, NEWEST)).data)[0];
  const size = overview?.log.size;
  const proven = overview?.log.checkpointSize;
  return (
    <ol className="stations" aria-label="The way of a reading">
      <DevicesStation />
      <Station
        icon="seal"
        name="Sealed"
        to="/devices"
        beat={size ?? 0}
        value={size === undefined ? unknown : formatCount(size)}
        note={formatRate(rates) ?? 'statements and orders'}
      />
      <DecidedStation last={lastDecision} />
      <PaidStation />
      <Station
        icon="proof"
        name="Provable"
        to={lastDecision ? `/proof/${lastDecision.id}` : '/verify'}
        beat={proven ?? 0}
        value={proven === undefined || !size ? unknown : `${Math.floor((100 * proven) / size)} %`}
        note={lastDecision ? 'see the latest proof' : 'of all that is sealed'}
      />
    </ol>
  );
}

function DevicesStation(): ReactNode {
  const devices = useQuery(queries.heard()).data;
  const live = useLive().seals.find(({ kind }) => kind === 'pack');
  const heardMs = Math.max(devices?.items[0]?.lastArrivalMs ?? 0, live?.arrivalMs ?? 0);
  return (
    <Station
      icon="device"
      name="Devices"
      to="/devices"
      beat={heardMs ?? 0}
      value={devices ? formatCount(devices.counts.total) : unknown}
      note={
        heardMs ? (
          <>
            heard <Ago ms={heardMs} />
          </>
        ) : (
          'none heard yet'
        )
      }
    />
  );
}

function DecidedStation({ last }: { last: DecisionView | undefined }): ReactNode {
  const totals = useQuery(queries.totals()).data;
  const domains = useDomains();
  return (
    <Station
      icon="decide"
      name="Decided"
      to="/decisions"
      beat={last?.id ?? ''}
      value={totals ? formatCount(totals.decisions) : unknown}
      note={
        last ? (
          <>
            {standingOf(domains, last).label.toLowerCase()}, <Ago ms={last.arrivalMs} />
          </>
        ) : (
          'nothing has fallen due yet'
        )
      }
    />
  );
}

function PaidStation(): ReactNode {
  const payments = useInfiniteQuery(lists.payments({}, NEWEST)).data;
  const states = payments?.pages[0]?.counts.states;
  const underWay = countOf(states, UNDER_WAY) ?? 0;
  const lastPaidMs = rowsOf(payments).find(({ state }) => state === 'paid')?.paidMs;
  return (
    <Station
      icon="pay"
      name="Paid"
      to="/payments"
      beat={`${countOf(states, 'paid') ?? 0} ${underWay}`}
      value={states === undefined ? unknown : sumOf(states, 'paid')}
      note={
        underWay > 0 ? (
          `${formatCount(underWay)} on the way`
        ) : lastPaidMs ? (
          <>
            last one <Ago ms={lastPaidMs} />
          </>
        ) : (
          'nothing owed so far'
        )
      }
    />
  );
}
