// A fork of a thing's sequence: what it means, where it began, what to do.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import type { DeviceView } from '../api/types.ts';
import { forkWords } from '../format/words.ts';
import { Notice } from '../ui/page.tsx';

export function ForkNotice({ device: { subject, keyOwner, fork } }: { device: DeviceView }): ReactNode {
  const head = useQuery({ ...queries.sequence(subject, keyOwner), enabled: fork === 'standing' });
  if (fork === undefined) return null;
  const { help } = forkWords(fork);
  if (fork === 'recovered')
    return (
      <Notice tone="info" icon="fork" title="Recovered from a fork">
        {help}
      </Notice>
    );
  const at = head.data?.fork;
  return (
    <Notice
      tone="bad"
      icon="fork"
      title="Its sequence is forked"
      actions={
        <Link className="button small" to="/decisions" search={{ subject, held: true }}>
          What is held
        </Link>
      }
    >
      {help} {at && `It began at place ${at.from.seq} of life ${at.from.epoch}, with ${at.heads.length} sides. `}
      With a new key it goes on: <code className="mono">npx trine recover {subject} --key NEW</code>.
    </Notice>
  );
}
