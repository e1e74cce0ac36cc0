// The answer: what was decided beside what would have been, in money, over time and window by window.
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import type { WhatIf } from '../api/types.ts';
import { formatCount, formatMoney } from '../format/amount.ts';
import { formatMoment, formatWindow } from '../format/time.ts';
import { StandingBadge } from '../ui/badge.tsx';
import { Chart, type ChartData } from '../ui/chart.tsx';
import { Card, Figure, Notice } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';

export function Answer({ found, isAdvice }: { found: WhatIf; isAdvice: boolean }): ReactNode {
  const { compared, alike, notComputed, amountSealed, amountReplayed, currency } = found;
  if (compared + notComputed === 0)
    return (
      <Card flush>
        <Empty icon="fork" title="Nothing was decided in this period">
          Choose a longer one, or wait for the next window to end.
        </Empty>
      </Card>
    );
  const more = amountReplayed - amountSealed;
  return (
    <>
      <div className="figures what-if">
        {currency !== '' && (
          <>
            <Figure
              label="Was decided"
              value={formatMoney(amountSealed, currency)}
              note={isAdvice ? 'advice: nobody paid it' : 'under the terms as they are'}
            />
            <Figure
              label="Would have been decided"
              value={formatMoney(amountReplayed, currency)}
              note={more === 0 ? 'the same' : `${formatMoney(Math.abs(more), currency)} ${more > 0 ? 'more' : 'less'}`}
            />
          </>
        )}
        <Figure
          label="Decided otherwise"
          value={formatCount(compared - alike)}
          note={`of ${formatCount(compared)} window${compared === 1 ? '' : 's'}`}
        />
      </div>
      {notComputed > 0 && (
        <Notice tone="info" title={`${formatCount(notComputed)} windows cannot be decided again`}>
          Their readings were erased. They are left out of the sums.
        </Notice>
      )}
      {currency !== '' && amountSealed + amountReplayed > 0 && <Sums found={found} />}
      <Differing found={found} />
    </>
  );
}

function Sums({ found: { series, currency } }: { found: WhatIf }): ReactNode {
  const [at, setAt] = useState<number>();
  const data = useMemo((): ChartData => {
    const none = series.timeMs.map(() => null);
    return { timeMs: series.timeMs, mean: series.sealed, low: none, high: none, expected: series.replayed };
  }, [series]);
  const shown = at ?? series.timeMs.length - 1;
  const [was, would] = [series.sealed[shown] ?? 0, series.replayed[shown] ?? 0];
  return (
    <Card title="Added up over time">
      <figure className="live-chart">
        <figcaption>
          <span>{formatMoment(series.timeMs[shown] ?? 0, Date.now())}</span>
          <strong>{formatMoney(would, currency)}</strong>
          <small>{formatMoney(was, currency)} was decided by then</small>
        </figcaption>
        <Chart
          data={data}
          label={`Sums over time: ${formatMoney(series.sealed.at(-1) ?? 0, currency)} was decided, ${formatMoney(series.replayed.at(-1) ?? 0, currency)} would have been`}
          height={220}
          whole
          format={(tick) => formatMoney(tick, currency)}
          onPoint={setAt}
        />
        <p className="dim">Line: what was decided. Dashed: what would have been.</p>
      </figure>
    </Card>
  );
}

function Differing({ found: { differing, compared, alike, currency } }: { found: WhatIf }): ReactNode {
  const now = Date.now();
  if (differing.length === 0)
    return (
      <Card flush>
        <Empty icon="check" title="Every window comes out the same">
          All {formatCount(compared)} that could be decided again.
        </Empty>
      </Card>
    );
  return (
    <Card
      title="Windows decided otherwise"
      aside={
        differing.length < compared - alike && (
          <span className="dim">
            the first {formatCount(differing.length)} of {formatCount(compared - alike)}
          </span>
        )
      }
      flush
    >
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Window from</th>
              <th>Was decided</th>
              <th>Would have been</th>
              <th className="wide-only">Why</th>
            </tr>
          </thead>
          <tbody>
            {differing.map(({ fromMs, toMs, sealed, replayed }) => (
              <tr key={fromMs} className="link">
                <td>
                  {sealed && (
                    <Link
                      className="row-link num"
                      to="/decisions/$id"
                      params={{ id: sealed.id }}
                      title={formatWindow(fromMs, toMs, now)}
                    >
                      {formatMoment(fromMs, now)}
                    </Link>
                  )}
                </td>
                {[sealed, replayed].map((one, i) => (
                  <td key={i === 0 ? 'sealed' : 'replayed'}>
                    {one && (
                      <span className="row">
                        <StandingBadge decision={one} />
                        {one.amount > 0 && currency !== '' && formatMoney(one.amount, currency)}
                      </span>
                    )}
                  </td>
                ))}
                <td className="wide-only reason">{replayed?.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
