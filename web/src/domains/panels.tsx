// The panels of a domain, drawn for one policy: facts of its decisions, readings of its thing, lines of single parties.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Panel } from '@trine/engine';
import { type ReactNode, useMemo, useState } from 'react';
import { rowsOf } from '../api/pages.ts';
import { lists, PANEL_ROWS, queries } from '../api/queries.ts';
import type { DecisionView } from '../api/types.ts';
import { RowTable } from '../decisions/rows.tsx';
import { formatCount, formatMoney, formatValue } from '../format/amount.ts';
import { formatMoment, formatWindow } from '../format/time.ts';
import { Chart } from '../ui/chart.tsx';
import type { ChartData } from '../ui/chart-table.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { StreamChart } from '../ui/stream-chart.tsx';
import { useNow } from '../ui/use-now.ts';
import { useDomains } from './use-domains.ts';
import { readable } from './words.ts';

export interface PanelsProps {
  /** Hash of the policy. */
  readonly policy: string;
  readonly domain: string;
  readonly subject: string;
  readonly currency: string;
}

export function Panels({ policy, domain, subject, currency }: PanelsProps): ReactNode {
  const panels = useDomains().get(domain)?.panels ?? [];
  const decisions = useInfiniteQuery(lists.decisions({ policy }, PANEL_ROWS));
  return (
    <Loaded query={decisions} rows={3}>
      {(pages) => {
        const rows = rowsOf(pages);
        return rows.length === 0 ? (
          <Empty icon="decide" title="Nothing is decided under it yet">
            What its domain draws appears with the first decision.
          </Empty>
        ) : (
          <div className="stack">
            {panels.map((panel) => (
              <section key={panel.id} aria-label={panel.title}>
                <h3>{panel.title}</h3>
                <PanelContent panel={panel} decisions={rows} subject={subject} currency={currency} />
              </section>
            ))}
            {decisions.hasNextPage && <p className="dim">Of the newest {PANEL_ROWS} decisions.</p>}
          </div>
        );
      }}
    </Loaded>
  );
}

interface PanelContentProps {
  readonly panel: Panel;
  /** Newest first. */
  readonly decisions: readonly DecisionView[];
  readonly subject: string;
  readonly currency: string;
}

function PanelContent({ panel, decisions, subject, currency }: PanelContentProps): ReactNode {
  if (panel.kind === 'readings') return <Readings subject={subject} quantities={panel.of} />;
  if (panel.kind === 'rows') return <NewestRows decisions={decisions} facts={panel.of} />;
  const format = formatOf(panel.unit, currency);
  return (
    <div className="charts two">
      {panel.of.map((name) => (
        <FactChart key={name} name={name} decisions={decisions} format={format} />
      ))}
    </div>
  );
}

/** Lines of the newest decision that stands and has some: a correction without lines says nothing of the parties. */
function NewestRows({ decisions, facts }: { decisions: readonly DecisionView[]; facts: readonly string[] }): ReactNode {
  const now = useNow();
  const newest = decisions.find(({ rowCount = 0, supersededBy }) => rowCount > 0 && supersededBy === undefined);
  if (newest === undefined) return <p className="dim">No decision with lines of parties stands yet.</p>;
  return (
    <>
      <p className="dim">
        Of{' '}
        <Link to="/decisions/$id" params={{ id: newest.id }}>
          {formatWindow(newest.fromMs, newest.toMs, now)}
        </Link>
        , the newest that stands.
      </p>
      <RowTable decision={newest} facts={facts} />
    </>
  );
}

/** @param unit of a panel: SenML, `money`, `ppm` or `count` */
function formatOf(unit: string | undefined, currency: string): (value: number) => string {
  if (unit === 'money') return (value) => formatMoney(value, currency);
  if (unit === 'ppm') return (value) => `${(value / 10_000).toFixed(1)} %`;
  if (unit === undefined || unit === 'count') return formatCount;
  return (value) => formatValue(value, unit);
}

interface FactChartProps {
  readonly name: string;
  readonly decisions: readonly DecisionView[];
  readonly format: (value: number) => string;
}

function FactChart({ name, decisions, format }: FactChartProps): ReactNode {
  const [at, setAt] = useState<number>();
  const data = useMemo((): ChartData => {
    const known = decisions.filter(({ facts }) => typeof facts[name] === 'number').toReversed();
    const none = known.map(() => null);
    return {
      timeMs: known.map(({ toMs }) => toMs),
      mean: known.map(({ facts }) => Number(facts[name])),
      low: none,
      high: none,
    };
  }, [decisions, name]);
  const shown = at ?? data.timeMs.length - 1;
  const value = data.mean[shown];
  const title = readable(name);
  const told = typeof value === 'number' ? format(value) : '–';
  return (
    <figure className="live-chart">
      <figcaption>
        <span title={name}>{title}</span>
        <strong>{told}</strong>
        <small>{formatMoment(data.timeMs[shown] ?? 0, Date.now())}</small>
      </figcaption>
      <Chart data={data} label={`${title}, last ${told}`} height={140} whole format={format} onPoint={setAt} />
    </figure>
  );
}

function Readings({ subject, quantities }: { subject: string; quantities: readonly string[] }): ReactNode {
  const streams = useQuery(queries.streams(subject));
  return (
    <Loaded query={streams} rows={2}>
      {(all) => (
        <div className="charts two">
          {all
            .filter(({ quantity }) => quantities.includes(quantity))
            .map((stream) => (
              <StreamChart key={stream.stream} stream={stream} height={140} />
            ))}
        </div>
      )}
    </Loaded>
  );
}
