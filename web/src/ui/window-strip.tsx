// Decisions as a strip of windows, oldest left: height and pattern tell what colour tells.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DecisionView } from '../api/types.ts';
import { formatWindow } from '../format/time.ts';
import { standingOf } from '../format/words.ts';
import { standings } from './badge.tsx';
import { Icon } from './icons.tsx';
import { useNow } from './use-now.ts';

const WINDOWS_MAX = 40;

/**
 * Windows of agreements; of monitors where there are none, as a model tried beside judges the same windows again.
 * @param decisions newest first
 */
export function WindowStrip({ decisions: all }: { decisions: readonly DecisionView[] }): ReactNode {
  const agreed = all.filter(({ agreement }) => agreement !== undefined);
  const decisions = agreed.length > 0 ? agreed : all;
  const now = useNow();
  const shown = decisions.slice(0, WINDOWS_MAX).reverse();
  const first = shown[0];
  return (
    <div>
      <nav className="strip" aria-label="Windows, oldest first">
        {shown.map((decision) => {
          const standing = standingOf(decision);
          const label = `${formatWindow(decision.fromMs, decision.toMs, now)}: ${standings[standing].label}. ${decision.reason}`;
          return (
            <Link
              key={decision.id}
              to="/decisions/$id"
              params={{ id: decision.id }}
              data-standing={standing}
              aria-label={label}
              title={label}
            />
          );
        })}
      </nav>
      <div className="strip-foot">
        <span className="num">
          {first && `From ${formatWindow(first.fromMs, first.toMs, now).split(' – ')[0]} to now`}
        </span>
        <span className="legend">
          {(['met', 'breached', 'held'] as const).map((standing) => (
            <span key={standing}>
              <i className="icon" data-standing={standing}>
                <Icon name={standings[standing].icon} size={13} />
              </i>
              {standings[standing].label}
            </span>
          ))}
        </span>
      </div>
    </div>
  );
}
