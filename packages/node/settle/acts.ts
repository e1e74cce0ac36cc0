// Acts of parties and arbiters, handed in by anybody: checked here as the contracts check them, then submitted by the
// outbox. Nothing is sent, and no gas spent, for an act that a contract would refuse now, nor for strangers to the
// agreements that are known here.
import { type ActProof, actCall, digestOf, releaseCall } from '@trine/ledger/acts.ts';
import { PHASES } from '@trine/ledger/agreements.ts';
import { admissionDigest } from '@trine/ledger/batches.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Call, Contracts } from '@trine/ledger/contracts.ts';
import { LedgerError, type Revert } from '@trine/ledger/errors.ts';
import type { Outbox } from '@trine/ledger/outbox.ts';
import type { OutboxItem } from '@trine/ledger/outbox-store.ts';
import { tryCall } from '@trine/ledger/transactions.ts';
import {
  type Act,
  type Claim,
  formatAmount,
  formatTime,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  listedAccounts,
  type NetworkDocument,
  type PositionProof,
  recoverAddress,
  sha256,
  signDigest,
  TrineError,
  toHex,
  toUtf8,
} from '@trine/protocol';
import type { Clock, Timers } from '@trine/system/time.ts';
import { Tries } from '../access/tries.ts';
import type { LoggedAgreement, PolicyRegistry } from '../projections/policies.ts';
import type { Contests } from './contests.ts';

/** Gives back what is left of a lock: needs nobody's signature. */
export interface Release {
  readonly kind: 'release';
  readonly agreement: Hex;
  readonly account: Hex;
}

export interface HandedIn {
  readonly act: Act | Release;
  /** of every act but a release: 65 bytes over its digest, by its account; of a word on a contest by the arbiter */
  readonly signature?: Hex | undefined;
  readonly permit?: ActProof['permit'];
  /** of a contest: what its statement is the hash of */
  readonly words?: string | undefined;
}

/** What became of an act. */
export interface ActState {
  /** its digest, hex: under this it can be asked for again */
  readonly id: string;
  readonly state: OutboxItem['state'];
  /** why it waits, or was refused after all */
  readonly error: string | undefined;
  /** hash of the transaction, hex */
  readonly transaction: string | undefined;
  readonly block: number | undefined;
}

export interface ActsOptions {
  readonly chain: Chain;
  readonly contracts: Contracts;
  /** sends and pays */
  readonly sender: Hex;
  /** The sender's: where it is the registrar of an agreement, it admits those whom the terms name. */
  readonly key: Uint8Array;
  readonly outbox: () => Pick<Outbox, 'enqueue' | 'get'>;
  readonly policies: Pick<PolicyRegistry, 'agreements' | 'lineOf'>;
  readonly network: NetworkDocument;
  readonly now: Clock;
  readonly timers: Pick<Timers, 'elapsed'>;
  /** @returns undefined where the account has not joined */
  readonly positionOf: (agreement: Hex, account: Hex) => Promise<PositionProof | undefined>;
  readonly intentOf: (digest: Uint8Array) => Promise<Intent | undefined>;
  readonly contests: Pick<Contests, 'checked' | 'keep'>;
}

/** An act that waits longer is handed in again. */
const DEADLINE_S_MAX = 7 * 86_400;
/** Of one sender that may be anybody. */
const TRIES_MAX = 60;
const TRIES_PER_SECOND = 1;
/** Of one account, whose signature was checked: each is a transaction that this node pays for. */
const ACTS_MAX = 20;
const ACTS_PER_SECOND = 1 / 60;
const LATER = 'try again in a minute, or send the transaction yourself.';

export class Acts {
  readonly #options: ActsOptions;
  readonly #tries: Tries;
  readonly #accounts: Tries;

  constructor(options: ActsOptions) {
    this.#options = options;
    this.#tries = new Tries(options.timers, TRIES_MAX, TRIES_PER_SECOND);
    this.#accounts = new Tries(options.timers, ACTS_MAX, ACTS_PER_SECOND);
  }

