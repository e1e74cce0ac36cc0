// Small labelled states: always an icon or words beside the colour.
import type { ReactNode } from 'react';
import type { DecisionView, PaymentView } from '../api/types.ts';
import { classWords, flagWords, type Standing, standingOf } from '../format/words.ts';
import { Icon, type IconName } from './icons.tsx';

export type Tone = 'plain' | 'ok' | 'bad' | 'warn' | 'info';

export interface BadgeProps {
  readonly tone?: Tone;
  readonly icon?: IconName;
  readonly title?: string;
  readonly children: ReactNode;
}

export function Badge({ tone = 'plain', icon, title, children }: BadgeProps): ReactNode {
  return (
    <span className="badge" data-tone={tone} title={title}>
      {icon && <Icon name={icon} size={13} />}
      {children}
    </span>
  );
}

export const standings: Readonly<Record<Standing, { label: string; tone: Tone; icon: IconName }>> = {
  met: { label: 'Met', tone: 'ok', icon: 'check' },
  breached: { label: 'Breached', tone: 'bad', icon: 'cross' },
  held: { label: 'Held', tone: 'warn', icon: 'hold' },
  advice: { label: 'Advice', tone: 'info', icon: 'info' },
};

export function StandingBadge({ decision }: { decision: Pick<DecisionView, 'verdict' | 'outcome'> }): ReactNode {
  const { label, tone, icon } = standings[standingOf(decision)];
  return (
    <Badge tone={tone} icon={icon}>
      {label}
    </Badge>
  );
}

export function PaymentBadge({ state }: { state: PaymentView['state'] }): ReactNode {
  return state === 'paid' ? (
    <Badge tone="ok" icon="check">
      Paid
    </Badge>
  ) : (
    <Badge tone="info" icon="clock">
      Ordered
    </Badge>
  );
}

export function ClassBadge({ name }: { name: string | undefined }): ReactNode {
  const { label, help } = classWords(name);
  return <Badge title={help}>{label}</Badge>;
}

/** @param flags how often each was seen */
export function FlagBadges({ flags }: { flags: Readonly<Record<string, number>> }): ReactNode {
  return Object.entries(flags)
    .filter(([, count]) => count > 0)
    .map(([flag, count]) => {
      const { label, help } = flagWords(flag);
      const isGrave = flag === 'fork' || flag === 'clone';
      return (
        <Badge key={flag} tone={isGrave ? 'bad' : 'warn'} icon="warn" title={help}>
          {count} {label}
        </Badge>
      );
    });
}
