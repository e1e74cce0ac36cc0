// What the gate held, whole decisions or single lines: shown, and released or dropped by hand, by the signatures of enough
// deciders or of all parties. The node collects them, seals them in the log, and orders what is released as it orders what passed.
import type { Log } from '@trine/log/types.ts';
import {
  amountOf,
  type Decision,
  formatReason,
  fromHex,
  type Hex,
  hexOf,
  lineWordRefusal,
  type NetworkDocument,
  obligationId,
  type Release,
  recoverAddress,
  releaseDigest,
  releasePayload,
  releaseRefusal,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { Bodies } from '../access/bodies.ts';
import { decisionAt, leafOfDecision } from '../decide/states.ts';
import type { Issuer } from '../ingest/issuer.ts';
import { isAgreement, type LoggedAgreement, type LoggedPolicy, type PolicyRegistry } from '../projections/policies.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';
import { openRows, ruledKeys } from './by-hand.ts';
import { payingRows } from './lines.ts';
import type { SettleStore } from './settle-store.ts';

export interface HeldOptions {
  readonly log: Pick<Log, 'read'>;
  readonly store: Store;
  readonly bodies: Pick<Bodies, 'read'>;
  readonly policies: PolicyRegistry;
  readonly runner: ProjectionRunner;
  readonly issuer: Issuer;
  readonly network: NetworkDocument;
  /** did:key of the member whose decisions are ours. */
  readonly decider: string;
  readonly kept: Pick<SettleStore, 'addWord' | 'wordsOf'>;
  readonly now: Clock;
  /** Something is released. */
  readonly onRelease: () => void;
}

/** A word that somebody signed; too few have said the same yet. */
interface Word {
  readonly ruling: Release['ruling'];
  readonly signer: string;
}

/** A decision that is held, or of which lines are, and who has said what of it. */
export interface HeldDecision {
  /** hex */
  readonly id: string;
  readonly logged: LoggedAgreement;
  readonly decision: Decision;
  /** Minor units that it would move, lines included; where lines alone are held, these. */
  readonly amount: number;
  readonly reason: string;
  /** Why it is held. */
  readonly gate: readonly string[];
  /** How many lines are held, where it is settled in batches: each can be released by itself. */
  readonly lines: number | undefined;
  readonly words: readonly Word[];
}

/** A line that is held. */
export interface HeldLine {
  readonly key: string;
  /** Of its statement, hex. */
  readonly id: string;
  readonly amount: number;
  readonly reason: string;
  readonly gate: readonly string[];
  readonly words: readonly Word[];
}

/** What somebody says by hand. */
export interface SaidByHand extends Pick<Release, 'ruling' | 'reason'> {
  /** Key of the one line that is meant; absent: all that is held. */
  readonly row?: string | undefined;
}

const RULINGS = ['pay', 'drop'] as const;
const LIST_MAX = 1_000;
/** Reasons that are shown of a decision whose lines are held. */
const REASONS_MAX = 8;

export class Held {
  readonly #options: HeldOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: HeldOptions) {
    this.#options = options;
  }

  /** What is held and can be released or dropped, the newest first. */
  async list(): Promise<HeldDecision[]> {
    const { store, decider, policies, log } = this.#options;
    const rows = await store.query<{ leaf: number; decision: Uint8Array }>(
      `SELECT leaf, decision FROM decisions d WHERE issuer = $1 AND agreement IS NOT NULL
         AND (outcome = 'hold' OR (outcome = 'pay' AND row_count > 0 AND EXISTS (
           SELECT 1 FROM rows r WHERE r.policy = d.policy AND r.obligation = d.obligation AND r.outcome = 'hold')))
         AND NOT EXISTS (
         SELECT 1 FROM decisions n WHERE n.policy = d.policy AND n.issuer = d.issuer AND n.leaf > d.leaf
           AND coalesce(n.base, n.obligation) = coalesce(d.base, d.obligation)) ORDER BY leaf DESC LIMIT ${LIST_MAX}`,
      [decider],
    );
    const found: HeldDecision[] = [];
    for (const { leaf, decision: id } of rows) {
      const decision = decisionAt(log, leaf);
      const logged = policies.get(toHex(decision.policy));
      if (logged === undefined || !isAgreement(logged)) continue;
      const shown = this.#isDirect(logged)
        ? await this.#shownWhole(id, leaf, logged, decision)
        : await this.#shownLines(id, logged, decision);
      if (shown) found.push(shown);
    }
    return found;
  }

  async #shownWhole(
    id: Uint8Array,
    leaf: number,
    logged: LoggedAgreement,
    decision: Decision,
  ): Promise<HeldDecision | undefined> {
    if (decision.outcome !== 'hold' || this.#options.policies.release(logged.hash, toHex(id))) return undefined;
    if (await isClosed(this.#options, decision, leaf)) return undefined;
    const rows = await payingRows(this.#options, decision, 'hold');
    const amount = [...rows.values()].reduce((sum, row) => sum + amountOf(row), amountOf(decision));
    const shown = { id: toHex(id), logged, decision, amount, reason: formatReason(decision.reason) };
    return { ...shown, gate: decision.gate.reasons, lines: undefined, words: this.#words(id) };
  }

  async #shownLines(id: Uint8Array, logged: LoggedAgreement, decision: Decision): Promise<HeldDecision | undefined> {
    const open = lineWordRefusal(decision) ? [] : await openRows(this.#options, logged, decision);
    if (open.length === 0) return undefined;
    const amount = open.reduce((sum, row) => sum + row.amount, 0);
    const reasons = [...new Set([...decision.gate.reasons, ...open.flatMap(({ gate }) => linesOf(gate))])];
    const shown = { id: toHex(id), logged, decision, amount, reason: formatReason(decision.reason) };
    return { ...shown, gate: reasons.slice(0, REASONS_MAX), lines: open.length, words: this.#words(id) };
  }

  #words(decision: Uint8Array, row = ''): Word[] {
    const { kept } = this.#options;
    return RULINGS.flatMap((ruling) =>
      kept.wordsOf({ decision, row, ruling }).map(({ signer }) => ({ ruling, signer })),
    );
  }

  /**
   * Lines of a decision that are held and can be released or dropped one by one, by key.
   * @param after the key before the first
   * @returns undefined where there is no such decision; none where it is held as a whole
   */
  async linesOf(
    id: Uint8Array,
    { limit, after = '' }: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<{ readonly items: HeldLine[]; readonly next: string | undefined; readonly total: number } | undefined> {
    const known = await this.#known(id);
    if (known === undefined) return undefined;
    const { logged, decision, leaf } = known;
    const isOpen =
      isAgreement(logged) &&
      !this.#isDirect(logged) &&
      lineWordRefusal(decision) === undefined &&
      (await isNewest(this.#options.store, decision, leaf));
    const open = isOpen ? await openRows(this.#options, logged, decision) : [];
    const rest = open.filter(({ key }) => key > after);
    const items = rest.slice(0, limit).map(({ key, statement, amount, reason, gate }) => ({
      ...{ key, id: toHex(statement), amount, reason, gate: linesOf(gate), words: this.#words(id, key) },
    }));
    return { items, next: rest.length > limit ? items.at(-1)?.key : undefined, total: open.length };
  }

  /** Keys of held lines of a decision of which a word by hand counts. */
  async saidOf(id: Uint8Array): Promise<ReadonlySet<string>> {
    const known = await this.#known(id);
    if (known === undefined) return new Set();
    const { released, dropped } = await ruledKeys(this.#options, known.logged, known.decision);
    return new Set([...released.keys(), ...dropped]);
  }

  #isDirect({ policy }: LoggedAgreement): boolean {
    return policy.money.contract === this.#options.network.chain.direct;
  }

  /**
   * Takes somebody's word on what is held. With the last that it takes, it is sealed.
   * @param id of the decision, 32 bytes
   * @returns whether it is sealed
   * @throws TrineError `not-found`, `conflict` where it is not held any more, `forbidden` for a stranger
   */
  take(id: Uint8Array, said: SaidByHand, signature: Uint8Array): Promise<boolean> {
    // One after the other: the first word that is whole counts.
    const next = this.#turn.then(() => this.#take(id, said, signature));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #take(id: Uint8Array, { ruling, reason, row }: SaidByHand, signature: Uint8Array): Promise<boolean> {
    const { issuer, runner, kept, onRelease } = this.#options;
    // Anybody may ask: which lines are held is looked up for nobody, and told nobody, who has no say.
    const signer = await this.#signerOf(id, { ruling, row }, signature);
    const { logged, decision } = await this.find(id, { ruling, row });
    const { policy } = logged;
    const about = { decision: id, row: row ?? '', ruling };
    kept.addWord(about, signer, signature);
    const release: Release = {
      ...{ trine: 'release/1', policy: decision.policy, decision: id, ruling, reason },
      ...(row !== undefined && { row }),
      signatures: kept.wordsOf(about).map((one) => one.signature),
    };
    if (releaseRefusal(release, policy, logged.id) !== undefined) return false;
    await issuer.issue('release', policy.subject, releasePayload.encode(release));
    await runner.flush();
    onRelease();
    return true;
  }

  /** @throws TrineError `not-found`, `conflict` where nobody has a say, `bad-signature`, `forbidden` for a stranger */
  async #signerOf(id: Uint8Array, said: Omit<SaidByHand, 'reason'>, signature: Uint8Array): Promise<string> {
    const { logged } = (await this.#known(id)) ?? {};
    if (logged === undefined) throw new TrineError('not-found', NOT_KNOWN);
    if (!isAgreement(logged)) throw new TrineError('conflict', NOT_HELD);
    const signer = signerOf(this.digestOf(logged, id, said), hexOf(signature));
    const { deciders, parties } = logged.policy;
    if ([...deciders.list, ...parties].some(({ address }) => address === signer)) return signer;
    throw new TrineError(
      'forbidden',
      `${signer} is no decider and no party of this agreement, or signed something else.`,
    );
  }

  /** What is signed. */
  digestOf({ policy, id: agreement }: LoggedAgreement, decision: Uint8Array, said: Omit<SaidByHand, 'reason'>): Hex {
    const { ruling, row } = said;
    return releaseDigest(agreement, { decision, ruling, ...(row !== undefined && { row }) }, policy.money);
  }

  async #known(id: Uint8Array): Promise<{ logged: LoggedPolicy; decision: Decision; leaf: number } | undefined> {
    const { store, log, policies, runner } = this.#options;
    await runner.flush();
    const leaf = await leafOfDecision({ store }, id);
    const decision = leaf === undefined ? undefined : decisionAt(log, leaf);
    const logged = decision && policies.get(toHex(decision.policy));
    return logged && { logged, decision: decision as Decision, leaf: leaf as number };
  }

  /** A decision that can be released or dropped, or a line of it that can. @throws as {@link take} */
  async find(
    id: Uint8Array,
    { ruling, row }: Omit<SaidByHand, 'reason'>,
  ): Promise<{ readonly logged: LoggedAgreement; readonly decision: Decision }> {
    const { store, policies } = this.#options;
    const known = await this.#known(id);
    if (known === undefined) throw new TrineError('not-found', NOT_KNOWN);
    const { logged, decision, leaf } = known;
    const said =
      policies.release(logged.hash, toHex(id)) ??
      (row === undefined ? undefined : policies.release(logged.hash, toHex(id), row));
    if (said)
      throw new TrineError('conflict', `It was ${said.ruling === 'pay' ? 'released' : 'dropped'} by hand before.`);
    if (!isAgreement(logged)) throw new TrineError('conflict', NOT_HELD);
    const isDirect = this.#isDirect(logged);
    if (isDirect && decision.outcome !== 'hold') throw new TrineError('conflict', NOT_HELD);
    if (isDirect && row !== undefined)
      throw new TrineError('conflict', 'It is settled entry by entry: it is released as a whole, with all its lines.');
    if (!(await isNewest(store, decision, leaf)))
      throw new TrineError('conflict', 'It was decided again since: look at the newer decision.');
    if (isDirect && (await isClosed(this.#options, decision, leaf)))
      throw new TrineError(
        'conflict',
        'What it corrects was released or dropped by hand: that was the last word on it.',
      );
    if (!isDirect) await this.#checkLines(logged, decision, { ruling, row });
    return { logged, decision };
  }

  /** @throws TrineError `conflict` where nothing can be said of its lines, or of that line */
  async #checkLines(
    logged: LoggedAgreement,
    decision: Decision,
    { ruling, row }: Omit<SaidByHand, 'reason'>,
  ): Promise<void> {
    const refused = lineWordRefusal(decision);
    if (refused) throw new TrineError('conflict', refused);
    if (ruling === 'pay' && !isTakenAt(this.#options.now(), decision, logged))
      throw new TrineError('conflict', 'The contract takes no payment of it any more: it can only be dropped.');
    const open = await openRows(this.#options, logged, decision);
    if (row === undefined ? open.length === 0 : open.every(({ key }) => key !== row))
      throw new TrineError(
        'conflict',
        row === undefined
          ? 'None of its lines is held, or something was said by hand of each.'
          : `It has no line of ${row} that is held: only what the gate held is released or dropped, and that once.`,
      );
  }
}

const NOT_KNOWN = 'No decision has this id.';
const NOT_HELD = 'It is not held: only what the gate held is released or dropped.';

/** Does the contract still take what is ordered on it at a time? */
export function isTakenAt(nowMs: number, { obligation }: Decision, { policy }: LoggedAgreement): boolean {
  return nowMs < obligation.toMs + policy.money.settleWithinS * 1_000;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

/** Is it the last word of the deciders on its obligation below a leaf? */
export async function isNewest(
  store: Store,
  { policy, obligation }: Decision,
  leaf: number,
  below: number = Number.MAX_SAFE_INTEGER,
): Promise<boolean> {
  const base = obligation.base ?? obligationId(obligation);
  const later = await store.query(
    'SELECT leaf FROM decisions WHERE policy = $1 AND (obligation = $2 OR base = $2) AND leaf > $3 AND leaf < $4 LIMIT 1',
    [policy, base, leaf, below],
  );
  return later.length === 0;
}

/** Was what a correction corrects released or dropped by hand before it? Then nothing follows from it. @param leaf of it */
export async function isClosed(
  { store, log, policies }: Pick<HeldOptions, 'store' | 'log' | 'policies'>,
  { policy, obligation }: Decision,
  leaf: number,
): Promise<boolean> {
  if (obligation.base === undefined) return false;
  const base = toHex(obligation.base);
  const before = policies
    .releases()
    .filter((one) => one.policy === toHex(policy) && one.row === undefined && one.index < leaf);
  for (const { decision } of before) {
    const at = await leafOfDecision({ store }, fromHex(decision));
    const other = at === undefined ? undefined : decisionAt(log, at).obligation;
    if (other && toHex(other.base ?? obligationId(other)) === base) return true;
  }
  return false;
}

/** @throws TrineError `bad-signature` */
function signerOf(digest: Hex, signature: Hex): string {
  try {
    return recoverAddress(digest, signature);
  } catch {
    throw new TrineError('bad-signature', 'The signature is none.');
  }
}
