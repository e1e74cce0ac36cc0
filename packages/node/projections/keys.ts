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
import type { Entry, Projection, Undo } from './projection.ts';

const classNames = Object.keys(assuranceClasses) as AssuranceClass[];

export interface KeyEntry extends KeyState {
  readonly key: PublicKey;
  readonly name: string;
  revokedAt?: number | undefined;
}

export class KeyDirectory implements Projection {
  readonly name = 'keys';
  readonly #byDid = new Map<string, KeyEntry>();
  readonly #listeners = new Set<(entry: KeyEntry) => void>();

  /** Takes in the members of a network: the keys everything else is enrolled by. */
  addMembers(network: NetworkDocument): void {
    for (const member of network.members) {
      if (this.#byDid.has(member.key)) continue;
      this.#add({ ...memberKey(member.key), key: parseDidKey(member.key), name: member.name });
    }
  }

  #add(entry: KeyEntry): void {
    this.#byDid.set(entry.did, entry);
    for (const listener of this.#listeners) listener(entry);
  }

  /** Calls back for every key there is and every later change. */
  subscribe(listener: (entry: KeyEntry) => void): void {
    this.#listeners.add(listener);
    for (const entry of this.#byDid.values()) listener(entry);
  }

  get(did: string): KeyEntry | undefined {
    return this.#byDid.get(did);
  }

  /** Keys that a thing holds. */
  keysOf(keyOwner: string): KeyEntry[] {
    return this.entries().filter((entry) => entry.keyOwner === keyOwner);
  }

  entries(): KeyEntry[] {
    return [...this.#byDid.values()];
  }

  /**
   * May this statement be appended as leaf `index`, as far as keys go?
   * @returns the reason why not, or undefined
   */
  refusalOf(statement: Statement, index: number): Refusal | undefined {
    return authorizeStatement(statement, index, (did) => this.#byDid.get(did));
  }

  /** The same of a pack, from its columns. */
  refusalOfPack(entry: KeyEntry, subject: string, assurance: number, index: number): Refusal | undefined {
    return authorize(entry, { kind: 'pack', subject, class: classNames[assurance - 1] as AssuranceClass }, index);
  }

  /** Takes in what a statement says of keys; other kinds, and what should not be there, are passed over. */
  apply(entry: Entry, undo: Pick<Undo, 'push'>): void {
    const { kind, index } = entry;
    if (kind !== 'enrolment' && kind !== 'key-status') return;
    const statement = entry.statement();
    if (this.refusalOf(statement, index)) return;
    if (kind === 'enrolment') {
      const enrolment = enrolmentPayload.decode(statement.payload);
      const state = enrolledKey(statement.header, enrolment, index);
      undo.push(() => this.#byDid.delete(state.did));
      this.#add({ ...state, key: parseDidKey(state.did), name: enrolment.name });
    } else {
      const known = this.#byDid.get(keyStatusPayload.decode(statement.payload).key);
      if (known === undefined || known.revokedAt !== undefined) return;
      undo.push(() => {
        known.revokedAt = undefined;
      });
      known.revokedAt = index;
      for (const listener of this.#listeners) listener(known);
    }
  }

  snapshot(): KeyEntry[] {
    return this.entries().filter(({ isMember }) => !isMember);
  }

  restore(snapshot: unknown): void {
    for (const entry of snapshot as KeyEntry[]) this.#add(entry);
  }
}
