// Decisions as a strip, oldest left: height and pattern tell what colour tells.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DecisionView } from '../api/types.ts';
import { useDomains } from '../domains/use-domains.ts';
import { type Standing, standingOf } from '../domains/words.ts';
import { formatWindow } from '../format/time.ts';
import { iconOfTone } from './badge.tsx';
import { Icon } from './icons.tsx';
import { useNow } from './use-now.ts';

const SHOWN_MAX = 40;

/**
 * Decisions under agreements; under monitors where there are none, as a model tried beside decides the same again.
 * @param decisions newest first
 */
export function DecisionStrip({ decisions: all }: { decisions: readonly DecisionView[] }): ReactNode {
  const domains = useDomains();
  const now = useNow();
  const agreed = all.filter(({ agreement }) => agreement !== undefined);
  const shown = (agreed.length > 0 ? agreed : all).slice(0, SHOWN_MAX).reverse();
  const told = shown.map((decision) => ({ decision, standing: standingOf(domains, decision) }));
  const legend = new Map<string, Standing>(told.map(({ standing }) => [standing.label, standing]));
  const first = shown[0];
  return (
    <div>
      <nav className="strip" aria-label="Decisions, oldest first">
        {told.map(({ decision: { id, fromMs, toMs, reason }, standing: { label: word, tone } }) => {
          const label = `${formatWindow(fromMs, toMs, now)}: ${word}. ${reason}`;
          return (
            <Link key={id} to="/decisions/$id" params={{ id }} data-tone={tone} aria-label={label} title={label} />
          );
        })}
      </nav>
      <div className="strip-foot">
        <span className="num">
          {first && `From ${formatWindow(first.fromMs, first.toMs, now).split(' – ')[0]} to now`}
        </span>
        <span className="legend">
          {[...legend.values()].map(({ label, tone }) => (
            <span key={label}>
              <i className="icon" data-tone={tone}>
                <Icon name={iconOfTone(tone)} size={13} />
              </i>
              {label}
            </span>
          ))}
        </span>
      </div>
    </div>
  );
}
