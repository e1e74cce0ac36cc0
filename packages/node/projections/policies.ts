// Policies: every agreement and monitor the log holds, by hash.
import { type Agreement, agreementPayload, type Monitor, monitorPayload, sha256, toHex } from '@trine/protocol';
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

export class PolicyRegistry implements Projection {
  readonly name = 'policies';
  readonly #idOf: (agreement: Agreement) => Uint8Array;
  readonly #byHash = new Map<string, LoggedPolicy>();

  /** @param idOf an agreement's id on the chain, from its terms alone */
  constructor(idOf: (agreement: Agreement) => Uint8Array) {
    this.#idOf = idOf;
  }

  apply(entry: Entry, undo: Pick<Undo, 'push'>): void {
    const { kind, index, arrivalMs } = entry;
    if (kind !== 'agreement' && kind !== 'monitor') return;
    const payload = entry.statement().payload;
    const hash = toHex(sha256(payload));
    if (this.#byHash.has(hash)) return;
    const logged = this.#read(kind, payload.slice(), { hash, index, arrivalMs });
    undo.push(() => this.#byHash.delete(hash));
    this.#byHash.set(hash, logged);
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

  snapshot(): LoggedPolicy[] {
    return this.all();
  }

  restore(snapshot: unknown): void {
    for (const logged of snapshot as LoggedPolicy[]) this.#byHash.set(logged.hash, logged);
  }
}
