// Policies: every agreement and monitor the log holds, by hash.
import {
  type Agreement,
  agreementPayload,
  consentPayload,
  type Monitor,
  monitorPayload,
  policyEndPayload,
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

interface Snapshot {
  readonly policies: readonly LoggedPolicy[];
  readonly consents: readonly LoggedConsent[];
  readonly ends: readonly LoggedEnd[];
}

export class PolicyRegistry implements Projection {
  readonly name = 'policies';
  readonly #idOf: (agreement: Agreement) => Uint8Array;
  readonly #byHash = new Map<string, LoggedPolicy>();
  readonly #consents = new Map<string, LoggedConsent[]>();
  readonly #ends = new Map<string, LoggedEnd>();

  /** @param idOf an agreement's id on the chain, from its terms alone */
  constructor(idOf: (agreement: Agreement) => Uint8Array) {
    this.#idOf = idOf;
  }

  apply(entry: Entry, undo: Pick<Undo, 'push'>): void {
    const { kind, index, arrivalMs } = entry;
    if (kind === 'consent') this.#consent(entry, undo);
    if (kind === 'policy-end') this.#end(entry, undo);
    if (kind !== 'agreement' && kind !== 'monitor') return;
    const payload = entry.statement().payload;
    const hash = toHex(sha256(payload));
    if (this.#byHash.has(hash)) return;
    const logged = this.#read(kind, payload.slice(), { hash, index, arrivalMs });
    undo.push(() => this.#byHash.delete(hash));
    this.#byHash.set(hash, logged);
  }

  /** Each party signs once: whoever signs again changes nothing. */
  #consent(entry: Entry, undo: Pick<Undo, 'push'>): void {
    const { policy, role } = consentPayload.decode(entry.statement().payload.slice());
    const hash = toHex(policy);
    const before = this.consents(hash);
    if (before.some((one) => one.role === role)) return;
    undo.push(() => this.#consents.set(hash, before));
    this.#consents.set(hash, [...before, { policy: hash, role, index: entry.index }]);
  }

  /** The first end counts. What began before it arrived had begun. */
  #end(entry: Entry, undo: Pick<Undo, 'push'>): void {
    const { policy, fromMs, reason, by } = policyEndPayload.decode(entry.statement().payload.slice());
    const hash = toHex(policy);
    if (this.#ends.has(hash)) return;
    undo.push(() => this.#ends.delete(hash));
    const { index, arrivalMs } = entry;
    this.#ends.set(hash, { policy: hash, fromMs: Math.max(fromMs, arrivalMs), reason, by: by?.role, index });
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

  /** How it was ended, if it was. */
  end(hash: string): LoggedEnd | undefined {
    return this.#ends.get(hash);
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
    return { policies: this.all(), consents: [...this.#consents.values()].flat(), ends: [...this.#ends.values()] };
  }

  restore(snapshot: unknown): void {
    const { policies, consents, ends } = snapshot as Snapshot;
    for (const logged of policies) this.#byHash.set(logged.hash, logged);
    for (const one of consents) this.#consents.set(one.policy, [...this.consents(one.policy), one]);
    for (const one of ends) this.#ends.set(one.policy, one);
  }
}
