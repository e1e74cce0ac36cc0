// What would have been decided, summed up for people: how many windows differ, which, and the money over time.
import { owed, type ReplayedPeriod, type ReplayedWindow } from './period.ts';

/** What a question changes; windows that begin in `[fromMs, toMs)`. */
export interface WhatIfQuestion {
  /** Hash of the terms or the watch, hex. */
  readonly policy: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Hash of another model, hex. */
  readonly model?: string | undefined;
  /** Other numbers and texts of the rule. */
  readonly rule?: Readonly<Record<string, number | string>> | undefined;
  /** The most that one window may cost, minor units. */
  readonly perObligationMax?: number | undefined;
}

export interface WhatIf {
  /** Windows that were decided and could be decided again. */
  readonly compared: number;
  /** Of those, the ones that came out alike: to the bit where nothing was changed, else in verdict, outcome, amount. */
  readonly alike: number;
  /** Windows that were decided and cannot be decided again, because readings were erased. */
  readonly notComputed: number;
  /** Minor units over the compared windows. */
  readonly amountSealed: number;
  readonly amountReplayed: number;
  readonly currency: string;
  /** The first of the windows that differ. */
  readonly differing: readonly ReplayedWindow[];
  /** Amounts added up from the first window on, minor units; each point stands at the end of its window. */
  readonly series: {
    readonly timeMs: readonly number[];
    readonly sealed: readonly number[];
    readonly replayed: readonly number[];
  };
}

const DIFFERING_MAX = 500;
const POINTS_MAX = 200;

/** @param isChanged was another model or another rule asked for? */
export function whatIf(period: ReplayedPeriod, isChanged: boolean): WhatIf {
  const both = period.windows.filter(({ sealed, replayed }) => sealed && replayed);
  const differing = both.filter((window) => differs(window, isChanged));
  return {
    compared: both.length,
    alike: both.length - differing.length,
    notComputed: period.windows.filter(({ sealed, replayed }) => sealed && !replayed).length,
    amountSealed: sum(both, 'sealed'),
    amountReplayed: sum(both, 'replayed'),
    currency: period.currency,
    differing: differing.slice(0, DIFFERING_MAX),
    series: seriesOf(both),
  };
}

function differs({ sealed, replayed }: ReplayedWindow, isChanged: boolean): boolean {
  if (!isChanged) return sealed?.id !== replayed?.id;
  return (
    sealed?.verdict !== replayed?.verdict ||
    sealed?.outcome !== replayed?.outcome ||
    sealed?.amount !== replayed?.amount
  );
}

function sum(windows: readonly ReplayedWindow[], side: 'sealed' | 'replayed'): number {
  return windows.reduce((total, window) => total + owed(window[side]), 0);
}

/** From zero at the start of the first window; where there are many windows, every n-th and the last. */
function seriesOf(windows: readonly ReplayedWindow[]): WhatIf['series'] {
  const [first] = windows;
  if (first === undefined) return { timeMs: [], sealed: [], replayed: [] };
  const step = Math.ceil(windows.length / (POINTS_MAX - 1));
  const series = { timeMs: [first.fromMs], sealed: [0], replayed: [0] };
  let [sealed, replayed] = [0, 0];
  windows.forEach((window, i) => {
    sealed += owed(window.sealed);
    replayed += owed(window.replayed);
    if ((i + 1) % step !== 0 && i + 1 !== windows.length) return;
    series.timeMs.push(window.toMs);
    series.sealed.push(sealed);
    series.replayed.push(replayed);
  });
  return series;
}
