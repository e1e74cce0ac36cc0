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
 *   about one thing an earlier one is replaced where a later one names another model; under one model each is in force
 * @example inOrder(agreements)[0]?.standing // 'in-force'
 */
export function inOrder(all: readonly AgreementView[]): PlacedAgreement[] {
  const newest = new Map<string, AgreementView>();
  const byStart = all.toSorted((a, b) => a.policy.period.startMs - b.policy.period.startMs);
  for (const agreement of byStart) newest.set(matterOf(agreement), agreement);
  const placed = byStart.toReversed().map((agreement): PlacedAgreement => {
    const last = newest.get(matterOf(agreement)) ?? agreement;
    const isRenewed = last !== agreement && modelOf(last) !== modelOf(agreement);
    return { agreement, standing: isRenewed ? 'replaced' : agreement.standing };
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

/** The model it names; not the one that decides since. */
function modelOf({ policy: { model } }: AgreementView): string {
  return JSON.stringify(model);
}
