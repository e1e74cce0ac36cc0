// For newcomers: pause the device of this computer and follow what comes of it, step by step.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { inForceFor } from '../agreements/in-force.ts';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { AgreementView, Overview } from '../api/types.ts';
import { Icon } from '../ui/icons.tsx';
import { windowsOf } from './story.ts';
import { StorySteps } from './story-steps.tsx';

type OwnDevice = NonNullable<Overview['ownDevice']>;

export function TryIt({ own, overview }: { own: OwnDevice; overview: Overview }): ReactNode {
  const client = useQueryClient();
  const agreements = useQuery(queries.agreements());
  const device = useQuery(queries.device(own.subject)).data;
  const [pausedMs, setPausedMs] = useState<number>();
  const change = useMutation({
    mutationFn: (action: 'pause' | 'resume') =>
      ask((api) => api.POST('/api/v1/device/{action}', { params: { path: { action } } })),
    onSuccess: ({ paused }) => {
      if (paused) setPausedMs(Date.now());
      client.setQueryData<Overview>(['overview'], (known) => known && { ...known, ownDevice: { ...own, paused } });
    },
  });
  const agreement = agreements.data && inForceFor(own.subject, agreements.data);
  const windows = agreement && windowsOf(agreement.triggers);
  // Paused before this page was opened: silence began when it was last heard.
  const heardMs = device?.lastArrivalMs;
  const sinceMs = pausedMs ?? (own.paused ? heardMs : undefined);
  return (
    <section className="card try-it" data-on={sinceMs !== undefined}>
      <div className="try-head">
        <div>
          <h2>{own.paused ? 'This computer’s device is paused' : 'Try it: pause this computer’s device'}</h2>
          <p>{explain(own.paused, agreement)}</p>
        </div>
        <button
          type="button"
          className={`button ${own.paused ? '' : 'primary'}`}
          disabled={change.isPending}
          onClick={() => change.mutate(own.paused ? 'resume' : 'pause')}
        >
          <Icon name={own.paused ? 'play' : 'hold'} />
          {own.paused ? 'Resume' : 'Pause the device'}
        </button>
      </div>
      {change.error && <p role="alert">{change.error.message}</p>}
      {sinceMs !== undefined && agreement && windows && (
        <StorySteps
          pausedMs={sinceMs}
          isPaused={own.paused}
          agreement={agreement}
          windows={windows}
          intervalMs={overview.deviceIntervalMs}
        />
      )}
    </section>
  );
}

function explain(isPaused: boolean, agreement: AgreementView | undefined): ReactNode {
  if (!agreement) return 'Silence is not uptime: an agreement can make missing readings cost something, by itself.';
  const [payer, recipient] = ['payer', 'recipient'].map(
    (wanted) => agreement.policy.parties.find(({ role }) => role === wanted)?.name ?? wanted,
  );
  if (isPaused)
    return `What its silence costs, “${payer}” owes “${recipient}” by their agreement: decided and proven by itself, and paid unless something holds it.`;
  return (
    <>
      <Link to="/agreements">An agreement</Link> says what “{payer}” owes “{recipient}” when this computer falls silent.
      Pause it, and watch that being decided, paid and proven.
    </>
  );
}
