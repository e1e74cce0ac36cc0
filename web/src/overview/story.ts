// What has come of pausing the device so far: silence, then the end of the window, the decision, the payment, the proof.
import type { Agreement, DecisionView, PaymentView } from '../api/types.ts';

export interface Story {
  /** When the first window that can fail ends, and when it is judged. */
  readonly windowEndMs: number;
  readonly judgedMs: number;
  readonly decision: DecisionView | undefined;
  readonly payment: PaymentView | undefined;
}

/**
 * Follows a pause.
 *
 * @param pausedMs when the device was paused
 * @param window of the agreement about the device
 * @param decisions about the device, newest first
 * @param payments newest first
 * @returns the earliest breach that the pause caused and its payment, undefined until they are there
 */
export function tellStory(
  pausedMs: number,
  window: Pick<Agreement['window'], 'startMs' | 'lengthMs' | 'graceMs'>,
  decisions: readonly DecisionView[],
  payments: readonly PaymentView[],
): Story {
  const decision = [...decisions].reverse().find(({ toMs, verdict }) => toMs > pausedMs && verdict === 'breached');
  const payment = decision && payments.find((row) => row.decision === decision.id);
  // A window that was nearly over may still be complete: the next one cannot be.
  const judgedUpTo = decisions.reduce((last, { toMs }) => Math.max(last, toMs), pausedMs);
  const windowEndMs = decision?.toMs ?? endOfWindow(Math.max(pausedMs, judgedUpTo), window);
  return { windowEndMs, judgedMs: windowEndMs + window.graceMs, decision, payment };
}

/** The end of the window that a moment lies in; windows include their beginning and not their end. */
function endOfWindow(ms: number, { startMs, lengthMs }: Pick<Agreement['window'], 'startMs' | 'lengthMs'>): number {
  const number = Math.max(0, Math.floor((ms - startMs) / lengthMs));
  return startMs + (number + 1) * lengthMs;
}
