// One stream: its past from the node, its present from the live events.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import type { Point } from '../api/live.ts';
import { useLive, useLiveStore } from '../api/provider.tsx';
import { queries } from '../api/queries.ts';
import type { SeriesView, StreamView } from '../api/types.ts';
import { useQuantityTitle } from '../domains/use-domains.ts';
import { formatValue } from '../format/amount.ts';
import { formatMoment } from '../format/time.ts';
import { Chart } from './chart.tsx';
import type { ChartData } from './chart-table.tsx';
import { withSilences } from './silences.ts';

export interface StreamChartProps {
  readonly stream: StreamView;
  readonly height?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Shows all of the time from `fromMs` on, also where there are no readings. */
  readonly isWhole?: boolean;
  readonly shade?: { readonly fromMs: number; readonly toMs: number };
}

const POINTS = 240;

export function StreamChart({
  stream,
  height = 96,
  fromMs,
  toMs,
  isWhole = false,
  shade,
}: StreamChartProps): ReactNode {
  const { version } = useLive();
  const store = useLiveStore();
  const past = useQuery(queries.series(stream.stream, fromMs, toMs, POINTS));
  const [at, setAt] = useState<number>();
  // A fixed window is history: nothing live belongs in it.
  const live = toMs === undefined ? store.pointsOf(stream.subject, stream.quantity) : [];
  // biome-ignore lint/correctness/useExhaustiveDependencies: live points are changed in place; version tells
  const data = useMemo(() => join(past.data, live), [past.data, live, version]);
  const shown = at !== undefined && at < data.timeMs.length ? at : lastWithValue(data);
  const title = useQuantityTitle()(stream.quantity);
  const mean = data.mean[shown];
  const value = typeof mean === 'number' ? formatValue(mean, stream.unit) : '–';
  const time = data.timeMs[shown];
  return (
    <figure className="live-chart">
      <figcaption>
        <span title={stream.quantity}>{title}</span>
        <strong>{value}</strong>
        <small>{time === undefined ? 'No readings in this time' : formatMoment(time, Date.now())}</small>
      </figcaption>
      <Chart
        data={data}
        label={`${title}, last ${value}`}
        height={height}
        format={(tick) => formatValue(tick, stream.unit)}
        onPoint={setAt}
        {...(shade && { shade })}
        {...(fromMs !== undefined &&
          (isWhole || toMs !== undefined) && { range: { fromMs, ...(toMs !== undefined && { toMs }) } })}
      />
    </figure>
  );
}

/** The end of the data may be a silence. */
function lastWithValue({ mean }: ChartData): number {
  return mean.findLastIndex((value) => value !== null);
}

/** The past, then live points after its end. */
function join(past: SeriesView | undefined, live: readonly Point[]): ChartData {
  const lastMs = past?.timeMs.at(-1) ?? 0;
  const fresh = withSilences(
    live.filter(({ timeMs }) => timeMs > lastMs),
    past,
  );
  const values = fresh.map(({ value }) => value);
  return {
    timeMs: [...(past?.timeMs ?? []), ...fresh.map(({ timeMs }) => timeMs)],
    mean: [...(past?.mean ?? []), ...values],
    low: [...(past?.low ?? []), ...values],
    high: [...(past?.high ?? []), ...values],
  };
}
