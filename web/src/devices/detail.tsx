import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import type { DeviceView, StreamView } from '../api/types.ts';
import { formatCount } from '../format/amount.ts';
import { shorten } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge, ClassBadge, FlagBadges } from '../ui/badge.tsx';
import { DecisionStrip } from '../ui/decision-strip.tsx';
import { Card, Facts, Figure, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { StreamChart } from '../ui/stream-chart.tsx';
import { ForecastCard } from './forecast.tsx';
import { DeviceKeys } from './keys.tsx';
import { RecentSeals } from './recent-seals.tsx';
import { WatchCard } from './watch.tsx';

const CHARTS_MAX = 12;

export function DeviceDetail(): ReactNode {
  const { subject } = useParams({ from: '/devices/$subject' });
  const devices = useQuery(queries.devices());
  const streams = useQuery(queries.streams(subject));
  const decisions = useQuery(queries.decisionsOf({ subject }));
  const device = devices.data?.find((each) => each.subject === subject);
  return (
    <Page
      title={device?.name ?? shorten(subject, 40)}
      back={{ to: '/devices', label: 'Devices' }}
      actions={device && <DeviceBadges device={device} />}
    >
      {device && <DeviceFigures device={device} streams={streams.data?.length} />}
      <Card title="Readings" flush>
        <Loaded query={streams} rows={5}>
          {(all) => <Charts streams={all} />}
        </Loaded>
      </Card>
      {streams.data && streams.data.length > 0 && <ForecastCard streams={streams.data} />}
      {streams.data && streams.data.length > 0 && <WatchCard subject={subject} name={device?.name ?? subject} />}
      {decisions.data && decisions.data.length > 0 && (
        <Card title="Decisions about it" aside={<Link to="/decisions">All decisions</Link>}>
          <DecisionStrip decisions={decisions.data} />
        </Card>
      )}
      <RecentSeals subject={subject} />
      {device && (
        <Card>
          <details>
            <summary>Details</summary>
            <Facts
              rows={[
                [
                  'Subject',
                  <span key="subject" className="mono">
                    {device.subject}
                  </span>,
                ],
                [
                  'Signing key of',
                  <span key="holder" className="mono">
                    {device.keyOwner}
                  </span>,
                ],
                ['Statements', formatCount(device.statements)],
                ['Keys', device.keys.length > 0 ? <DeviceKeys key="keys" device={device} /> : undefined],
              ]}
            />
          </details>
        </Card>
      )}
    </Page>
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
      <FlagBadges flags={device.flags} />
    </>
  );
}

function DeviceFigures({ device, streams }: { device: DeviceView; streams: number | undefined }): ReactNode {
  return (
    <div className="figures">
      <Figure label="Readings" value={formatCount(device.readings)} />
      <Figure label="Sealed statements" value={formatCount(device.statements)} />
      <Figure label="Quantities" value={streams === undefined ? '–' : formatCount(streams)} />
      <Figure
        label="Last heard"
        value={device.lastArrivalMs === undefined ? 'Never' : <Ago ms={device.lastArrivalMs} />}
      />
    </div>
  );
}

function Charts({ streams }: { streams: readonly StreamView[] }): ReactNode {
  if (streams.length === 0)
    return (
      <Empty icon="now" title="No readings yet">
        They appear here as soon as the device has said something and it is sealed.
      </Empty>
    );
  return (
    <div className={streams.length === 1 ? 'charts one' : 'charts'}>
      {streams.slice(0, CHARTS_MAX).map((stream) => (
        <StreamChart key={stream.stream} stream={stream} height={streams.length === 1 ? 220 : 110} />
      ))}
    </div>
  );
}
