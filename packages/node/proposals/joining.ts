// Accounts of lines that join an agreement: each signed by the account itself, and handed in with the code of its line. The code
// is what its holder was given with the line: else whoever came first would take the line of another to its own account.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Domains } from '@trine/engine';
import {
  type Agreement,
  accountPayload,
  detachBody,
  fromHex,
  limits,
  lineAccountRefusal,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { Random } from '@trine/system/random.ts';
import type { PolicyHmac } from '../access/salts.ts';
import type { Issuer } from '../ingest/issuer.ts';
import { Bucket, type Elapsed, remembered } from '../ingest/source.ts';
import { isAgreement, type LoggedAgreement, type PolicyRegistry } from '../projections/policies.ts';

/** What may be wrong of one connection before it waits; what is right costs nothing: there are only so many lines. */
const WRONG_MAX = 100;
const WRONG_PER_SECOND = 1;
const CODE_BYTES = 16;

export interface JoiningOptions {
  readonly policies: PolicyRegistry;
  readonly domains: Pick<Domains, 'of'>;
  readonly issuer: Pick<Issuer, 'issueDetached'>;
  /** did:key of the issuer. */
  readonly did: string;
  /** Under the installation's secret. */
  readonly hmac: PolicyHmac;
  readonly random: Random;
  readonly elapsed: Elapsed;
}

/** An account that wants to join. */
export interface Join {
  /** Of the line. */
  readonly key: string;
  readonly address: string;
  /** 65 bytes, over `LineAccount`. */
  readonly signature: Uint8Array;
  /** Of the line: 32 hex digits. */
  readonly code: string;
}

export class Joining {
  readonly #options: JoiningOptions;
  readonly #wrong = new Map<string, Bucket>();

  constructor(options: JoiningOptions) {
    this.#options = options;
  }

  /** The lines of an agreement with their codes, and which of them have an account. @param agreement id on the chain, hex */
  codes(agreement: string): { key: string; code: string; hasAccount: boolean }[] {
    const logged = this.#open(agreement);
    const { policies } = this.#options;
    return this.#lines(logged).map((key) => ({
      key,
      code: this.#codeOf(logged, key),
      hasAccount: policies.account(logged.hash, key) !== undefined,
    }));
  }

  /**
   * Lets an account join; durable when it returns. The same again changes nothing.
   *
   * @param agreement its id on the chain, hex
   * @param from whoever hands it in: the address of the connection
   * @returns where it stands
   * @throws TrineError `not-found`, `forbidden` for a wrong code, `bad-signature`, `conflict` where the line or the account has
   *   another, `rate-limited`
   */
  async join(agreement: string, { key, address, signature, code }: Join, from: string): Promise<number> {
    const { policies, issuer, did, random, elapsed } = this.#options;
    const wrong = remembered(this.#wrong, from, () => new Bucket(WRONG_MAX, WRONG_PER_SECOND, elapsed));
    if (wrong.tokens < 1)
      throw new TrineError('rate-limited', 'From here too much was wrong: try again in a minute.', {
        facts: { retryAfterMs: 60_000 },
      });
    const logged = this.#open(agreement);
    try {
      if (!isSame(code, this.#codeOf(logged, key)))
        throw new TrineError('forbidden', `This is not the code of ${key}: it stands with the line.`);
      const known = policies.account(logged.hash, key);
      if (known?.address === address) return known.index;
      const said = { agreement: logged.id, key, address, signature };
      const refused = lineAccountRefusal(said, did, logged.policy, logged.id);
      if (refused) throw new TrineError('bad-signature', refused);
      if (policies.joined(logged.hash, { key, address }))
        throw new TrineError('conflict', `${known ? key : address} joined before: that stays.`);
      const body = accountPayload.encode({ trine: 'account/1', policy: fromHex(logged.hash), ...said });
      const { commitment, disclosure } = detachBody(body, random(limits.saltBytes));
      return (await issuer.issueDetached('account', key, commitment, disclosure)).index;
    } catch (error) {
      wrong.take(1);
      throw error;
    }
  }

  #open(agreement: string): LoggedAgreement {
    const { policies, did } = this.#options;
    const logged = policies.find(agreement);
    if (logged === undefined || !isAgreement(logged) || toHex(logged.id) !== agreement)
      throw new TrineError('not-found', 'No such agreement is known here.');
    if (!logged.policy.joining?.by.includes(did))
      throw new TrineError('conflict', 'Its terms do not let accounts join through this node.');
    return logged;
  }

  #codeOf({ hash }: LoggedAgreement, key: string): string {
    return toHex(this.#options.hmac(hash, new TextEncoder().encode(`trine join/${key}`)).slice(0, CODE_BYTES));
  }

  #lines({ policy }: LoggedAgreement): readonly string[] {
    return linesOf(this.#options.domains, policy);
  }
}

/** Keys of the lines that the terms make, whatever their time. */
function linesOf(domains: Pick<Domains, 'of'>, policy: Agreement): readonly string[] {
  const { domain } = domains.of(policy);
  const terms = domain.terms.parse(policy.terms);
  const [trigger] = domain.triggers(terms);
  const { startMs: fromMs, endMs: toMs } = policy.period;
  return (trigger && domain.rows?.(terms, { trigger: trigger.name, fromMs, toMs })) ?? [];
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
