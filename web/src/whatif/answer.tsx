// The answer: what was decided beside what would have been, in money, over time and one by one.
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import type { WhatIf } from '../api/types.ts';
import { formatCount, formatCounted, formatMoney } from '../format/amount.ts';
import { formatMoment, formatWindow } from '../format/time.ts';
import { StandingBadge } from '../ui/badge.tsx';
import { Chart } from '../ui/chart.tsx';
import type { ChartData } from '../ui/chart-table.tsx';
import { Card, Figure, Notice } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import type { Matter } from './question.ts';

export function Answer({ found, matter }: { found: WhatIf; matter: Matter }): ReactNode {
  const { compared, alike, notComputed, problems, amountBefore, amountAfter, currency } = found;
  if (compared + notComputed === 0)
    return (
      <Card flush>
        <Empty icon="fork" title="Nothing was decided in this period">
          Choose a longer one, or wait until the next falls due.
        </Empty>
      </Card>
    );
  const more = amountAfter - amountBefore;
  return (
    <>
      <div className="figures what-if">
        {currency !== '' && (
          <>
            <Figure
              label="Was decided"
              value={formatMoney(amountBefore, currency)}
              note={matter.kind === 'monitor' ? 'advice: nobody paid it' : 'under the terms as they are'}
            />
            <Figure
              label="Would have been decided"
              value={formatMoney(amountAfter, currency)}
              note={more === 0 ? 'the same' : `${formatMoney(Math.abs(more), currency)} ${more > 0 ? 'more' : 'less'}`}
            />
          </>
        )}
        <Figure
          label="Decided otherwise"
          value={formatCount(compared - alike)}
          note={`of ${formatCounted(compared, 'decision')}`}
        />
      </div>
      {notComputed > 0 && (
        <Notice tone="info" title={`${formatCount(notComputed)} cannot be decided again`}>
          {Object.entries(problems)
            .map(([problem, count]) => `${formatCount(count)}: ${problem}`)
            .join('; ')}
          . They are left out of the sums.
        </Notice>
      )}
      {currency !== '' && amountBefore + amountAfter > 0 && <Sums found={found} />}
      <Differing found={found} domain={matter.domain} />
    </>
  );
}

function Sums({ found: { series, currency } }: { found: WhatIf }): ReactNode {
  const [at, setAt] = useState<number>();
  const data = useMemo((): ChartData => {
    const none = series.timeMs.map(() => null);
    return { timeMs: series.timeMs, mean: series.before, low: none, high: none, expected: series.after };
  }, [series]);
  const shown = at ?? series.timeMs.length - 1;
  const [was, would] = [series.before[shown] ?? 0, series.after[shown] ?? 0];
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
          label={`Sums over time: ${formatMoney(series.before.at(-1) ?? 0, currency)} was decided, ${formatMoney(series.after.at(-1) ?? 0, currency)} would have been`}
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

function Differing({ found, domain }: { found: WhatIf; domain: string }): ReactNode {
  const { differing, compared, alike, currency } = found;
  const now = Date.now();
  if (differing.length === 0)
    return (
      <Card flush>
        <Empty icon="check" title="Everything comes out the same">
          {formatCounted(compared, 'decision')} could be decided again.
        </Empty>
      </Card>
    );
  return (
    <Card
      title="Decided otherwise"
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
              <th>From</th>
              <th>Was decided</th>
              <th>Would have been</th>
              <th className="wide-only">Why</th>
            </tr>
          </thead>
          <tbody>
            {differing.map(({ id, fromMs, toMs, before, after }) => (
              <tr key={id} className="link">
                <td>
                  {before && (
                    <Link
                      className="row-link num"
                      to="/decisions/$id"
                      params={{ id: before.id }}
                      title={formatWindow(fromMs, toMs, now)}
                    >
                      {formatMoment(fromMs, now)}
                    </Link>
                  )}
                </td>
                {[before, after].map((one, i) => (
                  <td key={i === 0 ? 'before' : 'after'}>
                    {one && (
                      <span className="row">
                        <StandingBadge decision={{ ...one, domain }} />
                        {one.amount > 0 && currency !== '' && formatMoney(one.amount, currency)}
                      </span>
                    )}
                  </td>
                ))}
                <td className="wide-only reason">{after?.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
