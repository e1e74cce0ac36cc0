// Models for people: what is in force where, what is tried beside it, and how each does.
import {
  fromHex,
  type ModelCard,
  type ModelIdentity,
  modelHash,
  type Parameters,
  readParameters,
  sameModel,
  toHex,
} from '@trine/protocol';
import { type Drift, driftOf, type LabelStats, labelStats, type Trial } from '../../lifecycle/shadow.ts';
import type { Node } from '../../node.ts';
import type { LoggedAgreement } from '../../projections/policies.ts';

export interface ModelUse {
  readonly agreement: string;
  readonly title: string;
  readonly currency: string;
  readonly role: 'active' | 'shadow' | 'previous' | 'proposed';
  /** Parties of the agreement and their newest vote. */
  readonly approvals: readonly {
    readonly role: string;
    readonly name: string;
    readonly vote: 'approve' | 'reject' | 'named in the terms' | undefined;
  }[];
  /** Beside the one in force, where it is tried. */
  readonly trial: Trial | undefined;
  /** Obligations that must be tried, and the share that may differ, parts per million. */
  readonly rule: { readonly shadowsMin: number; readonly differencesMaxPpm: number } | undefined;
  readonly drift: Drift | undefined;
  readonly heard: LabelStats | undefined;
  readonly sinceMs: number | undefined;
}

export interface ModelView {
  readonly hash: string;
  readonly domain: string;
  readonly identity: ModelIdentity;
  readonly registeredMs: number | undefined;
  readonly parameters: Parameters;
  readonly card: ModelCard | undefined;
  readonly learnt: { readonly labels: number; readonly effect: Readonly<Record<string, number | string>> } | undefined;
  /** Can it be computed here? */
  readonly installed: boolean;
  readonly uses: readonly ModelUse[];
}

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
  return domains.has(name) && sameModel(domains.identity(name, parameters), identity);
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
