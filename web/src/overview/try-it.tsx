// For newcomers: pause the device of this computer and follow what comes of it, step by step.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { inForceFor } from '../agreements/in-force.ts';
import { post } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { AgreementView, Overview } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';
import { Icon } from '../ui/icons.tsx';
import { StorySteps } from './story-steps.tsx';

type OwnDevice = NonNullable<Overview['ownDevice']>;

export function TryIt({ own, overview }: { own: OwnDevice; overview: Overview }): ReactNode {
  const client = useQueryClient();
  const agreements = useQuery(queries.agreements());
  const devices = useQuery(queries.devices());
  const [pausedMs, setPausedMs] = useState<number>();
  const change = useMutation({
    mutationFn: (action: 'pause' | 'resume') => post<{ paused: boolean }>(`/api/device/${action}`),
    onSuccess: ({ paused }) => {
      if (paused) setPausedMs(Date.now());
      client.setQueryData<Overview>(['overview'], (known) => known && { ...known, ownDevice: { ...own, paused } });
    },
  });
  const agreement = agreements.data && inForceFor(own.subject, agreements.data, Date.now());
  // Paused before this page was opened: silence began when it was last heard.
  const heardMs = devices.data?.find(({ subject }) => subject === own.subject)?.lastArrivalMs;
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
      {sinceMs !== undefined && agreement && (
        <StorySteps
          pausedMs={sinceMs}
          isPaused={own.paused}
          terms={agreement.terms}
          intervalMs={overview.deviceIntervalMs}
        />
      )}
    </section>
  );
}

function explain(isPaused: boolean, agreement: AgreementView | undefined): ReactNode {
  if (!agreement) return 'Silence is not uptime: where readings are missing, the agreement pays a credit by itself.';
  const { payer, recipient, rule, money } = agreement.terms;
  const credit =
    typeof rule.creditMinorUnits === 'number' ? formatMoney(rule.creditMinorUnits, money.currency) : 'a credit';
  if (isPaused)
    return `Every window without enough readings now costs ${credit}, paid by “${payer.name}” to “${recipient.name}”.`;
  return (
    <>
      <Link to="/agreements">An agreement</Link> says that “{payer.name}” owes “{recipient.name}” {credit} for every
      window in which readings are missing. Pause it and watch the credit being decided, paid and proven.
    </>
  );
}
