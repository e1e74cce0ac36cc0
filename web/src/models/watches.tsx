// Watches: advice on things that no agreement is about.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { post } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { formatCount } from '../format/amount.ts';
import { formatSpan } from '../format/time.ts';
import { Badge } from '../ui/badge.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';

export function Watches(): ReactNode {
  const monitors = useQuery(queries.monitors());
  const names = useNames();
  const client = useQueryClient();
  const learn = useMutation({
    mutationFn: (agreement: string) => post('/api/models/learn', { agreement }),
    onSuccess: () => Promise.all(['models', 'watches'].map((name) => client.invalidateQueries({ queryKey: [name] }))),
  });
  return (
    <Card title="Watches" aside={<span className="dim">advice, no money</span>} flush>
      {learn.error && (
        <Notice tone="info" title="Nothing new was learnt">
          {learn.error.message}
        </Notice>
      )}
      <Loaded query={monitors} rows={2}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="decide" title="Nothing is watched">
              Monitor any thing from its page, or with <code className="mono">npx trine watch add SUBJECT</code>: its
              windows are judged as under an agreement, and what is found is advice.
            </Empty>
          ) : (
            <div className="table-wrap">
              <table>
                <thead>
                  <tr>
                    <th>Thing</th>
                    <th className="wide-only">Window</th>
                    <th className="end">PlausibilityResult</th>
                    <th className="end">Out of order</th>
                    <th className="wide-only">Notes</th>
                  </tr>
                </thead>
                <tbody>
                  {all.map((watch) => (
                    <tr key={watch.hash} className="link">
                      <td>
                        <Link className="row-link" to="/devices/$subject" params={{ subject: watch.subject }}>
                          {names.get(watch.subject) ?? watch.subject}
                        </Link>
                      </td>
                      <td className="wide-only">{formatSpan(watch.windowMs)}</td>
                      <td className="end">{formatCount(watch.windows)}</td>
                      <td className="end">{formatCount(watch.breached)}</td>
                      <td className="wide-only">
                        <span className="row">
                          {watch.shadows !== undefined && <Badge tone="info">tries a model</Badge>}
                          {watch.isReplaced && <Badge>another goes on</Badge>}
                          {watch.shadows === undefined && !watch.isReplaced && (
                            <button
                              type="button"
                              className="button small above"
                              disabled={learn.isPending}
                              onClick={() => learn.mutate(watch.hash)}
                            >
                              Learn from what people said
                            </button>
                          )}
                        </span>
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
