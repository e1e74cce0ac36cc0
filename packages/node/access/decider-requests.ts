// Requests of deciders: signed by the account that an agreement names, for this node, now, and once. They need no token, and
// get what the agreement looks at and nothing else.
import {
  type DeciderRequest,
  deciderRequestDigest,
  type Hex,
  hexOf,
  type NetworkDocument,
  recoverAddress,
  sha256,
  TrineError,
  toUtf8,
} from '@trine/protocol';
import type { Clock, Timers } from '@trine/system/time.ts';
import { isAgreement, type LoggedAgreement, type PolicyRegistry } from '../projections/policies.ts';
import { Tries } from './tries.ts';

/** A request as it came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Of the header `authorization`. */
  readonly authorization: string | undefined;
  /** Address of the connection. */
  readonly from: string;
}

export interface DeciderRequestsOptions {
  readonly network: NetworkDocument;
  /** Of the log of this node. */
  readonly origin: string;
  readonly policies: Pick<PolicyRegistry, 'get'>;
  readonly now: Clock;
  readonly timers: Pick<Timers, 'elapsed'>;
}

/** Clocks may differ so much. */
const AGE_S_MAX = 120;
const NONCES_MAX = 100_000;
/** Of an address, before a signature is looked at; of a decider, by what it is given. */
const TRIES = { most: 240, perSecond: 4 };
const LEAVES = { most: 200_000, perSecond: 2_000 };
const FORM = /^Trine-Decider (\d{1,12}) ([0-9a-f]{64}) (0x[0-9a-f]{130})$/;

export class DeciderRequests {
  readonly #options: DeciderRequestsOptions;
  readonly #tries: Tries;
  readonly #leaves: Tries;
  /** Those that may not come again, and until when, seconds. */
  readonly #nonces = new Map<string, number>();

  constructor(options: DeciderRequestsOptions) {
    this.#options = options;
    this.#tries = new Tries(options.timers, TRIES.most, TRIES.perSecond);
    this.#leaves = new Tries(options.timers, LEAVES.most, LEAVES.perSecond);
  }

  /**
   * Whom is this from, and about which agreement?
   * @param policy hash, hex
   * @param count of what is asked for
   * @throws TrineError `rate-limited`, `unauthorised`, or `forbidden` where the agreement does not name the account
   */
  check(asked: Asked, policy: string, count = 1): LoggedAgreement {
    this.#tries.charge(asked.from, 'From here more is asked than is looked at: try again in a minute.');
    const [, time = '', nonce = '', signature = ''] = FORM.exec(asked.authorization ?? '') ?? [];
    if (signature === '')
      throw new TrineError('unauthorised', 'This needs the signature of a decider: Authorization: Trine-Decider …');
    const nowS = Math.floor(this.#options.now() / 1000);
    if (Math.abs(nowS - Number(time)) > AGE_S_MAX)
      throw new TrineError('unauthorised', `The request is of another time: by the clock here it is ${nowS}.`);
    const { network, origin } = this.#options;
    const request: DeciderRequest = {
      ...{ origin, method: asked.method, path: asked.path },
      ...{ body: hexOf(sha256(toUtf8(asked.body))), time: BigInt(time), nonce: `0x${nonce}` },
    };
    const domain = { chainId: BigInt(network.chain.id), verifyingContract: network.chain.terms as Hex };
    const account = signerOf(deciderRequestDigest(request, domain), signature as Hex);
    const logged = this.#options.policies.get(policy);
    const isNamed =
      logged !== undefined &&
      isAgreement(logged) &&
      logged.policy.deciders.list.some(({ address }) => address === account);
    // The same for an agreement that is not there: what there is, is nobody else's.
    if (!isNamed) throw new TrineError('forbidden', `${account} is no decider of such an agreement here.`);
    this.#once(`${account} ${nonce}`, nowS);
    this.#leaves.charge(account, 'This decider reads faster than it may: try again in a minute.', count);
    return logged;
  }

  #once(name: string, nowS: number): void {
    // Times only grow: the oldest stand first.
    for (const [one, untilS] of this.#nonces) {
      if (untilS >= nowS && this.#nonces.size < NONCES_MAX) break;
      this.#nonces.delete(one);
    }
    if (this.#nonces.has(name)) throw new TrineError('unauthorised', 'The request came before: sign it anew.');
    this.#nonces.set(name, nowS + 2 * AGE_S_MAX);
  }
}

/** @throws TrineError */
function signerOf(digest: Hex, signature: Hex): Hex {
  try {
    return recoverAddress(digest, signature);
  } catch {
    throw new TrineError('bad-signature', 'The signature of the request is none.');
  }
}
