// What has come of pausing the device so far: silence, then the end of the time at hand, the decision, the payment, the proof.
import type { DecisionView, PaymentView, TriggerView } from '../api/types.ts';

/** A trigger of equal windows. */
export type Windows = { readonly [Name in 'startMs' | 'lengthMs' | 'graceMs']: NonNullable<TriggerView[Name]> };

export interface Story {
  /** When the first window that can cost something ends, and when it is decided. */
  readonly windowEndMs: number;
  readonly decidedMs: number;
  readonly decision: DecisionView | undefined;
  readonly payment: PaymentView | undefined;
}

/** The windows of an agreement; undefined where its obligations arise otherwise. */
export function windowsOf(triggers: readonly TriggerView[]): Windows | undefined {
  for (const { startMs, lengthMs, graceMs } of triggers)
    if (startMs !== undefined && lengthMs !== undefined) return { startMs, lengthMs, graceMs };
  return undefined;
}

/**
 * Follows a pause.
 *
 * @param pausedMs when the device was paused
 * @param windows of the agreement about the device
 * @param decisions about the device, newest first
 * @param payments newest first
 * @returns the earliest decision since the pause that orders money, and its payment, undefined until they are there
 */
export function tellStory(
  pausedMs: number,
  windows: Windows,
  decisions: readonly DecisionView[],
  payments: readonly PaymentView[],
): Story {
  const decision = [...decisions].reverse().find(({ toMs, amount }) => toMs > pausedMs && amount > 0);
  const payment = decision && payments.find((row) => row.decision === decision.id);
  // A window that was nearly over may still be complete: the next one cannot be.
  const decidedUpTo = decisions.reduce((last, { toMs }) => Math.max(last, toMs), pausedMs);
  const windowEndMs = decision?.toMs ?? endOfWindow(Math.max(pausedMs, decidedUpTo), windows);
  return { windowEndMs, decidedMs: windowEndMs + windows.graceMs, decision, payment };
}

/** The end of the window that a moment lies in; windows include their beginning and not their end. */
function endOfWindow(ms: number, { startMs, lengthMs }: Windows): number {
  const number = Math.max(0, Math.floor((ms - startMs) / lengthMs));
  return startMs + (number + 1) * lengthMs;
}
