// Topics that nothing reads, each with its last message: mapped by hand where it is a measurement after all.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import type { ConnectFilter } from '../api/filters.ts';
import { queries } from '../api/queries.ts';
import type { UnreadMessages } from '../api/types.ts';
import { formatCount, formatCounted } from '../format/amount.ts';
import { Ago } from '../ui/ago.tsx';
import { Card } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useChangeFilter } from '../ui/use-filter.ts';
import { useFocusBack } from '../ui/use-focus-back.ts';
import { MapForm } from './map-topic.tsx';

const SHOWN = 200;

export function UnreadView({ filter }: { filter: ConnectFilter }): ReactNode {
  const unread = useQuery(queries.unread());
  const change = useChangeFilter<ConnectFilter>(filter);
  const { topic } = filter;
  const last = unread.data?.topics.find((one) => one.topic === topic);
  const [region, back] = useFocusBack<HTMLElement>();
  const before = useRef(topic);
  // The form is closed, and the focus with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the form comes or goes
  useEffect(() => {
    if (before.current !== undefined && topic === undefined) back();
    before.current = topic;
  }, [topic]);
  return (
    <section ref={region} tabIndex={-1} className="stack connect-unread" aria-label="What nothing reads">
      {topic !== undefined && unread.data && (
        <MapForm key={topic} topic={topic} payload={last?.payload ?? ''} onClose={() => change({ topic: undefined })} />
      )}
      <Loaded query={unread}>{(all) => <Topics {...all} onMap={(one) => change({ topic: one })} />}</Loaded>
    </section>
  );
}

function Topics({
  topics,
  unread,
  onMap,
}: Pick<UnreadMessages, 'topics' | 'unread'> & { onMap: (topic: string) => void }): ReactNode {
  if (topics.length === 0)
    return (
      <Card flush>
        <Empty icon="check" title="Everything that came is read">
          Messages that no connector knows, and that hold no number, appear here by their topics. What holds one is{' '}
          <Link to="/connect" search={{ connector: 'topics' }}>
            a thing already
          </Link>
          .
        </Empty>
      </Card>
    );
  return (
    <Card
      title="Topics that nothing reads"
      aside={<span className="dim small">{formatCounted(unread, 'message')}</span>}
      flush
    >
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th>Topic</th>
              <th className="end">Messages</th>
              <th className="end wide-only">Last</th>
              <th className="wide-only">Last message</th>
              <th>
                <span className="sr-only">What to do</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {topics.slice(0, SHOWN).map(({ topic, messages, lastMs, payload }) => (
              <tr key={topic}>
                <td className="mono break">
                  {topic}
                  <span className="phone-only clip mono">{payload}</span>
                </td>
                <td className="end">{formatCount(messages)}</td>
                <td className="end wide-only">
                  <Ago ms={lastMs} />
                </td>
                <td className="wide-only mono">
                  <span className="clip" title={payload}>
                    {payload}
                  </span>
                </td>
                <td className="end">
                  <button
                    type="button"
                    className="button small"
                    aria-label={`Map it: ${topic}`}
                    onClick={() => onMap(topic)}
                  >
                    Map it
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {topics.length > SHOWN && <p className="legend">The {SHOWN} heard last.</p>}
    </Card>
  );
}
