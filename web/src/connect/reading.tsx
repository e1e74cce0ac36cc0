import type { ReactNode } from 'react';
import type { FoundThing } from '../api/types.ts';
import { formatValue } from '../format/amount.ts';
import { formatDateTime } from '../format/time.ts';
import { shorten } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';

type Reading = FoundThing['preview'][number];

export function ReadingValue({ reading: { value, unit } }: { reading: Pick<Reading, 'value' | 'unit'> }): ReactNode {
  const text = typeof value === 'number' ? formatValue(value, unit) : String(value);
  return (
    <span className="num" title={String(value)}>
      {shorten(text, 32)}
    </span>
  );
}

export interface ReadingTableProps {
  readonly readings: readonly Reading[];
  readonly label: string;
}

/** Readings as they would be sealed. */
export function ReadingTable({ readings, label }: ReadingTableProps): ReactNode {
  return (
    <div className="table-wrap">
      <table aria-label={label}>
        <thead>
          <tr>
            <th>Quantity</th>
            <th className="end">Value</th>
            <th>Unit</th>
            <th className="end">Measured</th>
          </tr>
        </thead>
        <tbody>
          {readings.map(({ quantity, value, unit, timeMs }) => (
            <tr key={`${quantity} ${timeMs}`}>
              <td>{quantity}</td>
              <td className="end num break">{shorten(String(value), 60)}</td>
              <td className="mono">{unit === '' ? '–' : unit}</td>
              <td className="end" title={formatDateTime(timeMs)}>
                <Ago ms={timeMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
