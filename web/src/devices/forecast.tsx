// What a stream will say: its past as a line, what is expected as a dashed one, intervals as a band.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { queries } from '../api/queries.ts';
import type { StreamForecast, StreamView } from '../api/types.ts';
import { useDomains, useQuantityTitle } from '../domains/use-domains.ts';
import { type Limits, quantityLimits } from '../domains/words.ts';
import { formatValue } from '../format/amount.ts';
import { formatMoment } from '../format/time.ts';
import { Chart } from '../ui/chart.tsx';
import type { ChartData } from '../ui/chart-table.tsx';
import { Card } from '../ui/page.tsx';
import { Loaded } from '../ui/states.tsx';

export function ForecastCard({ streams }: { streams: readonly StreamView[] }): ReactNode {
  const [chosen, setChosen] = useState<number>();
  const stream = streams.find((one) => one.stream === chosen);
  const titleOf = useQuantityTitle();
  return (
    <Card
      title="What to expect"
      aside={
        <select
          aria-label="Quantity to forecast"
          value={chosen ?? ''}
          onChange={(event) => setChosen(event.target.value === '' ? undefined : Number(event.target.value))}
        >
          <option value="">Choose a quantity</option>
          {streams.map((one) => (
            <option key={one.stream} value={one.stream}>
              {titleOf(one.quantity)}
            </option>
          ))}
        </select>
      }
      flush={stream !== undefined}
    >
      {stream === undefined ? (
        <p className="dim">
          A forecast is made from what is sealed, when you ask for it. It is advice: no decision rests on it.
        </p>
      ) : (
        <Forecast key={stream.stream} stream={stream} />
      )}
    </Card>
  );
}

function Forecast({ stream }: { stream: StreamView }): ReactNode {
  const made = useQuery(queries.forecast(stream.stream));
  return <Loaded query={made}>{(forecast) => <ForecastChart stream={stream} forecast={forecast} />}</Loaded>;
}

function ForecastChart({ stream, forecast }: { stream: StreamView; forecast: StreamForecast }): ReactNode {
  const [at, setAt] = useState<number>();
  const { pastMs, timeMs, point, intervals, methods, model } = forecast;
  const next = at === undefined || at < pastMs.length ? 0 : at - pastMs.length;
  const wide = intervals.at(-1);
  const value = formatValue(point[next] ?? Number.NaN, stream.unit);
  const title = useQuantityTitle()(stream.quantity);
  const limits = quantityLimits(useDomains(), stream.quantity);
  return (
    <figure className="live-chart">
      <figcaption>
        <span title={stream.quantity}>{title}</span>
        <strong>{value}</strong>
        <small>
          {formatMoment(timeMs[next] ?? 0, Date.now())}
          {wide &&
            `, ${wide.level * 100} % between ${formatValue(wide.low[next] ?? Number.NaN, stream.unit)} and ${formatValue(wide.high[next] ?? Number.NaN, stream.unit)}`}
        </small>
      </figcaption>
      <Chart
        data={joined(forecast, limits)}
        label={`Forecast of ${title}: ${value} next`}
        height={220}
        format={(tick) => formatValue(tick, stream.unit)}
        onPoint={setAt}
      />
      <p className="dim">
        Line: what came. Dashed: what is expected. Band: {wide ? `${wide.level * 100} %` : 'none'}. {model}: {methods}
      </p>
    </figure>
  );
}

/** The band ends where the thing cannot be: occupancy is never below nothing. */
function joined({ pastMs, past, timeMs, point, intervals }: StreamForecast, { minimum, maximum }: Limits): ChartData {
  const wide = intervals.at(-1);
  const before = pastMs.map(() => null);
  const after = timeMs.map(() => null);
  const clip = (values: readonly number[] | undefined) =>
    values?.map((value) => Math.min(maximum ?? value, Math.max(minimum ?? value, value)));
  return {
    timeMs: [...pastMs, ...timeMs],
    mean: [...past, ...after],
    low: [...before, ...(clip(wide?.low) ?? after)],
    high: [...before, ...(clip(wide?.high) ?? after)],
    expected: [...before, ...point],
  };
}
