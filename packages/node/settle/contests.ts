// Contests: a party says that its row in a batch is wrong. They are learnt from the chain, whoever handed them in; those on
// which nobody rules are ended when their time is over. A contest changes no number: what is wrong a decision corrects.
import type { Chain } from '@trine/ledger/chain.ts';
import { type ContestEvent, type ContestId, readContests } from '@trine/ledger/contests.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import type { Outbox } from '@trine/ledger/outbox.ts';
import { type Contest, type Hex, hexOf, type NetworkDocument, sha256, TrineError, toUtf8 } from '@trine/protocol';
import type { Clock, Timers } from '@trine/system/time.ts';
import type { LoggedAgreement, PolicyRegistry } from '../projections/policies.ts';
import type { ContestStore, KeptContest } from './contest-store.ts';

/** A contest as it is shown. Times are those of blocks, seconds. */
export interface ContestState {
  readonly account: Hex;
  /** Of the line that is settled out of this account, or role of the party. */
  readonly key: string | undefined;
  readonly sinceS: number;
  /** Where nobody rules until then, the bond goes back. */
  readonly untilS: number;
  /** Minor units. */
  readonly bond: number;
  readonly ended: { readonly atS: number; readonly how: 'justified' | 'unjustified' | 'not-ruled' } | undefined;
  /** SHA-256 of what was said. */
  readonly statement: Hex;
  /** What was said, where it was handed in here. */
  readonly words: string | undefined;
}

export interface ContestsOptions {
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly kept: ContestStore;
  readonly outbox: () => Pick<Outbox, 'enqueue'>;
  readonly now: Clock;
  readonly timers: Pick<Timers, 'elapsed'>;
  readonly network: NetworkDocument;
  readonly policies: Pick<PolicyRegistry, 'agreements' | 'lineOf' | 'account'>;
}

/** Characters that somebody may say with a contest. */
export const WORDS_MAX = 1_000;
const LOOK_ELSEWHERE_MS = 15_000;
/** Blocks asked for at once: what public nodes answer; and how often in one round. */
const SPAN = 5_000n;
const SPANS_MAX = 20;
const NOTED_BLOCKS = 250n;

export class Contests {
  readonly #options: ContestsOptions;
  /** Of blocks that may still be taken back: read again each time. */
  #recent: readonly ContestEvent[] = [];
  #seen = '';
  #dueAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;

  constructor(options: ContestsOptions) {
    this.#options = options;
  }

  /** What could not be looked at, if so: tried again. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Looks what happened, and ends what is due. What fails is said, and tried again. */
  async round(): Promise<void> {
    const agreements = this.#agreements();
    if (agreements.length === 0) return;
    try {
      await this.#look(agreements.map(({ id }) => hexOf(id)));
      for (const agreement of agreements) this.#endDue(agreement);
      this.#problem = undefined;
    } catch (error) {
      this.#problem = `Contests: ${(error as Error).message}`;
    }
  }

