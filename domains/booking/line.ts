// The person's line: how long it was used, what is owed, and where the deposit goes. Over the life of a booking what
// enters escrow leaves it.
import { alert, entry, type RowInput, type RowOutcome, type Selected } from '@trine/engine';
import type { Alert, Effect, Reason } from '@trine/protocol';
import { type Booking, readBooking, readCancel, readEnd, readStart, reportedMs } from './events.ts';
import { openHolds } from './memory.ts';
import type { BookingTerms } from './terms.ts';
import { REPORTS } from './triggers.ts';

type Input = RowInput<BookingTerms>;

export function row(input: Input): RowOutcome {
  const { common, obligation } = input;
  if (common.verdict === 'accepted') return accepted(input);
  // Refused, or nothing was held by it, or it goes on: nothing is owed for that.
  if (common.verdict !== 'released')
    return { verdict: common.verdict, facts: common.facts, reason: common.reason, effects: [] };
  if (obligation.trigger === 'start') return noShow(input);
  return obligation.trigger === 'cancel' ? cancelled(input) : ended(input);
}

function accepted({ terms: { deposit }, key, currency }: Input): RowOutcome {
  return {
    verdict: 'accepted',
    facts: { deposit },
    reason: { template: 'accepted; the deposit is {deposit} minor units', arguments: { deposit } },
    effects: deposit > 0 && currency ? [entry(key, 'escrow', deposit, currency)] : [],
  };
}

/** What is owed comes from the deposit first; what is left of it goes back. */
function settle({ terms: { deposit }, key, currency }: Input, owed: number): Effect[] {
  if (currency === undefined) return [];
  const fromDeposit = Math.min(owed, deposit);
  const flows = [
    { from: 'escrow', to: 'recipient', amount: fromDeposit },
    { from: 'escrow', to: key, amount: deposit - fromDeposit },
    // Last, so that a limit of the terms never keeps anything in escrow.
    { from: key, to: 'recipient', amount: owed - fromDeposit },
  ];
  return flows.filter(({ amount }) => amount > 0).map(({ from, to, amount }) => entry(from, to, amount, currency));
}

function noShow(input: Input): RowOutcome {
  const { terms, key } = input;
  const reason: Reason = { template: 'no start was reported in time', arguments: {} };
  return {
    verdict: 'no-show',
    facts: { amount: terms.noShowFee },
    reason,
    effects: [...settle(input, terms.noShowFee), alert('info', 'no-show', key, reason)],
  };
}

function cancelled(input: Input): RowOutcome {
  const { terms, opening, state, key } = input;
  const id = opening && readCancel(opening)?.opening;
  const atMs = opening?.timeMs ?? 0;
  const hold = openHolds(state(key), atMs).find((one) => one.id === id);
  const isFree = hold !== undefined && atMs <= hold.latestStartMs - terms.cancelFreeMs;
  const amount = isFree ? 0 : terms.noShowFee;
  return {
    verdict: isFree ? 'cancelled' : 'cancelled-late',
    facts: { amount },
    reason: {
      template: isFree ? 'cancelled in time' : 'cancelled too late: {amount} minor units',
      arguments: { amount },
    },
    effects: settle(input, amount),
  };
}

/** Milliseconds of use; undefined where no end was reported. */
function usedMs({ inputs, opening }: Input): number | undefined {
  const { events } = inputs.get(REPORTS) as Selected;
  const endMs = opening && reportedMs(events, readEnd, opening);
  if (opening === undefined || endMs === undefined) return undefined;
  // A thing that did not say when use began gives the time away.
  const startMs = reportedMs(events, readStart, opening) ?? endMs;
  return Math.max(0, endMs - startMs);
}

function ended(input: Input): RowOutcome {
  const { terms, opening } = input;
  const used = usedMs(input);
  const { minutes } = (opening && readBooking(opening)) as Booking;
  const chargedMs = Math.min(used ?? terms.longestMs, terms.longestMs);
  const units = Math.max(1, Math.ceil(chargedMs / terms.unitMs));
  const isLate = used === undefined || used > minutes * 60_000;
  const amount = units * terms.pricePerUnit + (isLate ? terms.lateFee : 0);
  const verdict = used === undefined ? 'not-returned' : isLate ? 'late' : 'used';
  const reason: Reason =
    used === undefined
      ? { template: 'no end was reported: the longest use is owed, {amount} minor units', arguments: { amount } }
      : { template: '{units} units of time begun: {amount} minor units', arguments: { units, amount } };
  return {
    verdict,
    facts: { units, amount, bookedMinutes: minutes, ...(used !== undefined && { usedMs: used }) },
    reason,
    effects: [...settle(input, amount), ...alertsOf(input, verdict, reason)],
  };
}

function alertsOf({ key }: Input, verdict: string, reason: Reason): Alert[] {
  if (verdict === 'not-returned') return [alert('warning', 'not-returned', key, reason)];
  return verdict === 'late' ? [alert('info', 'late', key, reason)] : [];
}
