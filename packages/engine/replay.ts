// Replay: computes a decision again with the domains at hand. What evidence verification and `trine replay` use, in
// Node and in a browser.
import {
  type ModelIdentity,
  NotChecked,
  type Parameters,
  type Replay,
  StepError,
  sameModel,
  withParameters,
} from '@trine/protocol';
import { checkArises } from './arises.ts';
import type { Domain } from './domain.ts';
import { type Evaluation, evaluate, evaluateRow, type OpenedModel } from './evaluate.ts';
import { openInput } from './inputs.ts';
import type { States } from './states.ts';

/** A domain, and the identity of its model as it is delivered. */
export interface InstalledDomain {
  readonly domain: Domain;
  readonly identity: ModelIdentity;
}

/** The domains of an installation, by name. */
export class Domains {
  readonly #byName: ReadonlyMap<string, InstalledDomain>;
  readonly #opened = new Map<string, Promise<OpenedModel>>();

  constructor(installed: readonly InstalledDomain[]) {
    this.#byName = new Map(installed.map((one) => [one.domain.manifest.name, one]));
  }

  all(): readonly InstalledDomain[] {
    return [...this.#byName.values()];
  }

  /** @throws NotChecked when it is not installed */
  get(name: string): InstalledDomain {
    const found = this.#byName.get(name);
    if (found === undefined)
      throw new NotChecked(`The domain ${name} is not installed here. Install it and ask once more.`);
    return found;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The identity of a domain's model with parameters. */
  identity(name: string, parameters: Parameters = {}): ModelIdentity {
    return withParameters(this.get(name).identity, parameters);
  }

  /**
   * Prepares a model, once.
   * @throws NotChecked when the domain is not installed or its model is not the one wanted; FormatError for parameters
   *   that the domain does not know
   */
  open(name: string, wanted: ModelIdentity, parameters: Parameters): Promise<OpenedModel> {
    const { domain } = this.get(name);
    const here = this.identity(name, parameters);
    if (!sameModel(here, wanted))
      throw new NotChecked(
        `Decided with the model ${wanted.name} ${wanted.version} (${wanted.code.slice(0, 12)}…), here is ${here.name} ${here.version} (${here.code.slice(0, 12)}…). Ask a release that has the agreed one.`,
      );
    const key = `${name} ${here.code} ${here.configuration}`;
    let opened = this.#opened.get(key);
    if (opened === undefined) {
      opened = domain.open(parameters).then((engine) => ({ domain, engine, identity: here, parameters }));
      this.#opened.set(key, opened);
      opened.catch(() => this.#opened.delete(key));
    }
    return opened;
  }
}

/**
 * @param domains with the models installed here
 * @returns a function that throws NotChecked where the domain or its model is not the one agreed on: nothing is found out
 *   then, neither for nor against the decision; and StepError where nothing was to be decided
 */
export function replayWith(domains: Domains): Replay {
  return async ({ policy, model, inputs, forks, states, salts, common, row, ...given }) => {
    const opened = await domains.open(policy.domain, model.identity, model.parameters);
    const candidates = inputs.map(openInput);
    checkArises(opened.domain, policy, { ...given, seenTo: given.corrected?.seenTo }, candidates);
    const { sinceMs: _, ...known } = given;
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
      return { row: evaluateRow(evaluation, row, { ...common, states: new Map() }).row };
    const { decision, rows } = evaluate(evaluation);
    return { decision, rows: new Map([...rows].map(([key, one]) => [key, one.row])) };
  };
}
