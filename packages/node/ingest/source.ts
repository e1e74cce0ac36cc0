// Where statements come from, for limits: the connection they came on, never a name that the sender chose. A source
// may send so many statements a second, and so much junk. Whoever uses up its junk is cut off: its transport closes
// the connection, and what it has waiting is not looked at any more.
import type { Refusal } from '@trine/protocol';
import { isThisMachine, plainAddress } from './transports/connection-gate.ts';

/** Statements that one connection may have refused before it is cut off; good ones earn it back, one for one. */
export const JUNK_MAX = 1_000;
/** Earned back besides. */
export const JUNK_PER_SECOND = 10;
/** The same for all connections of one address: beyond, connections that had nothing sealed yet are refused. */
export const ADDRESS_JUNK_MAX = 10_000;
export const ADDRESS_JUNK_PER_SECOND = 100;
/** Addresses and issuers remembered; beyond, the one not seen for longest is forgotten. */
const REMEMBERED_MAX = 10_000;

/** Says nothing about the sender: the node has too much to do, or said so already. */
const notTheSenders: ReadonlySet<Refusal> = new Set(['overloaded', 'rate-limited']);
/** Found after the signature: the issuer said it. With every other refusal the issuer is a claim, and nobody pays for
 * what others say in his name. */
const proven: ReadonlySet<Refusal> = new Set([
  'revoked-key',
  'not-permitted',
  'absurd-time',
  'wrong-unit',
  'bad-value',
  'too-many-quantities',
]);

/** Milliseconds that only grow: setting the clock of the machine does not move it. */
export type Elapsed = () => number;

/** So much at once, and so much more each second. */
export class Bucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  readonly #elapsed: Elapsed;
  #tokens: number;
  #at: number;

  constructor(capacity: number, perSecond: number, elapsed: Elapsed) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#elapsed = elapsed;
    this.#tokens = capacity;
    this.#at = elapsed();
  }

  get tokens(): number {
    const now = this.#elapsed();
    // A clock that went back says nothing about how much time has passed.
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#at = now;
    this.#tokens = Math.min(this.#capacity, this.#tokens + seconds * this.#perSecond);
    return this.#tokens;
  }

  /** May go below nothing: one message may be larger than what is left. */
  take(count: number): void {
    this.#tokens = this.tokens - count;
  }

  give(count: number): void {
    this.#tokens = Math.min(this.#capacity, this.tokens + count);
  }
}

export interface SourceOptions {
  /** Shown with refusals; a sender may have chosen it, and no limit depends on it. */
  readonly name: string;
  readonly remoteAddress?: string | undefined;
  /** Many senders behind one connection (a broker of the user's own): limits are by issuer, once a signature proved it. */
  readonly perIssuer?: boolean;
  /** Called once, when the source is cut off: answers under way still go, then the connection should close. */
  readonly onCutOff?: () => void;
}

export interface Source {
  readonly name: string;
  /** Limits are by issuer. */
  readonly perIssuer: boolean;
  /** Nothing of it is looked at. */
  readonly isCutOff: boolean;
}

class LimitedSource implements Source {
  readonly name: string;
  readonly perIssuer: boolean;
  readonly exempt: boolean;
  readonly statements: Bucket;
  readonly junk: Bucket;
  readonly address: Bucket | undefined;
  readonly onCutOff: (() => void) | undefined;
  hadSealed = false;
  cutOffTold = false;

  constructor(
    options: SourceOptions & { exempt: boolean; statements: Bucket; junk: Bucket; address?: Bucket | undefined },
  ) {
    this.name = options.name;
    this.perIssuer = options.perIssuer ?? false;
    this.exempt = options.exempt;
    this.statements = options.statements;
    this.junk = options.junk;
    this.address = options.address;
    this.onCutOff = options.onCutOff;
  }

