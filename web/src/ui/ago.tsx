import type { ReactNode } from 'react';
import { formatAgo, formatDateTime } from '../format/time.ts';
import { useNow } from './use-now.ts';

/** How long ago something was, ticking; the exact time on hover. */
export function Ago({ ms }: { ms: number }): ReactNode {
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatDateTime(ms)}>
      {formatAgo(ms, useNow())}
    </time>
  );
}
