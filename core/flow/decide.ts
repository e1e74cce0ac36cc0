// Decide: judges the windows of every agreement as they close, each exactly once, and seals what it decided.
import type { SealedBatch } from '../gateway/sealed-batch.ts';
import { toHex } from '../protocol/bytes.ts';
import { type Terms, termsHash } from '../protocol/payloads/agreement.ts';
import { type Decision, decisionPayload } from '../protocol/payloads/decision.ts';
import { snapshotPayload } from '../protocol/payloads/snapshot.ts';
import { statementKinds } from '../protocol/statement.ts';
import type { Store } from '../store/store.ts';
import type { Domain } from './domain.ts';
import { evaluate } from './evaluate.ts';
import { readInput, type Sources } from './inputs.ts';
import type { Issuer } from './issuer.ts';
import { decisionsOf, findState, statementAt } from './state.ts';

/** An agreement in force. */
export interface ActiveAgreement {
  readonly id: Uint8Array;
  readonly terms: Terms;
}

export interface DeciderOptions extends Sources {
  readonly domains: readonly Domain[];
  readonly store: Store;
  /** The member who decides. */
  readonly issuer: Issuer;
  readonly origin: string;
  readonly now: () => number;
  /** Called with every sealed decision, before the next window is judged. */
  readonly onDecision: (decision: Decision, index: number) => Promise<void>;
}

/** A pack that may belong to a window. */
interface Candidate {
  readonly leaf: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

interface Watched extends ActiveAgreement {
  readonly domain: Domain;
  /** Start of the next window to judge. */
  cursorMs: number;
  state: Uint8Array;
  windowsSinceSnapshot: number;
  /** Packs of subject and witness, in the order of the log; those of judged windows are dropped. */
  candidates: Candidate[];
}

/** A snapshot of the state at least this often, so that a replay never goes far back. */
const WINDOWS_PER_SNAPSHOT = 20;
const KEEP_WINDOWS = 3;

export class Decider {
  private readonly options: DeciderOptions;
  private readonly watched: Watched[] = [];
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(options: DeciderOptions) {
    this.options = options;
  }

  /** Takes up an agreement where its last decision left it. The store must be up to date. */
  async watch(agreement: ActiveAgreement): Promise<void> {
    const domain = this.options.domains.find(({ name }) => name === agreement.terms.domain);
    if (domain === undefined)
      throw new Error(`Agreement "${agreement.terms.title}" needs the domain ${agreement.terms.domain}: install it.`);
    const watched: Watched = {
      ...agreement,
      domain,
      cursorMs: agreement.terms.window.startMs,
      state: new Uint8Array(),
      windowsSinceSnapshot: 0,
      candidates: [],
    };
    await this.restore(watched);
    watched.candidates = await this.options.store.query<{ leaf: number; firstMs: number; lastMs: number }>(
      `SELECT leaf, first_ms AS "firstMs", last_ms AS "lastMs" FROM statements JOIN chains USING (chain)
       WHERE kind = $1 AND subject IN ($2, $3) AND last_ms >= $4 ORDER BY leaf`,
      [statementKinds.pack, agreement.terms.subject, agreement.terms.gate.witness, watched.cursorMs],
    );
    this.watched.push(watched);
  }

  /** State after the last decision, and where it left the windows. */
  private async restore(watched: Watched): Promise<void> {
    const decisions = await decisionsOf(this.options, watched.id);
    const last = decisions.at(-1);
    if (last === undefined) return;
    watched.cursorMs = last.occasion.toMs;
    const found = await findState(this.options, watched, watched.domain, decisions, last.stateAfter);
    watched.state = found.state;
    watched.windowsSinceSnapshot = found.windows;
  }

  /** Notes packs that may be judged later. */
  onSealed({ columns, leaf }: SealedBatch): void {
    for (const watched of this.watched) {
      const { subject, gate } = watched.terms;
      for (let i = 0; i < columns.count; i++) {
        const about = columns.words[columns.subject[i] as number];
        if ((about !== subject && about !== gate.witness) || columns.kind[i] !== statementKinds.pack) continue;
        if ((leaf[i] as number) < 0) continue;
        const times = columns.readingTimeMs.subarray(columns.readingStart[i], columns.readingStart[i + 1]);
        watched.candidates.push({ leaf: leaf[i] as number, firstMs: Math.min(...times), lastMs: Math.max(...times) });
      }
    }
  }

  /** Judges every window that is due. Calls run one after the other. */
  tick(): Promise<void> {
    this.running = this.running.then(async () => {
      for (const watched of this.watched) await this.judgeDue(watched);
    });
    return this.running;
  }

  private async judgeDue(watched: Watched): Promise<void> {
    const { window } = watched.terms;
    while (!this.stopped && watched.cursorMs + window.lengthMs <= window.endMs) {
      const fromMs = watched.cursorMs;
      const toMs = fromMs + window.lengthMs;
      if (this.options.now() < toMs + window.graceMs) return;
      await this.judge(watched, fromMs, toMs);
      watched.cursorMs = toMs;
      const keepFrom = toMs - KEEP_WINDOWS * window.lengthMs;
      watched.candidates = watched.candidates.filter(({ lastMs }) => lastMs >= keepFrom);
    }
  }

  /** A window in which neither the subject nor the witness said anything is passed over: nobody was there. */
  private async judge(watched: Watched, fromMs: number, toMs: number): Promise<void> {
    const { log, issuer, origin } = this.options;
    const within = watched.candidates.filter(({ firstMs, lastMs }) => firstMs < toMs && lastMs >= fromMs);
    if (within.length === 0) return;
    const checkpoint = await log.publish();
    const { terms, id, domain, state } = watched;
    const { decision, stateAfter } = evaluate({
      domain,
      agreement: id,
      terms,
      occasion: { subject: terms.subject, fromMs, toMs },
      asOf: { origin, size: checkpoint.size, root: checkpoint.root },
      stateBefore: state,
      inputs: within.filter(({ leaf }) => leaf < checkpoint.size).map(({ leaf }) => readInput(this.options, leaf)),
    });
    // The state before goes into the log with every decision that matters, so that it can be replayed from there.
    if (state.length > 0 && (decision.outcome !== 'none' || watched.windowsSinceSnapshot >= WINDOWS_PER_SNAPSHOT)) {
      const snapshot = { model: terms.model, subject: terms.subject, untilMs: fromMs, state };
      await issuer.say('snapshot', terms.subject, snapshotPayload.encode(snapshot));
      watched.windowsSinceSnapshot = 0;
    }
    const { index } = await issuer.say('decision', terms.subject, decisionPayload.encode(decision));
    watched.state = stateAfter;
    watched.windowsSinceSnapshot++;
    await this.options.onDecision(decision, index);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }
}

/** Agreements sealed in the log so far. */
export async function sealedAgreements(
  store: Store,
  log: Sources['log'],
  idOf: (terms: Terms) => Uint8Array,
  decodeTerms: (payload: Uint8Array) => Terms,
): Promise<ActiveAgreement[]> {
  const rows = await store.query<{ leaf: number }>('SELECT leaf FROM statements WHERE kind = $1 ORDER BY leaf', [
    statementKinds.agreement,
  ]);
  const byHash = new Map<string, ActiveAgreement>();
  for (const { leaf } of rows) {
    const terms = decodeTerms(statementAt(log, leaf).payload);
    byHash.set(toHex(termsHash(terms)), { id: idOf(terms), terms });
  }
  return [...byHash.values()];
}
