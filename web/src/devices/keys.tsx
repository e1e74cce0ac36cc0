// The keys a thing holds, and what each may speak of.
import type { ReactNode } from 'react';
import type { DeviceView } from '../api/types.ts';
import { scopeWords } from '../format/words.ts';
import { Badge } from '../ui/badge.tsx';

export function DeviceKeys({ device: { keys, subject } }: { device: DeviceView }): ReactNode {
  return (
    <ul className="keys">
      {keys.map(({ did, subjects, revoked }) => (
        <li key={did}>
          <span className="mono">{did}</span>
          <span className="row">
            <small className="dim">{scopeWords(subjects, subject)}</small>
            {revoked && (
              <Badge tone="bad" icon="cross">
                revoked
              </Badge>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
