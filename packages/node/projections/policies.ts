// Policies: every agreement and monitor the log holds, by hash.
import {
  type Agreement,
  accountPayload,
  agreementPayload,
  consentPayload,
  type Hex,
  type Monitor,
  monitorPayload,
  policyEndPayload,
  releasedBy,
  releasePayload,
  sha256,
  toHex,
} from '@trine/protocol';
import type { Entry, Projection, Undo } from './projection.ts';

interface LoggedPolicyBase {
  /** Of the policy, hex: what decisions name. */
  readonly hash: string;
  readonly index: number;
  readonly arrivalMs: number;
}

/** An agreement, and its id on the chain. */
export interface LoggedAgreement extends LoggedPolicyBase {
  readonly id: Uint8Array;
  readonly policy: Agreement;
}

export interface LoggedMonitor extends LoggedPolicyBase {
  readonly id: undefined;
  readonly policy: Monitor;
}

export type LoggedPolicy = LoggedAgreement | LoggedMonitor;

export function isAgreement(logged: LoggedPolicy): logged is LoggedAgreement {
  return logged.id !== undefined;
}

/** A party's signature under an agreement, where it stands. */
export interface LoggedConsent {
  readonly policy: string;
  readonly role: string;
  readonly index: number;
}

/** The account of a line that joined an agreement, and where that stands. */
interface LoggedAccount {
  readonly policy: string;
  readonly key: string;
  readonly address: string;
  readonly index: number;
}

/** When a policy was ended, and where that stands. */
export interface LoggedEnd {
  readonly policy: string;
  /** Obligations that begin then or later do not arise. */
  readonly fromMs: number;
  readonly reason: string;
  /** Role of the party that ended it. */
  readonly by: string | undefined;
  readonly index: number;
}

/** What was held was released or dropped by hand, and where that stands. */
export interface LoggedRelease {
  readonly policy: string;
  /** Id, hex. */
  readonly decision: string;
  /** Key of the one line that is meant; absent: all of it that is held. */
  readonly row?: string | undefined;
  readonly ruling: 'pay' | 'drop';
  readonly reason: string;
  /** By whom, in words. */
  readonly by: string;
  readonly index: number;
}

interface Snapshot {
  readonly policies: readonly LoggedPolicy[];
  readonly consents: readonly LoggedConsent[];
  readonly ends: readonly LoggedEnd[];
  readonly accounts: readonly LoggedAccount[];
  readonly releases: readonly LoggedRelease[];
}

/** Of one agreement: each line once, and each account. */
interface Accounts {
  readonly byKey: Map<string, LoggedAccount>;
  /** Keys by account. */
  readonly taken: Map<string, string>;
}

/** What it looks at of a leaf. */
type Seen = Pick<Entry, 'kind' | 'subject' | 'index' | 'arrivalMs' | 'statement' | 'body'>;

export class PolicyRegistry implements Projection {
  readonly name = 'policies';
  readonly #idOf: (agreement: Agreement) => Uint8Array;
  readonly #byHash = new Map<string, LoggedPolicy>();
  readonly #consents = new Map<string, LoggedConsent[]>();
  readonly #ends = new Map<string, readonly LoggedEnd[]>();
  readonly #accounts = new Map<string, Accounts>();
  /** By {@link placeOf}. */
  readonly #releases = new Map<string, LoggedRelease>();

  /** @param idOf an agreement's id on the chain, from its terms alone */
  constructor(idOf: (agreement: Agreement) => Uint8Array) {
    this.#idOf = idOf;
  }

