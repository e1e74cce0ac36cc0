// Watching batches: whoever runs this recomputes every batch of its agreements from public data and refutes a false one
// while that helps. It knows nothing but what the chain says, so it may be stopped and started at any time, by anybody, as
// often as there are people who care.
import type { Hex, Intent } from '@trine/protocol';
import { type Fault, type FaultKind, findFault } from './batch-faults.ts';
import { BatchHistory, type PublicBatch, rowsOf } from './batch-history.ts';
import { type Member, readBatchObligation, readMember } from './batches.ts';
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
  /** `refuted`: the call is handed in. */
  | { readonly verdict: 'refuted'; readonly fault: FaultKind; readonly number: number }
  /**
   * The root is false, but nobody told of which positions it is made, and the contract believes only a proof under it: the
   * arbiter can hold the batch, nobody can refute it.
   */
  | { readonly verdict: 'false root' }
  /** Rows were published through another contract, or the positions before it are not known for that reason. */
  | { readonly verdict: 'unreadable'; readonly detail: string }
);

/** What could not be looked at in a round; the next one tries again. */
export type WatchFailure = { readonly agreement: Hex; readonly message: string };

export type BatchWatchOptions = {
  readonly chain: Chain;
  readonly contracts: Pick<Contracts, 'batch' | 'fromBlock'>;
  /** The agreements to watch, asked in every round. */
  readonly agreements: () => Iterable<Hex>;
  /** Sends a refutation. Resolves when it is in a block, or is sure to come into one. */
  readonly submit: (call: Call) => Promise<unknown>;
  /** What the deciders say the positions are after a batch, if they say it: by number, minor units. */
  readonly disclosed?: (intent: Intent) => Promise<Iterable<readonly [number: number, position: bigint]> | undefined>;
};

/** Members read at once. */
const READS = 32;

/** What is known of one agreement. */
type Watched = {
  readonly history: BatchHistory;
  readonly members: Map<number, Member>;
  /** The batch that was recomputed and is true: nothing that happens later makes it false. */
  trueBatch: Hex | undefined;
};

/**
 * Follows the batches of some agreements.
 *
 * Call {@link round} more often than the shortest window is long; several times, since a refutation takes a block. Memory:
 * of each agreement the members, their positions, and the rows of the batch under way.
 *
 * @example
 * const watch = new BatchWatch({ chain, contracts, agreements: () => [id], submit: (call) => sendCall(chain, key, call) });
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
      watched = { history: new BatchHistory(chain, contracts, agreement), members: new Map(), trueBatch: undefined };
      this.#watched.set(agreement, watched);
    }
    const { history, members } = watched;
    await history.follow(to);
    for (const number of history.changed) members.delete(number);
    history.changed.clear();
    const batch = history.underWay;
    if (batch === undefined) return undefined;
    const about = { agreement, obligation: batch.obligation, intent: batch.digest };
    const detail = unreadable(history, batch);
    if (detail !== undefined) return { ...about, verdict: 'unreadable', detail };
    if (!batch.isComplete) return { ...about, verdict: 'incomplete' };
    if (watched.trueBatch === batch.digest) return { ...about, verdict: 'true' };
    const found = await this.#recompute(agreement, watched, batch);
    if (found === undefined) {
      watched.trueBatch = batch.digest;
      return { ...about, verdict: 'true' };
    }
    if (found.kind === 'root') return { ...about, verdict: 'false root' };
    await this.#refute(agreement, batch, found);
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
    // Asked only where it is needed: whoever decided falsely may answer what it likes, and is believed nothing.
    if (found?.kind !== 'root' || disclosed === undefined) return found;
    return findFault({ ...given, disclosed: await disclosed(intent) });
  }

  /** Hands it in, unless somebody did: then it is gone from the newest block, and soon from the final ones. */
  async #refute(agreement: Hex, { obligation, digest }: PublicBatch, { call }: Fault): Promise<void> {
    const { chain, contracts, submit } = this.#options;
    const { phase, intent } = await readBatchObligation(chain, contracts, agreement, obligation);
    if (phase === 'settled' && intent === digest)
      throw new LedgerError('overtaken', `The batch of ${obligation} is false, and settled already.`, 'never');
    const isPending = phase === 'announced' || phase === 'held' || phase === 'released';
    if (isPending && intent === digest) await submit(call);
  }
}

function unreadable(history: BatchHistory, batch: PublicBatch): string | undefined {
  if (history.problem !== undefined) return history.problem;
  if (batch.unreadable === undefined) return undefined;
  return `Rows were published through another contract, in ${batch.unreadable}: they cannot be read there.`;
}
