// Mandates: every agreement and watch the log holds, found again at start and taken up when sealed.
import { toHex } from '@trine/protocol/bytes.ts';
import { sha256 } from '@trine/protocol/crypto.ts';
import { type Terms, termsPayload, type Watch, watchPayload } from '@trine/protocol/payloads/agreement.ts';
import { type Statement, statementKinds } from '@trine/protocol/statement/statement.ts';
import type { ActiveAgreement, ActiveMandate } from '../decide/decider.ts';

/** A watch, and since when it is in the log. */
export interface ActiveWatch extends ActiveMandate {
  readonly id: undefined;
  readonly terms: Watch;
  readonly sealedMs: number;
}

export function isAgreement(mandate: ActiveAgreement | ActiveWatch): mandate is ActiveAgreement {
  return mandate.id !== undefined;
}

export class Mandates {
  private readonly idOf: (terms: Terms) => Uint8Array;
  private readonly byHash = new Map<string, ActiveAgreement | ActiveWatch>();

  /** @param idOf an agreement's id on the chain, from its terms alone */
  constructor(idOf: (terms: Terms) => Uint8Array) {
    this.idOf = idOf;
  }

  /** Takes in a sealed statement. @returns the mandate; undefined for other kinds and for what is known */
  take({ header, payload }: Statement, arrivalMs: number): ActiveAgreement | ActiveWatch | undefined {
    const { kind } = header;
    if (kind !== 'agreement' && kind !== 'watch') return undefined;
    const hash = toHex(sha256(payload));
    if (this.byHash.has(hash)) return undefined;
    let mandate: ActiveAgreement | ActiveWatch;
    if (kind === 'watch') mandate = { hash, id: undefined, terms: watchPayload.decode(payload), sealedMs: arrivalMs };
    else {
      const terms = termsPayload.decode(payload);
      mandate = { hash, id: this.idOf(terms), terms };
    }
    this.byHash.set(hash, mandate);
    return mandate;
  }

  /** By the hash of the terms or the watch, hex. */
  get(hash: string): ActiveAgreement | ActiveWatch | undefined {
    return this.byHash.get(hash);
  }

  all(): (ActiveAgreement | ActiveWatch)[] {
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

  watches(): ActiveWatch[] {
    return this.all().filter((one): one is ActiveWatch => !isAgreement(one));
  }

  /** Where a watch ends because another one goes on: start of that one's first window. */
  replacedFrom(hash: string): number | undefined {
    const next = this.watches().find(({ terms }) => terms.replaces !== undefined && toHex(terms.replaces) === hash);
    return next?.terms.window.startMs;
  }

  /** Watches that try a model beside an agreement. */
  shadowsOf(agreement: Uint8Array): ActiveWatch[] {
    const wanted = toHex(agreement);
    return this.watches().filter(({ terms }) => terms.shadows !== undefined && toHex(terms.shadows) === wanted);
  }
}

export const mandateKinds: readonly number[] = [statementKinds.agreement, statementKinds.watch];
