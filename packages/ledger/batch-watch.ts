// Watching batches: whoever runs this recomputes every batch of its agreements from public data and refutes a false one
// while that helps. It knows nothing but what the chain says, so it may be stopped and started at any time, by anybody, as
// often as there are people who care.
import type { Hex, Intent } from '@trine/protocol';
import { type FaultKind, findFault } from './batch-faults.ts';
import { BatchHistory, type PublicBatch, rowsOf } from './batch-history.ts';
import { RootSteps } from './batch-recompute.ts';
import { type Member, readBatchObligation, readMember, readRecomputed } from './batches.ts';
import type { Chain } from './chain.ts';
import type { Call, Contracts } from './contracts.ts';
import { LedgerError } from './errors.ts';

/** What the watch knows of a batch under way. */
export type Finding = {
  readonly agreement: Hex;
  readonly obligation: Hex;
  /** the intent's digest */
  readonly intent: Hex;
} & (
  | { readonly verdict: 'incomplete' | 'true' }
  /** The call that refutes it is handed in. */
  | { readonly verdict: 'refuted'; readonly fault: FaultKind; readonly number: number }
  | RootFinding
  /** The positions before it are not known: a false batch was settled, since nobody looked. */
  | { readonly verdict: 'groundless'; readonly detail: string }
);

/** The root is false: all calls that recompute it are handed in, or so many rows of so many are recomputed. */
type RootFinding =
  | { readonly verdict: 'refuted'; readonly fault: 'root' }
  | { readonly verdict: 'refuting'; readonly fault: 'root'; readonly done: number; readonly rows: number };

/** What could not be looked at in a round; the next one tries again. */
export type WatchFailure = { readonly agreement: Hex; readonly message: string };

export type BatchWatchOptions = {
  readonly chain: Chain;
  readonly contracts: Pick<Contracts, 'batch' | 'fromBlock'>;
  /** The agreements to watch, asked in every round. */
  readonly agreements: () => Iterable<Hex>;
  /** Sends what refutes. Resolves when it is in a block, or is sure to come into one. */
  readonly submit: (call: Call) => Promise<unknown>;
  /** The account that `submit` sends from, lower case: the contract counts for each how far it recomputed a root. */
  readonly account: Hex;
  /** Calldata of a call that recomputes, bytes, a row at least; default 126,000: nodes relay 128 kB. */
  readonly bytesMax?: number | undefined;
  /**
   * What the deciders say the positions are after a batch, if they say it: by number, minor units. It only saves gas; it is
   * to answer soon, or to reject.
   */
  readonly disclosed?: (intent: Intent) => Promise<Iterable<readonly [number: number, position: bigint]> | undefined>;
};

/** Members read at once. */
const READS = 32;
/** Calls that recompute one root in a round: a root of very many rows keeps no other batch waiting for long. */
const STEPS = 8;

/** What is known of one agreement. */
type Watched = {
  readonly history: BatchHistory;
  readonly members: Map<number, Member>;
  /** The batch that was recomputed and is true: nothing that happens later makes it false. */
  trueBatch: Hex | undefined;
  /** Of the batch whose root is being recomputed. */
  steps: { readonly batch: Hex; readonly root: RootSteps } | undefined;
};

/**
 * Follows the batches of some agreements.
 *
 * Call {@link round} more often than the shortest window is long; several times, since a refutation takes a block, and at
 * once again while a batch is `refuting`. A root of which the tree is not known takes one call after the other, each with as
 * many rows as a transaction takes: 1,024 where their numbers lie together, 270 or so where they lie far apart. Memory: of
 * each agreement the members, their positions, and the rows of the batch under way.
 *
 * @example
 * const submit = (call) => sendCall(chain, key, call);
 * const watch = new BatchWatch({ chain, contracts, agreements: () => [id], submit, account });
 * const { findings, failures } = await watch.round();
 */
export class BatchWatch {
  readonly #options: BatchWatchOptions;
  readonly #watched = new Map<Hex, Watched>();

  constructor(options: BatchWatchOptions) {
    this.#options = options;
  }

