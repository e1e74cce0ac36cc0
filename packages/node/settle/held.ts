// What the gate held: shown, and released or dropped by hand, by the signatures of enough deciders or of all parties. The node
// collects them, seals them in the log, and orders what is released as it orders what passed.
import type { Log } from '@trine/log/types.ts';
import {
  amountOf,
  type Decision,
  formatReason,
  fromHex,
  type Hex,
  hexOf,
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
import type { Bodies } from '../access/bodies.ts';
import { decisionAt, leafOfDecision } from '../decide/states.ts';
import type { Issuer } from '../ingest/issuer.ts';
import { isAgreement, type LoggedAgreement, type PolicyRegistry } from '../projections/policies.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';
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
  /** Something is released. */
  readonly onRelease: () => void;
}

/** A decision that is held, and who has said what of it. */
export interface HeldDecision {
  /** hex */
  readonly id: string;
  readonly logged: LoggedAgreement;
  readonly decision: Decision;
  /** Minor units that it would move, lines included. */
  readonly amount: number;
  readonly reason: string;
  readonly words: readonly { readonly ruling: Release['ruling']; readonly signer: string }[];
}

const RULINGS = ['pay', 'drop'] as const;
const LIST_MAX = 1_000;

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
      `SELECT leaf, decision FROM decisions d WHERE outcome = 'hold' AND issuer = $1 AND agreement IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM decisions n WHERE n.policy = d.policy AND n.issuer = d.issuer AND n.leaf > d.leaf
           AND coalesce(n.base, n.obligation) = coalesce(d.base, d.obligation)) ORDER BY leaf DESC LIMIT ${LIST_MAX}`,
      [decider],
    );
    const found: HeldDecision[] = [];
    for (const { leaf, decision: id } of rows) {
      const decision = decisionAt(log, leaf);
      if (policies.release(toHex(id)) || (await isClosed(this.#options, decision, leaf))) continue;
      const logged = policies.get(toHex(decision.policy));
      if (logged && isAgreement(logged) && this.#isDirect(logged)) found.push(await this.#shown(id, logged, decision));
    }
    return found;
  }

  async #shown(id: Uint8Array, logged: LoggedAgreement, decision: Decision): Promise<HeldDecision> {
    const rows = await payingRows(this.#options, decision, 'hold');
    const amount = [...rows.values()].reduce((sum, row) => sum + amountOf(row), amountOf(decision));
    const words = RULINGS.flatMap((ruling) =>
      this.#options.kept.wordsOf(id, ruling).map(({ signer }) => ({ ruling, signer })),
    );
    return { id: toHex(id), logged, decision, amount, reason: formatReason(decision.reason), words };
  }

  #isDirect({ policy }: LoggedAgreement): boolean {
    return policy.money.contract === this.#options.network.chain.direct;
  }

  /**
   * Takes somebody's word on a decision that is held. With the last that it takes, it is sealed.
   * @param id of the decision, 32 bytes
   * @returns whether it is sealed
   * @throws TrineError `not-found`, `conflict` where it is not held any more, `forbidden` for a stranger
   */
  take(id: Uint8Array, ruling: Release['ruling'], reason: string, signature: Uint8Array): Promise<boolean> {
    // One after the other: the first word that is whole counts.
    const next = this.#turn.then(() => this.#take(id, ruling, reason, signature));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #take(id: Uint8Array, ruling: Release['ruling'], reason: string, signature: Uint8Array): Promise<boolean> {
    const { issuer, runner, kept, onRelease } = this.#options;
    const { logged, decision } = await this.find(id);
    const { policy } = logged;
    const digest = this.digestOf(logged, id, ruling);
    const signer = signerOf(digest, hexOf(signature));
    const isKnown = [...policy.deciders.list, ...policy.parties].some(({ address }) => address === signer);
    if (!isKnown)
      throw new TrineError(
        'forbidden',
        `${signer} is no decider and no party of this agreement, or signed something else.`,
      );
    kept.addWord(id, ruling, signer, signature);
    const signatures = kept.wordsOf(id, ruling).map((one) => one.signature);
    const release: Release = {
      trine: 'release/draft',
      policy: decision.policy,
      decision: id,
      ruling,
      reason,
      signatures,
    };
    if (releaseRefusal(release, policy, logged.id) !== undefined) return false;
    await issuer.issue('release', policy.subject, releasePayload.encode(release));
    await runner.flush();
    onRelease();
    return true;
  }

  /** What is signed. */
  digestOf({ policy, id: agreement }: LoggedAgreement, decision: Uint8Array, ruling: Release['ruling']): Hex {
    return releaseDigest(agreement, { decision, ruling }, policy.money);
  }

  /** A decision that can be released or dropped. @throws as {@link take} */
  async find(id: Uint8Array): Promise<{ readonly logged: LoggedAgreement; readonly decision: Decision }> {
    const { store, log, policies, runner } = this.#options;
    await runner.flush();
    const leaf = await leafOfDecision({ store }, id);
    const decision = leaf === undefined ? undefined : decisionAt(log, leaf);
    const logged = decision && policies.get(toHex(decision.policy));
    if (decision === undefined || logged === undefined) throw new TrineError('not-found', 'No decision has this id.');
    const said = policies.release(toHex(id));
    if (said)
      throw new TrineError('conflict', `It was ${said.ruling === 'pay' ? 'released' : 'dropped'} by hand before.`);
    if (decision.outcome !== 'hold' || !isAgreement(logged))
      throw new TrineError('conflict', 'It is not held: only what the gate held is released or dropped.');
    if (!this.#isDirect(logged))
      throw new TrineError('unsupported', 'Lines that are settled in batches are not released by hand.');
    if (!(await isNewest(store, decision, leaf as number)))
      throw new TrineError('conflict', 'It was decided again since: look at the newer decision.');
    if (await isClosed(this.#options, decision, leaf as number))
      throw new TrineError(
        'conflict',
        'What it corrects was released or dropped by hand: that was the last word on it.',
      );
    return { logged, decision };
  }
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
  const before = policies.releases().filter((one) => one.policy === toHex(policy) && one.index < leaf);
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
