// A list that is asked for page by page: how much of it is shown, and the rest on demand.
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { formatCount, formatCounted } from '../format/amount.ts';

interface Counted {
  readonly items: readonly unknown[];
  readonly counts: { readonly total: number };
}

export interface MoreProps {
  readonly query: Pick<
    UseInfiniteQueryResult<InfiniteData<Counted>>,
    'data' | 'hasNextPage' | 'fetchNextPage' | 'isFetchingNextPage'
  >;
  /** What one row is. */
  readonly of: string;
}

export function More({ query: { data, hasNextPage, fetchNextPage, isFetchingNextPage }, of }: MoreProps): ReactNode {
  const shown = data?.pages.reduce((sum, { items }) => sum + items.length, 0) ?? 0;
  const total = Math.max(shown, data?.pages[0]?.counts.total ?? 0);
  if (shown === 0) return null;
  return (
    <div className="more-rows">
      <span className="dim num" role="status">
        {formatCount(shown)} of {formatCounted(total, of)}
      </span>
      {hasNextPage && (
        <button type="button" className="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading…' : 'Load more'}
        </button>
      )}
    </div>
  );
}
