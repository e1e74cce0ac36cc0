import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import { Outbox } from '@trine/ledger/outbox.ts';
import { isBatch, type SettlePayload, settleKey, settlePayload } from '@trine/ledger/outbox-kinds.ts';
import type { OutboxItem } from '@trine/ledger/outbox-store.ts';
import { proveReceipt } from '@trine/ledger/proofs.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Agreement,
  addressOfPrivateKey,
  type Decision,
  decodeIntent,
  decodeLeaf,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  intentDigest,
  type PositionProof,
  type ReceiptProof,
  recoverAddress,
  settlementPayload,
  signDigest,
  TrineError,
  toHex,
  verifyReceipt,
  ZERO_HASH,
} from '@trine/protocol';
import type { Disk } from '@trine/system/disk.ts';
import type { Issuer } from '../ingest/issuer.ts';
import type { KeyEntry } from '../projections/keys.ts';
import { Acts } from './acts.ts';
import type { PracticeKeys } from './agreements.ts';
import { Anchors } from './anchors.ts';
import { Batches, chunkHashes, type Waiting } from './batches.ts';
import { Contests } from './contests.ts';
import { Courses, type CoursesOptions } from './course.ts';
import { Entering } from './entering.ts';
import { Held } from './held.ts';
import { outboxKinds } from './kinds.ts';
import { Orders, type OrdersOptions } from './orders.ts';
import { type Anchored, SettleStore } from './settle-store.ts';
import { type SettledBatch, SettledBatches } from './settled-batch.ts';
import { Watching } from './watching.ts';

export interface SettlerOptions extends OrdersOptions {
  readonly log: Log;
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly issuer: Issuer;
  readonly origin: string;
  /** The member's account: signs anchors, decides, pays for transactions. */
  readonly account: Uint8Array;
  /** Where all keys of an agreement's parties are at hand: on a practice chain. */
  readonly practice?: PracticeKeys | undefined;
  /** Folder for outbox and proofs. */
  readonly folder: string;
  readonly disk: Disk;
  /** A payment stands elsewhere on the chain now. */
  readonly onCourse?: CoursesOptions['onChange'];
}

/** What is known of an intent's way to the chain. */
export interface Payment {
  readonly digest: string;
  readonly intent: Intent;
  /** Its leaf. */
  readonly index: number;
  readonly signatures: readonly Uint8Array[];
  readonly anchored: Anchored | undefined;
  readonly settlement: ReceiptProof | undefined;
}

/** An intent that waits for other deciders. */
export interface Unsigned {
  readonly digest: string;
  readonly decision: string;
  readonly intent: Intent;
  readonly signatures: number;
  readonly quorum: number;
  /** Of a batch: as they are to be published. */
  readonly rows?: Hex;
}

/** Kinds of items after which something else may be due. */
const CHANGES: readonly string[] = ['announce', 'publish', 'endHold', 'expire', 'refute', 'endContest', 'act'];

export class Settler {
  readonly outbox: Outbox;
  readonly #options: SettlerOptions;
  readonly #kept: SettleStore;
  readonly #address: Hex;
  #work: Promise<void> = Promise.resolve();
  #trouble: string | undefined;
  /** An intent in the log whose rows are not kept, hex: it cannot be paid from here. */
  #lost: string | undefined;
  readonly #orders: Orders;
  readonly #batches: Batches;
  readonly #settledBatches: SettledBatches;
  /** Intents whose payment this node has vouched for since its start. */
  readonly #vouched = new Set<string>();
  readonly #anchors: Anchors;
  readonly #entering: Entering;
  /** False batches, whoever made them, and what became of them. */
  readonly watching: Watching;
  /** What is pending on the chain, and how what was never paid ended. */
  readonly courses: Courses;
  /** Parties who say that their row in a batch is wrong. */
  readonly contests: Contests;
  /** What parties and arbiters sign. */
  readonly acts: Acts;
  /** What the gate held, and what is said of it by hand. */
  readonly held: Held;

