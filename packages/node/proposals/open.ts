// Proposals of a node, with its chain and its log.
import { join } from 'node:path';
import {
  type Agreement,
  addressOfPrivateKey,
  agreementId,
  chainTerms,
  didKey,
  fromHex,
  hexOf,
  signDigest,
} from '@trine/protocol';
import type { Disk } from '@trine/system/disk.ts';
import type { Random } from '@trine/system/random.ts';
import type { Clock, Timers } from '@trine/system/time.ts';
import type { Logger } from 'pino';
import { checkPolicy, type Decisions } from '../decide/decisions.ts';
import { type FirstAgreementOptions, openFirstAgreement } from '../decide/first-agreement.ts';
import type { Genesis } from '../genesis/genesis.ts';
import type { Issuer } from '../ingest/issuer.ts';
import type { PolicyRegistry } from '../projections/policies.ts';
import type { Settings } from '../settings.ts';
import type { Settler } from '../settle/settler.ts';
import { Joining } from './joining.ts';
import { Proposals } from './proposals.ts';
import { ProposalsStore } from './proposals-store.ts';

export interface OpenProposalsOptions {
  readonly settings: Pick<Settings, 'home'>;
  readonly genesis: Genesis;
  readonly decisions: Pick<Decisions, 'sources'>;
  readonly settler: Pick<Settler, 'open'>;
  readonly policies: PolicyRegistry;
  readonly member: Pick<Issuer, 'issue' | 'issueDetached'>;
  readonly timers: Pick<Timers, 'elapsed'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
}

export function openProposals(options: OpenProposalsOptions): Proposals {
  const { settings, genesis, decisions, settler, policies, member, clock, timers, random, disk } = options;
  const { chain, contracts, network, keys } = genesis;
  const onChain = (agreement: Agreement) => ({
    terms: chainTerms(agreement),
    id: fromHex(agreementId(agreement, contracts.terms)),
  });
  return new Proposals({
    store: new ProposalsStore(join(settings.home, 'proposals', 'proposals.sqlite'), disk),
    ...{ policies, issuer: member, chain, contracts, onChain, now: clock, random },
    sender: addressOfPrivateKey(keys.account),
    check: (agreement) => checkPolicy(decisions.sources, network, agreement),
    open: (agreement) => settler.open(agreement),
    joining: new Joining({
      ...{ policies, issuer: member, random },
      domains: decisions.sources.domains,
      did: didKey(keys.member.publicKey),
      hmac: decisions.sources.hmac,
      elapsed: () => timers.elapsed(),
    }),
  });
}

/** Goes on where agreements were on their way, and makes an installation's first one. */
export async function openAgreements(
  options: OpenProposalsOptions & Omit<FirstAgreementOptions, 'propose'> & { readonly logger: Pick<Logger, 'error'> },
): Promise<Proposals> {
  const proposals = openProposals(options);
  await proposals.resume((problem) => options.logger.error(problem));
  await openFirstAgreement({
    ...options,
    propose: (agreement) => signInPractice(proposals, agreement, options.genesis),
  });
  return proposals;
}

/**
 * Proposes an agreement and signs it for the parties whose keys are kept here: on a practice network.
 * @returns the proposal: sealed where these are all parties
 * @throws TrineError as {@link Proposals.propose}
 */
export async function signInPractice(proposals: Proposals, agreement: Agreement, { keys }: Pick<Genesis, 'keys'>) {
  const proposal = await proposals.propose(agreement);
  const whole = proposals.agreementOf(proposal);
  const own = new Map([keys.account, keys.recipient].map((key) => [addressOfPrivateKey(key) as string, key]));
  let newest = proposal;
  for (const { role, address } of agreement.parties) {
    const key = own.get(address);
    if (key && whole) newest = await proposals.sign(proposal.id, role, fromHex(signDigest(hexOf(whole.id), key)));
  }
  return newest;
}
