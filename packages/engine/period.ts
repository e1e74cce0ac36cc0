// Replay of a period: every decision of an agreement or a watch again, bit for bit, or what another model or another
// rule would have decided, with the difference in decisions and money.
import {
  concernedThings,
  type Decision,
  decisionId,
  equalBytes,
  formatReason,
  type InputStatement,
  type ModelIdentity,
  type Policy,
  sha256,
  toHex,
} from '@trine/protocol';
import type { Domain } from './domain.ts';
import { type DecidingModel, evaluate } from './evaluate.ts';

/** A pack as a window needs it. */
export interface FolderPack {
  readonly firstMs: number;
  readonly lastMs: number;
  /** Undefined where the body was erased: a window with it cannot be decided again. */
  readonly input: InputStatement | undefined;
  readonly index: number;
  readonly arrivalMs: number;
}

/** A log as it was recorded: what a replay needs of it. */
export interface RecordedLog {
  readonly size: number;
  readonly origin: string;
  readonly models: {
    /** What was learnt or set of a model; none for one that is delivered as it is. */
    deciding(identity: ModelIdentity): DecidingModel;
    /** The model that decides the window starting at `fromMs`. */
    active(terms: Policy, agreement: Uint8Array | undefined, fromMs: number): DecidingModel;
  };
  /** Decisions by the hash of their terms, oldest window first. */
  decisions(terms: string): readonly Decision[];
  /** The state behind a hash, hex, where a snapshot of it was sealed. */
  state(hash: string): Promise<Uint8Array | undefined>;
}

/** What is decided otherwise than it was; nothing: the same again. */
export interface Change {
  readonly model?: DecidingModel;
  /** Numbers and texts of the rule that take another value. */
  readonly rule?: Policy['rule'];
  /** The most that one window may cost: the agreement's own limit would cap a dearer rule. Agreements only. */
  readonly perObligationMax?: number;
}

export interface ReplayRequest {
  readonly terms: Policy;
  /** Of the terms or the watch, hex, where it is sealed in the log; undefined for terms that nobody agreed on yet. */
  readonly hash: string | undefined;
  readonly id: Uint8Array | undefined;
  /** Windows that begin in `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly change: Change;
}

export interface Outcome {
  readonly verdict: Decision['verdict'];
  readonly outcome: Decision['outcome'];
  readonly amount: number;
  readonly reason: string;
}

export interface ReplayedWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** As it stands in the log. */
  readonly sealed: (Outcome & { readonly id: string }) | undefined;
  /** As it comes out; undefined where readings were erased or the state is not to be had. */
  readonly replayed: (Outcome & { readonly id: string }) | undefined;
  readonly problem: string | undefined;
}

export interface ReplayedPeriod {
  readonly windows: readonly ReplayedWindow[];
  /** Windows computed, and those that came out the same: to the bit without a change, in verdict, outcome and amount with one. */
  readonly computed: number;
  readonly same: number;
  readonly readings: number;
  /** Minor units paid (or advised) as sealed and as replayed, over windows that have both. */
  readonly amountSealed: number;
  readonly amountReplayed: number;
  readonly currency: string;
}

/** Things whose packs a replay under these terms needs. */
export function subjectsOf(terms: Policy): string[] {
  return [...new Set([...concernedThings(terms), terms.gate.heartbeat])];
}

/**
 * Decides a period again.
 *
 * @param packs of `subjectsOf(request.terms)` at least, from the folder
 * @throws RangeError when the domain's model is not the one that decided, or the change makes no sense
 */
export async function replayPeriod(
  folder: RecordedLog,
  domain: Domain,
  packs: ReadonlyMap<string, readonly FolderPack[]>,
  request: ReplayRequest,
): Promise<ReplayedPeriod> {
  const terms = changedTerms(request);
  const concerned = subjectsOf(terms).flatMap((subject) => packs.get(subject) ?? []);
  const windows = new WindowIndex(
    concerned.sort((a, b) => a.index - b.index),
    terms,
  );
  const sealed = request.hash === undefined ? [] : folder.decisions(request.hash);
  const isChanged = Object.values(request.change).some((value) => value !== undefined) || request.hash === undefined;
  const run = isChanged ? replayChanged : replaySealed;
  return summarise(await run({ folder, domain, request, terms, windows, sealed }), terms, isChanged);
}

