// Questions that the node answers, from what is public under the policy.
import type { Route } from '@trine/engine';

export const routes: readonly Route[] = [
  {
    path: 'summary',
    summary: 'How many windows were kept, exceeded and not judged.',
    answer: (decisions) => {
      const count = (verdict: string) => decisions.filter((one) => one.verdict === verdict).length;
      return { kept: count('kept'), exceeded: count('exceeded'), notJudged: count('not-judged') };
    },
  },
];
