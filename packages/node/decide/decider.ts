// Decide: judges the windows of every agreement and watch as they close, each exactly once, and seals what it decided.

import type { Domain } from '@trine/engine/domain.ts';
import { type DecidingModel, evaluate } from '@trine/engine/evaluate.ts';
import {
  type Agreement,
  concernedThings,
  type Decision,
  decisionPayload,
  fromHex,
  type InputStatement,
  type ModelChange,
  type ModelIdentity,
  modelChangePayload,
  modelHash,
  type Policy,
  sameModel,
  snapshotPayload,
  statementKinds,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { AppendedBatch } from '../ingest/batch.ts';
import type { Issuer } from '../ingest/issuer.ts';
import { readInput } from './inputs.ts';
import { findState, lastDecision, type StateSources, snapshotBefore } from './states.ts';

/** What windows are judged under: an agreement, or a watch. */
export interface ActivePolicy {
  /** Of the terms or the watch, hex: what decisions name. */
  readonly hash: string;
  /** Id on the chain; absent for a watch. */
  readonly id: Uint8Array | undefined;
  readonly terms: Policy;
}

/** An agreement in force. */
export interface ActiveAgreement extends ActivePolicy {
  readonly id: Uint8Array;
  readonly terms: Agreement;
}

export interface DeciderOptions extends StateSources {
  readonly domains: readonly Domain[];
  /** The member who decides. */
  readonly issuer: Issuer;
  readonly origin: string;
  readonly now: () => number;
  /** Resolves once everything sealed so far is in the store. */
  readonly flush: () => Promise<void>;
  /** Resolves once `onAppended` was called for every leaf below `size`. */
  readonly waitForIndex: (size: number) => Promise<void>;
  /** Where a watch ends because another one goes on. @param hash of its terms, hex */
  readonly endOf: (hash: string) => number | undefined;
  /** Called with every sealed decision, before the next window is judged. */
  readonly onDecision: (decision: Decision, index: number) => Promise<void>;
}

/** A pack that may belong to a window. */
interface Candidate {
  readonly leaf: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

interface Watched {
  readonly policy: ActivePolicy;
  readonly domain: Domain;
  model: DecidingModel;
  /** Start of the next window to judge. */
  cursorMs: number;
  state: Uint8Array;
  windowsSinceSnapshot: number;
  /** Packs of the things concerned, in the order of the log; those of judged windows are dropped. */
  readonly candidates: Candidate[];
}

/** A snapshot of the state at least this often, so that a replay never goes far back. */
const WINDOWS_PER_SNAPSHOT = 20;
const KEEP_WINDOWS = 3;
const INPUTS_KEPT = 4_096;
const TOGETHER = 64;

export class Decider {
  private readonly options: DeciderOptions;
  private readonly watched = new Map<string, Watched>();
  /** Candidates of every policy, by the things whose packs they are. */
  private readonly noting = new Map<string, Candidate[][]>();
  private readonly inputs = new Map<number, InputStatement>();
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(options: DeciderOptions) {
    this.options = options;
  }

  /**
   * Takes up an agreement or a watch where its last decision left it. Repeating changes nothing.
   * @throws Error when its domain is not installed, or installed with another model than the one in force
   */
  async watch(policy: ActivePolicy): Promise<void> {
    const { terms, hash } = policy;
    if (this.watched.has(hash)) return;
    const domain = this.options.domains.find(({ name }) => name === terms.domain);
    if (domain === undefined) throw new Error(`"${terms.title}" needs the domain ${terms.domain}: install it.`);
    // From here on what is sealed is noted; what was sealed before is in the store after a flush.
    const noted: Candidate[] = [];
    const subjects = [...new Set([...concernedThings(terms), terms.gate.heartbeat])];
    for (const subject of subjects) this.noting.set(subject, [...(this.noting.get(subject) ?? []), noted]);
    try {
      this.watched.set(hash, await this.schedule(policy, domain, subjects, noted));
    } catch (error) {
      this.stopNoting(noted);
      throw error;
    }
  }

  private async schedule(
    policy: ActivePolicy,
    domain: Domain,
    subjects: readonly string[],
    noted: Candidate[],
  ): Promise<Watched> {
    const { terms, hash, id } = policy;
    await this.options.flush();
    const last = await lastDecision(this.options, fromHex(hash));
    const cursorMs = last?.obligation.toMs ?? terms.window.startMs;
    const model = this.options.models.active(terms, id, cursorMs);
    const here = domain.model(model.parameters);
    if (!sameModel(here, model.identity))
      throw new Error(
        `"${terms.title}" is decided with ${model.identity.name} ${model.identity.version} (${model.identity.code.slice(0, 12)}…); installed is ${here.name} ${here.version} (${here.code.slice(0, 12)}…).`,
      );
    const isContinued = last !== undefined && sameModel(last.model, model.identity);
    const found = isContinued
      ? await findState(this.options, policy, domain, last.stateAfter)
      : { state: await this.startState(policy, model.identity, cursorMs), windows: 0 };
    const known = await this.options.store.query<{ leaf: number; firstMs: number; lastMs: number }>(
      `SELECT leaf, first_ms AS "firstMs", last_ms AS "lastMs" FROM statements JOIN sequences USING (sequence)
       WHERE kind = $1 AND subject IN (${subjects.map((_, i) => `$${i + 3}`).join(', ')}) AND last_ms >= $2 ORDER BY leaf`,
      [statementKinds.pack, cursorMs, ...subjects],
    );
    const since = known.at(-1)?.leaf ?? -1;
    noted.splice(0, noted.length, ...known, ...noted.filter(({ leaf }) => leaf > since));
    const { state, windows } = found;
    return { policy, domain, model, cursorMs, state, windowsSinceSnapshot: windows, candidates: noted };
  }

  private stopNoting(noted: Candidate[]): void {
    for (const [subject, lists] of this.noting) {
      const left = lists.filter((list) => list !== noted);
      if (left.length === 0) this.noting.delete(subject);
      else this.noting.set(subject, left);
    }
    noted.length = 0;
  }

  /** A model goes on from its newest sealed state; a watch begins with the one sealed for its start, or with none. */
  private async startState({ terms, id }: ActivePolicy, model: ModelIdentity, atMs: number): Promise<Uint8Array> {
    const found = await snapshotBefore(this.options, terms.subject, model, atMs, id === undefined);
    return found ? Uint8Array.from(found) : new Uint8Array();
  }

  /** Notes packs that may be judged later. */
  onAppended({ columns, leaf }: AppendedBatch): void {
    if (this.noting.size === 0) return;
    for (let i = 0; i < columns.count; i++) {
      if (columns.kind[i] !== statementKinds.pack || (leaf[i] as number) < 0) continue;
      const lists = this.noting.get(columns.words[columns.subject[i] as number] as string);
      if (lists === undefined) continue;
      const times = columns.readingTimeMs.subarray(columns.readingStart[i], columns.readingStart[i + 1]);
      const candidate = { leaf: leaf[i] as number, firstMs: Math.min(...times), lastMs: Math.max(...times) };
      for (const list of lists) list.push(candidate);
    }
  }

  /**
   * Judges every window that is due. Calls run one after the other; a policy that cannot be judged (a body was erased,
   * say) keeps no other from being judged, and is tried again by the next call.
   *
   * @throws Error of the first that could not
   */
  tick(): Promise<void> {
    const work = this.running.then(async () => {
      // Together, so that what they seal shares fsyncs; each policy's own windows follow each other.
      const all = [...this.watched.values()];
      const failures: unknown[] = [];
      for (let at = 0; at < all.length; at += TOGETHER) {
        const ends = await Promise.allSettled(all.slice(at, at + TOGETHER).map((watched) => this.judgeDue(watched)));
        for (const end of ends) if (end.status === 'rejected') failures.push(end.reason);
      }
      if (failures.length > 0) throw failures[0];
    });
    this.running = settled(work);
    return work;
  }

  private async judgeDue(watched: Watched): Promise<void> {
    const { window } = watched.policy.terms;
    const endMs = Math.min(window.endMs, this.options.endOf(watched.policy.hash) ?? window.endMs);
    while (!this.stopped && watched.cursorMs + window.lengthMs <= endMs) {
      this.skipEmptyWindows(watched, endMs);
      const fromMs = watched.cursorMs;
      const toMs = fromMs + window.lengthMs;
      if (toMs > endMs || this.options.now() < toMs + window.graceMs) return;
      await this.judge(watched, fromMs, toMs);
      watched.cursorMs = toMs;
      const keepFrom = toMs - KEEP_WINDOWS * window.lengthMs;
      if ((watched.candidates[0]?.lastMs ?? keepFrom) < keepFrom)
        keep(watched.candidates, ({ lastMs }) => lastMs >= keepFrom);
    }
    // Its last window is judged: nothing more need be remembered for it.
    if (!this.stopped && watched.candidates.length > 0) this.stopNoting(watched.candidates);
  }

  /**
   * Windows in which neither the subject nor the heartbeat said anything are passed over: nobody was there. All of them at
   * once, because a watch may begin decades before the first reading.
   */
  private skipEmptyWindows(watched: Watched, endMs: number): void {
    const { startMs, lengthMs, graceMs } = watched.policy.terms.window;
    const startOf = (ms: number) => startMs + Math.floor((ms - startMs) / lengthMs) * lengthMs;
    let first = Math.min(endMs, this.options.now() - graceMs);
    for (const { firstMs, lastMs } of watched.candidates)
      if (lastMs >= watched.cursorMs) first = Math.min(first, Math.max(firstMs, watched.cursorMs));
    watched.cursorMs = Math.max(watched.cursorMs, startOf(first));
  }

  private async judge(watched: Watched, fromMs: number, toMs: number): Promise<void> {
    const { log, issuer, origin } = this.options;
    const within = () => watched.candidates.filter(({ firstMs, lastMs }) => firstMs < toMs && lastMs >= fromMs);
    const newest = within().at(-1)?.leaf;
    if (newest === undefined) return;
    // What is not yet under a checkpoint is published first: a decision names one that holds all it saw, and it saw all
    // that the checkpoint holds.
    const checkpoint = log.checkpoint.size > newest ? log.checkpoint : await log.publish();
    await this.options.waitForIndex(checkpoint.size);
    const { policy, domain, state, model } = watched;
    const { terms, id } = policy;
    const { decision, stateAfter } = evaluate({
      domain,
      agreement: id,
      terms,
      model,
      obligation: { subject: terms.subject, fromMs, toMs },
      asOf: { origin, size: checkpoint.size, root: checkpoint.root },
      stateBefore: state,
      inputs: within()
        .filter(({ leaf }) => leaf < checkpoint.size)
        .map(({ leaf }) => this.input(leaf)),
    });
    // The state before goes into the log with every decision that matters, so that it can be replayed from there.
    if (state.length > 0 && (decision.outcome !== 'none' || watched.windowsSinceSnapshot >= WINDOWS_PER_SNAPSHOT)) {
      await this.snapshot(terms, model.identity, fromMs, state);
      watched.windowsSinceSnapshot = 0;
    }
    const { index } = await issuer.say('decision', terms.subject, decisionPayload.encode(decision));
    watched.state = stateAfter;
    watched.windowsSinceSnapshot++;
    await this.options.onDecision(decision, index);
  }

  /** Many windows have the same statements of the heartbeat: each is read once. What can be erased is not kept. */
  private input(leaf: number): InputStatement {
    const known = this.inputs.get(leaf);
    if (known) return known;
    const input = readInput(this.options, leaf);
    if (input.statement.header.sealed) return input;
    if (this.inputs.size >= INPUTS_KEPT) this.inputs.delete(this.inputs.keys().next().value as number);
    this.inputs.set(leaf, input);
    return input;
  }

  private async snapshot(terms: Policy, model: ModelIdentity, untilMs: number, state: Uint8Array): Promise<void> {
    const payload = snapshotPayload.encode({ model, subject: terms.subject, untilMs, state });
    await this.options.issuer.say('snapshot', terms.subject, payload);
  }

  /** How far a policy is judged, and with which model. @param hash of the terms or the watch, hex */
  standing(hash: string): { readonly cursorMs: number; readonly model: DecidingModel } | undefined {
    return this.watched.get(hash);
  }

  /**
   * Puts another model in force from the next window of an agreement on, with the state it has beside it.
   *
   * @param agreement whose parties approved the model
   * @param change model, cause, approvals and what the rule saw
   * @returns where it was sealed, and the start of the first window it decides
   * @throws TrineError when the agreement is not judged here
   */
  succeed(
    agreement: ActiveAgreement,
    change: Pick<ModelChange, 'model' | 'cause' | 'approvals' | 'facts'>,
  ): Promise<{ index: number; fromMs: number }> {
    const work = this.running.then(() => this.change(agreement, change));
    this.running = settled(work);
    return work;
  }

  private async change(
    agreement: ActiveAgreement,
    change: Pick<ModelChange, 'model' | 'cause' | 'approvals' | 'facts'>,
  ): Promise<{ index: number; fromMs: number }> {
    const watched = this.watched.get(agreement.hash);
    if (watched === undefined) throw new TrineError('not-found', `"${agreement.terms.title}" is not judged here.`);
    const { terms, id } = agreement;
    const { cursorMs: fromMs, model: before } = watched;
    const model = this.options.models.deciding(change.model);
    const beside = [...this.watched.values()].find(
      (one) =>
        'shadows' in one.policy.terms &&
        toHex(one.policy.terms.shadows as Uint8Array) === toHex(id) &&
        sameModel(one.model.identity, change.model) &&
        one.cursorMs === fromMs,
    );
    const state = beside?.state ?? (await this.startState(agreement, change.model, fromMs));
    // Both are sealed: the new one begins with its state, the old one may come back.
    if (watched.state.length > 0) await this.snapshot(terms, before.identity, fromMs, watched.state);
    if (state.length > 0) await this.snapshot(terms, change.model, fromMs, state);
    const modelChange: ModelChange = {
      trine: 'succession/1',
      agreement: id,
      fromMs,
      before: modelHash(before.identity),
      ...change,
    };
    const { index } = await this.options.issuer.say(
      'model-change',
      terms.subject,
      modelChangePayload.encode(modelChange),
    );
    Object.assign(watched, { model, state, windowsSinceSnapshot: 0 });
    return { index, fromMs };
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }
}

/** Drops from a list what does not hold, in place: it is noted into meanwhile. */
function keep<T>(list: T[], holds: (item: T) => boolean): void {
  let kept = 0;
  for (const item of list) if (holds(item)) list[kept++] = item;
  list.length = kept;
}

/** Resolves when it ended, however it did: what comes after must not fail with it. */
function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => undefined,
    () => undefined,
  );
}
