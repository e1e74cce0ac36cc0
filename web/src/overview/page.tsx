import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import type { Overview } from '../api/types.ts';
import { PaymentTable } from '../payments/list.tsx';
import { Card, Notice, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { WindowStrip } from '../ui/window-strip.tsx';
import { LiveSeals } from './live-seals.tsx';
import { OwnCharts } from './own-charts.tsx';
import { Refused } from './refused.tsx';
import { Stations } from './stations.tsx';
import { TryIt } from './try-it.tsx';

const PAYMENTS_SHOWN = 4;

export function OverviewPage(): ReactNode {
  const overview = useQuery(queries.overview());
  return (
    <Page title="Now" about="From a device’s signature to a payment that anyone can check.">
      {overview.data?.problem && (
        <Notice tone="bad" title="The node needs help">
          {overview.data.problem}
        </Notice>
      )}
      <Stations overview={overview.data} />
      {overview.data ? <Content overview={overview.data} /> : <Loaded query={overview}>{() => null}</Loaded>}
    </Page>
  );
}

function Content({ overview }: { overview: Overview }): ReactNode {
  const decisions = useQuery(queries.decisions());
  const payments = useQuery(queries.payments());
  const own = overview.ownDevice;
  return (
    <>
      {own && <TryIt own={own} overview={overview} />}
      <div className="columns">
        <div className="stack">
          {own && <OwnCharts subject={own.subject} />}
          <Card title="Windows judged" aside={<Link to="/decisions">All decisions</Link>}>
            <Loaded query={decisions} rows={2}>
              {(rows) => (rows.length > 0 ? <WindowStrip decisions={rows} /> : <FirstWindow />)}
            </Loaded>
          </Card>
          <Card title="Payments" aside={<Link to="/payments">All payments</Link>} flush>
            <Loaded query={payments} rows={2}>
              {(rows) =>
                rows.length > 0 ? (
                  <PaymentTable payments={rows.slice(0, PAYMENTS_SHOWN)} compact />
                ) : (
                  <Empty icon="pay" title="Nothing has been paid yet">
                    A credit follows when a window is breached.
                  </Empty>
                )
              }
            </Loaded>
          </Card>
        </div>
        <div className="stack">
          <LiveSeals />
          <Refused counts={overview.ingest.refused} />
          <More />
        </div>
      </div>
    </>
  );
}

function FirstWindow(): ReactNode {
  return (
    <Empty icon="decide" title="The first window is still open">
      It is judged a few seconds after it ends.
    </Empty>
  );
}

function More(): ReactNode {
  return (
    <Card title="Bring in more">
      <ul className="more-list">
        <li>
          <strong>A file of measurements</strong>
          <code className="mono">npx trine import FILE.csv</code>
        </li>
        <li>
          <strong>A proof someone sent you</strong>
          <Link to="/verify">Check a proof file</Link>
        </li>
      </ul>
    </Card>
  );
}
