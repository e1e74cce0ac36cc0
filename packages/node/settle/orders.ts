// Orders: from decisions of ours that pay to intents in the log, each once, and only where its own evidence holds.
import { type Domains, replayWith } from '@trine/engine';
import type { Log } from '@trine/log/types.ts';
import {
  awaitedBy,
  checkIntent,
  type Decision,
  decisionId,
  encodeIntent,
  entriesOf,
  type Hex,
  hexOf,
  type Intent,
  intentEntries,
  type NetworkDocument,
  NO_BATCH,
  networkIdOnChain,
  obligationId,
  StepError,
  secondsOf,
  TrineError,
  toHex,
  verifyEvidence,
  ZERO_HASH,
} from '@trine/protocol';
import type { Clock, Timers } from '@trine/system/time.ts';
import { decisionAt } from '../decide/states.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { isAgreement, type LoggedAgreement, type LoggedPolicy, type PolicyRegistry } from '../projections/policies.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';

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
  /** Collects the evidence of a decision. */
  readonly evidence: (decision: Uint8Array) => Promise<Uint8Array>;
}

/** Until a decision that could not be ordered is tried again. */
const AGAIN_MS = 10_000;

export class Orders {
  readonly #options: OrdersOptions;
  /** Decisions that pay and could not be ordered, by leaf: why, and when they are tried again (elapsed milliseconds). */
  readonly #unordered = new Map<number, { readonly message: string; readonly againAt: number }>();
  /** Decisions that cannot be ordered as they are: they stay as they are. */
  readonly #awaiting = new Set<number>();
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /** Why a decision is not ordered, if so. One that waits for a batch, or another token, is none: it is shown. */
  get problem(): string | undefined {
    const [first] = this.#unordered.values();
    return first?.message;
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
    const { store, log, policies, decider, runner, timers } = this.#options;
    if (timers.elapsed() < this.#dueAt) return;
    this.#dueAt = Number.POSITIVE_INFINITY;
    await runner.flush();
    const rows = await store.query<{ leaf: number }>(
      "SELECT leaf FROM decisions WHERE outcome = 'pay' AND issuer = $1 AND decision NOT IN (SELECT decision FROM intents) ORDER BY leaf",
      [decider],
    );
    for (const { leaf } of rows) {
      if (this.#awaiting.has(leaf)) continue;
      const before = this.#unordered.get(leaf);
      if (before === undefined || before.againAt <= timers.elapsed()) {
        const decision = decisionAt(log, leaf);
        const logged = policies.get(toHex(decision.policy));
        if (logged && isAwaiting(logged, decision)) {
          this.#awaiting.add(leaf);
          continue;
        }
        const problem = await this.#order(logged, decision).then(
          () => undefined,
          (error: Error) => error,
        );
        if (problem === undefined) this.#unordered.delete(leaf);
        // What cannot be settled entry by entry stays so.
        else {
          const againAt = problem instanceof StepError ? Number.POSITIVE_INFINITY : timers.elapsed() + AGAIN_MS;
          this.#unordered.set(leaf, { message: problem.message, againAt });
        }
      }
      this.#dueAt = Math.min(this.#dueAt, this.#unordered.get(leaf)?.againAt ?? Number.POSITIVE_INFINITY);
    }
  }

  /** Appends the intent for a decision, once its own evidence holds. @throws StepError where it cannot be settled entry by entry */
  async #order(logged: LoggedPolicy | undefined, decision: Decision): Promise<void> {
    if (logged === undefined || !isAgreement(logged)) return;
    const id = decisionId(decision);
    const intent = this.#intentFor(decision, logged);
    checkIntent(intent, { decision, id, policy: logged.policy }, this.#options.network);
    await this.#checkOwn(id);
    await this.#options.ingest.appendIntent(encodeIntent(intent));
    await this.#options.runner.flush();
  }

  /** What nobody else could verify is not paid. @throws TrineError naming the step that does not hold */
  async #checkOwn(id: Uint8Array): Promise<void> {
    const { network, domains, evidence } = this.#options;
    const report = await verifyEvidence(await evidence(id), { network, replay: replayWith(domains) });
    if (report.verdict === 'trusted') return;
    const failed = report.steps.find(({ status }) => status !== 'ok');
    throw new TrineError(
      'not-proven',
      `The decision ${toHex(id).slice(0, 16)} is not paid: its own evidence does not hold (${failed?.title}: ${failed?.detail}).`,
    );
  }

  #intentFor(decision: Decision, { policy, id, hash }: LoggedAgreement): Intent {
    const nowS = BigInt(Math.floor(this.#options.now() / 1000));
    return {
      network: networkIdOnChain(policy.network),
      chainId: BigInt(policy.money.chainId),
      settler: policy.money.contract as Hex,
      agreement: hexOf(id),
      termsHash: `0x${hash}`,
      obligation: hexOf(obligationId(decision.obligation)),
      ...secondsOf(decision.obligation),
      entries: intentEntries(decision, policy),
      ...NO_BATCH,
      token: policy.money.token as Hex,
      validAfter: 0n,
      // The contract asks for the whole window before it.
      deadline: nowS + BigInt(policy.money.disputeWindowS) + BigInt(policy.money.deadlineS),
      decision: hexOf(decisionId(decision)),
      supersedes: ZERO_HASH,
    };
  }
}

function isAwaiting(logged: LoggedPolicy, decision: Decision): boolean {
  const given = { entries: entriesOf(decision), hasRows: decision.rows !== undefined };
  return isAgreement(logged) && awaitedBy(given, logged.policy.money.currency) !== undefined;
}
