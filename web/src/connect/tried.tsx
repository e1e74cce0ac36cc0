// What a message would become: readings, values that are none, and what cannot be read.
import type { ReactNode } from 'react';
import type { TriedMessage } from '../api/types.ts';
import { formatCounted } from '../format/amount.ts';
import { sentence } from '../format/words.ts';
import { ReadingTable } from './reading.tsx';

export interface TriedProps {
  readonly tried: TriedMessage | undefined;
  /** Why it could not be tried. */
  readonly error: string | undefined;
}

export function TriedResult({ tried, error }: TriedProps): ReactNode {
  const readings = tried?.packs.flatMap((pack) => pack.readings) ?? [];
  const arrival = tried?.packs.find((pack) => pack.arrival !== undefined)?.arrival;
  return (
    <div className="tried" role="status" aria-label="What it would become">
      {error !== undefined && <p className="wrong">{error}</p>}
      {error === undefined && tried && (
        <>
          {readings.length > 0 ? (
            <ReadingTable readings={readings} label="Readings as they would be sealed" />
          ) : (
            <p className="dim">This message gives no reading.</p>
          )}
          {tried.noValue > 0 && <p className="dim small">{formatCounted(tried.noValue, 'value')} said to be none.</p>}
          {arrival !== undefined && <p className="dim small">Dated by its arrival: {sentence(arrival)}</p>}
          {tried.refused.map((why) => (
            <p key={why} className="wrong small">
              {sentence(why)}
            </p>
          ))}
        </>
      )}
    </div>
  );
}
