// Replay: computes a decision again with the domains at hand. What evidence verification and `trine replay` use, in
// Node and in a browser.
import {
  equalBytes,
  type ModelIdentity,
  NotChecked,
  type Parameters,
  type Policy,
  type Replay,
  StepError,
  sameModel,
  withParameters,
} from '@trine/protocol';
import { checkArises } from './arises.ts';
import type { Domain, Selector } from './domain.ts';
import { type Evaluation, evaluate, evaluateRow, type OpenedModel } from './evaluate.ts';
import { openInput, selectorsOf } from './inputs.ts';
import { SandboxError } from './sandbox/errors.ts';
import type { States } from './states.ts';

/** A domain, and the identity of its model as it is delivered: it decides with the bundle of that hash. */
export interface InstalledDomain {
  readonly domain: Domain;
  readonly identity: ModelIdentity;
}

/** Finds a bundle that is not installed by its hash, hex; undefined where it is nowhere. */
export type FindBundle = (name: string, hash: string) => Promise<InstalledDomain | undefined>;

/**
 * The domains of an installation. Several bundles of one stand side by side: an agreement goes on with the one it names,
 * whatever is installed since.
 */
export class Domains {
  readonly #newest = new Map<string, InstalledDomain>();
  readonly #byHash: Map<string, InstalledDomain>;
  readonly #opened = new Map<string, Promise<OpenedModel>>();
  readonly #find: FindBundle | undefined;

  /** @param installed of each name the newest first @param find asked for bundles that are none of these */
  constructor(installed: readonly InstalledDomain[], find?: FindBundle) {
    for (const one of installed)
      if (!this.#newest.has(one.domain.manifest.name)) this.#newest.set(one.domain.manifest.name, one);
    this.#byHash = new Map(installed.map((one) => [placeOf(one.domain.manifest.name, one.identity.code), one]));
    this.#find = find;
  }

  /** The newest of each name: what new agreements are made with. */
  all(): readonly InstalledDomain[] {
    return [...this.#newest.values()];
  }

  /** The newest of a name. @throws NotChecked when it is not installed */
  get(name: string): InstalledDomain {
    const found = this.#newest.get(name);
    if (found === undefined)
      throw new NotChecked(`The domain ${name} is not installed here. Install it and ask once more.`);
    return found;
  }

  has(name: string): boolean {
    return this.#newest.has(name);
  }

  /** The domain that a policy names, by the bundle in its terms. @throws NotChecked when it is not installed */
  of({ domain: name, model }: Pick<Policy, 'domain' | 'model'>): InstalledDomain {
    const found = this.#byHash.get(placeOf(name, model.code));
    if (found) return found;
    const { identity: here } = this.get(name);
    throw new NotChecked(
      `Decided with the model ${model.name} ${model.version} (${model.code.slice(0, 12)}…), here is ${here.name} ${here.version} (${here.code.slice(0, 12)}…). Ask a release that has the agreed one.`,
    );
  }

  /** The identity of a domain's newest model with parameters. */
  identity(name: string, parameters: Parameters = {}): ModelIdentity {
    return withParameters(this.get(name).identity, parameters);
  }

  /** Can it be computed here, with these parameters? */
  knows(name: string, model: ModelIdentity, parameters: Parameters): boolean {
    const found = this.#byHash.get(placeOf(name, model.code));
    return found !== undefined && sameModel(withParameters(found.identity, parameters), model);
  }

  /**
   * Prepares a model, once, of the bundle that its identity names.
   * @throws NotChecked when that is not at hand, or the parameters are others; FormatError for parameters that the domain
   *   does not know
   */
  async open(name: string, wanted: ModelIdentity, parameters: Parameters): Promise<OpenedModel> {
    const place = placeOf(name, wanted.code);
    const known = this.#byHash.get(place) ?? (await this.#found(place, name, wanted.code));
    const { domain, identity: base } = known ?? this.of({ domain: name, model: wanted });
    const identity = withParameters(base, parameters);
    if (!sameModel(identity, wanted))
      throw new NotChecked(
        `Decided with the model ${wanted.name} ${wanted.version} under other parameters than those at hand. Ask a release that has the agreed ones.`,
      );
    const key = `${place} ${identity.configuration}`;
    let opened = this.#opened.get(key);
    if (opened === undefined) {
      opened = domain.open(parameters).then((engine) => ({ domain, engine, identity, parameters }));
      this.#opened.set(key, opened);
      opened.catch(() => this.#opened.delete(key));
    }
    return opened;
  }

  async #found(place: string, name: string, hash: string): Promise<InstalledDomain | undefined> {
    const found = await this.#find?.(name, hash);
    if (found) this.#byHash.set(place, found);
    return found;
  }
}

function placeOf(name: string, hash: string): string {
  return `${name} ${hash}`;
}

/**
 * @param domains with the models installed here
 * @returns a function that throws NotChecked where the domain or its model is not the one agreed on: nothing is found out
 *   then, neither for nor against the decision; and StepError where nothing was to be decided
 */
export function replayWith(domains: Domains): Replay {
  const replay = replaying(domains);
  return async (input) => {
    try {
      return await replay(input);
    } catch (error) {
      // What a stranger's bundle could not answer speaks neither for nor against the decision.
      if (error instanceof SandboxError) throw new NotChecked(`${error.message} Nothing is found out by it.`);
      throw error;
    }
  };
}

function replaying(domains: Domains): Replay {
  return async ({ policy, model, inputs, forks, states, salts, common, row, ...given }) => {
    const opened = await domains.open(policy.domain, model.identity, model.parameters);
    const candidates = inputs.map(openInput);
    checkArises(opened.domain, policy, { ...given, seen: given.corrected?.seen, row }, candidates);
    const { sinceMs: _, ...known } = given;
    const { about } = given.obligation;
    const opening = about && candidates.find(({ statement }) => equalBytes(statement.id, about))?.event;
    const terms = opened.domain.terms.parse(policy.terms);
    const selectors = selectorsOf(opened.domain, policy, terms, given.obligation, opening, row);
    const isAsked = (one: Selector) => row === undefined || one.row === undefined || one.row === row;
    const looked = selectors.filter(isAsked);
    const evaluation: Evaluation = {
      ...known,
      policy,
      model: opened,
      states: states as States,
      candidates,
      forks: forks.map(openInput),
      salt: (purpose, key) => {
        const salt = salts.get(`${purpose} ${key}`);
        if (salt === undefined) throw new StepError(`The file lacks the salt of the ${purpose} of ${key || 'all'}.`);
        return salt;
      },
    };
    if (row !== undefined && common !== undefined)
      return { row: evaluateRow(evaluation, row, { ...common, states: new Map() }).row, looked };
    const { decision, rows } = evaluate(evaluation);
    return { decision, looked, rows: new Map([...rows].map(([key, one]) => [key, one.row])) };
  };
}
