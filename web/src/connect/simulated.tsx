// A simulated house, for whoever has nothing at hand: it appears through the same connectors, and says what it is.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { formatMoment } from '../format/time.ts';
import { Icon } from '../ui/icons.tsx';
import { askAgain } from './acts.ts';

const MINUTES = 30;

export function SimulatedHouse(): ReactNode {
  const client = useQueryClient();
  const house = useQuery(queries.simulated());
  const speak = useMutation({
    mutationFn: (minutes: number) => ask((api) => api.POST('/api/v1/connectors/simulated', { body: { minutes } })),
    onSettled: () => Promise.all([askAgain(client), client.invalidateQueries({ queryKey: ['simulated'] })]),
  });
  const untilMs = house.data?.untilMs;
  return (
    <div className="row">
      <button
        type="button"
        className="button small"
        disabled={speak.isPending || house.data === undefined}
        onClick={() => speak.mutate(untilMs === undefined ? MINUTES : 0)}
      >
        <Icon name="plug" size={14} /> {untilMs === undefined ? 'Try a simulated house' : 'Stop the simulated house'}
      </button>
      {untilMs !== undefined && (
        <span className="muted">
          It speaks until {formatMoment(untilMs, Date.now())}; everything of it is labelled simulated.
        </span>
      )}
      {speak.error && <span role="alert">{speak.error.message}</span>}
    </div>
  );
}