  /**
   * Takes an act; durable when it returns. The same again changes nothing.
   * @param from whoever hands it in: the address of the connection
   * @throws TrineError `bad-signature`, `forbidden`, `not-found`, `rate-limited`, or `refused` in words where a contract
   * would refuse it now
   */
  async take({ act, signature, permit, words }: HandedIn, from: string): Promise<ActState> {
    this.#tries.charge(from, `From here more is handed in than is looked at: ${LATER}`);
    const agreement = this.#checkAbout(act);
    const { chain, sender, contests } = this.#options;
    const said = act.kind === 'contest' ? contests.checked(act, words) : undefined;
    const { id, call } =
      act.kind === 'release' ? await this.#release(act) : await this.#signed(act, agreement, { signature, permit });
    const known = this.of(id);
    if (known) return known;
    await chain.refresh();
    try {
      await tryCall(chain, sender, call);
    } catch (error) {
      throw refusalInWords(error, act.kind, this.#amounts(act, agreement));
    }
    const whose = act.kind === 'release' ? `release of ${act.account}` : signerOf(act, agreement);
    this.#accounts.charge(whose, `${whose} acts more often than is paid for here: ${LATER}`);
    if (act.kind === 'contest' && said !== undefined) contests.keep(act, said);
    return stateOf(this.#options.outbox().enqueue('act', { key: id, call }));
  }

  /** What became of an act that was taken here. @param id its digest, 64 hex digits */
  of(id: string): ActState | undefined {
    const item = this.#options.outbox().get(`act:${id}`);
    return item && stateOf(item);
  }

  /**
   * @returns the agreement it is about, if about one
   * @throws TrineError where it is about nothing that is known here, or by a stranger to it
   */
  #checkAbout(act: Act | Release): LoggedAgreement | undefined {
    const { policies, contracts } = this.#options;
    const all = policies.agreements();
    if (act.kind !== 'release') this.#checkDeadline(act);
    if (act.kind === 'deposit' || act.kind === 'withdraw') {
      if (act.token !== contracts.token)
        throw new TrineError('invalid', `act.token: this network pays in ${contracts.token}.`);
      if (!all.some((one) => isOf(policies, one, act.account)))
        throw new TrineError(
          'forbidden',
          `${act.account} is in no agreement that is known here: send the transaction yourself.`,
        );
      return undefined;
    }
    const agreement = all.find(({ id }) => `0x${toHex(id)}` === act.agreement);
    if (agreement === undefined) throw new TrineError('not-found', 'act.agreement: no such agreement is known here.');
    if (!isOf(policies, agreement, act.account))
      throw new TrineError(
        'forbidden',
        `${act.account} is neither a party nor the arbiter of this agreement, nor did it join it.`,
      );
    const isContest = act.kind === 'contest' || act.kind === 'rule-contest';
    if (isContest && agreement.policy.money.contract !== contracts.batch)
      throw new TrineError(
        'refused',
        'This agreement is not settled in batches: nobody contests a payment of it, and who pays objects by a hold.',
      );
    return agreement;
  }

  #checkDeadline({ deadline }: Act): void {
    const leftS = Number(deadline) - this.#options.now() / 1000;
    if (leftS <= 0) throw new TrineError('refused', 'act.deadline: it is over. Sign the act again.');
    if (leftS > DEADLINE_S_MAX)
      throw new TrineError('invalid', `act.deadline: at most ${DEADLINE_S_MAX / 86_400} days from now.`);
  }

  async #signed(
    act: Act,
    agreement: LoggedAgreement | undefined,
    proof: Pick<ActProof, 'signature' | 'permit'>,
  ): Promise<{ id: string; call: Call }> {
    const { chain, contracts, intentOf } = this.#options;
    const { signature } = proof;
    const settler = agreement?.policy.money.contract as Hex | undefined;
    // Without one the contract would take it for an act of the sender's own, which is this node.
    if (signature === undefined) throw new TrineError('invalid', 'signature: this act needs one.');
    const digest = digestOf(chain.chainId, contracts, act, settler);
    const signer = signerOf(act, agreement);
    if (recoverAddress(digest, signature) !== signer)
      throw new TrineError('bad-signature', `The signature is not by ${signer}, or over something else.`);
    const isAbout = act.kind === 'hold' || act.kind === 'rule';
    const intent = isAbout ? await intentOf(fromHex(act.intent)) : undefined;
    if (isAbout && intent === undefined)
      throw new TrineError('not-found', 'act.intent: no such payment is known here.');
    const position = act.kind === 'claim' ? await this.#claimed(act) : undefined;
    const admission = act.kind === 'authorize' && agreement ? this.#admission(agreement, act.account) : undefined;
    return { id: digest.slice(2), call: actCall(contracts, act, { ...proof, intent, settler, admission, position }) };
  }

  /** Amounts in the currency that an act is about. */
  #amounts(act: Act | Release, agreement: LoggedAgreement | undefined): Amounts {
    const { network } = this.#options;
    const { tokens } = network.chain;
    const token = 'token' in act ? tokens.find(({ address }) => address === act.token) : tokens[0];
    const currency = agreement?.policy.money.currency ?? token?.currency;
    return (minor) =>
      currency === undefined ? `${minor} minor units` : formatAmount(BigInt(minor as bigint), currency, network);
  }

  async #claimed({ agreement, account }: Claim): Promise<PositionProof> {
    const position = await this.#options.positionOf(agreement, account);
    if (position === undefined)
      throw new TrineError(
        'refused',
        `${account} has not joined this agreement on the chain: there is nothing to claim.`,
      );
    return position;
  }

  /** Of an account that the terms name, and the contract does not list: where this node is the registrar, its word. */
  #admission({ id, policy }: LoggedAgreement, account: Hex): Hex | undefined {
    const { chain, contracts, sender, key } = this.#options;
    if (policy.registrar !== sender || listedAccounts(policy).includes(account)) return undefined;
    return signDigest(admissionDigest(chain.chainId, contracts, { agreement: hexOf(id), account }), key);
  }

  async #release({ agreement, account }: Release): Promise<{ id: string; call: Call }> {
    const { chain, contracts } = this.#options;
    // What comes back into a lock can be released again, in a later block.
    const block = (await chain.request({ method: 'eth_blockNumber' })) as string;
    const id = toHex(sha256(toUtf8(`release ${agreement} ${account} ${BigInt(block)}`)));
    return { id, call: releaseCall(contracts, agreement, account) };
  }
}

