// The way of a reading as five stations, each with what happened last. A station glows when its count moves.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLive } from '../api/provider.tsx';
import { queries, ROWS_MAX } from '../api/queries.ts';
import type { Overview } from '../api/types.ts';
import { formatCount, sumMoney } from '../format/amount.ts';
import { standingOf } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { standings } from '../ui/badge.tsx';
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
const more = (rows: readonly unknown[]): string => `${formatCount(rows.length)}${rows.length >= ROWS_MAX ? '+' : ''}`;

export function Stations({ overview }: { overview: Overview | undefined }): ReactNode {
  const { rates } = useLive();
  const devices = useQuery(queries.devices()).data;
  const decisions = useQuery(queries.decisions()).data;
  const payments = useQuery(queries.payments()).data;
  const agreements = useQuery(queries.agreements()).data;
  const heardMs = devices?.reduce((last, { lastArrivalMs }) => Math.max(last, lastArrivalMs ?? 0), 0);
  const paid = payments?.filter(({ state }) => state === 'paid');
  const ordered = payments?.find(({ state }) => state === 'ordered');
  // Where the list is cut off, the contracts know the sum.
  const isAll = (payments?.length ?? 0) < ROWS_MAX;
  const totals = agreements?.map(({ paid: amount, terms }) => ({ amount, currency: terms.money.currency }));
  const lastDecision = decisions?.[0];
  const lastPaidMs = paid?.[0]?.paidMs;
  const size = overview?.log.size;
  const proven = overview?.log.checkpointSize;
  return (
    <ol className="stations" aria-label="The way of a reading">
      <Station
        icon="device"
        name="Devices"
        to="/devices"
        beat={heardMs ?? 0}
        value={devices ? formatCount(devices.length) : unknown}
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
      <Station
        icon="seal"
        name="Sealed"
        to="/devices"
        beat={size ?? 0}
        value={size === undefined ? unknown : formatCount(size)}
        note={`${formatRate(rates)} a second`}
      />
      <Station
        icon="decide"
        name="Judged"
        to="/decisions"
        beat={lastDecision?.id ?? ''}
        value={decisions ? more(decisions) : unknown}
        note={
          lastDecision ? (
            <>
              {standings[standingOf(lastDecision)].label.toLowerCase()}, <Ago ms={lastDecision.arrivalMs} />
            </>
          ) : (
            'first window still open'
          )
        }
      />
      <Station
        icon="pay"
        name="Paid"
        to="/payments"
        beat={`${paid?.length ?? 0} ${ordered?.id ?? ''}`}
        value={paid ? sumMoney(isAll ? paid : (totals ?? paid)) : unknown}
        note={
          ordered ? (
            'one is on its way'
          ) : lastPaidMs ? (
            <>
              last one <Ago ms={lastPaidMs} />
            </>
          ) : (
            'nothing owed so far'
          )
        }
      />
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

/** Over the last seconds, so that the figure can be read. */
function formatRate(rates: readonly number[]): string {
  const recent = rates.slice(-5);
  const mean = recent.reduce((sum, rate) => sum + rate, 0) / (recent.length || 1);
  return mean >= 10 ? formatCount(Math.round(mean)) : mean.toFixed(1);
}
