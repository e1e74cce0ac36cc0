import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { rowsOf } from '../api/pages.ts';
import { lists, NEWEST, queries } from '../api/queries.ts';
import type { Overview } from '../api/types.ts';
import { formatCounted } from '../format/amount.ts';
import { PaymentTable } from '../payments/table.tsx';
import { DecisionStrip } from '../ui/decision-strip.tsx';
import { Card, Notice, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
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
      {overview.data && overview.data.undecidable > 0 && (
        <Notice tone="warn" title="Not everything can be decided">
          {overview.data.undecidable} of the agreements and monitors; <Link to="/agreements">see why</Link>.
        </Notice>
      )}
      {overview.data && overview.data.log.unreadable > 0 && (
        <Notice tone="warn" title="Some of the log could not be read">
          {overview.data.log.unreadable} entries are of a form that this release does not know. They were passed over.
        </Notice>
      )}
      <Found overview={overview.data} />
      <Stations overview={overview.data} />
      {overview.data ? <Content overview={overview.data} /> : <Loaded query={overview}>{() => null}</Loaded>}
    </Page>
  );
}

/** What is out there and waits for somebody who accepts it. */
function Found({ overview }: { overview: Overview | undefined }): ReactNode {
  const found = overview?.connectors.found ?? 0;
  if (found === 0) return null;
  return (
    <Notice
      tone="info"
      icon="plug"
      title={`${formatCounted(found, 'thing')} found`}
      actions={
        <Link className="button small" to="/connect" search={{ state: 'found' }}>
          See {found === 1 ? 'it' : 'them'}
        </Link>
      }
    >
      They speak already. What you accept is sealed from then on.
    </Notice>
  );
}

function Content({ overview }: { overview: Overview }): ReactNode {
  const decisions = useInfiniteQuery(lists.decisions({}, NEWEST));
  const payments = useInfiniteQuery(lists.payments({}, NEWEST));
  const own = overview.ownDevice;
  return (
    <>
      {own && <TryIt own={own} overview={overview} />}
      <div className="columns">
        <div className="stack">
          {own && <OwnCharts subject={own.subject} />}
          <Card title="Decided" aside={<Link to="/decisions">All decisions</Link>}>
            <Loaded query={decisions} rows={2}>
              {(pages) => {
                const rows = rowsOf(pages);
                return rows.length > 0 ? <DecisionStrip decisions={rows} /> : <NoDecision />;
              }}
            </Loaded>
          </Card>
          <Card title="Payments" aside={<Link to="/payments">All payments</Link>} flush>
            <Loaded query={payments} rows={2}>
              {(pages) => {
                const rows = rowsOf(pages);
                return rows.length > 0 ? (
                  <PaymentTable payments={rows.slice(0, PAYMENTS_SHOWN)} compact />
                ) : (
                  <Empty icon="pay" title="Nothing has been paid yet">
                    A payment follows when a decision orders one.
                  </Empty>
                );
              }}
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

function NoDecision(): ReactNode {
  return (
    <Empty icon="decide" title="Nothing has fallen due yet">
      What falls due is decided once it is over and its grace has passed.
    </Empty>
  );
}

function More(): ReactNode {
  return (
    <Card title="Bring in more">
      <ul className="more-list">
        <li>
          <strong>What is there already</strong>
          <Link to="/connect">Connect sensors, gateways and systems</Link>
        </li>
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
