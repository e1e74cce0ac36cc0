// What a list shows while it loads, when it failed and when it is empty.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

export function Skeleton({ rows = 4 }: { rows?: number }): ReactNode {
  const widths = ['92%', '74%', '85%', '66%', '80%', '58%'];
  return (
    <div className="card-body stack" role="status" aria-label="Loading">
      {widths.slice(0, rows).map((width) => (
        <span key={width} className="skeleton" style={{ width }} />
      ))}
    </div>
  );
}

export interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ReactNode;
}

export function Empty({ icon, title, children }: EmptyProps): ReactNode {
  return (
    <div className="empty">
      <Icon name={icon} size={26} />
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  );
}

export interface LoadedProps<T> {
  readonly query: UseQueryResult<T>;
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}

/** Shows the data of a query once there is some, else why not. */
export function Loaded<T>({ query, rows, children }: LoadedProps<T>): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error)
    return (
      <Empty icon="warn" title="This could not be loaded">
        {query.error.message}
      </Empty>
    );
  return <Skeleton rows={rows ?? 4} />;
}
