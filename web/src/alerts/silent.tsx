// Things that used to speak and do not, or have no usable value any more: what the node hears now. They go by themselves.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { formatDuration } from '@trine/engine';
import type { ReactNode } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { SilenceView } from '../api/types.ts';
import { formatCounted } from '../format/amount.ts';
import { formatMoment } from '../format/time.ts';
import { sentence } from '../format/words.ts';
import { WordBadge } from '../ui/badge.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { useNames } from '../ui/use-names.ts';

const WORDS = {
  silent: { label: 'Silent', tone: 'bad' },
  'no-value': { label: 'No usable value', tone: 'bad' },
} as const;

export function SilentThings(): ReactNode {
  const { data: overview } = useQuery(queries.overview());
  const { data } = useQuery(queries.silences(overview?.silent ?? 0));
  if (data === undefined || (data.total === 0 && data.common === undefined)) return null;
  const { total, common, items } = data;
  return (
    <Card title="Silent things" aside={<span className="dim">{formatCounted(total, 'thing')}, heard now</span>} flush>
      {common && (
        <div className="card-body">
          <Notice tone="warn" title="It is not the single thing">
            {sentence(common.reason)}
          </Notice>
        </div>
      )}
      <ul className="alerts">
        {items.map((one) => (
          <SilentThing key={one.subject} silence={one} />
        ))}
      </ul>
      {total > items.length && (
        <p className="card-body dim small">
          The {items.length} that are silent for the longest, of {total}.
        </p>
      )}
    </Card>
  );
}

function SilentThing({ silence: { subject, code, sinceMs, usualMs } }: { silence: SilenceView }): ReactNode {
  const client = useQueryClient();
  const name = useNames().get(subject) ?? subject;
  const dismiss = useMutation({
    mutationFn: () => ask((api) => api.POST('/api/v1/silences/dismiss', { body: { subject } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['silences'] }),
  });
  return (
    <li>
      <div className="row">
        <WordBadge word={WORDS[code]} />
        <strong>
          <Link to="/devices/$subject" params={{ subject }}>
            {name}
          </Link>
        </strong>
      </div>
      <p>
        Since {formatMoment(sinceMs, Date.now())}
        {usualMs !== undefined && `; usually it speaks every ${formatDuration(usualMs)}`}.
      </p>
      <div className="row">
        <button type="button" className="button small" disabled={dismiss.isPending} onClick={() => dismiss.mutate()}>
          Expect nothing more of it
        </button>
      </div>
      {dismiss.error && (
        <Notice tone="bad" title="This could not be done">
          {dismiss.error.message}
        </Notice>
      )}
    </li>
  );
}
