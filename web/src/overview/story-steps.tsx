import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { gateWords } from '@trine/engine';
import type { ReactNode } from 'react';
import { rowsOf } from '../api/pages.ts';
import { lists } from '../api/queries.ts';
import type { AgreementView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { type Domains, standingOf } from '../domains/words.ts';
import { formatMoney } from '../format/amount.ts';
import { formatLength, formatSpan } from '../format/time.ts';
import { Icon } from '../ui/icons.tsx';
import { useNow } from '../ui/use-now.ts';
import { type Story, tellStory, type Windows } from './story.ts';

export interface StoryStepsProps {
  readonly pausedMs: number;
  readonly isPaused: boolean;
  readonly agreement: AgreementView;
  readonly windows: Windows;
  readonly intervalMs: number;
}

interface Step {
  readonly name: string;
  readonly text: ReactNode;
  readonly done: boolean;
}

export function StorySteps({ pausedMs, isPaused, agreement, windows, intervalMs }: StoryStepsProps): ReactNode {
  const now = useNow();
  const domains = useDomains();
  const about = rowsOf(useInfiniteQuery(lists.decisions({ policy: agreement.hash })).data);
  const payments = rowsOf(useInfiniteQuery(lists.payments({ policy: agreement.hash })).data);
  const story = tellStory(pausedMs, windows, about, payments);
  if (!isPaused && !story.decision && now > story.decidedMs) return null;
  const steps = [
    silence(pausedMs, isPaused, intervalMs, now),
    windowStep(story, now),
    decided(story, domains),
    paid(story, agreement),
    proof(story),
  ];
  const current = steps.findIndex(({ done }) => !done);
  return (
    <ol className="story" aria-live="polite">
      {steps.map(({ name, text, done }, i) => (
        <li key={name} data-state={done ? 'done' : i === current ? 'now' : 'later'}>
          <span className="story-dot">{done ? <Icon name="check" size={13} /> : i + 1}</span>
          <div>
            <strong>{name}</strong>
            <small>{text}</small>
          </div>
        </li>
      ))}
    </ol>
  );
}

function silence(pausedMs: number, isPaused: boolean, intervalMs: number, now: number): Step {
  const text = isPaused
    ? `silent for ${formatSpan(now - pausedMs)}; a reading is due every ${formatLength(intervalMs)}`
    : 'the device speaks again';
  return { name: 'Silence', text, done: true };
}

function windowStep({ windowEndMs, decidedMs, decision }: Story, now: number): Step {
  if (decision) return { name: 'Window closed', text: 'nothing more counts for it', done: true };
  if (now < windowEndMs) return { name: 'Window closes', text: `in ${formatSpan(windowEndMs - now)}`, done: false };
  return {
    name: 'Window closed',
    text: now < decidedMs ? `decided in ${formatSpan(decidedMs - now)}` : 'being decided',
    done: true,
  };
}

function decided({ decision }: Story, domains: Domains): Step {
  if (!decision) return { name: 'Decision', text: 'by the terms of the agreement', done: false };
  return {
    name: 'Decision',
    text: (
      <Link to="/decisions/$id" params={{ id: decision.id }}>
        {standingOf(domains, decision).label}: {decision.reason}
      </Link>
    ),
    done: true,
  };
}

function paid({ decision, payment }: Story, { policy }: AgreementView): Step {
  if (decision?.outcome === 'hold')
    return { name: 'Payment', text: `held. ${decision.gate.map(gateWords).join(' ')}`, done: false };
  if (!payment) return { name: 'Payment', text: decision ? 'being ordered' : recipientOf(policy), done: false };
  const amount = formatMoney(payment.amount, payment.currency);
  return {
    name: 'Payment',
    text: (
      <Link to="/payments/$id" params={{ id: payment.id }}>
        {payment.state === 'paid'
          ? `${amount} paid`
          : `${amount} ordered; ${formatSpan(policy.money.disputeWindowS * 1000)} to object`}
      </Link>
    ),
    done: payment.state === 'paid',
  };
}

function recipientOf({ parties }: AgreementView['policy']): string {
  return `to ${parties.find(({ role }) => role === 'recipient')?.name ?? 'the recipient'}`;
}

function proof({ decision, payment }: Story): Step {
  if (payment?.state !== 'paid' && !decision)
    return { name: 'Proof', text: 'of the whole way, for anyone', done: false };
  const isWhole = payment?.state === 'paid';
  const id = isWhole ? payment.id : (decision?.id as string);
  return {
    name: 'Proof',
    text: (
      <Link to="/proof/$id" params={{ id }}>
        {isWhole ? 'check it yourself' : 'of the decision; the payment follows'}
      </Link>
    ),
    done: isWhole,
  };
}
