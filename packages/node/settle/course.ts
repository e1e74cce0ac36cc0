// The course of what is pending on the chain: announced, held, released, and how it ends. Whatever happens there is seen
// with the next blocks, and what time alone brings is done when its time has come; nothing of it is remembered but ends.
import { changedIntents, type ObligationState, obligationKey, readObligation } from '@trine/ledger/agreements.ts';
import { readBatch } from '@trine/ledger/batches.ts';
import { type Chain, publicClient } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import type { Outbox } from '@trine/ledger/outbox.ts';
import { publishPayloads } from '@trine/ledger/outbox-batches.ts';
import { endPayload, isBatch, type SettlePayload, settling } from '@trine/ledger/outbox-kinds.ts';
import { type Agreement, fromHex, type Hex, type Intent, intentDigest, splitRows, ZERO_HASH } from '@trine/protocol';
import type { Clock, Timers } from '@trine/system/time.ts';
import type { EndState, SettleStore } from './settle-store.ts';

/** Where a payment stands that is neither just ordered nor paid. Times are seconds, as the chain tells them. */
export type Course =
  | {
      readonly state: 'announced';
      /** It can be disputed until then; then it is paid. */
      readonly untilS: number;
      readonly deadlineS: number;
    }
  | {
      readonly state: 'held';
      readonly holder: Hex;
      /** Where nobody has ruled until then, `afterwards` follows. */
      readonly untilS: number;
      readonly afterwards: 'pay' | 'drop';
      /** Another decision may take its place: a party holds it, or the arbiter wants it decided again. */
      readonly replaceable: boolean;
    }
  | { readonly state: 'released'; readonly deadlineS: number }
  | { readonly state: 'dropped' }
  /** Another order took its place, or it was to take one's that was paid before. */
  | { readonly state: 'replaced' }
  | { readonly state: 'expired' };

/** Is an order never paid, though nobody ruled so? What it was to pay is owed as before. */
export function isLapsed(course: Course | undefined): boolean {
  return course?.state === 'expired' || course?.state === 'replaced';
}

interface Pending {
  readonly intent: Intent;
  readonly payload: SettlePayload;
  seen: ObligationState | undefined;
  /** Something happened to it in a block that may still be taken back: then nothing says so. */
  isRecent: boolean;
  /** Of a batch: when the last of its rows was published, and its window began, seconds; 0 before. */
  completeAtS: number;
  /** The phase, and since when, in which its payment was tried anew. */
  nudged: string;
  told: Course['state'] | undefined;
}

/** A block of a chain of others takes longer. */
const LOOK_MS = 4_000;

/** How far the chain was looked at. */
interface Seen {
  /** Hash of the newest block: what is taken back may come to the same height again. */
  readonly newest: Hex;
  /** What happened up to this block is not taken back any more. */
  readonly final: bigint;
  /** elapsed milliseconds */
  readonly atMs: number;
}

export interface CoursesOptions {
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly kept: SettleStore;
  readonly outbox: () => Pick<Outbox, 'enqueue' | 'retry'>;
  readonly now: Clock;
  readonly timers: Pick<Timers, 'elapsed'>;
  /** @throws TrineError where it is not known here */
  readonly policyOf: (agreement: Uint8Array) => Pick<Agreement, 'money'>;
  /** @returns undefined where it is not in the log here */
  readonly intentOf: (digest: Uint8Array) => Promise<Intent | undefined>;
  /** A payment stands elsewhere now. @param digest in hex */
  readonly onChange?: ((digest: string, state: Course['state']) => void) | undefined;
}

/** A batch is not paid before all its rows stand on the chain, however long its window is over. */
function isDue({ intent, completeAtS }: Pending, course: Course, nowS: number): boolean {
  if (isBatch(intent) && completeAtS === 0) return false;
  return course.state === 'released' || (course.state === 'announced' && nowS >= course.untilS);
}

export class Courses {
  readonly #options: CoursesOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #ends: Map<string, EndState>;
  #seen: Seen | undefined;

  constructor(options: CoursesOptions) {
    this.#options = options;
    this.#ends = options.kept.ends();
  }

