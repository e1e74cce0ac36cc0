// Readings as they came, page by page, and all of them as a file.
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { ask } from '../api/client.ts';
import { rowsOf } from '../api/pages.ts';
import { lists } from '../api/queries.ts';
import type { StreamView } from '../api/types.ts';
import { useQuantityTitle } from '../domains/use-domains.ts';
import { formatCount, formatValue } from '../format/amount.ts';
import { formatDateTime, timeZone } from '../format/time.ts';
import { Select } from '../ui/choices.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { More } from '../ui/pages.tsx';
import { saveFile } from '../ui/save.ts';
import { Empty, Loaded } from '../ui/states.tsx';
import { type Range, timesOf } from './range.ts';

interface RawReadingsProps {
  readonly subject: string;
  readonly streams: readonly StreamView[];
}

interface Asked {
  readonly subject: string;
  readonly quantity?: string;
  readonly from?: number;
  readonly to?: number;
}

export function RawReadings({ subject, streams }: RawReadingsProps): ReactNode {
  const range: Range = useSearch({ from: '/devices/$subject' });
  const [isOpen, setOpen] = useState(false);
  const [quantity, setQuantity] = useState<string>();
  const titleOf = useQuantityTitle();
  const { fromMs, toMs } = useMemo(() => timesOf(range, Date.now()), [range]);
  const asked: Asked = {
    subject,
    ...(quantity !== undefined && { quantity }),
    ...(fromMs !== undefined && { from: fromMs }),
    ...(toMs !== undefined && { to: toMs }),
  };
  return (
    <Card>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Readings as they came, and as a file</summary>
        {isOpen && (
          <div className="stack raw">
            <div className="fields">
              <Select
                label="Quantity"
                value={quantity}
                options={[
                  ['', 'All quantities'],
                  ...streams.map((one) => [one.quantity, titleOf(one.quantity)] as const),
                ]}
                onChange={setQuantity}
              />
              <Save asked={asked} />
            </div>
            <Rows asked={asked} />
          </div>
        )}
      </details>
    </Card>
  );
}

function Rows({ asked }: { asked: Asked }): ReactNode {
  const readings = useInfiniteQuery(lists.readings(asked));
  const titleOf = useQuantityTitle();
  return (
    <Loaded query={readings}>
      {(pages) => {
        const rows = rowsOf(pages);
        if (rows.length === 0)
          return (
            <Empty icon="now" title="No readings in this time">
              Choose a longer one above the charts.
            </Empty>
          );
        return (
          <>
            <div className="table-wrap">
              <table>
                <thead>
                  <tr>
                    <th>Time ({timeZone})</th>
                    <th>Quantity</th>
                    <th className="end">Value</th>
                    <th className="end wide-only">Place in the log</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ timeMs, quantity, unit, value, leaf, stream }, i) => (
                    // The same may be said twice at one time: only its place in the list tells them apart.
                    // biome-ignore lint/suspicious/noArrayIndexKey: see above
                    <tr key={`${leaf} ${stream} ${timeMs} ${i}`}>
                      <td>{formatDateTime(timeMs)}</td>
                      <td>{titleOf(quantity)}</td>
                      <td className="end">{typeof value === 'number' ? formatValue(value, unit) : value}</td>
                      <td className="end wide-only dim">{formatCount(leaf)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <More query={readings} of="reading" />
          </>
        );
      }}
    </Loaded>
  );
}

/** The token goes in a header, which no link can send: the file is fetched, then saved. */
function Save({ asked }: { asked: Asked }): ReactNode {
  const save = useMutation({
    mutationFn: async () => {
      const bytes = (await ask((api) =>
        api.GET('/api/v1/readings.csv', { params: { query: asked }, parseAs: 'blob' }),
      )) as unknown as Blob;
      saveFile([bytes], `${asked.subject.replaceAll(/[^A-Za-z0-9._-]/g, '-')}.csv`, 'text/csv');
    },
  });
  return (
    <div className="fields-end row">
      <button type="button" className="button" disabled={save.isPending} onClick={() => save.mutate()}>
        <Icon name="save" size={15} /> {save.isPending ? 'Collecting…' : 'Save as CSV'}
      </button>
      <span className="dim small">of the time shown above; times in UTC</span>
      {save.error && (
        <Notice tone="bad" title="This could not be collected">
          {save.error.message}
        </Notice>
      )}
    </div>
  );
}