  constructor(options: SettlerOptions) {
    this.#options = options;
    this.#address = addressOfPrivateKey(options.account);
    this.#kept = new SettleStore(`${options.folder}/settle.sqlite`, options.disk);
    const { chain, contracts, log, now, timers, policies } = options;
    const policyOf = (agreement: Uint8Array) => this.#policyOf(agreement);
    const intentOf = async (digest: Uint8Array) => (await this.payment(digest))?.intent;
    const outbox = () => this.outbox;
    const on = { chain, contracts, outbox, now, timers };
    this.courses = new Courses({
      ...{ ...on, kept: this.#kept, policyOf, intentOf },
      onChange: (digest, state) => {
        // It, or what was to take its place, may have to be ordered anew.
        if (state === 'replaced' || state === 'expired') this.#orders.wake();
        options.onCourse?.(digest, state);
      },
    });
    this.#settledBatches = new SettledBatches(chain, contracts);
    this.#batches = new Batches({ ...options, kept: this.#kept, courses: this.courses });
    this.#orders = new Orders({ ...options, batches: this.#batches, kept: this.#kept, courses: this.courses });
    this.held = new Held({ ...options, kept: this.#kept, onRelease: () => this.decided({ outcome: 'pay' }) });
    this.#anchors = new Anchors({ ...options, outbox, kept: this.#kept });
    this.#entering = new Entering({ ...options, outbox });
    this.watching = new Watching({ ...on, account: this.#address, network: options.network, policies });
    const contests = new Contests({ ...on, kept: this.#kept.contests, network: options.network, policies });
    this.contests = contests;
    const positionOf = (agreement: Hex, account: Hex) => this.#batches.positionOf(agreement, account);
    const asked = { policies, network: options.network, contests, intentOf, positionOf };
    this.acts = new Acts({ ...on, ...asked, sender: this.#address, key: options.account });
    this.outbox = new Outbox({
      chain,
      senderKey: hexOf(options.account),
      file: `${options.folder}/outbox.sqlite`,
      disk: options.disk,
      kinds: outboxKinds(chain, contracts, log, (_origin, index) => this.#anchors.prove(Number(index))),
      onChange: (item) => {
        if (item.state === 'confirmed') this.#enqueue(() => this.#confirmed(item));
      },
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).then(
      () => {
        this.#trouble = undefined;
      },
      (error: Error) => {
        // Tried again by the next round: everything here may be repeated.
        this.#trouble = error.message;
      },
    );
  }

  /** Why the last step did not succeed, if so. */
  get problem(): string | undefined {
    const lost =
      this.#lost && `The rows of the batch ${this.#lost.slice(0, 16)} are not here: restore the ledger folder.`;
    const seen = this.watching.problem ?? this.contests.problem;
    return this.#trouble ?? this.#orders.problem ?? lost ?? seen ?? this.outbox.problem;
  }

  /** What is not ordered yet of decisions that pay, and why, by decision in hex. */
  get waiting(): Map<string, Waiting> {
    return this.#orders.waiting;
  }

  /** Sees that an agreement is opened on the chain, and funded where its parties' keys are at hand. */
  open(agreement: Agreement): void {
    this.#entering.agreement(agreement);
    this.round();
  }

  /** A decision of ours is in the log. */
  decided({ outcome }: Pick<Decision, 'outcome'>): void {
    if (outcome !== 'pay') return;
    this.#orders.wake();
    this.round();
  }

  #policyOf(agreement: Uint8Array): Agreement {
    const found = this.#options.policies.agreement(agreement);
    if (found === undefined)
      throw new TrineError('not-found', `Agreement ${toHex(agreement).slice(0, 16)} is not known here.`);
    return found.policy;
  }

  /** Enters an enrolled key into the registry on the chain, or ends it there, in one of the next rounds. */
  publishKey(entry: KeyEntry): void {
    this.#entering.key(entry);
  }

  /** Takes every unpaid intent a step further; called when something changed and from time to time. */
  round(): void {
    this.#enqueue(async () => {
      this.#entering.publishKeys();
      await this.#orders.round();
      const open = await this.#openIntents();
      this.#lost = undefined;
      let needsAnchor = -1;
      for (const { leaf, digest } of open)
        if (await this.#further(leaf, digest)) needsAnchor = Math.max(needsAnchor, leaf);
      if (needsAnchor >= 0) await this.anchor(needsAnchor + 1);
      if (open.length > 0 || this.courses.isFollowing) await this.courses.round((digest) => this.#announced(digest));
      await this.watching.round();
      await this.contests.round();
      // Last: one that cannot be opened keeps nothing else from being paid.
      await this.#entering.openAgreements();
    });
  }

  /** Intents that are not paid and for which there is something to do here: what is pending on the chain waits there. */
  #openIntents(): Promise<{ leaf: number; digest: Uint8Array; decision: Uint8Array }[]> {
    return this.#options.store.query(
      `SELECT leaf, digest, decision FROM intents WHERE digest NOT IN (SELECT intent FROM settlements)
        AND NOT list_contains(string_split($1, ','), lower(hex(digest))) ORDER BY leaf LIMIT 1000`,
      [this.courses.known.join(',')],
    );
  }

  /** Takes an intent a step further. @returns whether it waits for an anchor */
  async #further(leaf: number, digest: Uint8Array): Promise<boolean> {
    const intent = this.#intentAt(leaf);
    const settled = this.outbox.get(`settle:${settleKey(intent)}`);
    if (settled?.state === 'confirmed') {
      await this.#confirmed(settled);
      return false;
    }
    const replaces = intent.supersedes === ZERO_HASH ? undefined : await this.payment(fromHex(intent.supersedes));
    const item = this.#submitWhenSigned(leaf, digest, intent, replaces?.intent);
    if (item?.state !== 'confirmed') await this.courses.lapse(toHex(digest), intent);
    return item !== undefined && this.#kept.anchorFor(leaf) === undefined;
  }

  /** An intent of this log that was announced, by whomever. */
  async #announced(digest: Uint8Array): Promise<{ intent: Intent; payload: SettlePayload } | undefined> {
    const [row] = await this.#options.store.query<{ leaf: number }>(
      'SELECT leaf FROM intents WHERE digest = $1 AND digest NOT IN (SELECT intent FROM settlements)',
      [digest],
    );
    if (row === undefined) return undefined;
    const intent = this.#intentAt(row.leaf);
    return { intent, payload: settlePayload(intent, [], this.#options.origin, BigInt(row.leaf)) };
  }

  /** Anchors the newest checkpoint, of at least `size` leaves. */
  anchor(size: number): Promise<void> {
    return this.#anchors.anchor(size);
  }

  #intentAt(leaf: number): Intent {
    const decoded = decodeLeaf(this.#options.log.read(leaf));
    if (decoded.kind !== 'intent') throw new TrineError('damaged', `Leaf ${leaf} is no intent.`);
    return decodeIntent(decoded.intent);
  }

  /**
   * Signs as a decider and hands the intent to the outbox once enough deciders signed. Where the terms name a window, it is
   * announced, and then followed on the chain.
   * @returns what stands in the outbox for it
   */
  #submitWhenSigned(
    leaf: number,
    digest: Uint8Array,
    intent: Intent,
    replaces: Intent | undefined,
  ): OutboxItem | undefined {
    const { deciders, money } = this.#policyOf(fromHex(intent.agreement));
    if (deciders.list.some(({ address }) => address === this.#address) && !this.#kept.hasSigned(digest, this.#address))
      this.#kept.addSignature(digest, this.#address, fromHex(signDigest(hexOf(digest), this.#options.account)));
    const signatures = this.#kept.signaturesOf(digest).slice(0, deciders.quorum);
    if (signatures.length < deciders.quorum) return undefined;
    const rows = isBatch(intent) ? this.#kept.rowsOf(digest) : undefined;
    if (isBatch(intent) && rows === undefined) {
      if (this.#options.now() / 1000 <= Number(intent.deadline)) this.#lost = toHex(digest);
      return undefined;
    }
    const hashes = rows && chunkHashes(rows);
    const more = { hashes, replaces };
    const payload = settlePayload(intent, signatures.map(hexOf), this.#options.origin, BigInt(leaf), more);
    const item = this.outbox.enqueue(money.disputeWindowS === 0 ? 'settle' : 'announce', payload);
    if (item.kind === 'announce' && item.state === 'confirmed') this.courses.follow(toHex(digest), intent, payload);
    return item;
  }

  /**
   * Takes another decider's signature over an intent.
   * @throws TrineError `forbidden` when it is not by a decider of the agreement
   */
  async addSignature(digest: Uint8Array, signature: Uint8Array): Promise<void> {
    const [row] = await this.#options.store.query<{ leaf: number }>('SELECT leaf FROM intents WHERE digest = $1', [
      digest,
    ]);
    if (row === undefined) throw new TrineError('not-found', 'No such intent is in the log.');
    const signer = recoverAddress(hexOf(digest), hexOf(signature));
    const { deciders } = this.#policyOf(fromHex(this.#intentAt(row.leaf).agreement));
    if (!deciders.list.some(({ address }) => address === signer))
      throw new TrineError('forbidden', `${signer} is no decider of this agreement.`);
    this.#kept.addSignature(digest, signer, signature);
    this.round();
  }

  async #confirmed(item: OutboxItem): Promise<void> {
    if (item.kind === 'anchor') {
      await this.#anchors.confirmed(item);
      this.round();
    } else if (item.kind === 'settle') await this.#settleConfirmed(item);
    // Something changed on the chain: what follows from it is seen at once.
    else if (CHANGES.includes(item.kind)) this.round();
  }

  /** Keeps the proof of the payment and seals this member's word for its block. */
  async #settleConfirmed({ payload, txHash }: OutboxItem): Promise<void> {
    const leaf = Number((payload as { index: string }).index);
    const intent = this.#intentAt(leaf);
    const digest = fromHex(intentDigest(intent));
    const { store, chain, issuer } = this.#options;
    this.courses.paid(toHex(digest));
    // The store follows a moment later: what was said since the start is remembered here.
    if (this.#vouched.has(toHex(digest))) return;
    if ((await store.query('SELECT leaf FROM settlements WHERE intent = $1', [digest])).length > 0) return;
    const proof = await proveReceipt(chain, txHash as Hex);
    this.#kept.addSettlement(digest, proof);
    const paid = verifyReceipt(proof);
    const anchored = this.#kept.anchorFor(leaf);
    if (anchored === undefined)
      throw new TrineError('not-found', `The anchor under which leaf ${leaf} was paid is not known here.`);
    const anchor = verifyReceipt(anchored.proof);
    const { subject } = this.#policyOf(fromHex(intent.agreement));
    await issuer.issue(
      'settlement',
      subject,
      settlementPayload.encode({
        intent: digest,
        transaction: fromHex(txHash as Hex),
        block: {
          chainId: Number(chain.chainId),
          number: Number(paid.blockNumber),
          hash: fromHex(paid.blockHash),
          timeS: Number(paid.timestamp),
        },
        anchorBlock: { number: Number(anchor.blockNumber), hash: fromHex(anchor.blockHash) },
      }),
    );
    this.#vouched.add(toHex(digest));
  }

  /** Intents that still need signatures of other deciders. */
  async unsigned(): Promise<Unsigned[]> {
    return (await this.#openIntents())
      .map(({ leaf, digest, decision }) => {
        const intent = this.#intentAt(leaf);
        const { quorum } = this.#policyOf(fromHex(intent.agreement)).deciders;
        const signatures = this.#kept.signaturesOf(digest).length;
        const kept = isBatch(intent) ? this.#kept.rowsOf(digest) : undefined;
        const rows = kept && { rows: hexOf(kept) };
        return { digest: toHex(digest), decision: toHex(decision), intent, signatures, quorum, ...rows };
      })
      .filter(({ signatures, quorum }) => signatures < quorum);
  }

  /** Everything about an intent that evidence needs. */
  async payment(digest: Uint8Array): Promise<Payment | undefined> {
    const [row] = await this.#options.store.query<{ leaf: number }>('SELECT leaf FROM intents WHERE digest = $1', [
      digest,
    ]);
    if (row === undefined) return undefined;
    return {
      digest: toHex(digest),
      intent: this.#intentAt(row.leaf),
      index: row.leaf,
      signatures: this.#kept.signaturesOf(digest),
      anchored: this.#kept.anchorFor(row.leaf),
      settlement: this.#kept.settlementOf(digest),
    };
  }

  /** Rows of a batch as they are to be published; undefined where they are not here. */
  rowsOf(digest: Uint8Array): Uint8Array | undefined {
    return this.#kept.rowsOf(digest);
  }

  /** What an account has gained or lost by batches of an agreement; undefined where it has not joined. */
  positionOf(agreement: Hex, account: Hex): Promise<PositionProof | undefined> {
    return this.#batches.positionOf(agreement, account);
  }

  /** The batch of a payment that is settled in one, read back from the chain; undefined where it is not, or not yet. */
  async settledBatch({ intent, settlement }: Payment): Promise<SettledBatch | undefined> {
    return isBatch(intent) && settlement ? this.#settledBatches.of(intent, settlement) : undefined;
  }

  async stop(): Promise<void> {
    await this.outbox.stop();
    await this.#work;
    this.#kept.close();
  }
}
