// Agreements on their way to the signatures of all parties, and how agreements and monitors end. A party needs no token:
// the code of its link shows it the terms, and its signature is the only word that counts.
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, TrineError, toHex } from '@trine/protocol';
import { Tries } from '../../access/tries.ts';
import { plainAddress } from '../../ingest/transports/connection-gate.ts';
import type { Node } from '../../node.ts';
import { draftOf } from '../../proposals/draft.ts';
import { practiceMoney } from '../../proposals/practice-money.ts';
import { className, hex32, idOrPrefix, json, limit, minorUnits, subject, text } from '../schema.ts';
import { address, proposalId, proposalOf, proposalSchema, signingOf, signingSchema } from '../views/proposals.ts';
import { get, post } from './route.ts';

const DAY_S = 86_400;
/** Of an address that may be anybody: each takes a signature to be recovered. */
const TRIES = { most: 60, perSecond: 1 };
const seconds = z.int().min(0);
const role = z.string().regex(/^[a-z][a-z-]{0,19}$/, 'a role: lower-case letters and hyphens');
const code = z.string().regex(/^[0-9a-f]{32}$/, 'a code of 32 hex digits');
const signature = z.string().regex(/^0x[0-9a-f]{130}$/, '65 bytes as 0x-hex');
const time = z.int().min(0);
const did = z.string().regex(/^did:key:z[1-9A-HJ-NP-Za-km-z]+$/, 'a did:key');

