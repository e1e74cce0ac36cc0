// What is asked: about what, over which period, with which model and which numbers.
import { inOrder } from '../agreements/in-force.ts';
import type { AgreementView, ModelView, MonitorView } from '../api/types.ts';

/** An agreement or a watch that a question can be about. */
export interface Matter {
  /** Id of the agreement or hash of the watch. */
  readonly id: string;
  readonly kind: 'agreement' | 'watch';
  readonly title: string;
  readonly domain: string;
  readonly currency: string;
  readonly rule: Readonly<Record<string, number | string>>;
  /** The most that one window may cost, minor units; undefined for a watch. */
  readonly perObligationMax: number | undefined;
}

/** Agreements first, those in force before the replaced ones, then monitors. */
export function mattersOf(
  agreements: readonly AgreementView[],
  monitors: readonly MonitorView[],
  nowMs: number,
): Matter[] {
  return [
    ...inOrder(agreements, nowMs).map(({ agreement: { id, terms }, standing }) => ({
      id,
      kind: 'agreement' as const,
      title: standing === 'in-force' ? terms.title : `${terms.title} (${standing})`,
      domain: terms.domain,
      currency: terms.money.currency,
      rule: terms.rule,
      perObligationMax: terms.money.perObligationMax,
    })),
    ...monitors.map(({ hash, title, domain, currency, rule, isReplaced }) => ({
      id: hash,
      kind: 'watch' as const,
      title: isReplaced ? `${title} (replaced)` : title,
      domain,
      currency: currency ?? '',
      rule,
      perObligationMax: undefined,
    })),
  ];
}

export const periods = { all: 'From the beginning', day: 'The last day', week: 'The last week', between: 'Between' };
export type Period = keyof typeof periods;

const DAY_MS = 86_400_000;

/**
 * @param between as inputs of type datetime-local give them, local time
 * @returns undefined where a time is missing or they are the wrong way round
 */
export function timesOf(
  period: Period,
  between: { readonly from: string; readonly to: string },
  nowMs: number,
): { fromMs?: number; toMs?: number } | undefined {
  if (period === 'all') return {};
  if (period !== 'between') return { fromMs: Math.max(0, nowMs - DAY_MS * (period === 'day' ? 1 : 7)) };
  const [fromMs, toMs] = [Date.parse(between.from), Date.parse(between.to)];
  return fromMs >= 0 && fromMs < toMs ? { fromMs, toMs } : undefined;
}

/** Models that could decide in its place: those of its domain whose code is here. */
export function modelsFor(matter: Matter, models: readonly ModelView[]): ModelView[] {
  return models.filter(({ domain, installed }) => installed && domain === matter.domain);
}
