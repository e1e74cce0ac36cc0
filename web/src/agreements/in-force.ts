// Which of several agreements counts: a practice agreement is renewed when an update changes the model it names.
import type { AgreementView } from '../api/types.ts';

export type AgreementStanding = 'in-force' | 'ended' | 'replaced';

export interface PlacedAgreement {
  readonly agreement: AgreementView;
  readonly standing: AgreementStanding;
}

/**
 * Tells renewed agreements from those that replaced them.
 *
 * @param all in the order they were made
 * @param nowMs agreements that end before are over
 * @returns newest first, the replaced ones after all others; of the agreements of one kind between the same parties
 *   about one thing only the one that begins last is not replaced
 * @example inOrder(agreements, Date.now())[0]?.standing // 'in-force'
 */
export function inOrder(all: readonly AgreementView[], nowMs: number): PlacedAgreement[] {
  const newest = new Map<string, AgreementView>();
  const byStart = all.toSorted((a, b) => a.terms.window.startMs - b.terms.window.startMs);
  for (const agreement of byStart) newest.set(matterOf(agreement), agreement);
  const standingOf = (agreement: AgreementView): AgreementStanding => {
    if (newest.get(matterOf(agreement)) !== agreement) return 'replaced';
    return agreement.terms.window.endMs <= nowMs ? 'ended' : 'in-force';
  };
  const placed = byStart.toReversed().map((agreement) => ({ agreement, standing: standingOf(agreement) }));
  const isReplaced = ({ standing }: PlacedAgreement): number => Number(standing === 'replaced');
  return placed.sort((a, b) => isReplaced(a) - isReplaced(b));
}

/** The agreement about a thing that counts now. */
export function inForceFor(subject: string, all: readonly AgreementView[], nowMs: number): AgreementView | undefined {
  return inOrder(all, nowMs).find(({ agreement, standing }) => {
    return agreement.terms.subject === subject && standing === 'in-force';
  })?.agreement;
}

/** What an agreement is about, and between whom. */
function matterOf({ terms: { subject, domain, payer, recipient } }: AgreementView): string {
  return [subject, domain, payer.address, recipient.address].join('\n');
}
