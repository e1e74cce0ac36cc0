// Key directory: which keys speak of which subjects, at which leaf. Built from the log alone, so every node that reads the
// same leaves has the same key directory.
import {
  type AssuranceClass,
  assuranceClasses,
  authorize,
  authorizeStatement,
  enrolledKey,
  enrolmentPayload,
  type KeyState,
  keyStatusPayload,
  memberKey,
  type NetworkDocument,
  type PublicKey,
  parseDidKey,
  type Refusal,
  type Statement,
} from '@trine/protocol';

const classNames = Object.keys(assuranceClasses) as AssuranceClass[];

export interface KeyEntry extends KeyState {
  readonly key: PublicKey;
  readonly name: string;
  revokedAt?: number | undefined;
}

export class KeyDirectory {
  private readonly byDid = new Map<string, KeyEntry>();
  private readonly listeners = new Set<(entry: KeyEntry) => void>();

  /** Takes in the members of a network: the keys everything else is enrolled by. */
  addMembers(network: NetworkDocument): void {
    for (const member of network.members) {
      if (this.byDid.has(member.key)) continue;
      this.add({ ...memberKey(member.key), key: parseDidKey(member.key), name: member.name });
    }
  }

  private add(entry: KeyEntry): void {
    this.byDid.set(entry.did, entry);
    for (const listener of this.listeners) listener(entry);
  }

  /** Calls back for every key there is and every later change. */
  watch(listener: (entry: KeyEntry) => void): void {
    this.listeners.add(listener);
    for (const entry of this.byDid.values()) listener(entry);
  }

  get(did: string): KeyEntry | undefined {
    return this.byDid.get(did);
  }

  entries(): KeyEntry[] {
    return [...this.byDid.values()];
  }

  /**
   * May this statement be appended as leaf `index`, as far as keys go?
   * @returns the reason why not, or undefined
   */
  refusalOf(statement: Statement, index: number): Refusal | undefined {
    return authorizeStatement(statement, index, (did) => this.byDid.get(did));
  }

  /** The same of a pack, from its columns. */
  refusalOfPack(entry: KeyEntry, subject: string, assurance: number, index: number): Refusal | undefined {
    return authorize(entry, { kind: 'pack', subject, class: classNames[assurance - 1] as AssuranceClass }, index);
  }

  /** Takes in what a statement of the log says of keys; other kinds, and what should not be there, are passed over. */
  apply(statement: Statement, index: number): void {
    const { header, payload } = statement;
    if (header.kind !== 'enrolment' && header.kind !== 'key-status') return;
    if (this.refusalOf(statement, index)) return;
    if (header.kind === 'enrolment') {
      const enrolment = enrolmentPayload.decode(payload);
      const state = enrolledKey(header, enrolment, index);
      this.add({ ...state, key: parseDidKey(state.did), name: enrolment.name });
    } else {
      const entry = this.byDid.get(keyStatusPayload.decode(payload).key);
      if (entry === undefined || entry.revokedAt !== undefined) return;
      entry.revokedAt = index;
      for (const listener of this.listeners) listener(entry);
    }
  }
}