  /** Digests, in hex, of intents that need nothing but what is done here. */
  get known(): string[] {
    return [...this.#pending.keys(), ...this.#ends.keys()];
  }

  /** Digests, in hex, of orders after which what they were for is ordered anew: nobody ruled on it, and none stands in their place. */
  get toOrderAnew(): string[] {
    return [...this.#ends].flatMap(([digest, end]) => (end === 'overtaken' || end === 'expired' ? [digest] : []));
  }

  /** Is anything pending? */
  get isFollowing(): boolean {
    return this.#pending.size > 0;
  }

  /** Follows an intent that was announced. @param payload what pays it */
  follow(digest: string, intent: Intent, payload: SettlePayload): void {
    if (this.#pending.has(digest) || this.#ends.has(digest)) return;
    this.#pending.set(digest, {
      intent,
      payload,
      seen: undefined,
      isRecent: true,
      completeAtS: 0,
      nudged: '',
      told: undefined,
    });
  }

  /** It is paid: what remains is to vouch for it. */
  paid(digest: string): void {
    this.#pending.delete(digest);
  }

  /** Where a payment stands; undefined: it is ordered, or paid, as the log says. */
  of(digest: string): Course | undefined {
    const end = this.#ends.get(digest);
    if (end !== undefined) return { state: end === 'overtaken' ? 'replaced' : end };
    const pending = this.#pending.get(digest);
    return pending?.seen && this.#courseOf(digest, pending, pending.seen);
  }

  /** All that are neither just ordered nor paid, by digest in hex. */
  all(): Map<string, Course> {
    return new Map(
      this.known.flatMap((digest) => {
        const course = this.of(digest);
        return course ? [[digest, course]] : [];
      }),
    );
  }

  #courseOf(digest: string, pending: Pending, seen: ObligationState): Course | undefined {
    const { intent } = pending;
    if (seen.phase === 'none') return undefined;
    if (seen.intent !== `0x${digest}`) return { state: 'replaced' };
    if (seen.phase === 'dropped') return { state: 'dropped' };
    const { money } = this.#options.policyOf(fromHex(intent.agreement));
    const [sinceS, deadlineS] = [Number(seen.since), Number(seen.deadline)];
    if (seen.phase === 'held') {
      const { holder, redecide } = seen;
      return {
        state: 'held',
        holder,
        untilS: sinceS + money.holdMaxS,
        afterwards: money.afterHold,
        replaceable: redecide,
      };
    }
    if (seen.phase === 'released') return { state: 'released', deadlineS };
    // Where it is settled just now, the log says so in a moment.
    if (seen.phase === 'settled') return { state: 'announced', untilS: sinceS, deadlineS };
    const beganS = isBatch(intent) ? pending.completeAtS || Math.floor(this.#options.now() / 1000) : sinceS;
    return {
      state: 'announced',
      untilS: Math.max(beganS + money.disputeWindowS, Number(intent.validAfter)),
      deadlineS,
    };
  }

  /**
   * Looks at what happened on the chain since the last time, and does what is due.
   * @param find an intent of ours that somebody else announced, by its digest
   */
  async round(
    find: (digest: Uint8Array) => Promise<{ intent: Intent; payload: SettlePayload } | undefined>,
  ): Promise<void> {
    const { changed, ...seen } = await this.#look();
    for (const hex of changed?.keys() ?? []) {
      const digest = hex.slice(2);
      const found = this.#pending.has(digest) || this.#ends.has(digest) ? undefined : await find(fromHex(hex));
      if (found) this.follow(digest, found.intent, found.payload);
    }
    // What takes another one's place changes that one, too.
    const obligations = new Set(changed?.values());
    for (const [digest, pending] of this.#pending) {
      const isChanged = obligations.has(obligationKey(pending.intent));
      if (pending.seen === undefined || isChanged || (changed && pending.isRecent))
        pending.seen = await this.#read(pending.intent);
      if (changed) pending.isRecent = isChanged;
      if (isBatch(pending.intent)) await this.#publish(digest, pending, pending.seen);
      await this.#advance(digest, pending, pending.seen, seen.final);
    }
    // Not before all of it was looked at: what failed half-way is looked at again.
    this.#seen = seen;
  }

  /** What changed in blocks that are not final, where there is a new one; on a chain of others not asked for at every turn. */
  async #look(): Promise<Seen & { readonly changed: ReadonlyMap<Hex, string> | undefined }> {
    const { chain, contracts, timers } = this.#options;
    const seen = this.#seen;
    const atMs = timers.elapsed();
    if (seen !== undefined && chain.kind === 'external' && atMs - seen.atMs < LOOK_MS)
      return { ...seen, changed: undefined };
    const params = ['latest', false];
    const newest = (await chain.request({ method: 'eth_getBlockByNumber', params })) as { number: Hex; hash: Hex };
    const final = await chain.finalBlock();
    const from = (seen?.final ?? final) + 1n;
    const now = { final, newest: newest.hash, atMs };
    if (newest.hash === seen?.newest) return { ...now, changed: undefined };
    const hasOpen = BigInt(newest.number) >= from;
    return { ...now, changed: hasOpen ? await changedIntents(chain, contracts, from) : new Map() };
  }