  apply(entry: Seen, undo: Pick<Undo, 'push'>): void {
    const { kind, index, arrivalMs } = entry;
    if (kind === 'consent') this.#consent(entry, undo);
    if (kind === 'policy-end') this.#end(entry, undo);
    if (kind === 'account') this.#join(entry, undo);
    if (kind === 'erasure') this.#forget(entry.subject, undo);
    if (kind === 'release') this.#release(entry, undo);
    if (kind !== 'agreement' && kind !== 'monitor') return;
    const payload = entry.statement().payload;
    const hash = toHex(sha256(payload));
    if (this.#byHash.has(hash)) return;
    const logged = this.#read(kind, payload.slice(), { hash, index, arrivalMs });
    undo.push(() => this.#byHash.delete(hash));
    this.#byHash.set(hash, logged);
  }

  /** Each party signs once: whoever signs again changes nothing. */
  #consent(entry: Seen, undo: Pick<Undo, 'push'>): void {
    const { policy, role } = consentPayload.decode(entry.statement().payload.slice());
    const hash = toHex(policy);
    const before = this.consents(hash);
    if (before.some((one) => one.role === role)) return;
    undo.push(() => this.#consents.set(hash, before));
    this.#consents.set(hash, [...before, { policy: hash, role, index: entry.index }]);
  }

  /** Of a line the first account counts, and of an account the first line; of what was erased nobody knows it. */
  #join(entry: Seen, undo: Pick<Undo, 'push'>): void {
    const said = entry.body();
    if (said === undefined) return;
    const { policy, key, address } = accountPayload.decode(said);
    const hash = toHex(policy);
    if (this.joined(hash, { key, address })) return;
    undo.push(() => this.#unjoin(hash, key));
    this.#addAccount({ policy: hash, key, address, index: entry.index });
  }

  #addAccount(one: LoggedAccount): void {
    const known = this.#accounts.get(one.policy) ?? { byKey: new Map(), taken: new Map() };
    this.#accounts.set(one.policy, known);
    known.byKey.set(one.key, one);
    known.taken.set(one.address, one.key);
  }

  #unjoin(hash: string, key: string): void {
    const known = this.#accounts.get(hash);
    known?.taken.delete(known.byKey.get(key)?.address ?? '');
    known?.byKey.delete(key);
  }

  /** What was said about a subject was erased: its account with it. */
  #forget(key: string, undo: Pick<Undo, 'push'>): void {
    for (const [hash, { byKey }] of this.#accounts) {
      const one = byKey.get(key);
      if (one === undefined) continue;
      undo.push(() => this.#addAccount(one));
      this.#unjoin(hash, key);
    }
  }

  /** Each counts, so that nobody keeps another from ending it by a later end. What began before one arrived had begun. */
  #end(entry: Seen, undo: Pick<Undo, 'push'>): void {
    const { policy, fromMs, reason, by } = policyEndPayload.decode(entry.statement().payload.slice());
    const hash = toHex(policy);
    const before = this.#ends.get(hash) ?? [];
    undo.push(() => this.#ends.set(hash, before));
    const { index, arrivalMs } = entry;
    const end = { policy: hash, fromMs: Math.max(fromMs, arrivalMs), reason, by: by?.role, index };
    this.#ends.set(hash, [...before, end]);
  }

