import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../api/queries.ts';
import type { DeviceView } from '../api/types.ts';
import { formatCount } from '../format/amount.ts';
import { shorten } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge, ClassBadge, FlagBadges } from '../ui/badge.tsx';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';

const SHOWN_MAX = 300;

export function DevicesPage(): ReactNode {
  const devices = useQuery(queries.devices());
  const [wanted, setWanted] = useState('');
  return (
    <Page
      title="Devices"
      about="Everything that speaks here, or is spoken about: who signs for it, and when it was last heard."
      actions={
        <input
          className="search"
          type="search"
          placeholder="Find a device"
          aria-label="Find a device"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      }
    >
      <Card flush>
        <Loaded query={devices} rows={6}>
          {(all) => (
            <DeviceTable
              devices={inOrder(all).filter((device) => matches(device, wanted))}
              spokenFor={countSpokenFor(all)}
              isFiltered={wanted !== ''}
            />
          )}
        </Loaded>
      </Card>
    </Page>
  );
}

function matches({ name, subject }: DeviceView, wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  return name.toLowerCase().includes(text) || subject.toLowerCase().includes(text);
}

/** What speaks for itself comes first, what is spoken about after it; a long import would bury the rest. */
function inOrder(devices: readonly DeviceView[]): DeviceView[] {
  const own = ({ subject, keyOwner }: DeviceView): number => (subject === keyOwner ? 0 : 1);
  return [...devices].sort((a, b) => own(a) - own(b));
}

/** How many other things each key owner of a key signs about: importers and gateways need not say anything of themselves. */
function countSpokenFor(devices: readonly DeviceView[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { subject, keyOwner } of devices)
    if (keyOwner !== subject) counts.set(keyOwner, (counts.get(keyOwner) ?? 0) + 1);
  return counts;
}

interface DeviceTableProps {
  readonly devices: readonly DeviceView[];
  readonly spokenFor: ReadonlyMap<string, number>;
  readonly isFiltered: boolean;
}

function DeviceTable({ devices, spokenFor, isFiltered }: DeviceTableProps): ReactNode {
  if (devices.length === 0)
    return isFiltered ? (
      <Empty icon="device" title="No device by that name">
        Try a part of its name.
      </Empty>
    ) : (
      <Empty icon="device" title="No devices yet">
        Bring in a file of measurements with <code className="mono">npx trine import FILE.csv</code>, or point your MQTT
        devices at this node.
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
          {devices.slice(0, SHOWN_MAX).map((device) => (
            <DeviceRow key={device.subject} device={device} spokenFor={spokenFor.get(device.subject) ?? 0} />
          ))}
        </tbody>
      </table>
      {devices.length > SHOWN_MAX && (
        <p className="card-body dim">{formatCount(devices.length - SHOWN_MAX)} more; find one by a part of its name.</p>
      )}
    </div>
  );
}

function DeviceRow({ device, spokenFor }: { device: DeviceView; spokenFor: number }): ReactNode {
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
        {device.lastArrivalMs === undefined ? <span className="dim">never</span> : <Ago ms={device.lastArrivalMs} />}
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
          <FlagBadges flags={device.flags} />
          {spokenFor > 0 && <Badge>signs for {formatCount(spokenFor)}</Badge>}
        </span>
      </td>
    </tr>
  );
}
