// Views of models and monitors for people: what is in force where, what is tried beside it, and how each does.
import {
  fromHex,
  type ModelCard,
  type ModelIdentity,
  modelHash,
  type Parameters,
  policyHash,
  readParameters,
  sameModel,
  toHex,
} from '@trine/protocol';
import type { ActiveAgreement } from '../decide/decider.ts';
import type { Node } from '../node.ts';
import { type Drift, driftOf, type LabelStats, labelStats, type Trial } from './shadow.ts';

export interface ModelUse {
  readonly agreement: string;
  readonly title: string;
  readonly role: 'active' | 'shadow' | 'previous' | 'proposed';
  /** Parties of the agreement and their newest word. */
  readonly approvals: readonly {
    readonly role: 'payer' | 'recipient';
    readonly name: string;
    readonly stand: 'approve' | 'refuse' | 'named in the terms' | undefined;
  }[];
  /** Beside the one in force, where it is tried. */
  readonly trial: Trial | undefined;
  /** Windows that must be tried, and the share that may differ, parts per million. */
  readonly rule: { readonly shadowWindowsMin: number; readonly differencesMaxPpm: number } | undefined;
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

/** Every model registered or in use, newest first. */
export async function describeModels(node: Node): Promise<ModelView[]> {
  const { models, policies } = node.decisions;
  const agreements = policies.agreements();
  const registered = models.registered();
  const named = agreements
    .filter(({ terms }) => !registered.some(({ model }) => sameModel(model.identity, terms.model)))
    .map(({ terms }) => ({ domain: terms.domain, identity: terms.model }));
  const unnamed = named.filter(({ identity }, i) => named.findIndex((one) => sameModel(one.identity, identity)) === i);
  const all = [
    ...registered
      .toReversed()
      .map(({ model, arrivalMs }) => ({ domain: model.domain, identity: model.identity, model, arrivalMs })),
    ...unnamed.map((one) => ({ ...one, model: undefined, arrivalMs: undefined })),
  ];
  return Promise.all(
    all.map(async ({ domain, identity, model, arrivalMs }) => {
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
          agreements.filter(({ terms }) => terms.domain === domain),
          identity,
        ),
      };
    }),
  );
}

function isInstalled(node: Node, name: string, identity: ModelIdentity, parameters: Parameters): boolean {
  const domain = node.domains.find((one) => one.name === name);
  try {
    return domain !== undefined && sameModel(domain.model(parameters), identity);
  } catch {
    return false;
  }
}

async function usesOf(
  node: Node,
  agreements: readonly ActiveAgreement[],
  identity: ModelIdentity,
): Promise<ModelUse[]> {
  const uses = await Promise.all(agreements.map((agreement) => useOf(node, agreement, identity)));
  return uses.filter((use) => use !== undefined);
}

async function useOf(node: Node, agreement: ActiveAgreement, identity: ModelIdentity): Promise<ModelUse | undefined> {
  const { models, policies, life } = node.decisions;
  const { terms, id } = agreement;
  const hash = modelHash(identity);
  const standing = node.decisions.standing(agreement.hash);
  const changes = models.modelChangesOf(terms, id);
  const active = standing ? sameModel(standing.model.identity, identity) : false;
  const beside = policies.shadowsOf(id).some((one) => sameModel(one.terms.model, identity));
  const words = models.approvalsOf(id, hash);
  const decidedOnce =
    sameModel(terms.model, identity) || changes.some(({ modelChange }) => sameModel(modelChange.model, identity));
  if (!active && !beside && words.length === 0 && !decidedOnce) return undefined;
  const since = changes.findLast(({ modelChange }) => sameModel(modelChange.model, identity))?.modelChange.fromMs;
  const isNamed = sameModel(terms.model, identity);
  const shows = active || decidedOnce;
  return {
    agreement: toHex(id),
    title: terms.title,
    role: active ? 'active' : decidedOnce ? 'previous' : beside ? 'shadow' : 'proposed',
    approvals: (['payer', 'recipient'] as const).map((role) => ({
      role,
      name: terms[role].name,
      stand: isNamed
        ? ('named in the terms' as const)
        : words.filter(({ approval }) => approval.party === terms[role].address).at(-1)?.approval.stand,
    })),
    trial: active
      ? undefined
      : (await life.trials(agreement)).find(({ watch }) => sameModel(watch.terms.model, identity))?.trial,
    rule: terms.modelChange && {
      shadowWindowsMin: terms.modelChange.shadowWindowsMin,
      differencesMaxPpm: terms.modelChange.differencesMaxPpm,
    },
    drift: shows ? await driftOf(node.store, policyHash(terms), hash) : undefined,
    heard: shows ? await labelStats(node.store, policyHash(terms), hash, 0) : undefined,
    sinceMs: since ?? (isNamed ? terms.window.startMs : undefined),
  };
}

export interface MonitorView {
  readonly hash: string;
  readonly title: string;
  readonly subject: string;
  readonly domain: string;
  readonly windowMs: number;
  readonly model: string;
  readonly rule: Readonly<Record<string, number | string>>;
  /** Of the amounts advised, where the rule has any. */
  readonly currency: string | undefined;
  /** Agreement beside which a model is tried. */
  readonly shadows: string | undefined;
  readonly sinceMs: number;
  /** Windows judged, and those that were breached. */
  readonly windows: number;
  readonly breached: number;
  readonly judgedUntilMs: number | undefined;
  /** Another watch goes on in its place. */
  readonly isReplaced: boolean;
}

export async function describeWatches(node: Node): Promise<MonitorView[]> {
  const { policies } = node.decisions;
  return Promise.all(
    policies.monitors().map(async ({ hash, terms, sealedMs }) => {
      const [row] = await node.store.query<{ windows: number; breached: number }>(
        "SELECT count(*) AS windows, count(*) FILTER (WHERE verdict = 'breached') AS breached FROM decisions WHERE terms = $1",
        [fromHex(hash)],
      );
      return {
        hash,
        title: terms.title,
        subject: terms.subject,
        domain: terms.domain,
        windowMs: terms.window.lengthMs,
        model: toHex(modelHash(terms.model)),
        rule: terms.rule,
        currency: terms.currency,
        shadows: terms.shadows && toHex(terms.shadows),
        sinceMs: sealedMs,
        windows: row?.windows ?? 0,
        breached: row?.breached ?? 0,
        judgedUntilMs: node.decisions.standing(hash)?.cursorMs,
        isReplaced: policies.replacedFrom(hash) !== undefined,
      };
    }),
  );
}
