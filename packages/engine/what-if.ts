// What would have been decided, summed up for people: how many obligations differ, which, and the money over time.
import { owed, type ReplayedObligation, type ReplayedPeriod } from './period.ts';

/** What a question changes; obligations that begin in `[fromMs, toMs)`. */
export interface WhatIfQuestion {
  /** Hash of the policy, hex. */
  readonly policy: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Hash of another model, hex. */
  readonly model?: string | undefined;
  /** Terms that take another value, by name. */
  readonly terms?: Readonly<Record<string, unknown>> | undefined;
  /** The most that one obligation may cost, minor units. */
  readonly perObligationMax?: number | undefined;
}

export interface WhatIf {
  /** Obligations that were decided and could be decided again. */
  readonly compared: number;
  /** Of those, the ones that came out alike: to the bit where nothing was changed, else in verdict, outcome, amount. */
  readonly alike: number;
  /** Obligations that were decided and cannot be decided again, and why: how many for each reason. */
  readonly notComputed: number;
  readonly problems: Readonly<Record<string, number>>;
  /** Minor units over the compared obligations. */
  readonly amountBefore: number;
  readonly amountAfter: number;
  readonly currency: string;
  /** The first of those that differ. */
  readonly differing: readonly ReplayedObligation[];
  /** Amounts added up from the first obligation on, minor units; each point stands at the end of its obligation. */
  readonly series: {
    readonly timeMs: readonly number[];
    readonly before: readonly number[];
    readonly after: readonly number[];
  };
}

const DIFFERING_MAX = 500;
const POINTS_MAX = 200;

export function whatIf({ obligations, currency }: ReplayedPeriod): WhatIf {
  const both = obligations.filter(({ before, after }) => before && after);
  const left = obligations.filter(({ before, after }) => before && !after);
  const differing = both.filter(({ isSame }) => !isSame);
  return {
    compared: both.length,
    alike: both.length - differing.length,
    notComputed: left.length,
    problems: countProblems(left),
    amountBefore: sum(both, 'before'),
    amountAfter: sum(both, 'after'),
    currency,
    differing: differing.slice(0, DIFFERING_MAX),
    series: seriesOf(both),
  };
}

function countProblems(left: readonly ReplayedObligation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { problem = 'not computed' } of left) counts[problem] = (counts[problem] ?? 0) + 1;
  return counts;
}

function sum(obligations: readonly ReplayedObligation[], side: 'before' | 'after'): number {
  return obligations.reduce((total, one) => total + owed(one[side]), 0);
}

/** From zero at the start of the first obligation; where there are many, every n-th and the last. */
function seriesOf(obligations: readonly ReplayedObligation[]): WhatIf['series'] {
  const [first] = obligations;
  if (first === undefined) return { timeMs: [], before: [], after: [] };
  const step = Math.ceil(obligations.length / (POINTS_MAX - 1));
  const series = { timeMs: [first.fromMs], before: [0], after: [0] };
  let [before, after] = [0, 0];
  obligations.forEach((one, i) => {
    before += owed(one.before);
    after += owed(one.after);
    if ((i + 1) % step !== 0 && i + 1 !== obligations.length) return;
    series.timeMs.push(one.toMs);
    series.before.push(before);
    series.after.push(after);
  });
  return series;
}
