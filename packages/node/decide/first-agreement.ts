// The first agreement of an installation: proposed by whoever starts the node, opened on a practice chain, and renewed when an
// update changed the model that the old one named.
import type { Domains } from '@trine/engine';
import type { Agreement } from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { Genesis } from '../genesis/genesis.ts';
import type { LoggedAgreement, PolicyRegistry } from '../projections/policies.ts';
import type { Settings } from '../settings.ts';
import type { Settler } from '../settle/settler.ts';
import { checkDecidable, type Decisions } from './decisions.ts';

/** What the terms of a first agreement can rest on. */
export interface FirstAgreementContext {
  readonly settings: Settings;
  readonly genesis: Genesis;
  /** The machine the node runs on. */
  readonly subject: string;
  /** Whose own statements show that the log was awake. */
  readonly heartbeat: string;
  readonly domains: Domains;
  readonly nowMs: number;
}
export type FirstAgreement = (context: FirstAgreementContext) => Agreement;

export interface FirstAgreementOptions extends Omit<FirstAgreementContext, 'domains' | 'nowMs'> {
  readonly options: { readonly domains: Domains; readonly firstAgreement?: FirstAgreement };
  readonly decisions: Decisions;
  readonly settler: Pick<Settler, 'open'>;
  /** Proposes it, signs it for its parties, and appends it. */
  readonly propose: (agreement: Agreement) => Promise<unknown>;
  readonly policies: PolicyRegistry;
  readonly clock: Clock;
}

/** Proposes one where there is none that can be decided here, and sees that all of them are open on a practice chain. */
export async function openFirstAgreement(given: FirstAgreementOptions): Promise<void> {
  const { settings, genesis, options, subject, heartbeat, decisions, settler, propose, policies, clock } = given;
  const { domains, firstAgreement: make } = options;
  if (genesis.chain.kind !== 'embedded' && !settings.chain.practice) return;
  let decidable = await decidableOf(decisions, policies.agreements());
  if (decidable.length === 0 && settings.device.enabled && make) {
    const terms = make({ settings, genesis, subject, heartbeat, domains, nowMs: clock() });
    await propose(terms);
    decidable = await decidableOf(decisions, policies.agreements());
  }
  for (const { policy } of decidable) settler.open(policy);
}

async function decidableOf(decisions: Decisions, all: readonly LoggedAgreement[]): Promise<LoggedAgreement[]> {
  const found: LoggedAgreement[] = [];
  for (const logged of all) {
    // Decided by others, or with a model that is not here: after an update the old terms bind nobody to the new one.
    if (decisions.scheduler.get(logged.hash) === undefined) continue;
    const { model } = decisions.standing(logged) ?? {};
    const policy = model ? { ...logged.policy, model: model.identity } : logged.policy;
    const isHere = await checkDecidable(decisions.sources, policy).then(
      () => true,
      () => false,
    );
    if (isHere) found.push(logged);
  }
  return found;
}