function changedTerms({ terms, change: { rule, perObligationMax } }: ReplayRequest): Policy {
  const changed: Policy = rule ? { ...terms, rule: { ...terms.rule, ...rule } } : terms;
  if (perObligationMax === undefined) return changed;
  if (!('money' in changed)) throw new RangeError('Only an agreement limits what one window may cost.');
  return { ...changed, money: { ...changed.money, perObligationMax } };
}

const WINDOWS_MAX = 1_000_000;

interface Run {
  readonly folder: RecordedLog;
  readonly domain: Domain;
  readonly request: ReplayRequest;
  readonly terms: Policy;
  readonly windows: WindowIndex;
  readonly sealed: readonly Decision[];
}

interface Computed {
  readonly window: ReplayedWindow;
  readonly readings: number;
}

/** The same again: from the sealed states, with the model that decided, held against the bits in the log. */
async function replaySealed({ folder, domain, request, terms, windows, sealed }: Run): Promise<Computed[]> {
  const results: Computed[] = [];
  let state: Uint8Array | undefined = new Uint8Array();
  const first = await firstWithState(folder, sealed, request.fromMs);
  for (const decision of sealed.slice(first)) {
    const { obligation, asOf } = decision;
    if (obligation.fromMs >= request.toMs) break;
    const isAsked = obligation.fromMs >= request.fromMs;
    const known: Uint8Array | undefined =
      state && equalBytes(sha256(state), decision.stateBefore)
        ? state
        : await sealedState(folder, decision.stateBefore);
    const inputs = windows.inputs(obligation.fromMs, obligation.toMs, asOf.size);
    state = undefined;
    if (known === undefined || inputs === undefined) {
      const problem = inputs ? 'no sealed state leads here' : 'readings were erased';
      if (isAsked) results.push(result(decision, undefined, problem));
      continue;
    }
    const model = folder.models.deciding(decision.model);
    const again = evaluate({
      domain,
      agreement: request.id,
      terms,
      model,
      obligation,
      asOf,
      stateBefore: known,
      inputs,
    });
    state = again.stateAfter;
    if (isAsked) results.push(result(decision, again.decision));
  }
  return results;
}

async function sealedState(folder: RecordedLog, hash: Uint8Array): Promise<Uint8Array | undefined> {
  return equalBytes(hash, sha256(new Uint8Array())) ? new Uint8Array() : folder.state(toHex(hash));
}

/** The last decision, not after the first one asked for, whose state is sealed: from there it can be computed. */
async function firstWithState(folder: RecordedLog, sealed: readonly Decision[], fromMs: number): Promise<number> {
  const asked = sealed.findIndex(({ obligation }) => obligation.fromMs >= fromMs);
  for (let at = asked < 0 ? sealed.length : asked; at >= 0; at--) {
    const decision = sealed[at];
    if (decision && (await sealedState(folder, decision.stateBefore)) !== undefined) return at;
  }
  return Math.max(0, asked);
}

/** Otherwise: from the first window on, because a model that never saw the beginning is not the one asked for. */
async function replayChanged({ folder, domain, request, terms, windows, sealed }: Run): Promise<Computed[]> {
  const results: Computed[] = [];
  const byStart = new Map(sealed.map((decision) => [decision.obligation.fromMs, decision]));
  const nowhere = { origin: folder.origin, size: folder.size, root: new Uint8Array(32) };
  let state: Uint8Array = new Uint8Array();
  // What nobody has decided yet is no difference.
  const decided = request.hash === undefined ? terms.window.endMs : (sealed.at(-1)?.obligation.toMs ?? 0);
  for (const fromMs of windows.starts(Math.min(request.toMs, decided), request.hash === undefined)) {
    const toMs = fromMs + terms.window.lengthMs;
    const decision = byStart.get(fromMs);
    const asOf = decision?.asOf ?? nowhere;
    const model = request.change.model ?? folder.models.active(request.terms, request.id, fromMs);
    const inputs = windows.inputs(fromMs, toMs, asOf.size);
    const isAsked = fromMs >= request.fromMs;
    if (inputs === undefined) {
      if (isAsked) results.push({ ...result(decision, undefined, 'readings were erased', { fromMs, toMs }) });
      continue;
    }
    const obligation = { subject: terms.subject, fromMs, toMs };
    const again = evaluate({
      domain,
      agreement: request.id,
      terms,
      model,
      obligation,
      asOf,
      stateBefore: state,
      inputs,
    });
    state = again.stateAfter;
    if (isAsked) results.push(result(decision, again.decision));
  }
  return results;
}

