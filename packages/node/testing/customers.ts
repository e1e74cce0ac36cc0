// An agreement that settles in batches, its customers with keys and money of their own, on a chain in memory.
import { digestOf } from '@trine/ledger/acts.ts';
import { readWallet } from '@trine/ledger/agreements.ts';
import { mintCall } from '@trine/ledger/calls.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import {
  type Act,
  type Agreement,
  type Authorization,
  accountPayload,
  addressOfPrivateKey,
  type Contest,
  detachBody,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  lineAccountDigest,
  permitDigest,
  policyHash,
  sha256,
  signDigest,
  toUtf8,
} from '@trine/protocol';
import type { Genesis } from '../genesis/genesis.ts';
import type { LoggedAgreement } from '../projections/policies.ts';
import type { ActState, Acts, HandedIn } from '../settle/acts.ts';
import type { Settling } from './settling.ts';

/** The shortest that batches have. */
export const WINDOW_S = 3_600;
/** Besides, until an order is over. */
export const DEADLINE_S = 7_200;

const DAY_S = 86_400;

/** A key that follows from a name. */
export function keyOf(name: string): Uint8Array {
  return sha256(toUtf8(`key of ${name}`));
}

export function addressOf(name: string): Hex {
  return addressOfPrivateKey(keyOf(name));
}

/** Terms of lines that are settled in batches. @param keys of lines; each has an account */
export function batched({ parts }: Settling, keys: readonly string[], given: Partial<Agreement> = {}): Agreement {
  const { network } = parts.genesis;
  const { money, ...rest } = parts.agreement();
  return {
    ...rest,
    ...(given.domain === undefined && { domain: 'toy', model: parts.domains.identity('toy'), subject: 'market/1' }),
    terms: { things: [...keys] },
    ...(given.joining === undefined && { accounts: keys.map((key) => ({ key, address: addressOf(key) })) }),
    money: { ...money, contract: network.chain.batch, disputeWindowS: WINDOW_S, deadlineS: DEADLINE_S },
    ...given,
  };
}

/**
 * The member says which account a line has, as the account signed.
 * @param by whose account it is
 * @returns its leaf
 */
export async function saysAccount(
  { parts }: Settling,
  { policy, id }: LoggedAgreement,
  key: string,
  by: string = key,
): Promise<number> {
  const signature = fromHex(signDigest(lineAccountDigest(id, key, policy.money), keyOf(by)));
  const said = { policy: policyHash(policy), agreement: id, key, address: addressOf(by), signature };
  const body = accountPayload.encode({ trine: 'account/1', ...said });
  const { commitment, disclosure } = detachBody(body, parts.world.random(16));
  return (await parts.does(parts.identities.member.issueDetached('account', key, commitment, disclosure))).index;
}

/** Where customers act: a node, and how time passes there. */
export interface Bank {
  readonly genesis: Pick<Genesis, 'chain' | 'contracts' | 'keys'>;
  readonly acts: () => Acts;
  readonly now: () => number;
  does<T>(work: Promise<T>): Promise<T>;
  until(what: string, holds: () => boolean): Promise<unknown>;
}

/** That of parts in virtual time. @param settling whose parts are there now */
export function bankOf(settling: () => Settling): Bank {
  const { parts } = settling();
  const { world, genesis } = parts;
  return {
    genesis,
    acts: () => settling().settler.acts,
    now: world.now,
    does: (work) => world.does(work),
    until: (what, holds) => world.until(holds, what),
  };
}

export class Customers {
  readonly #bank: Bank;
  #nonce = 1n;

  constructor(bank: Bank) {
    this.#bank = bank;
  }

  #once(name: string): { account: Hex; nonce: bigint; deadline: bigint } {
    const deadline = BigInt(Math.floor(this.#bank.now() / 1000) + 3_600);
    return { account: addressOf(name), nonce: this.#nonce++, deadline };
  }

  /** Hands in what somebody signed, and waits until it is done. @param key of whoever signs */
  async does(
    act: Act,
    name: string,
    settler?: Hex,
    { key = keyOf(name), ...more }: Pick<HandedIn, 'permit' | 'words'> & { readonly key?: Uint8Array } = {},
  ): Promise<ActState> {
    const { chain, contracts } = this.#bank.genesis;
    const signature = signDigest(digestOf(chain.chainId, contracts, act, settler), key);
    const acts = this.#bank.acts();
    const { id } = await this.#bank.does(acts.take({ act, signature, ...more }, name));
    const state = () => acts.of(id);
    const isDone = () => state()?.state === 'confirmed' || state()?.state === 'refused';
    await this.#bank.until(`${act.kind} of ${name}`, isDone);
    return state() as ActState;
  }

  /** Puts money into the free balance: a mint, and a deposit by a permit. */
  async fund(name: string, amount: bigint): Promise<void> {
    const bank = this.#bank;
    const { chain, contracts, keys } = bank.genesis;
    const reference = hexOf(sha256(toUtf8(`mint ${name} ${this.#nonce++}`)));
    await bank.does(sendCall(chain, hexOf(keys.issuer), mintCall(contracts, addressOf(name), amount, reference)));
    const { tokenName, permitNonce } = await bank.does(readWallet(chain, contracts, addressOf(name)));
    const signed = this.#once(name);
    const permit = {
      ...{ owner: addressOf(name), spender: contracts.accounts, value: amount },
      ...{ nonce: permitNonce, deadline: signed.deadline },
    };
    const domain = { chainId: chain.chainId, verifyingContract: contracts.token, name: tokenName };
    const signature = signDigest(permitDigest(permit, domain), keyOf(name));
    const act: Act = { kind: 'deposit', token: contracts.token, amount, ...signed };
    await this.does(act, name, undefined, { permit: { deadline: signed.deadline, signature } });
  }

  /** Lets an agreement take so much, and locks it. */
  async authorizes(
    name: string,
    agreement: Uint8Array,
    { money, period }: Agreement,
    over: Partial<Authorization> = {},
  ): Promise<ActState> {
    const act: Authorization = {
      ...{
        kind: 'authorize',
        agreement: hexOf(agreement),
        perObligation: 100n,
        perPeriod: 0n,
        period: 0n,
        amount: 100n,
      },
      ...{ from: BigInt(Math.floor(period.startMs / 1000)), until: BigInt(Math.ceil(period.endMs / 1000) + DAY_S) },
      ...this.#once(name),
      ...over,
    };
    return this.does(act, name, money.contract as Hex);
  }
  /**
   * Says that its row in a batch is wrong.
   * @param about the batch: what its intent names
   */
  contests(
    name: string,
    { agreement, obligation, settler }: Pick<Intent, 'agreement' | 'obligation' | 'settler'>,
    words: string,
    over: Partial<Contest> = {},
  ): Promise<ActState> {
    const statement = hexOf(sha256(toUtf8(words)));
    const act: Contest = { kind: 'contest', agreement, obligation, statement, ...this.#once(name), ...over };
    return this.does(act, name, settler, { words });
  }

  /** The arbiter's word on it. @param key of whoever signs as the arbiter */
  ruled(
    name: string,
    { agreement, obligation, settler }: Pick<Intent, 'agreement' | 'obligation' | 'settler'>,
    justified: boolean,
    key: Uint8Array = this.#bank.genesis.keys.arbiter,
  ): Promise<ActState> {
    const act: Act = { kind: 'rule-contest', agreement, obligation, justified, ...this.#once(name) };
    return this.does(act, name, settler, { key });
  }
}
