// Accounts of lines that joined, as a second decider finds them: in bodies that the node hands out and that it checks itself. A
// node chooses what it hands out: where it keeps an earlier word on a line back, no later one counts, so that it turns no
// line's money to another account. What counts follows from the log alone, however late a body comes.
import {
  accountPayload,
  equalBytes,
  FormatError,
  firstAccounts,
  type Hex,
  type LineAccount,
  lineAccountRefusal,
  openDisclosure,
  parseStatement,
  sha256,
  toHex,
} from '@trine/protocol';
import { isAgreement, type LoggedAgreement, type PolicyRegistry } from '../projections/policies.ts';
import type { DeciderMemory } from './memory.ts';

export interface LineAccountsOptions {
  readonly memory: Pick<DeciderMemory, 'account' | 'keepAccounts'>;
  /** As the log has them that this decider read. */
  readonly policies: Pick<PolicyRegistry, 'get'>;
}

/** Where the account of a line is said, sealed. */
interface Place {
  readonly leaf: number;
  readonly key: string;
  readonly issuer: string;
  readonly commitment: Uint8Array;
}

type Found = Pick<LineAccount, 'key' | 'address'> & { readonly leaf: number; readonly policy: string };

export class LineAccounts {
  readonly #options: LineAccountsOptions;
  /** By the key of the line, in the order of the log; those of which the log says that they were erased are left out. */
  readonly #places = new Map<string, Place[]>();
  /** Lines of which an account was said and erased. */
  readonly #erased = new Set<string>();
  /** By leaf: what its body says; null where it is no account that a node takes. */
  readonly #read = new Map<number, Found | null>();
  /** Up to where the bodies for a policy were asked for. */
  readonly #asked = new Map<string, number>();
  /** Lines of a policy for which an order waits. */
  readonly #missed = new Map<string, Set<string>>();

  constructor(options: LineAccountsOptions) {
    this.#options = options;
  }

  /** Takes in a statement of the log, in its order. */
  take(leaf: number, statement: Uint8Array): void {
    const { header, payload } = parseStatement(statement);
    const { kind, subject: key, issuer, sealed } = header;
    if (kind === 'erasure') this.#forget(key);
    if (kind !== 'account' || !sealed) return;
    this.#places.set(key, [...(this.#places.get(key) ?? []), { leaf, key, issuer, commitment: payload.slice() }]);
  }

  #forget(key: string): void {
    if (this.#places.has(key)) this.#erased.add(key);
    for (const { leaf } of this.#places.get(key) ?? []) this.#read.delete(leaf);
    this.#places.delete(key);
  }

  /**
   * Places whose bodies are to be asked for: all that whoever hands accounts in said of a line, as soon as there is something
   * new of it. For those of other agreements the node has no answer.
   */
  wanted({ hash, policy }: LoggedAgreement): Place[] {
    const from = this.#asked.get(hash) ?? 0;
    const missed = this.#missed.get(hash);
    return [...this.#places.values()].flatMap((places) => {
      const own = places.filter(({ issuer }) => policy.joining?.by.includes(issuer));
      const [last] = own.slice(-1);
      if (last === undefined || (last.leaf < from && !missed?.has(last.key))) return [];
      return own.filter((one) => this.#of(one) === undefined);
    });
  }

  /** Keeps what was handed out for some places, where it is what the log commits to. */
  keep(places: readonly Place[], given: readonly (Uint8Array | undefined)[]): void {
    const kept = places.flatMap(({ leaf, key: subject, commitment }, i) => {
      const disclosure = given[i];
      return disclosure && equalBytes(sha256(disclosure), commitment) ? [{ leaf, subject, disclosure }] : [];
    });
    this.#options.memory.keepAccounts(kept);
  }

  /** Everything below a leaf was asked for. */
  askedBelow({ hash }: LoggedAgreement, leaf: number): void {
    this.#asked.set(hash, leaf);
    this.#missed.delete(hash);
  }

  /**
   * Accounts of lines that joined an agreement below a leaf, by key: of a line the first one, and of an account the first line.
   * @param hash of the agreement, hex
   */
  joinedBelow(hash: string, below: number): Map<string, Hex> {
    const logged = this.#options.policies.get(hash);
    if (logged === undefined || !isAgreement(logged)) return new Map();
    const found = [...this.#places.keys()].flatMap((key) => {
      const said = this.#saidOf(logged, key, below);
      const gap = said.indexOf(undefined);
      return gap < 0 ? said : said.slice(0, gap);
    });
    const own = found.flatMap((one) => (one?.policy === hash ? [one] : []));
    return firstAccounts(own.sort((a, b) => a.leaf - b.leaf));
  }

  /**
   * A leaf below another that says the account of one of these lines, maybe in this agreement, and whose body is not here. It is
   * asked for again.
   */
  missing(hash: string, keys: Iterable<string>, below: number): Pick<Place, 'leaf' | 'key'> | undefined {
    const logged = this.#options.policies.get(hash);
    if (logged === undefined || !isAgreement(logged)) return undefined;
    const missed = this.#missed.get(hash) ?? new Set();
    this.#missed.set(hash, missed);
    let first: Place | undefined;
    for (const key of keys) {
      const gap = this.#saidOf(logged, key, below).indexOf(undefined);
      if (gap < 0) continue;
      missed.add(key);
      first ??= this.#placesOf(logged, key, below)[gap];
    }
    return first;
  }

  /** One of these lines of which an account was said and erased: nobody can check any more whether it had joined. */
  erased(keys: Iterable<string>): string | undefined {
    for (const key of keys) if (this.#erased.has(key)) return key;
    return undefined;
  }

  #placesOf({ policy }: LoggedAgreement, key: string, below: number): Place[] {
    const places = this.#places.get(key) ?? [];
    return places.filter(({ leaf, issuer }) => leaf < below && policy.joining?.by.includes(issuer));
  }

  #saidOf(logged: LoggedAgreement, key: string, below: number): (Found | null | undefined)[] {
    return this.#placesOf(logged, key, below).map((place) => this.#of(place));
  }

  /** @returns undefined where the body is not here */
  #of(place: Place): Found | null | undefined {
    const known = this.#read.get(place.leaf);
    if (known !== undefined) return known;
    const disclosure = this.#options.memory.account(place.leaf);
    if (disclosure === undefined) return undefined;
    const found = this.#check(place, disclosure);
    this.#read.set(place.leaf, found);
    return found;
  }

  /** As a node checks it before it takes it. */
  #check({ leaf, key, issuer }: Place, disclosure: Uint8Array): Found | null {
    const said = readAccount(disclosure);
    const logged = said && this.#options.policies.get(toHex(said.policy));
    if (said?.key !== key || logged === undefined || !isAgreement(logged) || logged.index > leaf) return null;
    if (lineAccountRefusal(said, issuer, logged.policy, logged.id)) return null;
    return { key, address: said.address, leaf, policy: logged.hash };
  }
}

function readAccount(disclosure: Uint8Array): LineAccount | undefined {
  try {
    return accountPayload.decode(openDisclosure(disclosure));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}
