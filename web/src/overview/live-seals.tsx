import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLive } from '../api/provider.tsx';
import { kindWord, shorten } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { useNames } from '../ui/use-names.ts';

const SHOWN = 7;

/** Statements as they are sealed, newest first; each leads to its proof. */
export function LiveSeals(): ReactNode {
  const { seals } = useLive();
  const names = useNames();
  return (
    <Card title="Being sealed" flush>
      {seals.length === 0 ? (
        <Empty icon="seal" title="Listening">
          Statements appear here the moment they are sealed.
        </Empty>
      ) : (
        <ul className="feed">
          {seals.slice(0, SHOWN).map(({ leaf, id, subject, kind, readings, arrivalMs }) => (
            <li key={leaf}>
              <Link to="/proof/$id" params={{ id }} title="Show its proof">
                <Icon name="seal" size={15} />
                <span>
                  {shorten(names.get(subject) ?? subject, 26)}
                  <small>{kind === 'pack' ? `${readings} reading${readings === 1 ? '' : 's'}` : kindWord(kind)}</small>
                </span>
                <Ago ms={arrivalMs} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