  /** Looks at what is final, and hands in what refutes. One agreement that cannot be looked at keeps none from it. */
  async round(): Promise<{ readonly findings: readonly Finding[]; readonly failures: readonly WatchFailure[] }> {
    const wanted = new Set(this.#options.agreements());
    for (const agreement of this.#watched.keys()) if (!wanted.has(agreement)) this.#watched.delete(agreement);
    const findings: Finding[] = [];
    const failures: WatchFailure[] = [];
    const to = await this.#options.chain.finalBlock();
    for (const agreement of wanted) {
      try {
        const finding = await this.#look(agreement, to);
        if (finding) findings.push(finding);
      } catch (error) {
        failures.push({ agreement, message: (error as Error).message });
      }
    }
    return { findings, failures };
  }

  async #look(agreement: Hex, to: bigint): Promise<Finding | undefined> {
    const { chain, contracts } = this.#options;
    let watched = this.#watched.get(agreement);
    if (watched === undefined) {
      const history = new BatchHistory(chain, contracts, agreement);
      watched = { history, members: new Map(), trueBatch: undefined, steps: undefined };
      this.#watched.set(agreement, watched);
    }
    const { history, members } = watched;
    await history.follow(to);
    for (const number of history.changed) members.delete(number);
    history.changed.clear();
    const batch = history.underWay;
    if (watched.steps?.batch !== batch?.digest) watched.steps = undefined;
    if (batch === undefined) return undefined;
    const about = { agreement, obligation: batch.obligation, intent: batch.digest };
    if (history.problem !== undefined) return { ...about, verdict: 'groundless', detail: history.problem };
    if (!batch.isComplete) return { ...about, verdict: 'incomplete' };
    if (watched.trueBatch === batch.digest) return { ...about, verdict: 'true' };
    const found = await this.#recompute(agreement, watched, batch);
    if (found === undefined) {
      watched.trueBatch = batch.digest;
      return { ...about, verdict: 'true' };
    }
    if (found.kind === 'root') return { ...about, ...(await this.#refuteRoot(agreement, watched, batch)) };
    if (await this.#isPending(agreement, batch)) await this.#options.submit(found.call);
    return { ...about, verdict: 'refuted', fault: found.kind, number: found.number };
  }

  async #recompute(agreement: Hex, { history, members }: Watched, batch: PublicBatch) {
    const { chain, contracts, disclosed } = this.#options;
    const intent = batch.intent as Intent;
    const isMember = (number: number) => history.members.has(number);
    const losing = rowsOf(batch).filter(
      ({ number, amount }) => amount < 0n && isMember(number) && !members.has(number),
    );
    for (let at = 0; at < losing.length; at += READS) {
      const read = losing.slice(at, at + READS).map(async ({ number }) => {
        members.set(number, await readMember(chain, contracts, agreement, number));
      });
      await Promise.all(read);
    }
    const memberOf = (number: number) => members.get(number) as Member;
    const given = { intent, chunks: batch.chunks, positions: history.positions, isMember, memberOf };
    const found = findFault(given);
    // Asked only where it is needed: whoever decided falsely may answer what it likes, or not, and is believed nothing.
    if (found?.kind !== 'root' || disclosed === undefined) return found;
    return findFault({ ...given, disclosed: await disclosed(intent).catch(() => undefined) });
  }

  /** Goes on from where the chain says that this account is. */
  async #refuteRoot(agreement: Hex, watched: Watched, batch: PublicBatch): Promise<RootFinding> {
    const { chain, contracts, submit, account, bytesMax } = this.#options;
    const given = {
      intent: batch.intent as Intent,
      chunks: batch.chunks,
      positions: watched.history.positions,
      bytesMax,
    };
    watched.steps ??= { batch: batch.digest, root: new RootSteps(given) };
    const { root } = watched.steps;
    const about = { intent: batch.digest, account };
    let count = -1;
    for (let step = 0; ; step++) {
      if (!(await this.#isPending(agreement, batch))) return { verdict: 'refuted', fault: 'root' };
      const done = await readRecomputed(chain, contracts, agreement, about);
      const isOnItsWay = root.countOf(done) === count;
      count = root.countOf(done);
      const call = root.after(done);
      // The call before is not in a block yet, or there were enough for now, or they all came in between.
      if (isOnItsWay || step === STEPS || call === undefined)
        return { verdict: 'refuting', fault: 'root', done: count, rows: root.count };
      await submit(call);
    }
  }

  /** Not where somebody refuted it: then it is gone from the newest block, and soon from the final ones. */
  async #isPending(agreement: Hex, { obligation, digest }: PublicBatch): Promise<boolean> {
    const { chain, contracts } = this.#options;
    const { phase, intent } = await readBatchObligation(chain, contracts, agreement, obligation);
    if (phase === 'settled' && intent === digest)
      throw new LedgerError('overtaken', `The batch of ${obligation} is false, and settled already.`, 'never');
    return intent === digest && (phase === 'announced' || phase === 'held' || phase === 'released');
  }
}
