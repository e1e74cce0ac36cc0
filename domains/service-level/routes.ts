// Questions that the node answers about a service level.
import type { Route } from '@trine/engine';

export const routes: readonly Route[] = [
  {
    path: 'availability',
    summary: 'Windows met, breached and not judged, and the share of judged windows that were met.',
    answer: (decisions) => {
      const count = (verdict: string) => decisions.filter((one) => one.verdict === verdict).length;
      const [met, breached] = [count('met'), count('breached')];
      const judged = met + breached;
      return {
        met,
        breached,
        notJudged: count('not-judged'),
        metPpm: judged === 0 ? null : Math.floor((met * 1_000_000) / judged),
      };
    },
  },
];
