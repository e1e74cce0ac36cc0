import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { queries } from '../api/queries.ts';
import { Card } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { StreamChart } from '../ui/stream-chart.tsx';

const CHARTS_MAX = 6;
const SHOWN_MS = 600_000;

/** What this computer says of itself, live, over the last ten minutes. */
export function OwnCharts({ subject }: { subject: string }): ReactNode {
  const streams = useQuery(queries.streams(subject));
  // Fixed when the page opens: a moving start would ask the node again every second.
  const [fromMs] = useState(() => Date.now() - SHOWN_MS);
  return (
    <Card
      title="This computer"
      aside={
        <Link to="/devices/$subject" params={{ subject }}>
          All readings
        </Link>
      }
      flush
    >
      <Loaded query={streams}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="device" title="Waiting for the first readings">
              This computer measures itself every few seconds.
            </Empty>
          ) : (
            <div className="charts">
              {all.slice(0, CHARTS_MAX).map((stream) => (
                <StreamChart key={stream.stream} stream={stream} height={70} fromMs={fromMs} />
              ))}
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}
