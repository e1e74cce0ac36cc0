// What people say of a decision: sealed in the log, and what the next model learns from.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { post } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { DecisionView, LabelView } from '../api/types.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice } from '../ui/page.tsx';

const NAME_KEY = 'trine.name';

export function Say({ decision }: { decision: DecisionView }): ReactNode {
  const client = useQueryClient();
  const labels = useQuery(queries.labels(decision.id));
  const [by, setBy] = useState(() => localStorage.getItem(NAME_KEY) ?? '');
  const [note, setNote] = useState('');
  const say = useMutation({
    mutationFn: (stand: 'approve' | 'refuse') =>
      post(`/api/decisions/${decision.id}/label`, { stand, by: by.trim(), note: note.trim() }),
    onSuccess: async () => {
      localStorage.setItem(NAME_KEY, by.trim());
      setNote('');
      await client.invalidateQueries({ queryKey: ['labels', decision.id] });
      await client.invalidateQueries({ queryKey: ['models'] });
    },
  });
  const isReady = by.trim() !== '' && !say.isPending;
  const other = decision.verdict === 'met' ? 'It should have been breached' : 'It should have been met';
  return (
    <Card title="Was this right?">
      <div className="say-form">
        <label>
          <span>Your name</span>
          <input
            value={by}
            maxLength={100}
            onChange={(event) => setBy(event.target.value)}
            placeholder="Operator on duty"
          />
        </label>
        <label>
          <span>Why (if you like)</span>
          <input
            value={note}
            maxLength={500}
            onChange={(event) => setNote(event.target.value)}
            placeholder="Maintenance, announced the day before"
          />
        </label>
        <div className="row">
          <button type="button" className="button" disabled={!isReady} onClick={() => say.mutate('approve')}>
            <Icon name="check" size={15} /> Right
          </button>
          <button
            type="button"
            className="button"
            disabled={!isReady}
            onClick={() => say.mutate('refuse')}
            title={other}
          >
            <Icon name="cross" size={15} /> Wrong
          </button>
        </div>
      </div>
      {say.error && (
        <Notice tone="bad" title="This could not be sealed">
          {say.error.message}
        </Notice>
      )}
      <p className="dim small">
        What you say is sealed in the log under this node’s name. The next model learns from it; this decision stays as
        it is.
      </p>
      {labels.data && labels.data.length > 0 && (
        <ul className="said">
          {labels.data.toReversed().map((label) => (
            <Issued key={label.leaf} label={label} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Issued({ label: { stand, verdict, by, note, arrivalMs } }: { label: LabelView }): ReactNode {
  const words = stand === 'approve' ? 'right' : stand === 'refuse' ? 'wrong' : `should be ${verdict}`;
  return (
    <li>
      <Badge tone={stand === 'approve' ? 'ok' : 'warn'} icon={stand === 'approve' ? 'check' : 'cross'}>
        {words}
      </Badge>
      <span>
        {by}
        {note !== '' && `: ${note}`}
      </span>
      <span className="dim">
        <Ago ms={arrivalMs} />
      </span>
    </li>
  );
}