const request = {
  subject,
  domain: text(40),
  title: text(200),
  /** As the form of the domain asks for them. */
  terms: z.record(z.string().max(100), json),
  parties: z
    .array(z.strictObject({ role, name: text(100), address: address.optional() }))
    .min(2)
    .max(16)
    .openapi({ description: 'Without `address`, the party makes its key from its link.' }),
  arbiter: address.optional(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  perObligationMax: minorUnits.min(1),
  totalMax: minorUnits.min(1),
  startMs: time,
  endMs: time,
  disputeWindowS: seconds.default(DAY_S),
  holdMaxS: seconds.default(30 * DAY_S),
  afterHold: z.enum(['pay', 'drop']).default('drop'),
  contestBond: minorUnits
    .min(1)
    .optional()
    .openapi({ description: 'With `joining`: what contesting one’s row in a batch takes until it is ruled on.' }),
  correctableMs: z.int().min(1).optional(),
  waysIn: z
    .array(z.enum(['mqtt', 'http', 'websocket']))
    .min(1)
    .max(8)
    .optional()
    .openapi({ description: 'Ways in that the thing uses: while one is closed it is held. Default: all there are.' }),
  outageAllowanceMs: z.int().min(0).optional().openapi({
    description:
      'How long in all may be held because nothing could come in; beyond it counts what arrived. Default: without end.',
  }),
  ownersMin: z.int().min(0).max(64).default(1),
  classMin: className.default('software'),
  joining: z
    .strictObject({ by: z.array(did).min(1).max(16) })
    .optional()
    .openapi({ description: 'Members who hand in accounts of lines that join: then the lines are paid in batches.' }),
  registrar: address
    .optional()
    .openapi({ description: 'Admits accounts that join. Default: the account of the first of these members.' }),
  deciders: z
    .array(z.strictObject({ key: did, address }))
    .max(15)
    .default([])
    .openapi({ description: 'Who decides besides this node.' }),
  quorum: z.int().min(1).max(16).default(1).openapi({ description: 'How many of all deciders must sign a payment.' }),
};

export function proposalRoutes(api: OpenAPIHono, node: Node): void {
  const { proposals } = node;
  post(
    api,
    '/proposals',
    {
      about: 'Proposes an agreement. It is in no log and binds nobody until every party has signed it.',
      params: {},
      body: request,
      answer: proposalSchema,
    },
    async (given) => proposalOf(node, await proposals.propose(draftOf(node, given))),
  );
  get(
    api,
    '/proposals',
    { about: 'Proposals, the newest first.', fields: { limit }, answer: z.array(proposalSchema) },
    (given) => proposals.list(given.limit).map((one) => proposalOf(node, one)),
  );
  get(
    api,
    '/proposals/:id',
    { about: 'A proposal, and the links of its parties.', fields: { id: proposalId }, answer: proposalSchema },
    ({ id }) => proposalOf(node, proposals.get(id)),
  );
  post(
    api,
    '/proposals/:id/withdraw',
    {
      about: 'Takes a proposal back that not all have signed.',
      params: { id: proposalId },
      body: {},
      answer: proposalSchema,
    },
    async ({ id }) => proposalOf(node, await proposals.withdraw(id)),
  );
  signingRoutes(api, node);
  endRoutes(api, node);
}

function signingRoutes(api: OpenAPIHono, node: Node): void {
  const { proposals } = node;
  const params = { id: proposalId };
  get(
    api,
    '/signing/:id',
    {
      about: 'A proposal, for the party that has the code.',
      fields: { id: proposalId, code },
      answer: signingSchema,
      isPublic: true,
    },
    (given) => signingOf(node, proposals.get(given.id), proposals.roleOf(given.id, given.code)),
  );
  post(
    api,
    '/signing/:id/account',
    {
      about: 'Names the account of a party that had none: the key is made where the party is, and stays there.',
      params,
      body: { code, address },
      answer: signingSchema,
      isPublic: true,
    },
    async (given) => {
      const whose = proposals.roleOf(given.id, given.code);
      return signingOf(node, await proposals.nameAccount(given.id, whose, given.address), whose);
    },
  );
  post(
    api,
    '/signing/:id/signature',
    {
      about: 'Takes the signature of a party over the agreement’s id; with the last one the agreement is sealed.',
      params,
      body: { code, signature },
      answer: signingSchema,
      isPublic: true,
    },
    async (given) => {
      const whose = proposals.roleOf(given.id, given.code);
      return signingOf(node, await proposals.sign(given.id, whose, fromHex(given.signature)), whose);
    },
  );
  post(
    api,
    '/signing/:id/practice',
    {
      about: 'On a practice network: gives a party test money, once, as much as the agreement may cost.',
      params,
      body: { code },
      answer: z.object({ amount: minorUnits }),
      isPublic: true,
    },
    (given) => practiceMoney(node, proposals.get(given.id), proposals.roleOf(given.id, given.code)),
  );
}

function endRoutes(api: OpenAPIHono, node: Node): void {
  const tries = new Tries(node.timers, TRIES.most, TRIES.perSecond);
  const said = {
    fromMs: time
      .optional()
      .openapi({ description: 'Obligations that begin then or later do not arise. Default: now.' }),
    reason: text(200),
  };
  const answer = z.object({ policy: hex32, fromMs: time });
  post(
    api,
    '/monitors/:id/end',
    { about: 'Ends a monitor before its time.', params: { id: idOrPrefix }, body: said, answer },
    async ({ id, fromMs = node.clock(), reason }) => ended(node, id, { fromMs, reason }),
  );
  post(
    api,
    '/agreements/:id/end',
    {
      about: 'Ends an agreement by the word of one of its parties: what has begun is decided and paid.',
      params: { id: hex32 },
      body: {
        ...said,
        fromMs: time,
        role,
        signature: signature.openapi({ description: 'Over AgreementEnd (EIP-712): docs/reference/decisions.md.' }),
      },
      answer,
      isPublic: true,
    },
    ({ id, fromMs, reason, role: by, signature: given }, c) => {
      const { remoteAddress } = (c.env as HttpBindings).incoming.socket;
      tries.charge(
        plainAddress(remoteAddress),
        'From here more is handed in than is looked at: try again in a minute.',
      );
      return ended(node, id, { fromMs, reason, by: { role: by, signature: fromHex(given) } });
    },
  );
}

async function ended(node: Node, id: string, said: Parameters<Node['proposals']['end']>[1]) {
  const known = node.policies
    .all()
    .filter(({ hash, id: onChain }) => hash.startsWith(id) || (onChain && id === toHex(onChain)));
  if (known.length > 1) throw new TrineError('ambiguous', `${id} is the beginning of several: give more digits.`);
  const { hash } = await node.proposals.end(known[0]?.hash ?? id, said);
  await node.runner.flush();
  return { policy: hash, fromMs: node.policies.end(hash)?.fromMs as number };
}