  #read(intent: Intent, block?: bigint): Promise<ObligationState> {
    const { chain, contracts } = this.#options;
    return readObligation(chain, settling(contracts, intent), intent.agreement, intent.obligation, block);
  }

  /** Sees that all rows of a batch come onto the chain; rows of others their deciders publish. */
  async #publish(digest: string, pending: Pending, { phase, intent: standing }: ObligationState): Promise<void> {
    const { intent, completeAtS } = pending;
    const isPending = phase === 'announced' || phase === 'held' || phase === 'released';
    if (completeAtS > 0 || standing !== `0x${digest}` || !isPending) return;
    const { chain, contracts, kept } = this.#options;
    const batch = await readBatch(chain, contracts, intent.agreement);
    if (batch?.obligation !== intent.obligation) return;
    pending.completeAtS = Number(batch.completeAt);
    // What is released takes no rows any more; that it has them all is learnt anew after a start.
    const rows = pending.completeAtS > 0 || phase === 'released' ? undefined : kept.rowsOf(fromHex(digest));
    if (rows === undefined) return;
    const outbox = this.#options.outbox();
    for (const payload of publishPayloads(pending.payload.intent, splitRows(rows))) {
      const { id, state } = outbox.enqueue('publish', payload);
      // It was not pending when it was tried; it is again, where blocks were taken back.
      if (state === 'refused') outbox.retry(id);
    }
  }

  async #advance(digest: string, pending: Pending, seen: ObligationState, final: bigint): Promise<void> {
    const nowS = Math.floor(this.#options.now() / 1000);
    const course = this.#courseOf(digest, pending, seen);
    if (course && course.state !== pending.told) this.#options.onChange?.(digest, course.state);
    pending.told = course?.state;
    if (course === undefined || course.state === 'dropped' || course.state === 'replaced') {
      const isOver = await this.#end(digest, pending.intent, final);
      // A block that announced it was taken back: it is as it was before.
      if (isOver || seen.phase === 'none') this.#pending.delete(digest);
    } else if (seen.phase === 'settled') this.#pay(pending, seen);
    else if (course.state === 'held') {
      if (nowS > course.untilS) this.#options.outbox().enqueue('endHold', endPayload(pending.intent, seen.since));
    } else if (course.state === 'announced' || course.state === 'released') {
      if (nowS > course.deadlineS) this.#options.outbox().enqueue('expire', endPayload(pending.intent, seen.since));
      else if (isDue(pending, course, nowS)) this.#pay(pending, seen);
    }
  }

  /** At once, however long an earlier try would wait: that one knew another phase. */
  #pay(pending: Pending, { phase, since }: ObligationState): void {
    const outbox = this.#options.outbox();
    const { id, state } = outbox.enqueue('settle', pending.payload);
    const now = `${phase} ${since}`;
    if (pending.nudged === now) return;
    pending.nudged = now;
    if (state !== 'confirmed') outbox.retry(id);
  }

  /** Nothing pays an intent that is not pending after its deadline, or once what it was to replace is paid. */
  async lapse(digest: string, intent: Intent): Promise<void> {
    const isInTime = this.#options.now() / 1000 <= Number(intent.deadline);
    if ((isInTime && intent.supersedes === ZERO_HASH) || this.#ends.has(digest)) return;
    await this.#end(digest, intent, await this.#options.chain.finalBlock());
  }

  /** Is it never paid? That counts once a block says so that is not taken back, and is remembered. */
  async #end(digest: string, intent: Intent, final: bigint): Promise<boolean> {
    const end = final < 0n ? undefined : await this.#endOf(intent, final);
    if (end === undefined) return false;
    this.#options.kept.addEnd(fromHex(digest), end);
    this.#ends.set(digest, end);
    const { state } = this.of(digest) as Course;
    if (this.#pending.get(digest)?.told !== state) this.#options.onChange?.(digest, state);
    return true;
  }

  async #endOf(intent: Intent, final: bigint): Promise<EndState | undefined> {
    const { phase, intent: pending } = await this.#read(intent, final);
    if (phase === 'none') {
      const { timestamp } = await publicClient(this.#options.chain).getBlock({ blockNumber: final });
      return timestamp > intent.deadline ? 'expired' : undefined;
    }
    if (phase === 'dropped') return 'dropped';
    if (pending === intentDigest(intent)) return undefined;
    // Not announced yet, it waits to take that one's place: at once, or that of another one which does.
    if (phase !== 'settled' && (await this.#isAfter(intent, pending))) return undefined;
    return phase === 'settled' && intent.supersedes !== ZERO_HASH ? 'overtaken' : 'replaced';
  }

  /** Is it to take the place of an order, or of one that is to do so? */
  async #isAfter(intent: Intent, other: Hex): Promise<boolean> {
    for (let one: Intent | undefined = intent; one !== undefined && one.supersedes !== ZERO_HASH; ) {
      if (one.supersedes === other) return true;
      one = await this.#options.intentOf(fromHex(one.supersedes));
    }
    return false;
  }
}