function isOf(policies: Pick<PolicyRegistry, 'lineOf'>, { policy, hash }: LoggedAgreement, account: Hex): boolean {
  const named = [...policy.parties, ...(policy.accounts ?? [])];
  const addresses = [policy.arbiter, ...named.map(({ address }) => address)];
  return addresses.some((address) => address.toLowerCase() === account) || policies.lineOf(hash, account) !== undefined;
}

/** Whose signature it takes: of the account itself; of a word on its contest that of the arbiter. */
function signerOf(act: Act, agreement: LoggedAgreement | undefined): string {
  return act.kind === 'rule-contest' && agreement ? agreement.policy.arbiter : act.account;
}

function stateOf({ id, state, error, txHash, blockNumber }: OutboxItem): ActState {
  return {
    id: id.slice(id.indexOf(':') + 1),
    state,
    error: error ?? undefined,
    transaction: state === 'confirmed' && txHash ? txHash.slice(2) : undefined,
    block: blockNumber ?? undefined,
  };
}

const at = (seconds: unknown): string => formatTime(Number(seconds) * 1000).replace('.000Z', 'Z');
const phaseOf = (number: unknown): string => PHASES[Number(number)] ?? String(number);

/** Minor units, as a contract counts them, in words. */
type Amounts = (minor: unknown) => string;

/** What a contract's refusal means to whoever acted. */
const WORDS: Readonly<Record<string, (args: readonly unknown[], amount: Amounts) => string>> = {
  WrongPhase: ([phase]) =>
    phase === 0
      ? 'The payment is not announced on the chain: there is nothing to dispute yet, or no more.'
      : `The payment is ${phaseOf(phase)}: only what is announced can be held, and only what is held can be ruled on.`,
  AlreadyFinal: () => 'The payment is settled or dropped: that is final.',
  OtherIntentPending: () => 'Another intent took the place of this one.',
  NotAllowed: ([account]) =>
    `${account} may not do that: who pays and the arbiter may hold, the arbiter rules, and who holds may give in.`,
  HeldBefore: ([account]) => `${account} has held this payment before: each side does so once.`,
  TooEarly: ([from]) => `It is too early: from ${at(from)} on.`,
  NothingToClaim: ([available], amount) =>
    `Beyond its limit the account has ${amount(available)} in the agreement: less than that.`,
  NothingToRelease: () => 'There is nothing to revoke or to release.',
  NonceUsed: () => 'This act was done, or cancelled, before.',
  ActExpired: ([deadline]) => `The act had to be submitted by ${at(deadline)}: sign it again.`,
  BalanceTooLow: ([, balance, needed], amount) =>
    `The free balance is ${amount(balance)}: less than the ${amount(needed)} it takes.`,
  ERC20InsufficientAllowance: () => 'The deposit needs a permit or an approval of the token.',
  ERC20InsufficientBalance: ([, balance, needed], amount) =>
    `The wallet has ${amount(balance)}: less than the ${amount(needed)} it takes.`,
  BadAuthorization: () => 'An authorization only grows while it stands; less needs a revocation and its notice.',
  NotAParty: ([account]) => `${account} is no party of this agreement.`,
  NoSuchAgreement: () =>
    'The agreement is not opened on the chain: its node does that a moment after the last party has signed. Try again then.',
};

/** The same of contests, where it means something else. */
const CONTEST_WORDS: typeof WORDS = {
  WrongPhase: () => 'No batch of this obligation stands on the chain: there is nothing to contest yet, or no more.',
  HeldBefore: ([account]) => `${account} has contested this batch before: each account does so once.`,
  NotAllowed: ([account]) => `${account} has not joined this agreement on the chain: it has no row in its batches.`,
  NoContest: () => 'This account has no open contest of this batch: it made none, or that was ruled on, or is over.',
  BalanceTooLow: ([, balance, bond], amount) =>
    `A contest takes a bond of ${amount(bond)} out of the free balance, and that is ${amount(balance)}: deposit more first.`,
};

/** @returns what else went wrong, as it is */
function refusalInWords(error: unknown, kind: (Act | Release)['kind'], amounts: Amounts): unknown {
  const revert: Revert | undefined = error instanceof LedgerError ? error.revert : undefined;
  if (revert === undefined) return error;
  const ofContest = kind === 'contest' || kind === 'rule-contest' ? CONTEST_WORDS[revert.name] : undefined;
  const words = (ofContest ?? WORDS[revert.name])?.(revert.args, amounts) ?? (error as Error).message;
  return new TrineError('refused', words, { facts: { revert: revert.name }, cause: error });
}
