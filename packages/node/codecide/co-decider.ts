// A second decider: follows the log of a node, computes its decisions again, and signs the orders to pay that follow from
// them. It takes nobody's word: the log is its own copy, the clock and the chain are its own, and what it signed it remembers.

import { type Domains, subjectsOf } from '@trine/engine';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import { isBatch } from '@trine/ledger/outbox-kinds.ts';
import type { Source } from '@trine/log/fsck/source.ts';
import {
  addressOfPrivateKey,
  countOf,
  type Decision,
  decisionId,
  decodeIntent,
  decodeLeaf,
  formatAmount,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  intentDigest,
  type NetworkDocument,
  NotChecked,
  openBody,
  parseStatement,
  type Row,
  released,
  StepError,
  signDigest,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { Database } from '@trine/system/disk.ts';
import { policySecretHmac } from '../access/salts.ts';
import { Audit } from '../projections/audit.ts';
import { leavesOf } from '../projections/log-files.ts';
import { FollowedLog } from '../projections/log-folder.ts';
import type { LoggedAgreement } from '../projections/policies.ts';
import { LineAccounts } from './accounts.ts';
import { LogCopy } from './copy.ts';
import { DeciderMemory } from './memory.ts';
import { OrderChecks, Over } from './orders.ts';
import { NotNow, Recomputer } from './recompute.ts';

/** What a node hands out to a decider of an agreement, and takes from it. */
export interface DeciderPeer {
  readonly source: Source;
  /** The secret of a policy, 32 bytes, and bodies of leaves that the policy looks at; undefined for one that is not kept. */
  bodies(
    policy: string,
    leaves: readonly number[],
  ): Promise<{ secret: Uint8Array; bodies: (Uint8Array | undefined)[] }>;
  /** Rows of a batch as they are to be published. */
  rows(policy: string, digest: string): Promise<Uint8Array>;
  handIn(digest: string, signature: Hex): Promise<void>;
}

export interface CoDeciderOptions {
  /** What was signed, and what was computed. */
  readonly memory: Database;
  /** The copy of the log. */
  readonly copy: Database;
  /** The one that is trusted. */
  readonly network: NetworkDocument;
  /** Of the log that is followed. */
  readonly origin: string;
  /** secp256k1, 32 bytes: of the account that the terms name. */
  readonly key: Uint8Array;
  readonly domains: Domains;
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly peer: DeciderPeer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told before a signature that was promised is made: for tests that end the process there. */
  readonly onPromise?: (digest: string) => void;
}

/** What was said of an order to pay. */
export interface Said {
  readonly state: 'signed' | 'refused' | 'waits' | 'over';
  /** Digest of the intent, hex. */
  readonly payment: string;
  readonly decision: string;
  readonly title: string;
  /** Why, in words; of what was signed what it moves. */
  readonly words: string;
}

interface Order {
  readonly index: number;
  readonly digest: string;
  readonly intent: Intent;
}

const BODIES_AT_ONCE = 256;

export class CoDecider {
  readonly #options: CoDeciderOptions;
  readonly #memory: DeciderMemory;
  readonly #copy: LogCopy;
  readonly #log: FollowedLog;
  readonly #audit: Audit;
  readonly #account: Hex;
  readonly #accounts: LineAccounts;
  readonly #recomputer: Recomputer;
  readonly #checks: OrderChecks;
  /** Orders on which nothing final was said. */
  readonly #open = new Map<string, Order>();
  readonly #secrets = new Map<string, Uint8Array>();
  /** Up to where the bodies of a policy were asked for. */
  readonly #fetched = new Map<string, number>();
  /** Leaf of the certificate by which the bodies about a thing were erased. */
  readonly #erased = new Map<string, number>();
  #taken = 0;

  /** @throws TrineError where the copy is damaged; LogForkedError */
  constructor(options: CoDeciderOptions) {
    this.#options = options;
    const { network, origin, domains, now, chain, contracts, peer } = options;
    this.#memory = new DeciderMemory(options.memory);
    this.#copy = new LogCopy(options.copy, network, origin);
    this.#account = addressOfPrivateKey(options.key);
    const bodies = { read: (leaf: number) => this.#memory.body(leaf) };
    this.#log = new FollowedLog(this.#copy, origin, { network, bodies });
    this.#audit = new Audit(network, this.#copy.size);
    const hmac = (policy: string) => {
      const secret = this.#secrets.get(policy);
      return secret && policySecretHmac(secret);
    };
    const kept = { memory: this.#memory, now };
    this.#recomputer = new Recomputer({ ...kept, log: this.#log, domains, hmac });
    const rows = (logged: LoggedAgreement, digest: Uint8Array) => peer.rows(logged.hash, toHex(digest));
    this.#accounts = new LineAccounts({ memory: this.#memory, policies: this.#log.policies });
    this.#checks = new OrderChecks({ ...kept, network, chain, contracts, rows, accounts: this.#accounts });
  }

  /** Leaves seen, and the account that signs. */
  get standing(): { readonly leaves: number; readonly account: Hex; readonly agreements: readonly LoggedAgreement[] } {
    return { leaves: this.#taken, account: this.#account, agreements: this.#agreements() };
  }

  /**
   * Follows the log as far as it is, and says of every order something. Repeating changes nothing.
   * @returns what was said, of those about which there is something new or still to wait for
   * @throws TrineError where the log cannot be had or is not what it must be: then nothing is signed
   */
  async round(): Promise<Said[]> {
    await this.#copy.pull(this.#options.peer.source);
    await this.#take();
    const [problem] = this.#audit.problems;
    if (problem)
      throw new TrineError(
        'damaged',
        `The log holds what no node takes (leaf ${problem.leaf}: ${problem.problem}) Nothing is signed.`,
      );
    const said: Said[] = await this.#finish();
    for (const logged of this.#agreements()) said.push(...(await this.#agreement(logged)));
    return said;
  }

  #agreements(): LoggedAgreement[] {
    return this.#log.policies
      .agreements()
      .filter(({ policy }) => policy.deciders.list.some(({ address }) => address === this.#account));
  }

  async #take(): Promise<void> {
    const from = this.#taken;
    for await (const { index, leaf } of leavesOf(this.#copy, this.#copy.size, (at) => at >= from)) {
      this.#audit.take(index, leaf);
      this.#log.take(index, leaf);
      this.#taken = index + 1;
      const decoded = decodeLeafOrNothing(leaf);
      if (decoded?.kind === 'intent') this.#order(index, decoded.intent);
      else if (decoded) {
        this.#accounts.take(index, decoded.statement);
        this.#erasure(index, decoded.statement);
      }
    }
  }

  #order(index: number, bytes: Uint8Array): void {
    const intent = decodeIntent(bytes);
    const digest = intentDigest(intent).slice(2);
    if (this.#memory.signed(digest) === undefined && this.#memory.closed(digest) === undefined)
      this.#open.set(digest, { index, digest, intent });
  }

  #erasure(index: number, bytes: Uint8Array): void {
    const { header } = parseStatement(bytes);
    if (header.kind !== 'erasure') return;
    this.#erased.set(header.subject, index);
    this.#memory.forget(header.subject, index);
    this.#recomputer.forget();
  }

  /** What a crash left between the promise and the node. */
  async #finish(): Promise<Said[]> {
    const said: Said[] = [];
    for (const { digest, intent, signature } of this.#memory.unfinished())
      said.push(await this.#deliver(digest, intent, signature ?? this.#sign(digest)));
    return said;
  }

  #sign(digest: string): Uint8Array {
    const signature = fromHex(signDigest(`0x${digest}`, this.#options.key));
    this.#memory.addSignature(digest, signature);
    return signature;
  }

  /** Hands a signature in, now or with a later round. */
  async #deliver(digest: string, intent: Intent, signature: Uint8Array): Promise<Said> {
    const { title } = this.#log.policies.agreement(fromHex(intent.agreement))?.policy ?? { title: '' };
    const about = { payment: digest, decision: intent.decision.slice(2), title };
    const words = wordsOf(intent, this.#options.network);
    try {
      await this.#options.peer.handIn(digest, hexOf(signature));
    } catch (error) {
      return {
        ...about,
        state: 'waits',
        words: `${words}; signed, and the node did not take it: ${waitingWords(error)}`,
      };
    }
    this.#memory.handedIn(digest);
    return { ...about, state: 'signed', words };
  }

  async #agreement(logged: LoggedAgreement): Promise<Said[]> {
    let waits: string | undefined;
    try {
      await this.#fetch(logged);
      await this.#fetchAccounts(logged);
      await this.#recomputer.follow(logged);
    } catch (error) {
      waits = waitingWords(error);
    }
    const said: Said[] = [];
    for (const order of this.#open.values())
      if (order.intent.agreement === hexOf(logged.id)) said.push(await this.#judge(order, logged, waits));
    return said;
  }

  /** Gets the secret of a policy, and the bodies of what it looks at. @throws NotNow where some are not to be had */
  async #fetch({ hash, policy }: LoggedAgreement): Promise<void> {
    const { peer, domains } = this.#options;
    const from = this.#fetched.get(hash) ?? 0;
    if (from === this.#log.size && this.#secrets.has(hash)) return;
    const to = this.#log.size;
    let wanted: { readonly leaf: number; readonly bytes: Uint8Array }[] = [];
    const ask = async () => {
      const { secret, bodies } = await peer.bodies(
        hash,
        wanted.map(({ leaf }) => leaf),
      );
      this.#secrets.set(hash, secret);
      this.#keep(wanted, bodies);
      wanted = [];
    };
    for await (const { index, leaf } of this.#log.about(subjectsOf(policy, domains), from)) {
      const decoded = decodeLeafOrNothing(leaf);
      if (decoded?.kind !== 'statement') continue;
      const { header } = parseStatement(decoded.statement);
      const isErased = index < (this.#erased.get(header.subject) ?? -1);
      if (!header.sealed || isErased || this.#memory.body(index) !== undefined) continue;
      wanted.push({ leaf: index, bytes: decoded.statement });
      if (wanted.length >= BODIES_AT_ONCE) await ask();
    }
    if (wanted.length > 0 || !this.#secrets.has(hash)) await ask();
    this.#fetched.set(hash, to);
  }

  /** Gets the accounts of lines that joined: what the node does not hand out is missed where an order needs it, not here. */
  async #fetchAccounts(logged: LoggedAgreement): Promise<void> {
    const to = this.#log.size;
    const wanted = this.#accounts.wanted(logged);
    for (let at = 0; at < wanted.length; at += BODIES_AT_ONCE) {
      const places = wanted.slice(at, at + BODIES_AT_ONCE);
      const leaves = places.map(({ leaf }) => leaf);
      const { bodies } = await this.#options.peer.bodies(logged.hash, leaves);
      this.#accounts.keep(places, bodies);
    }
    this.#accounts.askedBelow(logged, to);
  }

  #keep(wanted: readonly { leaf: number; bytes: Uint8Array }[], given: readonly (Uint8Array | undefined)[]): void {
    const bodies = wanted.map(({ leaf, bytes }, i) => {
      const disclosure = given[i];
      if (disclosure === undefined)
        throw new NotNow(
          `the node does not hand out the body of leaf ${leaf}, which nothing in the log says was erased`,
        );
      const statement = parseStatement(bytes);
      openBody(statement, disclosure);
      return { leaf, subject: statement.header.subject, disclosure };
    });
    this.#memory.keepBodies(bodies);
  }

  /** A decision as it orders, with what was said by hand before an order. @param before leaf of the order */
  #ordered(
    logged: LoggedAgreement,
    { decision, leaf }: { readonly decision: Decision; readonly leaf: number },
    before: number,
  ): { readonly decision: Decision; readonly rows: ReadonlyMap<string, Row>; readonly refused?: string } {
    if (logged.policy.money.contract === this.#options.network.chain.batch)
      return this.#recomputer.ruled(logged, decision, before);
    const rows = this.#memory.linesOf(toHex(decisionId(decision)));
    const { isReleased, refused } = this.#recomputer.byHand(logged, decision, leaf, before);
    if (refused !== undefined) return { decision, rows, refused };
    return isReleased ? released(decision, rows) : { decision, rows };
  }

  async #judge(order: Order, logged: LoggedAgreement, waits: string | undefined): Promise<Said> {
    const { digest, intent } = order;
    const say = (state: Said['state'], words: string): Said => {
      // Kept first: what a full disk kept from being kept is judged again.
      if (state === 'refused' || state === 'over') this.#memory.close(digest, state, words);
      if (state !== 'waits') this.#open.delete(digest);
      return { state, payment: digest, decision: intent.decision.slice(2), title: logged.policy.title, words };
    };
    try {
      const id = intent.decision.slice(2);
      const found = this.#recomputer.found(logged, id);
      if (found === undefined)
        return waits === undefined
          ? say('refused', 'it names no decision of this log, or not the first one on its obligation')
          : say('waits', waits);
      if (found.leaf > order.index) return say('refused', 'the order stands before its decision');
      if (found.reason !== undefined) return say('refused', `its decision does not hold: ${found.reason}`);
      const ordered = this.#ordered(logged, found, order.index);
      if (ordered.refused !== undefined) return say('refused', ordered.refused);
      const before = this.#recomputer.corrected(logged, found.decision);
      const { decision, rows } = ordered;
      const held = { logged, id: fromHex(id), decision, rows, before };
      const lines = await this.#checks.check(intent, held);
      // From here on nothing else is signed for the obligation, whatever happens in between.
      this.#memory.promise(intent, lines);
    } catch (error) {
      if (error instanceof Over) return say('over', error.message);
      if (error instanceof StepError && !(error instanceof NotChecked)) return say('refused', error.message);
      return say('waits', waitingWords(error));
    }
    this.#options.onPromise?.(digest);
    this.#open.delete(digest);
    return this.#deliver(digest, intent, this.#sign(digest));
  }
}

/** What an order moves. */
function wordsOf(intent: Intent, network: NetworkDocument): string {
  const { entries, rowCount, token } = intent;
  if (isBatch(intent)) return `a batch over ${countOf(Number(rowCount), 'account')}`;
  if (entries.length === 0) return 'nothing is due any more';
  const { currency = '' } = network.chain.tokens.find(({ address }) => address === token) ?? {};
  return entries
    .map(({ from, to, amount }) => `${formatAmount(amount, currency, network)} from ${from} to ${to}`)
    .join('; ');
}

/**
 * Why it cannot go on now. Node and chain may answer anything: what nobody expected of them is a reason like every other, and
 * ends neither the round nor the decider.
 */
function waitingWords(error: unknown): string {
  const isPassing = error instanceof NotChecked || error instanceof TrineError;
  return isPassing ? error.message : `something that nobody expected: ${(error as Error).message}`;
}

function decodeLeafOrNothing(leaf: Uint8Array): ReturnType<typeof decodeLeaf> | undefined {
  try {
    return decodeLeaf(leaf);
  } catch {
    // The audit says so.
    return undefined;
  }
}
