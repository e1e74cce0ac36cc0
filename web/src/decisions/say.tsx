// What people say of a decision: sealed in the log, and what the next model learns from.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { ask } from '../api/client.ts';
import { rowsOf } from '../api/pages.ts';
import { lists, queries } from '../api/queries.ts';
import type { DecisionView, LabelView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { verdictWord } from '../domains/words.ts';
import { assessmentWords } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge } from '../ui/badge.tsx';
import { Icon } from '../ui/icons.tsx';
import { rememberedName, rememberName } from '../ui/name.ts';
import { Card, Notice } from '../ui/page.tsx';

interface Said {
  readonly assessment: LabelView['assessment'];
  readonly verdict?: string;
}

export function Say({ decision }: { decision: DecisionView }): ReactNode {
  const client = useQueryClient();
  const labels = useQuery(queries.labels(decision.id));
  const [by, setBy] = useState(rememberedName);
  const [note, setNote] = useState('');
  const [row, setRow] = useState('');
  const say = useMutation({
    mutationFn: (said: Said) =>
      ask((api) =>
        api.POST('/api/v1/decisions/{id}/label', {
          params: { path: { id: decision.id } },
          body: { ...said, ...(row.trim() !== '' && { row: row.trim() }), by: by.trim(), note: note.trim() },
        }),
      ),
    onSuccess: async () => {
      rememberName(by.trim());
      setNote('');
      setRow('');
      await client.invalidateQueries({ queryKey: ['labels', decision.id] });
      await client.invalidateQueries({ queryKey: ['models'] });
    },
  });
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
        {(decision.rowCount ?? 0) > 0 && <OfLine decision={decision.id} row={row} onChange={setRow} />}
        <Assess decision={decision} isReady={by.trim() !== '' && !say.isPending} onSay={(said) => say.mutate(said)} />
      </div>
      {say.error && (
        <Notice tone="bad" title="This could not be sealed">
          {say.error.message}
        </Notice>
      )}
      <p className="dim small">
        {by.trim() === '' && 'First give your name: nobody judges unnamed. '}
        What you say is sealed in the log under this node’s name. The next model learns from it; this decision stays as
        it is.
      </p>
      {labels.data && labels.data.length > 0 && (
        <ul className="said">
          {labels.data.toReversed().map((label) => (
            <Issued key={label.leaf} label={label} domain={decision.domain} />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface OfLineProps {
  readonly decision: string;
  readonly row: string;
  readonly onChange: (row: string) => void;
}

/** What is said may be of one party's line alone; there may be more lines than were loaded, so a key may be typed. */
function OfLine({ decision, row, onChange }: OfLineProps): ReactNode {
  const rows = rowsOf(useInfiniteQuery(lists.rows(decision)).data);
  const id = useId();
  return (
    <label>
      <span>Of one line alone (if you like)</span>
      <input
        list={id}
        value={row}
        maxLength={128}
        onChange={(event) => onChange(event.target.value)}
        placeholder="Key of a party"
      />
      <datalist id={id}>
        {rows.map(({ key }) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </label>
  );
}

interface AssessProps {
  readonly decision: DecisionView;
  readonly isReady: boolean;
  readonly onSay: (said: Said) => void;
}

function Assess({ decision: { domain, verdict }, isReady, onSay }: AssessProps): ReactNode {
  const [corrected, setCorrected] = useState('');
  const others = Object.entries(useDomains().get(domain)?.verdicts ?? {}).filter(([word]) => word !== verdict);
  const wrong: Said = corrected === '' ? { assessment: 'wrong' } : { assessment: 'corrected', verdict: corrected };
  return (
    <>
      {others.length > 0 && (
        <label>
          <span>If wrong, what it should have been (if you know)</span>
          <select value={corrected} onChange={(event) => setCorrected(event.target.value)}>
            <option value="">Not said</option>
            {others.map(([word, { label }]) => (
              <option key={word} value={word}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="row">
        <button type="button" className="button" disabled={!isReady} onClick={() => onSay({ assessment: 'right' })}>
          <Icon name="check" size={15} /> Right
        </button>
        <button type="button" className="button" disabled={!isReady} onClick={() => onSay(wrong)}>
          <Icon name="cross" size={15} /> Wrong
        </button>
      </div>
    </>
  );
}

function Issued({ label, domain }: { label: LabelView; domain: string }): ReactNode {
  const { assessment, verdict, row, by, note, arrivalMs } = label;
  const domains = useDomains();
  const corrected = verdict && verdictWord(domains, domain, verdict).label;
  const isRight = assessment === 'right';
  return (
    <li>
      <Badge tone={isRight ? 'ok' : 'warn'} icon={isRight ? 'check' : 'cross'}>
        {assessmentWords(assessment, corrected)}
      </Badge>
      <span>
        {by}
        {row !== undefined && `, of ${row}`}
        {note !== '' && `: ${note}`}
      </span>
      <span className="dim">
        <Ago ms={arrivalMs} />
      </span>
    </li>
  );
}
