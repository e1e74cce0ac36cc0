// What a thing measures, drawn over a stretch of time that one chooses.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import type { StreamView } from '../api/types.ts';
import { useQuantityTitle } from '../domains/use-domains.ts';
import { formatCount, formatCounted } from '../format/amount.ts';
import { localInput, timeZone } from '../format/time.ts';
import { Choices } from '../ui/choices.tsx';
import { Field } from '../ui/field.tsx';
import { Card } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { StreamChart } from '../ui/stream-chart.tsx';
import { type Length, lengths, type Range, timesOf } from './range.ts';

/** More are shown on demand. */
const CHARTS_STEP = 12;
const DAY_MS = lengths['24h'];

const names: Readonly<Record<Length, string>> = { '1h': '1 hour', '24h': '24 hours', '7d': '7 days' };

export function ReadingCharts({ streams }: { streams: readonly StreamView[] }): ReactNode {
  const range: Range = useSearch({ from: '/devices/$subject' });
  // A moving beginning would ask the node again all the time: it is fixed when the range is chosen.
  const times = useMemo(() => timesOf(range, Date.now()), [range]);
  const [part, setPart] = useState('');
  const [shownMax, setShownMax] = useState(CHARTS_STEP);
  const titleOf = useQuantityTitle();
  if (streams.length === 0)
    return (
      <Card title="Readings" flush>
        <Empty icon="now" title="No readings yet">
          They appear here as soon as the device has said something and it is sealed.
        </Empty>
      </Card>
    );
  const wanted = part.trim().toLowerCase();
  const found = streams.filter(({ quantity }) => `${quantity} ${titleOf(quantity)}`.toLowerCase().includes(wanted));
  const shown = found.slice(0, shownMax);
  return (
    <Card title="Readings" aside={<span className="dim">times in {timeZone}</span>} flush>
      <div className="card-body range">
        <RangePicker range={range} streams={streams} />
        {streams.length > CHARTS_STEP && (
          <input
            className="search"
            type="search"
            aria-label="Find a quantity"
            placeholder={`Find one of ${formatCounted(streams.length, 'quantity', 'quantities')}`}
            value={part}
            onChange={({ target }) => setPart(target.value)}
          />
        )}
      </div>
      <div className={shown.length === 1 ? 'charts one' : 'charts'}>
        {shown.map((stream) => (
          <StreamChart key={stream.stream} stream={stream} height={shown.length === 1 ? 240 : 150} isWhole {...times} />
        ))}
      </div>
      {found.length > shown.length && (
        <div className="more-rows">
          <span className="dim num">
            {formatCount(shown.length)} of {formatCounted(found.length, 'quantity', 'quantities')}
          </span>
          <button type="button" className="button" onClick={() => setShownMax(shownMax + CHARTS_STEP)}>
            Show more
          </button>
        </div>
      )}
    </Card>
  );
}

function RangePicker({ range, streams }: { range: Range; streams: readonly StreamView[] }): ReactNode {
  const navigate = useNavigate();
  const go = (search: Range) => void navigate({ to: '.', search: search as never });
  const isCustom = range.from !== undefined || range.to !== undefined;
  const lastMs = Math.max(...streams.map((one) => one.lastMs ?? 0)) || Date.now();
  const choice = (id: string, label: string, isChosen: boolean, search: Range) => ({
    id,
    label,
    count: undefined,
    isChosen,
    choose: () => go(search),
  });
  return (
    <>
      <Choices
        label="Time shown"
        choices={[
          ...Object.entries(names).map(([name, label]) =>
            choice(name, label, range.range === name, { range: name as Length }),
          ),
          choice('all', 'All', range.range === undefined && !isCustom, {}),
          // The newest day that has readings: what was imported lies in the past.
          choice('custom', 'Between…', isCustom, { from: lastMs - DAY_MS, to: lastMs + 1 }),
        ]}
      />
      {isCustom && (
        <div className="row range-ends">
          {(['from', 'to'] as const).map((end) => (
            <Field key={end} label={end === 'from' ? 'From' : 'Until'}>
              <input
                type="datetime-local"
                step={1}
                value={range[end] === undefined ? '' : localInput(range[end])}
                onChange={({ target }) => {
                  const ms = Date.parse(target.value);
                  if (ms >= 0) go({ ...range, [end]: ms });
                }}
              />
            </Field>
          ))}
        </div>
      )}
    </>
  );
}
