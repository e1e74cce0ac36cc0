// Models for people: what is in force where, what is tried beside it, and how each does.
import { z } from '@hono/zod-openapi';
import {
  fromHex,
  type ModelIdentity,
  modelHash,
  type Parameters,
  readParameters,
  sameModel,
  toHex,
} from '@trine/protocol';
import { driftOf, labelStats } from '../../lifecycle/shadow.ts';
import type { Node } from '../../node.ts';
import type { LoggedAgreement } from '../../projections/policies.ts';
import { hex32, type Immutable, minorUnits, modelIdentitySchema, text, timeMs } from '../schema.ts';
import { modelChangeSchema } from './policy-schemas.ts';

const role = z.enum(['active', 'shadow', 'previous', 'proposed']);
const trial = z
  .object({
    obligations: z.int().openapi({ description: 'That both decided, since the model was put beside.' }),
    differences: z.int().openapi({ description: 'Of these: other verdict or other amount.' }),
    excused: z.int().openapi({ description: 'Differences where people hold the model beside right.' }),
    amountActive: minorUnits,
    amountShadow: minorUnits,
    labels: z.int(),
    rightActive: z.int(),
    rightShadow: z.int(),
  })
  .openapi('Trial', { description: 'How a model tried beside an agreement decided, against the one in force.' });
const drift = z
  .object({
    obligations: z.int(),
    first: z.int(),
    newest: z.int(),
    followedFirst: z.int(),
    followedNewest: z.int(),
    verdict: z.enum(['too-early', 'steady', 'drifting']),
  })
  .openapi('Drift', { description: 'Mean scores and shares that something followed from, first and newest, in ppm.' });

const useSchema = z
  .object({
    agreement: hex32,
    title: z.string(),
    currency: z.string(),
    role,
    approvals: z
      .array(
        z.object({
          role: z.string(),
          name: z.string(),
          vote: z.enum(['approve', 'reject', 'named in the terms']).optional(),
        }),
      )
      .openapi({ description: 'Parties of the agreement and their newest vote.' }),
    trial: trial.optional().openapi({ description: 'Beside the one in force, where it is tried.' }),
    rule: modelChangeSchema.optional(),
    drift: drift.optional(),
    heard: z.object({ labels: z.int(), wrong: z.int() }).optional(),
    sinceMs: timeMs.optional(),
  })
  .openapi('ModelUse');
export type ModelUse = Immutable<z.infer<typeof useSchema>>;

export const modelCardSchema = z
  .strictObject({
    purpose: text(500),
    data: text(500),
    split: text(300),
    metric: text(200),
    result: text(300),
    limits: text(1_000),
    licence: text(100),
  })
  .openapi('ModelCard');

export const modelSchema = z
  .object({
    hash: hex32,
    domain: z.string(),
    identity: modelIdentitySchema,
    registeredMs: timeMs.optional(),
    parameters: z
      .custom<Parameters>((given) => typeof given === 'object')
      .openapi({ type: 'object', description: 'What was learnt or set, as the domain knows it.' }),
    card: modelCardSchema.optional(),
    learnt: z.object({ labels: z.int(), effect: z.record(z.string(), z.union([z.number(), z.string()])) }).optional(),
    installed: z.boolean().openapi({ description: 'Can it be computed here?' }),
    uses: z.array(useSchema),
  })
  .openapi('Model');
export type ModelView = Immutable<z.infer<typeof modelSchema>>;

/** Models registered or in use, newest first. */
export function describeModels(node: Node, limit: number): Promise<ModelView[]> {
  const agreements = node.policies.agreements();
  const registered = node.models.registered();
  const named = agreements
    .map(({ policy: { domain, model: identity } }) => ({ domain, identity, model: undefined, arrivalMs: undefined }))
    .filter(({ identity }) => !registered.some(({ model }) => sameModel(model.identity, identity)));
  const unnamed = named.filter(({ identity }, i) => named.findIndex((one) => sameModel(one.identity, identity)) === i);
  const all = [
    ...registered
      .toReversed()
      .map(({ model, arrivalMs }) => ({ domain: model.domain, identity: model.identity, model, arrivalMs })),
    ...unnamed,
  ];
  return Promise.all(
    all.slice(0, limit).map(async ({ domain, identity, model, arrivalMs }) => {
      const parameters = model ? readParameters(model.parameters) : {};
      return {
        hash: toHex(modelHash(identity)),
        domain,
        identity,
        registeredMs: arrivalMs,
        parameters,
        card: model?.card,
        learnt: model?.learnt && { labels: model.learnt.labels.length, effect: model.learnt.effect },
        installed: isInstalled(node, domain, identity, parameters),
        uses: await usesOf(
          node,
          agreements.filter(({ policy }) => policy.domain === domain),
          identity,
        ),
      };
    }),
  );
}

function isInstalled({ domains }: Node, name: string, identity: ModelIdentity, parameters: Parameters): boolean {
  return domains.knows(name, identity, parameters);
}

async function usesOf(
  node: Node,
  agreements: readonly LoggedAgreement[],
  identity: ModelIdentity,
): Promise<ModelUse[]> {
  const uses = await Promise.all(agreements.map((agreement) => useOf(node, agreement, identity)));
  return uses.filter((use) => use !== undefined);
}

async function useOf(node: Node, agreement: LoggedAgreement, identity: ModelIdentity): Promise<ModelUse | undefined> {
  const { models, policies, store, lifecycle, decisions } = node;
  const { policy, id } = agreement;
  const standing = decisions.standing(agreement);
  const changes = models.modelChangesOf(policy, id);
  const isNamed = sameModel(policy.model, identity);
  const isActive = standing !== undefined && sameModel(standing.model.identity, identity);
  const isBeside = policies.shadowsOf(id).some((one) => sameModel(one.policy.model, identity));
  const hasDecided = isNamed || changes.some(({ modelChange }) => sameModel(modelChange.model, identity));
  const hash = modelHash(identity);
  const isSpokenOf = models.approvalsOf(id, hash).length > 0;
  if (!isActive && !isBeside && !hasDecided && !isSpokenOf) return undefined;
  const since = changes.findLast(({ modelChange }) => sameModel(modelChange.model, identity))?.modelChange.fromMs;
  const decides = isActive || hasDecided;
  const under = fromHex(agreement.hash);
  return {
    agreement: toHex(id),
    title: policy.title,
    currency: policy.money.currency,
    role: isActive ? 'active' : hasDecided ? 'previous' : isBeside ? 'shadow' : 'proposed',
    approvals: approvalsOf(node, agreement, identity),
    trial: isActive
      ? undefined
      : (await lifecycle.trials(agreement)).find(({ monitor }) => sameModel(monitor.policy.model, identity))?.trial,
    rule: policy.modelChange,
    drift: decides ? await driftOf(store, under, hash) : undefined,
    heard: decides ? await labelStats(store, under, hash, 0) : undefined,
    sinceMs: since ?? (isNamed ? policy.period.startMs : undefined),
  };
}

function approvalsOf(
  { models }: Node,
  { policy, id }: LoggedAgreement,
  identity: ModelIdentity,
): ModelUse['approvals'] {
  const votes = models.approvalsOf(id, modelHash(identity));
  return policy.parties.map(({ role, name, address }) => ({
    role,
    name,
    vote: sameModel(policy.model, identity)
      ? ('named in the terms' as const)
      : votes.filter(({ approval }) => approval.party === address).at(-1)?.approval.vote,
  }));
}
