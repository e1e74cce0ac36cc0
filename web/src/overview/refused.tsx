import type { ReactNode } from 'react';
import { useLive } from '../api/provider.tsx';
import { formatCount } from '../format/amount.ts';
import { refusalWords } from '../format/words.ts';
import { Card } from '../ui/page.tsx';

/** Statements that were not accepted, by reason; absent while there are none. */
export function Refused({ counts }: { counts: Readonly<Record<string, number>> }): ReactNode {
  const { refusals } = useLive();
  const rows = Object.entries(counts).filter(([, count]) => count > 0);
  if (rows.length === 0) return null;
  const last = refusals[0];
  return (
    <Card title="Refused" aside={<span className="dim">since the node started</span>}>
      <dl className="counts">
        {rows
          .sort(([, a], [, b]) => b - a)
          .map(([reason, count]) => (
            <div key={reason}>
              <dt>{refusalWords(reason)}</dt>
              <dd className="num">{formatCount(count)}</dd>
            </div>
          ))}
      </dl>
      {last && <p className="last-refusal">Last: {last.message}</p>}
    </Card>
  );
}
