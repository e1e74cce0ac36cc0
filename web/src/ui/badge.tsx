// Small labelled states: always an icon or words beside the colour.
import type { ReactNode } from 'react';
import type { DeviceView, PaymentView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { type Decided, type Standing, standingOf } from '../domains/words.ts';
import { classWords, flagWords, forkWords } from '../format/words.ts';
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

const iconOf: Readonly<Record<Standing['tone'], IconName>> = {
  ok: 'check',
  info: 'info',
  warn: 'warn',
  bad: 'cross',
  quiet: 'minus',
  held: 'hold',
};

export function iconOfTone(tone: Standing['tone']): IconName {
  return iconOf[tone];
}

export function WordBadge({ word: { label, tone } }: { word: Standing }): ReactNode {
  return (
    <Badge tone={tone === 'quiet' ? 'plain' : tone === 'held' ? 'warn' : tone} icon={iconOf[tone]}>
      {label}
    </Badge>
  );
}

export function StandingBadge({ decision }: { decision: Decided }): ReactNode {
  return <WordBadge word={standingOf(useDomains(), decision)} />;
}

const paymentStates: Readonly<Record<PaymentView['state'], { tone: Tone; icon: IconName; label: string }>> = {
  ordered: { tone: 'info', icon: 'clock', label: 'Ordered' },
  announced: { tone: 'info', icon: 'clock', label: 'Announced' },
  held: { tone: 'warn', icon: 'hold', label: 'Held' },
  released: { tone: 'info', icon: 'clock', label: 'Released' },
  paid: { tone: 'ok', icon: 'check', label: 'Paid' },
  dropped: { tone: 'plain', icon: 'minus', label: 'Dropped' },
  expired: { tone: 'plain', icon: 'minus', label: 'Expired' },
  replaced: { tone: 'plain', icon: 'minus', label: 'Replaced' },
};

export function PaymentBadge({ state }: { state: PaymentView['state'] }): ReactNode {
  const { tone, icon, label } = paymentStates[state];
  return (
    <Badge tone={tone} icon={icon}>
      {label}
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

/** Two lives of one sequence: held while it stands, remembered after it was recovered from. */
export function ForkBadge({ fork }: { fork: DeviceView['fork'] }): ReactNode {
  if (fork === undefined) return null;
  const { label, help } = forkWords(fork);
  return (
    <Badge tone={fork === 'standing' ? 'bad' : 'plain'} icon="fork" title={help}>
      {label}
    </Badge>
  );
}
