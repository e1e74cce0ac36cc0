// Batches: of an agreement that settles many lines at once one intent after the other, each from the positions that the one
// before left. A line whose account cannot pay or be paid now waits, and goes into a later one.
import { BatchHistory } from '@trine/ledger/batch-history.ts';
import { type Member, readBatch, readMember, readRoot } from '@trine/ledger/batches.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import { LedgerError } from '@trine/ledger/errors.ts';
import {
  accountNamed,
  type BatchRow,
  batchRows,
  chunkHash,
  commitRows,
  type Decision,
  decisionId,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  type IntentBatch,
  type Joined,
  type PositionProof,
  partId,
  type Row,
  readRows,
  StepError,
  secondsOf,
  splitRows,
  toHex,
} from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { LoggedAgreement } from '../projections/policies.ts';
import type { Store } from '../projections/tables/store.ts';
import type { RuledDecision } from './by-hand.ts';
import { type Courses, isLapsed } from './course.ts';
import { type Book, choose, losing } from './lines.ts';
import type { SettleStore } from './settle-store.ts';

export interface BatchesOptions {
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly store: Store;
  readonly kept: SettleStore;
  readonly courses: Pick<Courses, 'of'>;
  readonly now: Clock;
}

/** Why something of a decision is not ordered yet. */
export interface Waiting {
  /** All of it. */
  readonly reason: string | undefined;
  /** Single lines, by key. */
  readonly lines: ReadonlyMap<string, string>;
}

/** What goes into one intent. */
export interface Ordered {
  readonly fields: Pick<
    Intent,
    'obligation' | 'entries' | 'rowsHash' | 'rowCount' | 'positionsBefore' | 'positionsAfter'
  >;
  readonly batch: IntentBatch;
  readonly rows: readonly BatchRow[];
}

/** What is known of one agreement. */
interface Followed {
  readonly history: BatchHistory;
  /** As of the last final block in which anything changed about each. */
  readonly members: Map<Hex, Member>;
  final: bigint;
}

/** What came of choosing. */
interface Noted extends Pick<RuledDecision, 'closed'> {
  readonly isEmpty: boolean;
  readonly held: ReadonlyMap<string, string>;
  readonly releases: number;
}

const CLOSED = 'what it corrects was released or dropped by hand: that was the last word on it';

/** A decision of which all was ordered is looked at again once another line of it was released. @returns hex */
function doneName(decision: string, releases: number): string {
  return releases === 0 ? decision : decision + releases.toString(16).padStart(8, '0');
}

/** Members read at once. */
const READS = 32;

export class Batches {
  readonly #options: BatchesOptions;
  readonly #followed = new Map<Hex, Followed>();
  #reading: Promise<unknown> = Promise.resolve();
  /** By decision, hex. */
  readonly waiting: Map<string, Waiting> = new Map();
  /** Decisions of which nothing is left to order, by {@link doneName}. */
  readonly #done: Set<string>;

  constructor(options: BatchesOptions) {
    this.#options = options;
    this.#done = options.kept.ordered();
  }

  /**
   * Is there nothing left to order of it, unless a line is released by hand?
   * @param decision its id in hex @param releases how often lines of it were
   */
  isDone(decision: string, releases: number): boolean {
    return this.#done.has(doneName(decision, releases));
  }

  /** Is an intent of the agreement neither paid nor over? The next one starts from where it ends. */
  async isUnderWay({ id }: LoggedAgreement): Promise<boolean> {
    const { store, courses } = this.#options;
    const open = await store.query<{ digest: Uint8Array }>(
      'SELECT digest FROM intents WHERE agreement = $1 AND digest NOT IN (SELECT intent FROM settlements)',
      [id],
    );
    return open.some(({ digest }) => {
      const course = courses.of(toHex(digest));
      return course?.state !== 'dropped' && !isLapsed(course);
    });
  }