  /** The first word on a decision, or on a line of it, counts, whatever is said later. */
  #release(entry: Seen, undo: Pick<Undo, 'push'>): void {
    const release = releasePayload.decode(entry.statement().payload.slice());
    const [policy, decision] = [toHex(release.policy), toHex(release.decision)];
    const logged = this.get(policy);
    const { row, ruling, reason } = release;
    const place = placeOf(policy, decision, row);
    if (this.#releases.has(place) || logged === undefined || !isAgreement(logged)) return;
    const by = releasedBy(release, logged.policy, logged.id);
    if (by === undefined) return;
    undo.push(() => this.#releases.delete(place));
    this.#releases.set(place, { policy, decision, ruling, reason, by, index: entry.index, ...(row && { row }) });
  }

  #read(kind: 'agreement' | 'monitor', payload: Uint8Array, base: LoggedPolicyBase): LoggedPolicy {
    if (kind === 'monitor') return { ...base, id: undefined, policy: monitorPayload.decode(payload) };
    const policy = agreementPayload.decode(payload);
    return { ...base, id: this.#idOf(policy), policy };
  }

  /** By the hash of the policy, hex. */
  get(hash: string): LoggedPolicy | undefined {
    return this.#byHash.get(hash);
  }

  /** By its hash, or an agreement by its id on the chain, both hex. */
  find(id: string): LoggedPolicy | undefined {
    return this.get(id) ?? this.agreements().find((one) => toHex(one.id) === id);
  }

  all(): LoggedPolicy[] {
    return [...this.#byHash.values()];
  }

  agreements(): LoggedAgreement[] {
    return this.all().filter(isAgreement);
  }

  monitors(): LoggedMonitor[] {
    return this.all().filter((one): one is LoggedMonitor => !isAgreement(one));
  }

  /** By its id on the chain. */
  agreement(id: Uint8Array): LoggedAgreement | undefined {
    const wanted = toHex(id);
    return this.agreements().find((one) => toHex(one.id) === wanted);
  }

  /** Signatures of an agreement's parties, each role once. */
  consents(hash: string): LoggedConsent[] {
    return this.#consents.get(hash) ?? [];
  }

  /** Has a line of an agreement an account, or an account a line? */
  joined(hash: string, { key, address }: { readonly key: string; readonly address: string }): boolean {
    const known = this.#accounts.get(hash);
    return known !== undefined && (known.byKey.has(key) || known.taken.has(address));
  }

  /** The line of an account that joined an agreement. */
  lineOf(hash: string, address: string): string | undefined {
    return this.#accounts.get(hash)?.taken.get(address);
  }

  /** Where the account of a line stands that joined an agreement. */
  account(hash: string, key: string): LoggedAccount | undefined {
    return this.#accounts.get(hash)?.byKey.get(key);
  }

  /** Accounts of lines that joined an agreement below a leaf, by key. */
  joinedBelow(hash: string, index: number): Map<string, Hex> {
    const all = [...(this.#accounts.get(hash)?.byKey.values() ?? [])];
    return new Map(all.filter((one) => one.index < index).map(({ key, address }) => [key, address as Hex]));
  }

  /** How it was ended, if it was: of several ends the earliest. @param below a leaf: those before it */
  end(hash: string, below: number = Number.POSITIVE_INFINITY): LoggedEnd | undefined {
    const known = (this.#ends.get(hash) ?? []).filter(({ index }) => index < below);
    return known.reduce<LoggedEnd | undefined>((a, b) => (a === undefined || b.fromMs < a.fromMs ? b : a), undefined);
  }

  /** How often a party, or whoever ends a monitor, has ended it. */
  endsBy(hash: string, role: string | undefined): number {
    return (this.#ends.get(hash) ?? []).filter(({ by }) => by === role).length;
  }

  /**
   * What was said by hand of a decision that the gate held, or of one line of it alone. What those of another agreement said
   * of it, whose signatures count there alone, is none.
   * @param policy hash of that under which it was decided, hex
   * @param decision its id, hex
   */
  release(policy: string, decision: string, row?: string): LoggedRelease | undefined {
    return this.#releases.get(placeOf(policy, decision, row));
  }

  /** The first word by hand that covers a line: on it alone, or on all of its decision. */
  wordOn(policy: string, decision: string, row: string): LoggedRelease | undefined {
    const [own, whole] = [this.release(policy, decision, row), this.release(policy, decision)];
    return own && whole ? (own.index < whole.index ? own : whole) : (own ?? whole);
  }

  /** All of it, in the order of the log. */
  releases(): LoggedRelease[] {
    return [...this.#releases.values()];
  }

  /** Obligations that begin then or later do not arise: it was ended, or another monitor goes on in its place. */
  endedFrom(hash: string): number | undefined {
    const known = [this.end(hash)?.fromMs, this.replacedFrom(hash)].filter((ms) => ms !== undefined);
    return known.length > 0 ? Math.min(...known) : undefined;
  }

  /** Where a monitor ends because another one goes on. */
  replacedFrom(hash: string): number | undefined {
    const next = this.monitors().find(({ policy }) => policy.replaces !== undefined && toHex(policy.replaces) === hash);
    return next?.policy.period.startMs;
  }

  /** Monitors that try a model beside an agreement. */
  shadowsOf(agreement: Uint8Array): LoggedMonitor[] {
    const wanted = toHex(agreement);
    return this.monitors().filter(({ policy }) => policy.shadows !== undefined && toHex(policy.shadows) === wanted);
  }

  snapshot(): Snapshot {
    return {
      policies: this.all(),
      consents: [...this.#consents.values()].flat(),
      ends: [...this.#ends.values()].flat(),
      accounts: [...this.#accounts.values()].flatMap(({ byKey }) => [...byKey.values()]),
      releases: this.releases(),
    };
  }

  restore(snapshot: unknown): void {
    const { policies, consents, ends, accounts, releases } = snapshot as Snapshot;
    for (const logged of policies) this.#byHash.set(logged.hash, logged);
    for (const one of consents) this.#consents.set(one.policy, [...this.consents(one.policy), one]);
    for (const one of ends) this.#ends.set(one.policy, [...(this.#ends.get(one.policy) ?? []), one]);
    for (const one of accounts) this.#addAccount(one);
    for (const one of releases) this.#releases.set(placeOf(one.policy, one.decision, one.row), one);
  }
}

function placeOf(policy: string, decision: string, row: string | undefined): string {
  const whole = `${policy} ${decision}`;
  return row === undefined ? whole : `${whole} ${row}`;
}
