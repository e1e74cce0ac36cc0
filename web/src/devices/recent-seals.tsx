import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import { formatCount, formatCounted } from '../format/amount.ts';
import { flagWords, kindWord } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';

const SHOWN = 12;

/** The newest sealed statements about a thing, each with its proof. */
export function RecentSeals({ subject }: { subject: string }): ReactNode {
  const seals = useQuery(queries.seals(subject, SHOWN));
  return (
    <Card title="Recently sealed" flush>
      <Loaded query={seals}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty icon="seal" title="Nothing sealed yet">
              Every statement is written into the log before it counts.
            </Empty>
          ) : (
            <div className="table-wrap">
              <table>
                <thead>
                  <tr>
                    <th>What</th>
                    <th className="end">Place in the log</th>
                    <th className="end">Sealed</th>
                    <th className="end">
                      <span className="sr-only">Proof</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ id, kind, readings, leaf, arrivalMs, flag }) => (
                    <tr key={leaf}>
                      <td>
                        <span className="row">
                          {kind === 'pack' ? formatCounted(readings, 'reading') : kindWord(kind)}
                          {flag && (
                            <Badge tone="warn" icon="warn" title={flagWords(flag).help}>
                              {flagWords(flag).label}
                            </Badge>
                          )}
                        </span>
                      </td>
                      <td className="end dim">{formatCount(leaf)}</td>
                      <td className="end">
                        <Ago ms={arrivalMs} />
                      </td>
                      <td className="end">
                        {(kind === 'pack' || kind === 'decision') && (
                          <Link className="button small" to="/proof/$id" params={{ id }}>
                            <Icon name="proof" size={14} />
                            <span className="wide-only">Show proof</span>
                            <span className="sr-only">of the statement at {leaf}</span>
                          </Link>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}
