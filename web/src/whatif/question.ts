// What is asked: about what, over which period, with which model and which terms.
import { inOrder } from '../agreements/in-force.ts';
import type { AgreementView, ModelView, MonitorView } from '../api/types.ts';
import { policyStandingWords } from '../format/words.ts';

/** An agreement or a monitor that a question can be about. */
export interface Matter {
  /** Hash of the policy. */
  readonly id: string;
  readonly kind: 'agreement' | 'monitor';
  readonly title: string;
  readonly domain: string;
  /** '' where there is no money. */
  readonly currency: string;
  readonly terms: Readonly<Record<string, unknown>>;
  /** The most that one obligation may cost, minor units; undefined for a monitor. */
  readonly perObligationMax: number | undefined;
}

/** Agreements first, those in force before the replaced ones, then monitors. */
export function mattersOf(agreements: readonly AgreementView[], monitors: readonly MonitorView[]): Matter[] {
  const titled = (title: string, standing: MonitorView['standing']) =>
    standing === 'in-force' ? title : `${title} (${policyStandingWords(standing).label.toLowerCase()})`;
  return [
    ...inOrder(agreements).map(({ agreement: { hash, policy }, standing }) => ({
      id: hash,
      kind: 'agreement' as const,
      title: titled(policy.title, standing),
      domain: policy.domain,
      currency: policy.money.currency,
      terms: policy.terms as Matter['terms'],
      perObligationMax: policy.money.perObligationMax,
    })),
    ...monitors.toReversed().map(({ hash, policy, standing }) => ({
      id: hash,
      kind: 'monitor' as const,
      title: titled(policy.title, standing),
      domain: policy.domain,
      currency: policy.currency ?? '',
      terms: policy.terms as Matter['terms'],
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
