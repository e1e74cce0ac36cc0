import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../api/queries.ts';
import type { Agreement } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';
import { formatSpan } from '../format/time.ts';
import { standingOf } from '../format/words.ts';
import { Icon } from '../ui/icons.tsx';
import { useNow } from '../ui/use-now.ts';
import { type Story, tellStory } from './story.ts';

export interface StoryStepsProps {
  readonly pausedMs: number;
  readonly isPaused: boolean;
  readonly terms: Agreement;
  readonly intervalMs: number;
}

interface Step {
  readonly name: string;
  readonly text: ReactNode;
  readonly done: boolean;
}

export function StorySteps({ pausedMs, isPaused, terms, intervalMs }: StoryStepsProps): ReactNode {
  const now = useNow();
  const decisions = useQuery(queries.decisions()).data ?? [];
  const payments = useQuery(queries.payments()).data ?? [];
  const about = decisions.filter(({ subject, agreement }) => subject === terms.subject && agreement !== undefined);
  const story = tellStory(pausedMs, terms.window, about, payments);
  if (!isPaused && !story.decision && now > story.judgedMs) return null;
  const steps = [
    silence(pausedMs, isPaused, intervalMs, now),
    windowStep(story, now),
    decided(story),
    paid(story, terms),
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
    ? `silent for ${formatSpan(now - pausedMs)}; a reading is due every ${formatSpan(intervalMs)}`
    : 'the device speaks again';
  return { name: 'Silence', text, done: true };
}

function windowStep({ windowEndMs, judgedMs, decision }: Story, now: number): Step {
  if (decision) return { name: 'Window closed', text: 'nothing more counts for it', done: true };
  if (now < windowEndMs) return { name: 'Window closes', text: `in ${formatSpan(windowEndMs - now)}`, done: false };
  return {
    name: 'Window closed',
    text: now < judgedMs ? `judged in ${formatSpan(judgedMs - now)}` : 'being judged',
    done: true,
  };
}

function decided({ decision }: Story): Step {
  if (!decision) return { name: 'Decision', text: 'met, or breached', done: false };
  return {
    name: 'Decision',
    text: (
      <Link to="/decisions/$id" params={{ id: decision.id }}>
        breached: {decision.reason}
      </Link>
    ),
    done: true,
  };
}

function paid({ decision, payment }: Story, terms: Agreement): Step {
  if (decision && standingOf(decision) === 'held')
    return { name: 'Payment', text: `held: ${decision.gate.join('; ')}`, done: false };
  if (!payment)
    return { name: 'Payment', text: decision ? 'being ordered' : `to ${terms.recipient.name}`, done: false };
  const amount = formatMoney(payment.amount, payment.currency);
  return {
    name: 'Payment',
    text: (
      <Link to="/payments/$id" params={{ id: payment.id }}>
        {payment.state === 'paid'
          ? `${amount} paid`
          : `${amount} ordered; ${formatSpan(terms.money.disputeWindowS * 1000)} to object`}
      </Link>
    ),
    done: payment.state === 'paid',
  };
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
