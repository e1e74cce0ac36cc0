// What a chart draws, as a table: for who cannot see the drawing, or wants the figures.
import { type ReactNode, useState } from 'react';
import { formatDateTime } from '../format/time.ts';

const ROWS_MAX = 200;

/** Columns of equal length; times in milliseconds since 1970, ascending. */
export interface ChartData {
  readonly timeMs: readonly number[];
  readonly mean: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** What a model expected, drawn as a dashed line. */
  readonly expected?: readonly (number | null)[];
}

export interface ChartTableProps {
  readonly data: ChartData;
  readonly label: string;
  readonly format: (value: number) => string;
}

export function ChartTable({ data, label, format }: ChartTableProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && <Rows data={data} label={label} format={format} />}
    </details>
  );
}

function Rows({ data: { timeMs, mean, low, high, expected }, label, format }: ChartTableProps): ReactNode {
  const columns = [
    { name: 'Value', values: mean },
    { name: 'Expected', values: expected ?? [] },
    { name: 'Least', values: low },
    { name: 'Greatest', values: high },
  ].filter(({ values }) => values.some((value) => value !== null));
  const first = Math.max(0, timeMs.length - ROWS_MAX);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="table-wrap" aria-label={label} tabIndex={0}>
      {first > 0 && (
        <p className="dim">
          The last {ROWS_MAX} of {timeMs.length}.
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th>Time</th>
            {columns.map(({ name }) => (
              <th key={name} className="end">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {timeMs.slice(first).map((ms, i) => (
            <tr key={ms}>
              <td>{formatDateTime(ms)}</td>
              {columns.map(({ name, values }) => {
                const value = values[first + i];
                return (
                  <td key={name} className="end">
                    {typeof value === 'number' ? format(value) : '–'}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