  get isCutOff(): boolean {
    if (this.exempt || this.perIssuer) return false;
    if (this.junk.tokens <= 0) return true;
    return !this.hadSealed && this.address !== undefined && this.address.tokens <= 0;
  }
}

/** The sources of one ingest and what each may do. */
export class Sources {
  readonly #perSecond: number;
  readonly #elapsed: Elapsed;
  readonly #named = new Map<string, LimitedSource>();
  readonly #addresses = new Map<string, Bucket>();
  readonly #issuers = new Map<string, LimitedSource>();
  readonly #exempt: string;

  /**
   * @param perSecond statements a source may send each second; a burst may hold as many
   * @param exempt name of the node's own source, which has no limits
   */
  constructor(perSecond: number, exempt: string, elapsed: Elapsed) {
    this.#perSecond = perSecond;
    this.#exempt = exempt;
    this.#elapsed = elapsed;
  }

  /** A new source: one for each connection. */
  open(options: SourceOptions): Source {
    return this.#make(options, false);
  }

  /** The source of a program in this process, by a name that it alone uses. */
  of(source: Source | string): Source {
    if (typeof source !== 'string') return source;
    return remembered(this.#named, source, () => this.#make({ name: source }, source === this.#exempt));
  }

  #make(options: SourceOptions, exempt: boolean): LimitedSource {
    const address = plainAddress(options.remoteAddress);
    return new LimitedSource({
      ...options,
      name: options.name.slice(0, 64),
      exempt,
      statements: new Bucket(this.#perSecond, this.#perSecond, this.#elapsed),
      junk: new Bucket(JUNK_MAX, JUNK_PER_SECOND, this.#elapsed),
      ...(options.remoteAddress !== undefined &&
        !isThisMachine(address) && {
          address: remembered(
            this.#addresses,
            address,
            () => new Bucket(ADDRESS_JUNK_MAX, ADDRESS_JUNK_PER_SECOND, this.#elapsed),
          ),
        }),
    });
  }

  /** May the source send so many statements now? They are charged. Where limits are by issuer, ask {@link issuerMay}. */
  may(source: Source, count: number): boolean {
    const limited = source as LimitedSource;
    if (limited.exempt || limited.perIssuer) return true;
    if (limited.isCutOff || limited.statements.tokens <= 0) return false;
    limited.statements.take(count);
    return true;
  }

  /** May this issuer, behind a source of many, have a statement looked at now? It is charged. */
  issuerMay(source: Source, issuer: string): boolean {
    return !source.perIssuer || this.may(this.#issuer(issuer), 1);
  }

  #issuer(issuer: string): LimitedSource {
    return remembered(this.#issuers, issuer, () => this.#make({ name: issuer }, false));
  }

  /** Charges a refusal to whom it came from. @param issuer of the statement, where it could be read */
  refused(source: Source, refusal: Refusal, issuer?: string): void {
    if (notTheSenders.has(refusal)) return;
    const limited = source as LimitedSource;
    if (limited.exempt) return;
    if (limited.perIssuer) {
      if (issuer && proven.has(refusal)) this.#issuer(issuer).junk.take(1);
      return;
    }
    limited.junk.take(1);
    limited.address?.take(1);
    if (limited.cutOffTold || !limited.isCutOff) return;
    limited.cutOffTold = true;
    limited.onCutOff?.();
  }

  /** Credits a statement that was sealed. */
  sealed(source: Source, issuer: string): void {
    const limited = source.perIssuer ? this.#issuer(issuer) : (source as LimitedSource);
    limited.hadSealed = true;
    limited.junk.give(1);
  }
}

/** A bounded memory: what is asked for becomes the newest, and the oldest goes. */
export function remembered<T>(memory: Map<string, T>, name: string, make: () => T): T {
  const value = memory.get(name) ?? make();
  memory.delete(name);
  memory.set(name, value);
  if (memory.size > REMEMBERED_MAX) memory.delete(memory.keys().next().value as string);
  return value;
}
