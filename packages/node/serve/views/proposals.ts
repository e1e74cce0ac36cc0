// Proposals as the API answers them: what is proposed, who has signed, and for the operator the link of each party.
import { z } from '@hono/zod-openapi';
import type { TermsSchema } from '@trine/engine';
import { type Hex, toHex } from '@trine/protocol';
import type { Node } from '../../node.ts';
import type { Proposal } from '../../proposals/proposals-store.ts';
import { plain } from '../plain.ts';
import { hex32, type Immutable, timeMs } from '../schema.ts';
import { accountOf, accountSchema } from './accounts.ts';
import { agreementPayloadShape } from './policy-schemas.ts';

export const proposalId = z.string().regex(/^[0-9a-f]{32}$/, 'an id of 32 hex digits');
export const address = z.string().regex(/^0x[0-9a-f]{40}$/, 'an address: 0x and 40 lower-case hex digits');

const party = z.object({
  role: z.string(),
  name: z.string(),
  address: z.string().optional().openapi({ description: 'Absent: the party has yet to make its key.' }),
  signedMs: timeMs.optional(),
});

const shown = {
  id: proposalId,
  madeMs: timeMs,
  state: z.enum(['open', 'signed', 'sealed', 'withdrawn']),
  draft: z
    .object({ ...agreementPayloadShape, parties: z.array(party.omit({ signedMs: true })) })
    .openapi('DraftTerms', { description: 'An agreement; a party that has yet to make its key has no address.' }),
  parties: z.array(party),
  agreement: hex32.optional().openapi({
    description: 'Its id on the chain, which each party signs; absent while an account is missing.',
  }),
  policy: hex32.optional().openapi({ description: 'Its hash, once it is sealed.' }),
};

export const proposalSchema = z
  .object({
    ...shown,
    links: z
      .array(z.object({ role: z.string(), path: z.string() }))
      .openapi({ description: 'What to hand to each party: a page of the console.' }),
  })
  .openapi('Proposal');
export type ProposalView = Immutable<z.infer<typeof proposalSchema>>;

export const signingSchema = z
  .object({
    ...shown,
    role: z.string().openapi({ description: 'Of whoever asks.' }),
    domain: z.string().openapi({ description: 'Title of the domain.' }),
    form: z
      .custom<TermsSchema>((given) => typeof given === 'object')
      .openapi({ type: 'object', description: 'JSON Schema (2020-12) of the terms, for their words.' }),
    end: z
      .object({ fromMs: timeMs, reason: z.string(), by: z.string().optional() })
      .optional()
      .openapi({ description: 'It was ended: nothing that begins then or later is owed; `by` is a role.' }),
    account: accountSchema.optional().openapi({ description: 'What the party has, once the agreement is sealed.' }),
    isPractice: z.boolean().openapi({ description: 'Test money on a test network.' }),
    decimals: z.int().openapi({ description: 'Digits of the minor unit of the token.' }),
  })
  .openapi('Signing', { description: 'A proposal, as one of its parties sees it.' });
export type SigningView = Immutable<z.infer<typeof signingSchema>>;

function shownOf(node: Node, proposal: Proposal) {
  const { id, madeMs, state, draft, signed, policy } = proposal;
  const whole = node.proposals.agreementOf(proposal);
  return {
    ...{ id, madeMs, state, policy },
    draft: plain(draft) as ProposalView['draft'],
    parties: draft.parties.map((one) => ({
      ...one,
      signedMs: signed.find(({ role }) => role === one.role)?.atMs,
    })),
    agreement: whole && toHex(whole.id),
  };
}

/** For the operator. */
export function proposalOf(node: Node, proposal: Proposal): ProposalView {
  const links = Object.entries(proposal.codes).map(([role, code]) => ({
    role,
    path: `/#/sign/${proposal.id}/${code}`,
  }));
  return { ...shownOf(node, proposal), links };
}

/** For the party with this role. */
export async function signingOf(node: Node, proposal: Proposal, role: string): Promise<SigningView> {
  const { domain } = node.domains.get(proposal.draft.domain);
  const { chain } = node.genesis.network;
  const end = proposal.policy === undefined ? undefined : node.policies.end(proposal.policy);
  const own = proposal.draft.parties.find((one) => one.role === role)?.address;
  return {
    ...shownOf(node, proposal),
    role,
    domain: domain.manifest.title,
    form: domain.terms.schema as SigningView['form'],
    end: end && { fromMs: end.fromMs, reason: end.reason, by: end.by },
    account: proposal.state === 'sealed' && own ? await accountOf(node, own as Hex) : undefined,
    isPractice: chain.kind === 'practice',
    decimals: chain.tokens.find(({ address: token }) => token === proposal.draft.money.token)?.decimals ?? 0,
  };
}
