import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { rowsOf } from '../api/pages.ts';
import { lists, NEWEST, queries } from '../api/queries.ts';
import type { DeviceView } from '../api/types.ts';
import { formatCount, formatCounted } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { shorten } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge, ClassBadge, FlagBadges, ForkBadge } from '../ui/badge.tsx';
import { DecisionStrip } from '../ui/decision-strip.tsx';
import { Card, Facts, Figure, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { ForecastCard } from './forecast.tsx';
import { DeviceKeys } from './keys.tsx';
import { RawReadings } from './raw.tsx';
import { ReadingCharts } from './readings.tsx';
import { RecentSeals } from './recent-seals.tsx';
import { ForkNotice } from './sequence.tsx';
import { WatchCard } from './watch.tsx';

export function DeviceDetail(): ReactNode {
  const { subject } = useParams({ from: '/devices/$subject' });
  const { data: device, ...asked } = useQuery(queries.device(subject));
  return (
    <Page
      title={device?.name ?? shorten(subject, 40)}
      back={{ to: '/devices', label: 'Devices' }}
      actions={device && <DeviceBadges device={device} />}
    >
      {device ? (
        // Of another thing nothing is kept: what is typed or chosen was about this one.
        <Known key={subject} device={device} />
      ) : (
        <Card flush>
          {device === null ? (
            <Empty icon="device" title="No such device">
              Nobody speaks about “{shorten(subject, 60)}” here, and no key of that name was let in.
            </Empty>
          ) : (
            <Loaded query={{ ...asked, data: undefined } as never}>{() => null}</Loaded>
          )}
        </Card>
      )}
    </Page>
  );
}

function Known({ device }: { device: DeviceView }): ReactNode {
  const { subject, name } = device;
  const streams = useQuery(queries.streams(subject));
  const hasStreams = streams.data !== undefined && streams.data.length > 0;
  return (
    <>
      <ForkNotice device={device} />
      <DeviceFigures device={device} streams={streams.data?.length} />
      <Loaded query={streams} rows={5}>
        {(all) => <ReadingCharts streams={all} />}
      </Loaded>
      {hasStreams && <RawReadings subject={subject} streams={streams.data} />}
      {hasStreams && <ForecastCard streams={streams.data} />}
      {hasStreams && <WatchCard subject={subject} name={name} />}
      <Decided subject={subject} />
      <RecentSeals subject={subject} />
      <Card>
        <details>
          <summary>Details</summary>
          <Facts
            rows={[
              ['Subject', <Mono key="subject" text={subject} />],
              ['Signing key of', <Mono key="holder" text={device.keyOwner} />],
              ['Kind', device.kind],
              ['Statements', formatCount(device.statements)],
              ['Keys', device.keys.length > 0 ? <DeviceKeys key="keys" device={device} /> : undefined],
            ]}
          />
        </details>
      </Card>
    </>
  );
}

function Mono({ text }: { text: string }): ReactNode {
  return <span className="mono">{text}</span>;
}

function Decided({ subject }: { subject: string }): ReactNode {
  const decisions = useInfiniteQuery(lists.decisions({ subject }, NEWEST));
  const rows = rowsOf(decisions.data);
  if (rows.length === 0) return null;
  const total = decisions.data?.pages[0]?.counts.total ?? rows.length;
  return (
    <Card
      title="Decisions about it"
      aside={
        <Link to="/decisions" search={{ subject }}>
          {total === 1 ? 'The one decision' : `All ${formatCounted(total, 'decision')}`}
        </Link>
      }
    >
      <DecisionStrip decisions={rows} />
    </Card>
  );
}

function DeviceBadges({ device }: { device: DeviceView }): ReactNode {
  return (
    <>
      <ClassBadge name={device.class} />
      {device.revoked && (
        <Badge tone="bad" icon="cross">
          key revoked
        </Badge>
      )}
      <ForkBadge fork={device.fork} />
      <FlagBadges flags={device.flags} />
    </>
  );
}

function DeviceFigures({ device, streams }: { device: DeviceView; streams: number | undefined }): ReactNode {
  const { lastArrivalMs, lastEventMs } = device;
  return (
    <div className="figures">
      <Figure label="Readings" value={formatCount(device.readings)} />
      <Figure label="Sealed statements" value={formatCount(device.statements)} />
      <Figure label="Quantities" value={streams === undefined ? '–' : formatCount(streams)} />
      <Figure
        label="Last heard"
        value={lastArrivalMs === undefined ? 'Never' : <Ago ms={lastArrivalMs} />}
        note={device.class === 'imported' && lastEventMs !== undefined && `data up to ${formatDateTime(lastEventMs)}`}
      />
    </div>
  );
}