  #agreements(): LoggedAgreement[] {
    const { policies, network } = this.#options;
    return policies.agreements().filter(({ policy }) => policy.money.contract === network.chain.batch);
  }

  async #look(agreements: readonly Hex[]): Promise<void> {
    const { chain, contracts, kept, timers } = this.#options;
    if (timers.elapsed() < this.#dueAt) return;
    // By its hash: what is taken back may come to the same height again.
    const newest = await chain.request({ method: 'eth_getBlockByNumber', params: ['latest', false] });
    const { number, hash } = newest as { readonly number: Hex; readonly hash: Hex };
    const latest = BigInt(number);
    const final = await chain.finalBlock();
    const now = `${hash} ${final} ${agreements.length}`;
    if (now === this.#seen && chain.kind !== 'external') return;
    const cursors = agreements.map((agreement) => kept.cursorOf(agreement) ?? contracts.fromBlock - 1n);
    let next = cursors.reduce((a, b) => (a < b ? a : b)) + 1n;
    for (let spans = 0; next <= final && spans < SPANS_MAX; spans++) {
      const last = next + SPAN - 1n < final ? next + SPAN - 1n : final;
      const events = await readContests(chain, contracts, agreements, next, last);
      // Few blocks in which nothing happened are read again sooner than noted, each with a sync of the disk.
      if (events.length > 0 || last - next >= NOTED_BLOCKS) kept.take(events, agreements, last);
      next = last + 1n;
    }
    // Not yet at the end: it goes on with the next round.
    if (next <= final) return;
    this.#recent = next <= latest ? await readContests(chain, contracts, agreements, next, latest) : [];
    this.#seen = now;
    if (chain.kind === 'external') this.#dueAt = timers.elapsed() + LOOK_ELSEWHERE_MS;
  }

  /** As final blocks tell them alone: one that is taken back may begin later. */
  #endDue({ id, policy }: LoggedAgreement): void {
    const beforeS = Math.floor(this.#options.now() / 1000) - policy.money.holdMaxS;
    for (const contest of this.#options.kept.openBefore(hexOf(id), beforeS))
      this.#options.outbox().enqueue('endContest', contest);
  }

  /**
   * What is said with a contest.
   * @throws TrineError `invalid` where nothing is, or the act does not name it by its hash
   */
  checked({ statement }: Contest, words: string | undefined): string {
    if (words === undefined || words.length > WORDS_MAX)
      throw new TrineError('invalid', `words: a contest says what is wrong, in at most ${WORDS_MAX} characters.`);
    if (hexOf(sha256(toUtf8(words))) !== statement)
      throw new TrineError('invalid', 'words: act.statement is not their SHA-256.');
    return words;
  }

  /** Keeps what is said with a contest, durably. @param words as {@link checked} gave them */
  keep(contest: Contest, words: string): void {
    const { agreement, obligation, account, statement } = contest;
    const nowS = Math.floor(this.#options.now() / 1000);
    this.#options.kept.addWords({ agreement, obligation, account }, statement, words, nowS);
  }

  /** Deletes what was said with contests for a line; that it contested, the chain says for ever. @param key of the line */
  forget(key: string): void {
    for (const { id, policy, hash } of this.#agreements()) {
      const listed = policy.accounts?.find((one) => one.key === key)?.address;
      const account = listed ?? this.#options.policies.account(hash, key)?.address;
      if (account !== undefined) this.#options.kept.forgetWords(hexOf(id), account as Hex);
    }
  }

  /** Contests of a batch, the open ones first, at most 1,000. */
  of(agreement: Hex, obligation: Hex): ContestState[] {
    const logged = this.#agreements().find(({ id }) => hexOf(id) === agreement);
    if (logged === undefined) return [];
    const { holdMaxS, contestBond: bond = 0 } = logged.policy.money;
    return this.#known(agreement, obligation).map(({ account, statement, sinceS, endedS, returned, words }) => {
      const untilS = sinceS + holdMaxS;
      const how = returned ? (endedS !== undefined && endedS > untilS ? 'not-ruled' : 'justified') : 'unjustified';
      const ended = endedS === undefined ? undefined : ({ atS: endedS, how } as const);
      return { account, key: this.#nameOf(logged, account), sinceS, untilS, bond, ended, statement, words };
    });
  }

  /** What final blocks say, and those after them. */
  #known(agreement: Hex, obligation: Hex): KeptContest[] {
    const { kept } = this.#options;
    const known = new Map(kept.of(agreement, obligation).map((one) => [one.account, one]));
    for (const event of this.#recent) {
      if (event.agreement !== agreement || event.obligation !== obligation) continue;
      const id: ContestId = { agreement, obligation, account: event.account };
      const before = known.get(event.account);
      if (event.event === 'contested') {
        const { account, statement, atS: sinceS } = event;
        const words = kept.wordsOf(id, statement);
        known.set(account, { account, statement, sinceS, endedS: undefined, returned: false, words });
      } else if (before) known.set(event.account, { ...before, endedS: event.atS, returned: event.returned });
    }
    return [...known.values()];
  }

  #nameOf({ policy, hash }: LoggedAgreement, account: Hex): string | undefined {
    const listed = policy.accounts?.find(({ address }) => address === account)?.key;
    const role = policy.parties.find(({ address }) => address === account)?.role;
    return listed ?? this.#options.policies.lineOf(hash, account) ?? role;
  }
}
