// Messages that gave no reading, or not all: what came, who read it, and why it could not.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import { formatMoment } from '../format/time.ts';
import { readerWord, sentence } from '../format/words.ts';
import { Card } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useTitles } from './use-titles.ts';

export function RefusedView(): ReactNode {
  const titles = useTitles();
  return (
    <Loaded query={useQuery(queries.unread())}>
      {({ refused }) =>
        refused.length === 0 ? (
          <Card flush>
            <Empty icon="check" title="Nothing was refused">
              Messages that a connector or an accepted mapping could not read appear here, each with the reason.
            </Empty>
          </Card>
        ) : (
          <Card title="Refused last" flush>
            <ul className="refused-list">
              {refused.map(({ ms, topic, by, why, payload }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the same message may be refused twice in one moment
                <li key={i}>
                  <div className="row">
                    <strong className="mono break">{topic}</strong>
                    <time className="dim small" dateTime={new Date(ms).toISOString()}>
                      {formatMoment(ms, Date.now())}
                    </time>
                  </div>
                  <p>
                    {sentence(why)} <span className="dim small">Read by: {readerWord(by, titles)}</span>
                  </p>
                  <code className="mono clip" title={payload}>
                    {payload}
                  </code>
                </li>
              ))}
            </ul>
          </Card>
        )
      }
    </Loaded>
  );
}
