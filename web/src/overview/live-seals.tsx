import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLive } from '../api/provider.tsx';
import { queries } from '../api/queries.ts';
import type { SealView } from '../api/types.ts';
import { formatCounted } from '../format/amount.ts';
import { kindWord, shorten } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';

const SHOWN = 7;

/** Statements as they are sealed, newest first; each leads to its proof. */
export function LiveSeals(): ReactNode {
  const live = useLive().seals;
  // What was sealed before this page was opened; from then on, events tell.
  const before = useQuery(queries.seals(undefined, SHOWN)).data ?? [];
  const oldest = live.at(-1)?.leaf ?? Number.POSITIVE_INFINITY;
  const seals = [...live, ...before.filter(({ leaf }) => leaf < oldest)];
  const names = useNames();
  return (
    <Card title="Being sealed" flush>
      {seals.length === 0 ? (
        <Empty icon="seal" title="Listening">
          Statements appear here the moment they are sealed.
        </Empty>
      ) : (
        <ul className="feed">
          {seals.slice(0, SHOWN).map((seal) => (
            <li key={seal.leaf}>
              <Sealed seal={seal} name={names.get(seal.subject) ?? seal.subject} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Sealed({ seal: { id, kind, readings, arrivalMs }, name }: { seal: SealView; name: string }): ReactNode {
  const parts = (
    <>
      <Icon name={kind === 'decision' ? 'decide' : 'seal'} size={15} />
      <span>
        {shorten(name, 26)}
        <small>{kind === 'pack' ? formatCounted(readings, 'reading') : kindWord(kind)}</small>
      </span>
      <Ago ms={arrivalMs} />
    </>
  );
  // Keys, agreements and the like are proven as part of what rests on them.
  if (kind !== 'pack' && kind !== 'decision') return <div className="feed-row">{parts}</div>;
  return (
    <Link className="feed-row" to="/proof/$id" params={{ id }} title="Show its proof">
      {parts}
    </Link>
  );
}
