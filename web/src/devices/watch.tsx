// Watching a thing without an agreement: one click, from now on or over all it ever said.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { post } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { formatCount } from '../format/amount.ts';
import { formatSpan } from '../format/time.ts';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice } from '../ui/page.tsx';

const lengths = [
  { ms: 60_000, label: 'minute' },
  { ms: 3_600_000, label: 'hour' },
  { ms: 86_400_000, label: 'day' },
] as const;
/** Any odd reading is worth a word; how many statements are due, only the user knows. */
const rule = { statementsMin: 0, outOfOrderReadings: 1, thresholdPpm: 700_000, creditMinorUnits: 0 };
/** No reading is older. */
const BEGINNING_MS = Date.UTC(1990, 0);

export function WatchCard({ subject, name }: { subject: string; name: string }): ReactNode {
  const client = useQueryClient();
  const monitors = useQuery(queries.monitors());
  const [windowMs, setWindowMs] = useState<number>(3_600_000);
  const [past, setPast] = useState(true);
  const add = useMutation({
    mutationFn: () =>
      post('/api/watches', {
        subject,
        domain: 'service-level',
        title: `Monitor over ${name}`.slice(0, 200),
        windowMs,
        rule,
        ...(past && { startMs: BEGINNING_MS }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['watches'] }),
  });
  const own = (monitors.data ?? []).filter(
    (watch) => watch.subject === subject && watch.shadows === undefined && !watch.isReplaced,
  );
  return (
    <Card title="Watch it" aside={<span className="dim">advice, no money</span>}>
      {own.map((watch) => (
        <p key={watch.hash}>
          Watched in windows of {formatSpan(watch.windowMs)}: <strong>{formatCount(watch.breached)}</strong> of{' '}
          {formatCount(watch.windows)} out of order. <Link to="/decisions">See the decisions</Link>
        </p>
      ))}
      <div className="row">
        <select
          aria-label="Length of a window"
          value={windowMs}
          onChange={(event) => setWindowMs(Number(event.target.value))}
        >
          {lengths.map(({ ms, label }) => (
            <option key={ms} value={ms}>
              every {label}
            </option>
          ))}
        </select>
        <label className="row">
          <input type="checkbox" checked={past} onChange={(event) => setPast(event.target.checked)} /> also its past
        </label>
        <button type="button" className="button" disabled={add.isPending} onClick={() => add.mutate()}>
          <Icon name="decide" size={15} /> Monitor
        </button>
      </div>
      {add.error && (
        <Notice tone="bad" title="This could not be watched">
          {add.error.message}
        </Notice>
      )}
      <p className="dim small">Each window is judged by a detector, accountedFor, and proven like any decision.</p>
    </Card>
  );
}
