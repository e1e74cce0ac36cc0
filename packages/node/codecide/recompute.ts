// Decisions of a node, computed again from a copy of the log: which obligation arises, what went in, what the states before
// were, and what follows, all found here. Of what the node says nothing is taken over but what is compared.
import {
  checkArises,
  type Domains,
  differenceOf,
  evaluateAgain,
  InputIndex,
  linesInLog,
  NO_STATES,
  orderedBefore,
  type RecordedDecision,
  type RecordedInputs,
  type RecordedRow,
  SandboxError,
  type States,
  subjectsOf,
} from '@trine/engine';
import {
  type Decision,
  decisionId,
  equalBytes,
  FormatError,
  formatTime,
  NotChecked,
  obligationId,
  type Row,
  released,
  StepError,
  sameModel,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { FollowedLog } from '../projections/log-folder.ts';
import type { LoggedAgreement } from '../projections/policies.ts';
import type { DeciderMemory, Verdict } from './memory.ts';

/** It cannot be found out now: bodies, a bundle or an answer are missing. */
export class NotNow extends TrineError {
  override readonly name = 'NotNow';
  constructor(message: string) {
    super('not-yet', message);
  }
}

/** What came of one decision. */
export interface Judged {
  readonly reason: string | undefined;
  /** After it; undefined where they cannot be known. */
  readonly states: States | undefined;
  readonly rows: readonly Row[];
}

export interface RecomputeOptions {
  readonly log: FollowedLog;
  readonly memory: DeciderMemory;
  readonly domains: Domains;
  /** Milliseconds since 1970, by the clock of whoever decides here. */
  readonly now: () => number;
  /** Under the secret of a policy; undefined while that is not known. */
  readonly hmac: (policy: string) => ((policy: string, message: Uint8Array) => Uint8Array) | undefined;
}

/** Clocks of two machines may differ so much: what comes earlier is waited for. */
const SKEW_MS_MAX = 60_000;

/** What was read of one policy's inputs. */
interface Read {
  readonly inputs: RecordedInputs;
  readonly index: InputIndex;
  readonly size: number;
}

export class Recomputer {
  readonly #options: RecomputeOptions;
  readonly #read = new Map<string, Read>();

  constructor(options: RecomputeOptions) {
    this.#options = options;
  }

  /** Bodies about a subject are gone: what was read of them is forgotten. */
  forget(): void {
    this.#read.clear();
  }

  /**
   * Computes the decisions of a policy again that were not yet, oldest first.
   * @throws NotNow where it cannot go on now
   */
  async follow(logged: LoggedAgreement): Promise<void> {
    const { log, memory } = this.#options;
    const { hash, policy } = logged;
    const recorded = log.decisions(hash);
    let { leaf, states } = memory.place(hash) ?? { leaf: -1, states: NO_STATES };
    for (const [at, one] of recorded.entries()) {
      if (one.leaf <= leaf) continue;
      const judged = await this.#judge(logged, recorded, at, states);
      const decision = toHex(decisionId(one.decision));
      const isCorrection = one.decision.obligation.base !== undefined;
      const before = policy.correctableMs === undefined || isCorrection ? undefined : states;
      // A correction continues no states: those after it stand as they were.
      if (!isCorrection) states = judged.states;
      leaf = one.leaf;
      memory.judged(hash, decision, { ...judged, leaf, states, before });
    }
  }

  /** Of a decision that was followed; undefined where the log has none, or only a later one on its obligation. */
  found(logged: LoggedAgreement, id: string): (Verdict & { readonly decision: Decision }) | undefined {
    const one = this.#options.log.decisions(logged.hash).find(({ decision }) => toHex(decisionId(decision)) === id);
    const verdict = one && this.#options.memory.verdict(id);
    return verdict && { ...verdict, decision: one.decision };
  }

  /**
   * Decisions that one corrects, the newest first, with their lines as they were computed here.
   * @throws StepError where one of them does not hold
   */
  corrected(
    logged: LoggedAgreement,
    { supersedes }: Decision,
  ): { readonly decision: Decision; readonly rows: ReadonlyMap<string, Row> }[] {
    const found: { decision: Decision; rows: ReadonlyMap<string, Row> }[] = [];
    for (let wanted = supersedes; wanted; wanted = found.at(-1)?.decision.supersedes) {
      const id = toHex(wanted);
      const before = this.found(logged, id);
      if (before === undefined || before.reason !== undefined)
        throw new StepError(`what it corrects does not hold: ${before?.reason ?? 'it is not in this log'}`);
      found.push({ decision: before.decision, rows: this.#options.memory.linesOf(id) });
    }
    return found;
  }

  /**
   * A decision whose lines are settled in batches, as it orders them: held lines pay that were released by hand, and of what was
   * closed nothing does.
   * @param before leaf of the order: what was said by hand later is left out
   */
  ruled(
    { hash }: LoggedAgreement,
    decision: Decision,
    before: number,
  ): { readonly decision: Decision; readonly rows: ReadonlyMap<string, Row> } {
    const { log, memory } = this.#options;
    const own = toHex(obligationId(decision.obligation));
    const rows = memory.linesOf(toHex(decisionId(decision)));
    if (!log.policies.releases().some(({ policy }) => policy === hash)) return { decision, rows };
    const same = log.decisions(hash).filter((one) => baseIdOf(one.decision) === baseIdOf(decision));
    const lines = new Map(
      same.map((one) => [
        toHex(obligationId(one.decision.obligation)),
        memory.linesOf(toHex(decisionId(one.decision))),
      ]),
    );
    const byHand = linesInLog(
      same,
      (key, obligation) => lines.get(obligation)?.get(key)?.outcome,
      (key, id) => log.wordOn(hash, id, key),
    );
    const isReleased = (key: string) => {
      const { word } = byHand(key, own);
      return word?.ruling === 'pay' && word.at < before;
    };
    const standing = new Map([...rows].filter(([key]) => !byHand(key, own).isClosed));
    return released(decision, standing, new Set([...standing.keys()].filter(isReleased)));
  }

  /**
   * What was said by hand of a decision that is settled entry by entry, and of what it corrects, before an order to pay.
   * @param before leaf of the order
   */
  byHand(
    logged: LoggedAgreement,
    decision: Decision,
    leaf: number,
    before: number,
  ): { readonly isReleased: boolean; readonly refused?: string } {
    const { log } = this.#options;
    const same = log.decisions(logged.hash).filter((one) => baseIdOf(one.decision) === baseIdOf(decision));
    const isClosed = same.some(({ decision: one }) => {
      const said = equalBytes(decisionId(one), decisionId(decision))
        ? undefined
        : log.policies.release(logged.hash, toHex(decisionId(one)));
      return said !== undefined && said.index < leaf;
    });
    const refuse = (refused: string) => ({ isReleased: false, refused });
    if (isClosed) return refuse('what it corrects was released or dropped by hand: that was the last word on it');
    const own = log.policies.release(logged.hash, toHex(decisionId(decision)));
    if (own === undefined) return { isReleased: false };
    if (own.ruling === 'drop') return refuse('it was dropped by hand');
    const isLater = same.some((one) => one.leaf > leaf && one.leaf < own.index);
    if (own.index < leaf || own.index > before || isLater)
      return refuse('it was released by hand, and not as the last word on its obligation');
    return { isReleased: decision.outcome === 'hold' };
  }

  async #judge(
    logged: LoggedAgreement,
    recorded: readonly RecordedDecision[],
    at: number,
    states: States | undefined,
  ): Promise<Judged> {
    const { decision } = recorded[at] as RecordedDecision;
    try {
      const refused = this.#formRefusal(logged, recorded, at);
      const again = await this.#again(logged, recorded, at, states);
      return refused === undefined ? again : { ...again, reason: refused };
    } catch (error) {
      // A bundle that is not here may come; everything else that can be wrong with a decision stays wrong.
      if (error instanceof NotChecked || error instanceof SandboxError) throw new NotNow(error.message);
      if (!(error instanceof StepError || error instanceof FormatError || error instanceof TypeError)) {
        if (!(error instanceof TrineError && error.code === 'erased')) throw error;
      }
      const isLast = decision.statesAfter.count === 0;
      return { reason: (error as Error).message, states: isLast ? NO_STATES : undefined, rows: [] };
    }
  }

  /** What is wrong with when and from what it says it was decided. */
  #formRefusal(
    { policy, hash, id }: LoggedAgreement,
    recorded: readonly RecordedDecision[],
    at: number,
  ): string | undefined {
    const { log, now } = this.#options;
    const { leaf, decision } = recorded[at] as RecordedDecision;
    const { obligation, cuts } = decision;
    const [cut] = cuts;
    if (policy.origins.length !== 1 || policy.origins[0] !== log.origin)
      return 'the terms name other logs than the one followed here';
    if (cut === undefined || cuts.length !== 1 || cut.origin !== log.origin) return 'it is of another log';
    if (cut.index !== log.cutAt(cut.atMs))
      return `it looked at the leaves below ${cut.index}; by the terms those below ${log.cutAt(cut.atMs)} count`;
    if (leaf < cut.index || log.arrivalOf(leaf) < cut.atMs) return 'it came before its time';
    const early = this.#earlyRefusal(Math.max(cut.atMs, log.arrivalOf(leaf)), now());
    if (early) return early;
    if (obligation.fromMs >= (log.policies.end(hash)?.fromMs ?? Number.POSITIVE_INFINITY))
      return 'the agreement was ended before';
    const active = log.models.active(policy, id, obligation.fromMs).identity;
    if (!sameModel(active, decision.model)) return 'it names another model than the one in force';
    return this.#continuesRefusal(recorded, at);
  }

  /** The log dates its leaves itself: by the clock here the time must be over, too. @throws NotNow where clocks may differ by that */
  #earlyRefusal(atMs: number, nowMs: number): string | undefined {
    if (atMs <= nowMs) return undefined;
    const words = `by the clock here it is ${formatTime(nowMs)}, and it says that it came at ${formatTime(atMs)}: the time it is about is not over`;
    if (atMs - nowMs <= SKEW_MS_MAX) throw new NotNow(words);
    return words;
  }

  #continuesRefusal(recorded: readonly RecordedDecision[], at: number): string | undefined {
    const { decision } = recorded[at] as RecordedDecision;
    const { base } = decision.obligation;
    const before = base
      ? baseOf(recorded, base)
      : recorded.slice(0, at).findLast(({ decision: one }) => !one.obligation.base);
    if (base && before === undefined) return 'it corrects what was not decided';
    const expected = base ? before?.decision.continues : before && decisionId(before.decision);
    const isSame =
      expected && decision.continues ? equalBytes(expected, decision.continues) : expected === decision.continues;
    // A model that takes over begins with states of its own.
    const isTakenOver = !base && before !== undefined && !sameModel(before.decision.model, decision.model);
    return isSame || isTakenOver ? undefined : 'it continues another decision than the one before it';
  }

  async #again(
    logged: LoggedAgreement,
    recorded: readonly RecordedDecision[],
    at: number,
    states: States | undefined,
  ): Promise<Judged> {
    const { log, domains } = this.#options;
    const { policy, hash, id } = logged;
    const { leaf, decision } = recorded[at] as RecordedDecision;
    const { obligation, cuts, continues, supersedes } = decision;
    const before = decision.statesBefore.count === 0 ? NO_STATES : this.#statesBefore(recorded, at, states);
    const hmac = this.#options.hmac(hash);
    if (hmac === undefined) throw new NotNow('The node has not handed out the secret of the policy.');
    const { index } = await this.#inputsOf(logged);
    const rows = (_: string, base: string) => this.#rowsOf(recorded, base);
    const wordOn = (name: string, decided: string, row: string) => log.wordOn(name, decided, row);
    const recordedPolicy = { log: { hmac, rows, wordOn }, domains, policy, hash, agreement: id, index };
    const corrected =
      supersedes &&
      orderedBefore({ ...recordedPolicy, recorded }, { leaf, cut: cuts[0]?.index ?? 0 }, obligation, supersedes);
    const model = log.models.deciding(decision.model);
    const evaluated = await evaluateAgain(recordedPolicy, model, {
      ...{ obligation, cuts, continues, states: before },
      corrected,
    });
    const inputs = [...new Set([...evaluated.parts.values()].flat())].sort((a, b) => a.order - b.order);
    const seen = supersedes && recorded.find((one) => equalBytes(decisionId(one.decision), supersedes))?.decision.cuts;
    const { domain } = await domains.open(policy.domain, model.identity, model.parameters);
    checkArises(domain, policy, { obligation, cuts, sinceMs: logged.arrivalMs, seen }, inputs);
    const isSame = equalBytes(decisionId(evaluated.decision), decisionId(decision));
    return {
      reason: isSame
        ? undefined
        : `computed again it is another decision: ${differenceOf(decision, evaluated.decision)}`,
      states: evaluated.states,
      rows: isSame ? [...evaluated.rows.values()].map(({ row }) => row) : [],
    };
  }

  #statesBefore(recorded: readonly RecordedDecision[], at: number, states: States | undefined): States {
    const { decision } = recorded[at] as RecordedDecision;
    const { base } = decision.obligation;
    const corrected = base && baseOf(recorded, base);
    const found = corrected ? this.#options.memory.before(toHex(decisionId(corrected.decision))) : states;
    if (found === undefined) throw new StepError('the states that it continues cannot be computed here');
    return found;
  }

  /** Lines as they were computed here, of an obligation and its corrections. */
  #rowsOf(recorded: readonly RecordedDecision[], base: string): RecordedRow[] {
    return recorded
      .filter(({ decision: { obligation } }) => toHex(obligation.base ?? obligationId(obligation)) === base)
      .flatMap(({ leaf, decision }) =>
        [...this.#options.memory.linesOf(toHex(decisionId(decision))).values()].map(({ key, outcome, effects }) => ({
          ...{ leaf, key, outcome, effects },
          obligation: toHex(obligationId(decision.obligation)),
        })),
      );
  }

  async #inputsOf({ hash, policy }: LoggedAgreement): Promise<Read> {
    const { log, domains } = this.#options;
    const known = this.#read.get(hash);
    if (known?.size === log.size) return known;
    const fresh = await log.inputs(subjectsOf(policy, domains), known?.size);
    const inputs: RecordedInputs = known
      ? {
          ...fresh,
          opened: [...known.inputs.opened, ...fresh.opened],
          erased: [...known.inputs.erased, ...fresh.erased],
          unreadable: [
            ...new Map([...known.inputs.unreadable, ...fresh.unreadable].map((one) => [one.index, one])).values(),
          ],
        }
      : fresh;
    const read = { inputs, index: new InputIndex(inputs), size: log.size };
    this.#read.set(hash, read);
    return read;
  }
}

function baseIdOf({ obligation }: Decision): string {
  return toHex(obligation.base ?? obligationId(obligation));
}

function baseOf(recorded: readonly RecordedDecision[], base: Uint8Array): RecordedDecision | undefined {
  return recorded.find(({ decision }) => equalBytes(obligationId(decision.obligation), base));
}
