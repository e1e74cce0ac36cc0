// Monitors: advice on things that no agreement is about.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { MonitorView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { verdictWord } from '../domains/words.ts';
import { formatCount } from '../format/amount.ts';
import { policyStandingWords } from '../format/words.ts';
import { Badge, WordBadge } from '../ui/badge.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';

export function Monitors(): ReactNode {
  const monitors = useQuery(queries.monitors());
  const client = useQueryClient();
  const learn = useMutation({
    mutationFn: (agreement: string) => ask((api) => api.POST('/api/v1/models/learn', { body: { agreement } })),
    onSuccess: () => Promise.all(['models', 'monitors'].map((name) => client.invalidateQueries({ queryKey: [name] }))),
  });
  return (
    <Card title="Monitors" aside={<span className="dim">advice, no money</span>} flush>
      {learn.error && (
        <Notice tone="info" title="Nothing new was learnt">
          {learn.error.message}
        </Notice>
      )}
      <Loaded query={monitors} rows={2}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="decide" title="Nothing is watched">
              Watch any thing from its page: it is decided on as under an agreement, and what is found is advice.
            </Empty>
          ) : (
            <div className="table-wrap">
              <table>
                <thead>
                  <tr>
                    <th>Thing</th>
                    <th className="wide-only">What</th>
                    <th>Found</th>
                    <th className="wide-only">Notes</th>
                  </tr>
                </thead>
                <tbody>
                  {all.toReversed().map((monitor) => (
                    <MonitorRow
                      key={monitor.hash}
                      monitor={monitor}
                      isLearning={learn.isPending}
                      onLearn={() => learn.mutate(monitor.hash)}
                    />
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

interface MonitorRowProps {
  readonly monitor: MonitorView;
  readonly isLearning: boolean;
  readonly onLearn: () => void;
}

function MonitorRow({ monitor, isLearning, onLearn }: MonitorRowProps): ReactNode {
  const { policy, verdicts, standing, problem } = monitor;
  const names = useNames();
  const domains = useDomains();
  const isTrial = policy.shadows !== undefined;
  return (
    <tr className="link">
      <td>
        <Link className="row-link" to="/devices/$subject" params={{ subject: policy.subject }}>
          {names.get(policy.subject) ?? policy.subject}
        </Link>
      </td>
      <td className="wide-only">{domains.get(policy.domain)?.title ?? policy.domain}</td>
      <td>
        <span className="row">
          {Object.entries(verdicts).map(([verdict, count]) => {
            const { label, tone } = verdictWord(domains, policy.domain, verdict);
            return <WordBadge key={verdict} word={{ label: `${formatCount(count)} ${label.toLowerCase()}`, tone }} />;
          })}
        </span>
      </td>
      <td className="wide-only">
        <span className="row">
          {isTrial && <Badge tone="info">tries a model</Badge>}
          {problem && (
            <Badge tone="bad" icon="warn" title={problem}>
              cannot be decided
            </Badge>
          )}
          {standing !== 'in-force' && <Badge>{policyStandingWords(standing).label.toLowerCase()}</Badge>}
          {!isTrial && standing === 'in-force' && (
            <button type="button" className="button small above" disabled={isLearning} onClick={onLearn}>
              Learn from what people said
            </button>
          )}
        </span>
      </td>
    </tr>
  );
}