  /**
   * What of a decision can be ordered now.
   *
   * @param ruled its lines that pay, those that do not because of what was said by hand, and how often lines were released
   * @param joined accounts of lines that statements below its cut say
   * @returns undefined where nothing can, now or any more: {@link waiting} says why
   */
  async next(
    logged: LoggedAgreement,
    decision: Decision,
    { rows, closed, releases }: Pick<RuledDecision, 'rows' | 'closed'> & { readonly releases: number },
    joined?: Joined,
  ): Promise<Ordered | undefined> {
    const name = toHex(decisionId(decision));
    const { policy, id } = logged;
    const agreement = hexOf(id);
    const followed = await this.#follow(agreement);
    if (followed === undefined) {
      this.waiting.set(name, { reason: 'blocks that are not final yet', lines: new Map() });
      return undefined;
    }
    const { history } = followed;
    const numbers = new Map([...history.members].map(([number, account]) => [account, number]));
    const { part, left } = await this.#left(decision, rows, (key) => {
      const account = accountNamed(policy, key, joined);
      return account && numbers.get(account);
    });
    const book = await this.#book(agreement, followed, numbers, losing(policy, decision, left, joined));
    const times = secondsOf(decision.obligation);
    const { lines, nets, held } = choose(
      { policy, decision, rows: left, ...(joined && { joined }) },
      part,
      times,
      book,
    );
    this.#note(name, logged, decision, { isEmpty: nets.size === 0, held, closed, releases });
    if (nets.size === 0) return undefined;
    const batch = batchRows(nets, book.numberOf);
    const { rowsHash, rowCount } = commitRows(batch);
    const before = history.positions;
    return {
      fields: {
        obligation: hexOf(partId(decision.obligation, part)),
        ...{ entries: [], rowsHash, rowCount },
        ...{ positionsBefore: before.root(), positionsAfter: before.clone().apply(batch).root() },
      },
      batch: { part, lines: [...lines], numberOf: book.numberOf },
      rows: batch,
    };
  }

  /**
   * What an account has gained or lost in an agreement by all batches that are settled.
   * @returns undefined where it has not joined
   * @throws LedgerError where the chain does not answer, or its newest blocks are not final
   */
  async positionOf(agreement: Hex, account: Hex): Promise<PositionProof | undefined> {
    const { chain, contracts } = this.#options;
    const { history } = await this.#read(agreement);
    const number = [...history.members].find(([, one]) => one === account)?.[0];
    if (number === undefined) return undefined;
    if ((await readRoot(chain, contracts, agreement)) !== history.positions.root())
      throw new LedgerError('not-included', 'A batch was settled a moment ago: ask again when it is final.', 'later');
    return history.positions.prove(number);
  }

  /** What waits is shown; once the contract takes it no more, it waits for nothing. */
  #note(
    name: string,
    { policy }: LoggedAgreement,
    { obligation }: Decision,
    { isEmpty, held, closed, releases }: Noted,
  ): void {
    const isOver = this.#options.now() >= obligation.toMs + policy.money.settleWithinS * 1000;
    // Not before what goes now is appended: that may fail, and is tried again.
    if ((isEmpty && held.size === 0) || isOver) {
      const done = doneName(name, releases);
      this.#done.add(done);
      this.#options.kept.addOrdered(fromHex(done));
    }
    const lines = new Map([...[...closed].map((key) => [key, CLOSED] as const), ...held]);
    if (lines.size === 0) this.waiting.delete(name);
    else this.waiting.set(name, { reason: undefined, lines });
  }

  /** All of it waits. */
  refused(decision: Decision, reason: string): void {
    this.waiting.set(toHex(decisionId(decision)), { reason, lines: new Map() });
  }

  /** The chain as of its final block, where nothing is under way that is not. */
  async #follow(agreement: Hex): Promise<Followed | undefined> {
    const { chain, contracts } = this.#options;
    const followed = await this.#read(agreement);
    const [root, batch] = await Promise.all([
      readRoot(chain, contracts, agreement),
      readBatch(chain, contracts, agreement),
    ]);
    return root === followed.history.positions.root() && batch === undefined ? followed : undefined;
  }

  /** One after the other: what is asked at once reads the same blocks once. */
  #read(agreement: Hex): Promise<Followed> {
    const { chain, contracts } = this.#options;
    const next = this.#reading.then(async () => {
      const known = this.#followed.get(agreement);
      const followed = known ?? {
        history: new BatchHistory(chain, contracts, agreement),
        members: new Map(),
        final: 0n,
      };
      this.#followed.set(agreement, followed);
      const { history, members } = followed;
      followed.final = await chain.finalBlock();
      await history.follow(followed.final);
      for (const number of history.changed) members.delete(history.members.get(number) as Hex);
      history.changed.clear();
      if (history.problem !== undefined) throw new StepError(history.problem);
      return followed;
    });
    this.#reading = next.catch(() => undefined);
    return next;
  }

  /** Lines that went into no intent yet that is paid or may be, and the how-manieth of these the next one is. */
  async #left(
    decision: Decision,
    rows: ReadonlyMap<string, Row>,
    numberOf: (key: string) => number | undefined,
  ): Promise<{ part: number; left: Map<string, Row> }> {
    const ordered = await this.#options.store.query<{ digest: Uint8Array; obligation: Uint8Array }>(
      'SELECT digest, obligation FROM intents WHERE decision = $1',
      [decisionId(decision)],
    );
    const before = ordered.filter(({ digest }) => !isLapsed(this.#options.courses.of(toHex(digest))));
    const taken = new Set(before.map(({ obligation }) => toHex(obligation)));
    let part = 0;
    while (taken.has(toHex(partId(decision.obligation, part)))) part++;
    const gone = new Set<number>();
    for (const { digest } of before) for (const { number } of this.#rowsOf(digest)) gone.add(number);
    const left = [...rows].filter(([key]) => {
      const number = numberOf(key);
      return number === undefined || !gone.has(number);
    });
    return { part, left: new Map(left) };
  }

  #rowsOf(digest: Uint8Array): BatchRow[] {
    const rows = this.#options.kept.rowsOf(digest);
    if (rows === undefined)
      throw new StepError(
        `The rows of the batch ${toHex(digest).slice(0, 16)} are not here: restore the ledger folder.`,
      );
    return readRows(splitRows(rows));
  }

  async #book(
    agreement: Hex,
    { history, members, final }: Followed,
    numbers: ReadonlyMap<Hex, number>,
    accounts: ReadonlySet<Hex>,
  ): Promise<Book> {
    const { chain, contracts } = this.#options;
    const unknown = [...accounts].filter((account) => !members.has(account));
    const wanted = unknown.flatMap((account) => numbers.get(account) ?? []);
    for (let at = 0; at < wanted.length; at += READS) {
      const read = wanted.slice(at, at + READS).map((number) => readMember(chain, contracts, agreement, number, final));
      for (const member of await Promise.all(read)) members.set(member.account, member);
    }
    return {
      numberOf: (account) => numbers.get(account),
      memberOf: (account) => members.get(account),
      positionOf: (number) => history.positions.of(number),
    };
  }
}

/** Rows as they are kept, before their intent is appended: what publishes them after a crash. */
export function rowBytes(rows: readonly BatchRow[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(commitRows(rows).chunks.map((chunk) => Buffer.from(chunk))));
}

/** keccak256 of each chunk. */
export function chunkHashes(rows: Uint8Array): Hex[] {
  return splitRows(rows).map(chunkHash);
}

/** An intent's lines are ordered in so many parts at most. */
const PARTS_MAX = 10_000;

/** The how-manieth intent of its obligation one is. */
export function partOf({ obligation }: Intent, { obligation: decided }: Pick<Decision, 'obligation'>): number {
  for (let part = 0; part < PARTS_MAX; part++) if (hexOf(partId(decided, part)) === obligation) return part;
  return PARTS_MAX;
}
