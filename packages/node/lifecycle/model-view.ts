// Views of models and watches for people: what is in force where, what is tried beside it, and how each does.
import { fromHex, toHex } from '@trine/protocol/bytes.ts';
import { type ModelIdentity, termsHash } from '@trine/protocol/payloads/agreement.ts';
import {
  type ModelCard,
  modelHash,
  type Parameters,
  readParameters,
  sameModel,
} from '@trine/protocol/payloads/model.ts';
import type { ActiveAgreement } from '../decide/decider.ts';
import type { Node } from '../node.ts';
import { type Drift, driftOf, type Heard, heardOf, type Trial } from './shadow.ts';

export interface ModelUse {
  readonly agreement: string;
  readonly title: string;
  readonly role: 'in-force' | 'beside' | 'former' | 'proposed';
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
  readonly heard: Heard | undefined;
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
  const { models, mandates } = node.judging;
  const agreements = mandates.agreements();
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
  const { models, mandates, life } = node.judging;
  const { terms, id } = agreement;
  const hash = modelHash(identity);
  const standing = node.judging.standing(agreement.hash);
  const changes = models.successionsOf(terms, id);
  const inForce = standing ? sameModel(standing.model.identity, identity) : false;
  const beside = mandates.shadowsOf(id).some((one) => sameModel(one.terms.model, identity));
  const words = models.approvalsOf(id, hash);
  const decidedOnce =
    sameModel(terms.model, identity) || changes.some(({ succession }) => sameModel(succession.model, identity));
  if (!inForce && !beside && words.length === 0 && !decidedOnce) return undefined;
  const since = changes.findLast(({ succession }) => sameModel(succession.model, identity))?.succession.fromMs;
  const isNamed = sameModel(terms.model, identity);
  const shows = inForce || decidedOnce;
  return {
    agreement: toHex(id),
    title: terms.title,
    role: inForce ? 'in-force' : decidedOnce ? 'former' : beside ? 'beside' : 'proposed',
    approvals: (['payer', 'recipient'] as const).map((role) => ({
      role,
      name: terms[role].name,
      stand: isNamed
        ? ('named in the terms' as const)
        : words.filter(({ approval }) => approval.party === terms[role].address).at(-1)?.approval.stand,
    })),
    trial: inForce
      ? undefined
      : (await life.trials(agreement)).find(({ watch }) => sameModel(watch.terms.model, identity))?.trial,
    rule: terms.succession && {
      shadowWindowsMin: terms.succession.shadowWindowsMin,
      differencesMaxPpm: terms.succession.differencesMaxPpm,
    },
    drift: shows ? await driftOf(node.store, termsHash(terms), hash) : undefined,
    heard: shows ? await heardOf(node.store, termsHash(terms), hash, 0) : undefined,
    sinceMs: since ?? (isNamed ? terms.window.startMs : undefined),
  };
}

export interface WatchView {
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

export async function describeWatches(node: Node): Promise<WatchView[]> {
  const { mandates } = node.judging;
  return Promise.all(
    mandates.watches().map(async ({ hash, terms, sealedMs }) => {
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
        judgedUntilMs: node.judging.standing(hash)?.cursorMs,
        isReplaced: mandates.replacedFrom(hash) !== undefined,
      };
    }),
  );
}
