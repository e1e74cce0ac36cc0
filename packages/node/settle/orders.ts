// Orders: from decisions of ours that pay to intents in the log, each once, and only where its own evidence holds.
import { type Domains, replayWith } from '@trine/engine';
import type { Log } from '@trine/log/types.ts';
import {
  checkIntent,
  type Decision,
  decisionId,
  encodeIntent,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  intentDigest,
  intentEntries,
  type NetworkDocument,
  NO_BATCH,
  networkIdOnChain,
  orderedTogether,
  released,
  StepError,
  secondsOf,
  sha256,
  TrineError,
  toHex,
  toUtf8,
  verifyEvidence,
  ZERO_HASH,
} from '@trine/protocol';
import type { Clock, Timers } from '@trine/system/time.ts';
import type { Bodies } from '../access/bodies.ts';
import { decisionAt } from '../decide/states.ts';
import { joinedBelowCut } from '../evidence/accounts.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { isAgreement, type LoggedAgreement, type PolicyRegistry } from '../projections/policies.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';
import { type Batches, rowBytes, type Waiting } from './batches.ts';
import { releasesOf, ruledLines } from './by-hand.ts';
import type { Courses } from './course.ts';
import { isClosed, isNewest, isTakenAt } from './held.ts';
import { keysOf, payingRows } from './lines.ts';
import { checkCorrectable, checkCovered, type Place, placeOf, type ReplacingOptions } from './replacing.ts';
import type { SettleStore } from './settle-store.ts';
import { Later, Waits } from './waits.ts';

export interface OrdersOptions {
  readonly log: Pick<Log, 'read'>;
  readonly store: Store;
  readonly ingest: Ingest;
  readonly runner: ProjectionRunner;
  /** did:key of the member: what others decided is theirs to pay. */
  readonly decider: string;
  readonly network: NetworkDocument;
  readonly domains: Domains;
  readonly now: Clock;
  /** Pauses are measured by what nobody can set. */
  readonly timers: Pick<Timers, 'elapsed'>;
  readonly policies: PolicyRegistry;
  readonly bodies: Pick<Bodies, 'read'>;
  /** Collects the evidence of a decision. */
  readonly evidence: (decision: Uint8Array) => Promise<Uint8Array>;
  /** Collects the evidence of some of its lines, by their keys. */
  readonly lines: (decision: Uint8Array, keys: readonly string[]) => Promise<readonly Uint8Array[]>;
}

/** What ordering takes besides. */
interface OrdersParts extends Pick<ReplacingOptions, 'chain' | 'contracts'> {
  readonly courses: Pick<Courses, 'of' | 'toOrderAnew'>;
  readonly batches: Batches;
  readonly kept: Pick<SettleStore, 'addRows'>;
}

/** One decision of ours that pays, and has something to be ordered. */
interface Payable {
  readonly leaf: number;
  readonly decision: Decision;
  readonly logged: LoggedAgreement;
}

/** Lines of a decision that one file is to show. */
const LINES_IN_FILE_MAX = 256;
/** Lines whose own files are looked at where there are more. */
const LINES_DRAWN = 16;

