import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DeviceFilter } from '../api/filters.ts';
import { rowsOf } from '../api/pages.ts';
import { lists } from '../api/queries.ts';
import type { DeviceView } from '../api/types.ts';
import { formatCount } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { classWords, shorten } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge, ClassBadge, FlagBadges, ForkBadge } from '../ui/badge.tsx';
import { Select } from '../ui/choices.tsx';
import { Field } from '../ui/field.tsx';
import { Card, Page } from '../ui/page.tsx';
import { More } from '../ui/pages.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useChangeFilter } from '../ui/use-filter.ts';

type Sort = DeviceFilter['sort'];
const orders: readonly (readonly [Exclude<Sort, undefined> | '', string])[] = [
  ['', 'By path'],
  ['name', 'By name'],
  ['newest', 'Heard last first'],
  ['silent', 'Longest silent first'],
];

export function DevicesPage(): ReactNode {
  const filter: DeviceFilter = useSearch({ from: '/devices' });
  const devices = useInfiniteQuery(lists.devices(filter));
  const change = useChangeFilter(filter);
  const counts = devices.data?.pages[0]?.counts;
  const classes = (counts?.classes ?? []).map(
    (one) => [one.class, `${classWords(one.class).label} (${formatCount(one.count)})`] as const,
  );
  const kinds = (counts?.kinds ?? []).filter(({ kind }) => kind !== '');
  return (
    <Page
      title="Devices"
      about="Everything that speaks here, or is spoken about: who signs for it, and when it last measured."
    >
      <div className="fields list-filters">
        <Field label="Find a device">
          <input
            type="search"
            placeholder="A part of its name"
            value={filter.name ?? ''}
            onChange={({ target }) => change({ name: target.value || undefined }, true)}
          />
        </Field>
        <Select
          label="Signed by"
          value={filter.class}
          options={[['', 'Any key'], ...classes]}
          onChange={(wanted) => change({ class: wanted })}
        />
        {(kinds.length > 0 || filter.kind !== undefined) && (
          <Select
            label="Kind"
            value={filter.kind}
            options={[
              ['', 'Any kind'],
              ...kinds.map(({ kind, count }) => [kind, `${kind} (${formatCount(count)})`] as const),
            ]}
            onChange={(wanted) => change({ kind: wanted })}
          />
        )}
        <Select label="Order" value={filter.sort} options={orders} onChange={(wanted) => change({ sort: wanted })} />
      </div>
      <Card flush>
        <Loaded query={devices} rows={6}>
          {(pages) => <DeviceTable devices={rowsOf(pages)} isFiltered={Object.keys(filter).length > 0} />}
        </Loaded>
      </Card>
      <More query={devices} of="device" />
    </Page>
  );
}

function DeviceTable({ devices, isFiltered }: { devices: readonly DeviceView[]; isFiltered: boolean }): ReactNode {
  if (devices.length === 0)
    return isFiltered ? (
      <Empty icon="device" title="No device of that kind">
        Try a part of its name, or <Link to="/devices">show all devices</Link>.
      </Empty>
    ) : (
      <Empty icon="device" title="No devices yet">
        Bring in a file of measurements with <code className="mono">npx trine import FILE.csv</code>, or{' '}
        <Link to="/connect">connect what you have</Link>.
      </Empty>
    );
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th className="wide-only">Signed by</th>
            <th className="end">Readings</th>
            <th className="end">Last heard</th>
            <th className="wide-only">Notes</th>
          </tr>
        </thead>
        <tbody>
          {devices.map((device) => (
            <DeviceRow key={device.subject} device={device} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DeviceRow({ device }: { device: DeviceView }): ReactNode {
  return (
    <tr className="link">
      <td>
        <Link className="row-link" to="/devices/$subject" params={{ subject: device.subject }} title={device.subject}>
          {shorten(device.name, 34)}
        </Link>
      </td>
      <td className="wide-only">
        <ClassBadge name={device.class} />
      </td>
      <td className="end">{formatCount(device.readings)}</td>
      <td className="end">
        {device.lastArrivalMs === undefined ? (
          <span className="dim">no reading</span>
        ) : (
          <Ago ms={device.lastArrivalMs} />
        )}
        {device.class === 'imported' && device.lastEventMs !== undefined && (
          <small className="dim block">data up to {formatDateTime(device.lastEventMs)}</small>
        )}
      </td>
      <td className="wide-only">
        <span className="row">
          {device.revoked && (
            <Badge tone="bad" icon="cross">
              key revoked
            </Badge>
          )}
          {device.trustPpm !== undefined && (
            <Badge
              tone={device.trustPpm < 500_000 ? 'warn' : 'plain'}
              icon={device.trustPpm < 500_000 ? 'warn' : 'check'}
              title="How well its readings fit physics, its neighbours and what is conserved"
            >
              trust {Math.floor(device.trustPpm / 10_000)} %
            </Badge>
          )}
          <ForkBadge fork={device.fork} />
          <FlagBadges flags={device.flags} />
        </span>
      </td>
    </tr>
  );
}
