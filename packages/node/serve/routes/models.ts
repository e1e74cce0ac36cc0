// The life of models: registering, learning, trying beside, approving, and going back.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, type Parameters, TrineError } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { isAgreement, type LoggedAgreement } from '../../projections/policies.ts';
import { describeModels } from '../views/models.ts';
import { get, hex32, idIn, json, limit, post, text } from './route.ts';

const card = z.strictObject({
  purpose: text(500),
  data: text(500),
  split: text(300),
  metric: text(200),
  result: text(300),
  limits: text(1_000),
  licence: text(100),
});
const model = { domain: text(40), parameters: z.record(z.string(), json).default({}), card };
/** A party's own signature, made elsewhere; without it this node signs for the parties whose keys it keeps. */
const signed = z
  .strictObject({
    party: z.string().regex(/^0x[0-9a-f]{40}$/),
    signature: z.string().regex(/^0x[0-9a-f]{130}$/),
    atMs: z.number().int().min(0),
  })
  .optional();
/** Id of an agreement; to learn, also the hash of a monitor. */
const agreement = hex32;

export function modelRoutes(api: OpenAPIHono, node: Node): void {
  const { decisions, lifecycle } = node;
  get(api, '/models', 'Models, newest first.', { limit }, (given) => describeModels(node, given.limit));
  post(api, '/models', 'Registers a model.', model, async (given) => ({
    model: await lifecycle.register(given.domain, given.parameters as Parameters, given.card),
  }));
  post(api, '/models/learn', 'Learns from what people said.', { agreement }, async (given) => ({
    model: await decisions.learn(given.agreement),
  }));
  post(api, '/models/rollback', 'Back to the model before.', { agreement, by: text(100) }, async (given) => {
    await lifecycle.rollback(agreementOf(node, given.agreement), given.by);
    return { rolledBack: given.agreement };
  });
  post(
    api,
    '/models/:id/:vote{approve|reject}',
    'A party’s vote on a model.',
    { agreement, signed },
    async (given, c) => {
      const vote = c.req.param('vote') as 'approve' | 'reject';
      const by = given.signed && { ...given.signed, signature: fromHex(given.signed.signature.slice(2)) };
      return { parties: await lifecycle.approve(agreementOf(node, given.agreement), idIn(c), vote, by) };
    },
  );
  post(api, '/models/:id/shadow', 'Tries a model beside the one in force.', { agreement }, async (given, c) => {
    const { hash } = await lifecycle.shadow(agreementOf(node, given.agreement), idIn(c));
    return { monitor: hash };
  });
}

/** By its id on the chain, or its hash. @throws TrineError */
function agreementOf({ policies }: Node, id: string): LoggedAgreement {
  const found = policies.find(id);
  if (found === undefined || !isAgreement(found)) throw new TrineError('not-found', 'No such agreement is known here.');
  return found;
}