/** Some of the lines, by hashes that depend on the whole decision. */
function drawn(id: Uint8Array, keys: readonly string[]): string[] {
  return keys
    .map((key) => ({ key, hash: toHex(sha256(Uint8Array.from([...id, ...toUtf8(key)]))) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .slice(0, LINES_DRAWN)
    .map(({ key }) => key);
}

/** Until a decision that could not be ordered is tried again. */
const AGAIN_MS = 10_000;

/** What is asked is refused until somebody else does something. */
async function waitsFor<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof StepError ? new Waits(error.message) : error;
  }
}

export class Orders {
  readonly #options: OrdersOptions & OrdersParts;
  /** Decisions that pay and could not be ordered, by leaf: why, and when they are tried again (elapsed milliseconds). */
  readonly #unordered = new Map<number, { readonly message: string; readonly againAt: number }>();
  /** Decisions that cannot be ordered as they are, or not yet, hex: they are shown. */
  readonly #awaiting = new Map<string, { readonly reason: string; readonly isPassing: boolean }>();
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(options: OrdersOptions & OrdersParts) {
    this.#options = options;
  }

  /** Why a decision is not ordered, if so. One that waits for its parties is none: it is shown. */
  get problem(): string | undefined {
    const [first] = this.#unordered.values();
    return first?.message;
  }

  /** What is not ordered yet of decisions that pay, by decision in hex. */
  get waiting(): Map<string, Waiting> {
    const whole = [...this.#awaiting].map(([id, { reason }]) => [id, { reason, lines: new Map() }] as const);
    return new Map<string, Waiting>([...whole, ...this.#options.batches.waiting]);
  }

  /** There may be something to order: the next round looks. */
  wake(): void {
    this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * Appends the intents of decisions of ours that pay and have none: new ones, and those that a crash or a failure left. One
   * that fails keeps no other from being ordered, is said, and is tried again.
   */
  async round(): Promise<void> {
    const { runner, timers, batches } = this.#options;
    if (timers.elapsed() < this.#dueAt) return;
    this.#dueAt = Number.POSITIVE_INFINITY;
    await runner.flush();
    for (const payable of await this.#direct()) await this.#try(payable, () => this.#orderDirect(payable));
    for (const [agreement, payables] of await this.#batched()) {
      // What waits for a batch before it, or for somebody to join, is looked at again.
      this.#dueAt = Math.min(this.#dueAt, timers.elapsed() + AGAIN_MS);
      if (await batches.isUnderWay(agreement)) continue;
      let isOrdered = false;
      for (const payable of payables)
        if (!isOrdered)
          await this.#try(payable, async () => {
            isOrdered = await this.#orderBatch(payable);
          });
    }
  }

  async #try({ leaf, decision }: Payable, order: () => Promise<unknown>): Promise<void> {
    const { timers } = this.#options;
    const before = this.#unordered.get(leaf);
    if (before === undefined || before.againAt <= timers.elapsed()) {
      try {
        await order();
        this.#unordered.delete(leaf);
        this.#awaiting.delete(toHex(decisionId(decision)));
      } catch (error) {
        const { message } = error as Error;
        // What cannot be settled as it is stays so: it waits, and is shown.
        if (error instanceof Waits) {
          this.#unordered.delete(leaf);
          this.#awaits(decision, message, error instanceof Later);
        } else {
          const againAt = error instanceof StepError ? Number.POSITIVE_INFINITY : timers.elapsed() + AGAIN_MS;
          this.#unordered.set(leaf, { message, againAt });
        }
      }
    }
    this.#dueAt = Math.min(this.#dueAt, this.#unordered.get(leaf)?.againAt ?? Number.POSITIVE_INFINITY);
  }

  #awaits(decision: Decision, reason: string, isPassing: boolean): void {
    const { batches, policies, timers } = this.#options;
    if (isPassing) this.#dueAt = Math.min(this.#dueAt, timers.elapsed() + AGAIN_MS);
    const logged = policies.get(toHex(decision.policy));
    if (logged && isAgreement(logged) && this.#isBatched(logged)) batches.refused(decision, reason);
    else this.#awaiting.set(toHex(decisionId(decision)), { reason, isPassing });
  }

  #isBatched({ policy }: LoggedAgreement): boolean {
    return policy.money.contract === this.#options.network.chain.batch;
  }

  #payable(leaf: number): Payable | undefined {
    const { log, policies } = this.#options;
    const decision = decisionAt(log, leaf);
    const logged = policies.get(toHex(decision.policy));
    return logged && isAgreement(logged) ? { leaf, decision, logged } : undefined;
  }

  async #direct(): Promise<Payable[]> {
    const { store, decider, courses } = this.#options;
    const rows = await store.query<{ leaf: number; decision: Uint8Array }>(
      `WITH standing AS (SELECT * FROM intents WHERE NOT list_contains(string_split($2, ','), lower(hex(digest))))
        SELECT leaf, decision FROM decisions d WHERE outcome = 'pay' AND issuer = $1
          AND decision NOT IN (SELECT decision FROM standing)
          AND NOT EXISTS (SELECT 1 FROM standing s WHERE s.agreement = d.agreement AND s.obligation = d.obligation)
        ORDER BY leaf`,
      [decider, courses.toOrderAnew.join(',')],
    );
    const released = await this.#released();
    const waiting = [...rows, ...released]
      .sort((a, b) => a.leaf - b.leaf)
      .filter(({ decision }) => this.#awaiting.get(toHex(decision))?.isPassing !== false);
    return waiting.flatMap(({ leaf }) => this.#payable(leaf) ?? []).filter(({ logged }) => !this.#isBatched(logged));
  }

  /** Held decisions that were released by hand, and have no intent, or none that may still be paid. */
  async #released(): Promise<{ leaf: number; decision: Uint8Array }[]> {
    const { policies, store, courses } = this.#options;
    const said = policies.releases().filter(({ ruling, row }) => ruling === 'pay' && row === undefined);
    if (said.length === 0) return [];
    const rows = await store.query<{ leaf: number; decision: Uint8Array; policy: Uint8Array }>(
      "SELECT leaf, decision, policy FROM decisions WHERE outcome = 'hold' AND list_contains(string_split($1, ','), lower(hex(decision))) AND decision NOT IN (SELECT decision FROM intents WHERE NOT list_contains(string_split($2, ','), lower(hex(digest))))",
      [said.map(({ decision }) => decision).join(','), courses.toOrderAnew.join(',')],
    );
    // One that stands in the log of several deciders is one decision.
    return [...new Map(rows.map((row) => [toHex(row.decision), row])).values()].filter(
      ({ policy, decision }) => policies.release(toHex(policy), toHex(decision))?.ruling === 'pay',
    );
  }

  /** What was said by hand of an obligation is the last word on it. @throws Waits saying so */
  async #checkByHand(leaf: number, decision: Decision): Promise<void> {
    const { policies, store, log } = this.#options;
    const own = policies.release(toHex(decision.policy), toHex(decisionId(decision)));
    if (own && (own.index < leaf || !(await isNewest(store, decision, leaf, own.index))))
      throw new Waits('it was decided again before it was released by hand');
    if (await isClosed({ store, log, policies }, decision, leaf))
      throw new Waits('what it corrects was released or dropped by hand: that was the last word on it');
  }

  /** Decisions with something left for a batch, oldest first, by agreement. */
  async #batched(): Promise<Map<LoggedAgreement, Payable[]>> {
    const { store, decider, policies, batches } = this.#options;
    const found = new Map<LoggedAgreement, Payable[]>();
    for (const agreement of policies.agreements().filter((one) => this.#isBatched(one))) {
      const rows = await store.query<{ leaf: number; decision: Uint8Array; outcome: Decision['outcome'] }>(
        "SELECT leaf, decision, outcome FROM decisions WHERE outcome IN ('pay', 'hold') AND issuer = $1 AND agreement = $2 ORDER BY leaf",
        [decider, agreement.id],
      );
      const releases = releasesOf(policies, agreement.hash);
      const left = rows
        .map(({ leaf, decision, outcome }) => ({ leaf, outcome, id: toHex(decision) }))
        .filter(({ outcome, id }) => outcome === 'pay' || releases.has(id))
        .filter(({ id }) => !batches.isDone(id, releases.get(id) ?? 0))
        .flatMap(({ leaf }) => this.#payable(leaf) ?? []);
      if (left.length > 0) found.set(agreement, left);
    }
    return found;
  }

  /** Appends the intent for a decision, once its own evidence holds. @throws StepError where it cannot be settled entry by entry */
  async #orderDirect({ leaf, decision: decided, logged }: Payable): Promise<void> {
    const { network } = this.#options;
    await this.#checkByHand(leaf, decided);
    const lines = await payingRows(this.#options, decided, decided.outcome === 'hold' ? 'hold' : 'pay');
    const { decision, rows } =
      decided.outcome === 'hold' ? released(decided, lines) : { decision: decided, rows: lines };
    const joined = joinedBelowCut(this.#options.policies, { decision, logged });
    const { before, ...place }: Place = await placeOf(this.#options, decided);
    const paying = { decision, id: decisionId(decided), policy: logged.policy, rows, before, joined };
    const together = orderedTogether(place, paying);
    const entries = await waitsFor(async () => intentEntries(logged.policy, together, joined));
    const intent = this.#intentFor(decided, logged, { ...place, entries, ...NO_BATCH });
    checkIntent(intent, paying, network);
    await checkCovered(this.#options, decided, intent, logged.policy);
    await this.#append(decided, intent, [...rows.keys()]);
  }

  /** Appends the next intent of a decision. @returns whether there was something to order */
  async #orderBatch({ decision, logged }: Payable): Promise<boolean> {
    const { network, batches, kept, policies, now } = this.#options;
    await checkCorrectable(this.#options, decision);
    // What is released when the contract takes it no more is not paid.
    const ruled = await ruledLines(this.#options, logged, decision, isTakenAt(now(), decision, logged) ? undefined : 0);
    const id = decisionId(decision);
    const releases = releasesOf(policies, logged.hash).get(toHex(id)) ?? 0;
    const joined = joinedBelowCut(policies, { decision, logged });
    const next = await waitsFor(() => batches.next(logged, decision, { ...ruled, releases }, joined));
    if (next === undefined) return false;
    const intent = this.#intentFor(decision, logged, { ...next.fields, supersedes: ZERO_HASH });
    const paying = { decision: ruled.decision, id, policy: logged.policy, rows: ruled.rows, joined };
    checkIntent(intent, paying, network, next.batch);
    await this.#append(decision, intent, next.batch.lines ?? [], () =>
      // Durable before the intent is: whoever has the one has the other.
      kept.addRows(fromHex(intentDigest(intent)), rowBytes(next.rows)),
    );
    return true;
  }

  /** @param keys of the lines that it pays */
  async #append(
    decision: Decision,
    intent: Intent,
    keys: readonly string[],
    before: () => void = () => undefined,
  ): Promise<void> {
    const { ingest, runner } = this.#options;
    await this.#checkOwn(decision, keys);
    before();
    await ingest.appendIntent(encodeIntent(intent));
    await runner.flush();
  }

  /** What nobody else could verify is not paid. @throws TrineError naming the step that does not hold */
  async #checkOwn(decision: Decision, keys: readonly string[]): Promise<void> {
    const { network, domains } = this.#options;
    const id = decisionId(decision);
    for await (const { file, about } of this.#files(id, decision, keys)) {
      const report = await verifyEvidence(file, { network, replay: replayWith(domains) });
      const failed = report.steps.find(({ status }) => status !== 'ok');
      // From one file a correction of all its lines is not computed again; collecting its evidence, the node did so here.
      const isOfLines = report.about === 'decision' && decision.rows !== undefined && decision.supersedes !== undefined;
      if (report.verdict === 'trusted' || (isOfLines && failed?.name === 'replay' && failed.status === 'not-checked'))
        continue;
      throw new TrineError(
        'not-proven',
        `The decision ${toHex(id).slice(0, 16)} is not paid: its own evidence${about} does not hold (${failed?.title}: ${failed?.detail}).`,
      );
    }
  }

  /**
   * What shows a decision: one file, where it has few lines. All of many take more than a file holds, and each of their
   * holders has one of his own: of these some, which nobody chooses, after all of it was computed again.
   */
  async *#files(
    id: Uint8Array,
    decision: Decision,
    keys: readonly string[],
  ): AsyncIterable<{ readonly file: Uint8Array; readonly about: string }> {
    const { evidence, lines, store } = this.#options;
    if ((decision.rows?.count ?? 0) <= LINES_IN_FILE_MAX) {
      yield { file: await evidence(id), about: '' };
      return;
    }
    // Where what is common alone is paid, any line shows that.
    const chosen = drawn(id, keys.length > 0 ? keys : await keysOf(store, decision));
    for (const [i, file] of (await lines(id, chosen)).entries()) yield { file, about: ` of the line of ${chosen[i]}` };
  }

  #intentFor(decision: Decision, { policy, id, hash }: LoggedAgreement, moves: Moves): Intent {
    const nowS = BigInt(Math.floor(this.#options.now() / 1000));
    return {
      network: networkIdOnChain(policy.network),
      chainId: BigInt(policy.money.chainId),
      settler: policy.money.contract as Hex,
      agreement: hexOf(id),
      termsHash: `0x${hash}`,
      ...secondsOf(decision.obligation),
      ...moves,
      token: policy.money.token as Hex,
      validAfter: 0n,
      // The contract asks for the whole window before it.
      deadline: nowS + BigInt(policy.money.disputeWindowS) + BigInt(policy.money.deadlineS),
      decision: hexOf(decisionId(decision)),
    };
  }
}

/** What an intent moves, and for what. */
type Moves = Pick<
  Intent,
  'obligation' | 'supersedes' | 'entries' | 'rowsHash' | 'rowCount' | 'positionsBefore' | 'positionsAfter'
>;
