// The life of models: registering, learning, trying beside, approving, and going back.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, type Parameters, TrineError } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { isAgreement, type LoggedAgreement } from '../../projections/policies.ts';
import { hex32, json, limit, text } from '../schema.ts';
import { describeModels, modelCardSchema, modelSchema } from '../views/models.ts';
import { get, post } from './route.ts';

const model = { domain: text(40), parameters: z.record(z.string(), json).default({}), card: modelCardSchema };
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
const named = z.object({ model: hex32 });

export function modelRoutes(api: OpenAPIHono, node: Node): void {
  const { decisions, lifecycle } = node;
  get(api, '/models', { about: 'Models, newest first.', fields: { limit }, answer: z.array(modelSchema) }, (given) =>
    describeModels(node, given.limit),
  );
  post(api, '/models', { about: 'Registers a model.', params: {}, body: model, answer: named }, async (given) => ({
    model: await lifecycle.register(given.domain, given.parameters as Parameters, given.card),
  }));
  post(
    api,
    '/models/learn',
    { about: 'Learns from what people said.', params: {}, body: { agreement }, answer: named },
    async (given) => ({ model: await decisions.learn(given.agreement) }),
  );
  post(
    api,
    '/models/rollback',
    {
      about: 'Back to the model before.',
      params: {},
      body: { agreement, by: text(100) },
      answer: z.object({ rolledBack: hex32 }),
    },
    async (given) => {
      await lifecycle.rollback(agreementOf(node, given.agreement), given.by);
      return { rolledBack: given.agreement };
    },
  );
  trialRoutes(api, node);
}

function trialRoutes(api: OpenAPIHono, node: Node): void {
  const { lifecycle } = node;
  const vote = z.enum(['approve', 'reject']);
  post(
    api,
    '/models/:id/:vote{approve|reject}',
    {
      about: 'A party’s vote on a model.',
      params: { id: hex32, vote },
      body: { agreement, signed },
      answer: z.object({ parties: z.array(z.string()) }),
    },
    async (given) => {
      const by = given.signed && { ...given.signed, signature: fromHex(given.signed.signature.slice(2)) };
      return { parties: await lifecycle.approve(agreementOf(node, given.agreement), given.id, given.vote, by) };
    },
  );
  post(
    api,
    '/models/:id/shadow',
    {
      about: 'Tries a model beside the one in force.',
      params: { id: hex32 },
      body: { agreement },
      answer: z.object({ monitor: hex32 }),
    },
    async (given) => {
      const { hash } = await lifecycle.shadow(agreementOf(node, given.agreement), given.id);
      return { monitor: hash };
    },
  );
}

/** By its id on the chain, or its hash. @throws TrineError */
function agreementOf({ policies }: Node, id: string): LoggedAgreement {
  const found = policies.find(id);
  if (found === undefined || !isAgreement(found)) throw new TrineError('not-found', 'No such agreement is known here.');
  return found;
}
