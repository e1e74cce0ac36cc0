// Which of several agreements counts: one is renewed when an update changes the model it names.
import type { AgreementView, PolicyStanding } from '../api/types.ts';

export interface PlacedAgreement {
  readonly agreement: AgreementView;
  readonly standing: PolicyStanding;
}

/**
 * Tells renewed agreements from those that replaced them.
 *
 * @param all in the order they were made
 * @returns newest first, the replaced ones after all others; of the agreements of one kind between the same parties
 *   about one thing only the one that begins last is not replaced
 * @example inOrder(agreements)[0]?.standing // 'in-force'
 */
export function inOrder(all: readonly AgreementView[]): PlacedAgreement[] {
  const newest = new Map<string, AgreementView>();
  const byStart = all.toSorted((a, b) => a.policy.period.startMs - b.policy.period.startMs);
  for (const agreement of byStart) newest.set(matterOf(agreement), agreement);
  const placed = byStart.toReversed().map((agreement): PlacedAgreement => {
    const isNewest = newest.get(matterOf(agreement)) === agreement;
    return { agreement, standing: isNewest ? agreement.standing : 'replaced' };
  });
  const isReplaced = ({ standing }: PlacedAgreement): number => Number(standing === 'replaced');
  return placed.sort((a, b) => isReplaced(a) - isReplaced(b));
}

/** The agreement about a thing that counts now. */
export function inForceFor(subject: string, all: readonly AgreementView[]): AgreementView | undefined {
  return inOrder(all).find(({ agreement, standing }) => {
    return agreement.policy.subject === subject && standing === 'in-force';
  })?.agreement;
}

/** What an agreement is about, and between whom. */
function matterOf({ policy: { subject, domain, parties } }: AgreementView): string {
  return [subject, domain, ...parties.map(({ role, address }) => `${role} ${address}`)].join('\n');
}
