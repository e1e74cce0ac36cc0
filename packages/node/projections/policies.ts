// Policies: every agreement and watch the log holds, found again at start and taken up when sealed.
import {
  type Agreement,
  agreementPayload,
  type Monitor,
  monitorPayload,
  type Statement,
  sha256,
  statementKinds,
  toHex,
} from '@trine/protocol';
import type { ActiveAgreement, ActivePolicy } from '../decide/decider.ts';

/** A watch, and since when it is in the log. */
export interface ActiveMonitor extends ActivePolicy {
  readonly id: undefined;
  readonly terms: Monitor;
  readonly sealedMs: number;
}

export function isAgreement(policy: ActiveAgreement | ActiveMonitor): policy is ActiveAgreement {
  return policy.id !== undefined;
}

export class PolicyRegistry {
  private readonly idOf: (terms: Agreement) => Uint8Array;
  private readonly byHash = new Map<string, ActiveAgreement | ActiveMonitor>();

  /** @param idOf an agreement's id on the chain, from its terms alone */
  constructor(idOf: (terms: Agreement) => Uint8Array) {
    this.idOf = idOf;
  }

  /** Takes in a sealed statement. @returns the policy; undefined for other kinds and for what is known */
  take({ header, payload }: Statement, arrivalMs: number): ActiveAgreement | ActiveMonitor | undefined {
    const { kind } = header;
    if (kind !== 'agreement' && kind !== 'monitor') return undefined;
    const hash = toHex(sha256(payload));
    if (this.byHash.has(hash)) return undefined;
    let policy: ActiveAgreement | ActiveMonitor;
    if (kind === 'monitor')
      policy = { hash, id: undefined, terms: monitorPayload.decode(payload), sealedMs: arrivalMs };
    else {
      const terms = agreementPayload.decode(payload);
      policy = { hash, id: this.idOf(terms), terms };
    }
    this.byHash.set(hash, policy);
    return policy;
  }

  /** By the hash of the terms or the watch, hex. */
  get(hash: string): ActiveAgreement | ActiveMonitor | undefined {
    return this.byHash.get(hash);
  }

  all(): (ActiveAgreement | ActiveMonitor)[] {
    return [...this.byHash.values()];
  }

  agreements(): ActiveAgreement[] {
    return this.all().filter(isAgreement);
  }

  /** By its id on the chain. */
  agreement(id: Uint8Array): ActiveAgreement | undefined {
    const wanted = toHex(id);
    return this.agreements().find((one) => toHex(one.id) === wanted);
  }

  monitors(): ActiveMonitor[] {
    return this.all().filter((one): one is ActiveMonitor => !isAgreement(one));
  }

  /** Where a watch ends because another one goes on: start of that one's first window. */
  replacedFrom(hash: string): number | undefined {
    const next = this.monitors().find(({ terms }) => terms.replaces !== undefined && toHex(terms.replaces) === hash);
    return next?.terms.window.startMs;
  }

  /** Watches that try a model beside an agreement. */
  shadowsOf(agreement: Uint8Array): ActiveMonitor[] {
    const wanted = toHex(agreement);
    return this.monitors().filter(({ terms }) => terms.shadows !== undefined && toHex(terms.shadows) === wanted);
  }
}

export const policyKinds: readonly number[] = [statementKinds.agreement, statementKinds.monitor];