function result(
  sealed: Decision | undefined,
  replayed: Decision | undefined,
  problem?: string,
  at: { fromMs: number; toMs: number } = (sealed ?? replayed)?.obligation as { fromMs: number; toMs: number },
): Computed {
  const outcomeOf = (decision: Decision | undefined) =>
    decision && {
      id: toHex(decisionId(decision)),
      verdict: decision.verdict,
      outcome: decision.outcome,
      amount: decision.amount,
      reason: formatReason(decision.reason),
    };
  const window = {
    fromMs: at.fromMs,
    toMs: at.toMs,
    sealed: outcomeOf(sealed),
    replayed: outcomeOf(replayed),
    problem,
  };
  return { window, readings: typeof replayed?.facts.readings === 'number' ? replayed.facts.readings : 0 };
}

/** Minor units that an outcome costs, or would cost where it is advice. */
export function owed(outcome: Outcome | undefined): number {
  return outcome && (outcome.outcome === 'pay' || outcome.outcome === 'advice') ? outcome.amount : 0;
}

function summarise(results: readonly Computed[], terms: Policy, isChanged: boolean): ReplayedPeriod {
  const windows = results.map(({ window }) => window);
  const both = windows.filter(({ sealed, replayed }) => sealed && replayed);
  const isSame = ({ sealed, replayed }: ReplayedWindow) =>
    sealed !== undefined &&
    replayed !== undefined &&
    (isChanged
      ? sealed.verdict === replayed.verdict && sealed.outcome === replayed.outcome && sealed.amount === replayed.amount
      : sealed.id === replayed.id);
  const compared = both.length > 0 ? both : windows;
  return {
    windows,
    computed: windows.filter(({ replayed }) => replayed).length,
    same: windows.filter(isSame).length,
    readings: results.reduce((sum, { readings }) => sum + readings, 0),
    amountSealed: compared.reduce((sum, { sealed }) => sum + owed(sealed), 0),
    amountReplayed: compared.reduce((sum, { replayed }) => sum + owed(replayed), 0),
    currency: ('money' in terms ? terms.money.currency : terms.currency) ?? '',
  };
}

/** Packs by the windows they have readings in, so that each window is found without looking through all. */
class WindowIndex {
  private readonly terms: Policy;
  private readonly byStart = new Map<number, FolderPack[]>();
  /** Of packs whose body was erased nobody knows the times: they are taken to be about when they arrived. */
  private readonly erased: FolderPack[] = [];

  constructor(packs: readonly FolderPack[], terms: Policy) {
    this.terms = terms;
    const { startMs, endMs, lengthMs } = terms.window;
    for (const pack of packs) {
      if (pack.input === undefined) {
        this.erased.push(pack);
        continue;
      }
      const last = Math.min(pack.lastMs, endMs - 1);
      for (
        let at = Math.max(0, Math.floor((pack.firstMs - startMs) / lengthMs));
        startMs + at * lengthMs <= last;
        at++
      ) {
        const start = startMs + at * lengthMs;
        const known = this.byStart.get(start);
        if (known) known.push(pack);
        else this.byStart.set(start, [pack]);
      }
    }
  }

  /**
   * Starts of windows with any pack, before `beforeMs`, in order.
   * @param silent also those between them in which nothing came: where no heartbeat was named, silence counts
   */
  starts(beforeMs: number, silent: boolean): number[] {
    const starts = [...this.byStart.keys()].filter((start) => start < beforeMs).sort((a, b) => a - b);
    const [first, last] = [starts[0], starts.at(-1)];
    if (!silent || first === undefined || last === undefined) return starts;
    const { lengthMs } = this.terms.window;
    const count = (last - first) / lengthMs + 1;
    if (count > WINDOWS_MAX)
      throw new RangeError(
        `The period has ${count} windows, at most ${WINDOWS_MAX} can be asked for: choose longer windows, or a shorter period.`,
      );
    return Array.from({ length: count }, (_, i) => first + i * lengthMs);
  }

  /** Packs of a window among the first `size` leaves; undefined where one of them was erased. */
  inputs(fromMs: number, toMs: number, size: number): InputStatement[] | undefined {
    const lengthMs = this.terms.window.lengthMs;
    const isErased = this.erased.some(
      ({ index, arrivalMs }) => index < size && arrivalMs >= fromMs && arrivalMs < toMs + lengthMs,
    );
    if (isErased) return undefined;
    const within = this.byStart.get(fromMs) ?? [];
    return within.filter(({ index }) => index < size).map(({ input }) => input as InputStatement);
  }
}
