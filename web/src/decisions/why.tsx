// Why a decision is what it is: in words, as a plot of what was expected and what came, and beside cases like it.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../api/queries.ts';
import type { DecisionView, ExplainedDecision } from '../api/types.ts';
import { useQuantityTitle } from '../domains/use-domains.ts';
import { formatValue } from '../format/amount.ts';
import { formatDateTime, formatMoment } from '../format/time.ts';
import { assessmentWords } from '../format/words.ts';
import { Badge, StandingBadge } from '../ui/badge.tsx';
import { Chart } from '../ui/chart.tsx';
import { Card } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';

const PLOTS_MAX = 4;

export function Why({ decision }: { decision: DecisionView }): ReactNode {
  const why = useQuery(queries.explanation(decision.id));
  return (
    <>
      <Card
        title="Why"
        aside={
          why.data && (
            <Badge tone={why.data.replayed ? 'ok' : 'bad'} icon={why.data.replayed ? 'check' : 'cross'}>
              {why.data.replayed ? 'Computed again: the same' : 'Computed again: not the same'}
            </Badge>
          )
        }
        flush
      >
        <Loaded query={why}>
          {({ words, series }) => (
            <>
              {words.length > 0 && (
                <ul className="why-words">
                  {words.map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
              )}
              {series.length === 0 && words.length === 0 && (
                <Empty icon="hold" title="Nothing to compare">
                  No reading was held against what was expected.
                </Empty>
              )}
              {series.length > 0 && (
                <div className="charts two">
                  {series.slice(0, PLOTS_MAX).map((one) => (
                    <ExpectedChart key={one.quantity} series={one} range={decision} />
                  ))}
                </div>
              )}
              {series.length > 0 && (
                <p className="legend">Line: what came. Dashed: what was expected. Band: where ordinary readings lie.</p>
              )}
            </>
          )}
        </Loaded>
      </Card>
      {why.data && why.data.similar.length > 0 && <Similar cases={why.data.similar} domain={decision.domain} />}
    </>
  );
}

interface ExpectedChartProps {
  readonly series: ExplainedDecision['series'][number];
  /** The time that was decided on. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
}

function ExpectedChart({ series, range }: ExpectedChartProps): ReactNode {
  const [at, setAt] = useState<number>();
  const strangest = series.score.indexOf(Math.max(...series.score));
  const shown = at !== undefined && at < series.timeMs.length ? at : strangest;
  const { timeMs, value, expected, low, high, unit } = series;
  const usual = expected[shown];
  const title = useQuantityTitle()(series.quantity);
  const came = formatValue(value[shown] ?? Number.NaN, unit);
  return (
    <figure className="live-chart">
      <figcaption>
        <span title={series.quantity}>{title}</span>
        <strong>{came}</strong>
        <small>
          {typeof usual === 'number' ? `expected ${formatValue(usual, unit)}` : 'not known well enough yet'}
          {', '}
          {formatMoment(timeMs[shown] ?? 0, Date.now())}
        </small>
      </figcaption>
      <Chart
        data={{ timeMs, mean: value, low, high, expected }}
        label={`${title}: ${came} came${typeof usual === 'number' ? `, ${formatValue(usual, unit)} was expected` : ''}`}
        height={150}
        format={(tick) => formatValue(tick, unit)}
        onPoint={setAt}
        range={range}
      />
      {series.share > 0 && (
        <div className="share">
          <meter min={0} max={1} value={series.share} aria-label={`Share of ${title} in the score`} />
          <small>{Math.round(series.share * 100)} % of what was remarkable</small>
        </div>
      )}
    </figure>
  );
}

function Similar({ cases, domain }: { cases: ExplainedDecision['similar']; domain: string }): ReactNode {
  return (
    <Card title="Cases like it" aside={<span className="dim">nearest first</span>} flush>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Time</th>
              <th>Verdict</th>
              <th className="wide-only">Why</th>
              <th>People said</th>
            </tr>
          </thead>
          <tbody>
            {cases.map((one) => (
              <tr key={one.id} className="link">
                <td>
                  <Link className="row-link num" to="/decisions/$id" params={{ id: one.id }}>
                    {formatDateTime(one.fromMs)}
                  </Link>
                </td>
                <td>
                  <StandingBadge decision={{ ...one, domain }} />
                </td>
                <td className="wide-only reason">{one.reason}</td>
                <td>
                  {one.labels.length === 0 ? (
                    <span className="dim">nothing</span>
                  ) : (
                    one.labels.map(({ assessment, by, note }) => (
                      <Badge key={`${assessment} ${by}`} tone={assessment === 'right' ? 'ok' : 'warn'} title={note}>
                        {assessmentWords(assessment, undefined)} ({by})
                      </Badge>
                    ))
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
