// Key directory: which keys speak of which subjects, at which leaf. Built from the log alone, so every node that reads the
// same leaves has the same key directory.
import {
  type AssuranceClass,
  assuranceClasses,
  coversSubject,
  enrolmentPayload,
  keyId,
  keyStatusPayload,
  memberKinds,
  type NetworkDocument,
  type PublicKey,
  parseDidKey,
  type Refusal,
  type Statement,
} from '@trine/protocol';

export interface KeyEntry {
  readonly did: string;
  readonly key: PublicKey;
  /** The thing that holds the key: a device's own subject; for members their did:key. */
  readonly keyOwner: string;
  readonly name: string;
  /** did:key of the member who enrolled it; for a member, its own. */
  readonly owner: string;
  readonly class: AssuranceClass;
  readonly subjects: readonly string[];
  /** The key counts for leaves after this one; -1 for members. */
  readonly enrolledAt: number;
  /** The key counts no more from this leaf on. */
  revokedAt?: number;
}

export class KeyDirectory {
  /** By the latin1 text of the short key id. Two keys may share one: the DID decides. */
  private readonly byKeyId = new Map<string, KeyEntry[]>();
  private readonly byDid = new Map<string, KeyEntry>();
  private readonly listeners = new Set<(entry: KeyEntry) => void>();

  /** Takes in the members of a network: the keys everything else is enrolled by. */
  addMembers(network: NetworkDocument): void {
    for (const member of network.members) {
      if (this.byDid.has(member.key)) continue;
      this.add({
        did: member.key,
        key: parseDidKey(member.key),
        keyOwner: member.key,
        name: member.name,
        owner: member.key,
        class: 'software',
        subjects: ['*'],
        enrolledAt: -1,
      });
    }
  }

  private add(entry: KeyEntry): void {
    const id = keyIdText(keyId(entry.key));
    const others = this.byKeyId.get(id) ?? [];
    this.byKeyId.set(id, [...others.filter((other) => other.did !== entry.did), entry]);
    this.byDid.set(entry.did, entry);
    for (const listener of this.listeners) listener(entry);
  }

  /** Calls back for every key there is and every later change. */
  watch(listener: (entry: KeyEntry) => void): void {
    this.listeners.add(listener);
    for (const entry of this.byDid.values()) listener(entry);
  }

  find(short: Uint8Array, did: string): KeyEntry | undefined {
    return this.byKeyId.get(keyIdText(short))?.find((entry) => entry.did === did);
  }

  get(did: string): KeyEntry | undefined {
    return this.byDid.get(did);
  }

  entries(): KeyEntry[] {
    return [...this.byDid.values()];
  }

  /**
   * May this statement be sealed as leaf `index`, as far as keys go?
   * @returns the reason why not, or undefined
   */
  refusalOf(statement: Statement, index: number): Refusal | undefined {
    const { header } = statement;
    const entry = this.find(header.keyId, header.issuer);
    if (entry === undefined) return 'unknown-key';
    const refusal = this.refusalByPlace(entry, header.subject, assuranceClasses[header.class], index);
    if (refusal) return refusal;
    if (memberKinds.includes(header.kind) && entry.enrolledAt !== -1) return 'not-permitted';
    if (header.kind === 'key-status') return this.canRevoke(statement, entry) ? undefined : 'not-permitted';
    return undefined;
  }

  /** The part of it that holds for every kind: position, subject and class. */
  refusalByPlace(entry: KeyEntry, subject: string, assurance: number, index: number): Refusal | undefined {
    if (index <= entry.enrolledAt) return 'unknown-key';
    if (entry.revokedAt !== undefined && index >= entry.revokedAt) return 'revoked-key';
    if (!coversSubject(entry.subjects, subject) || assurance < assuranceClasses[entry.class]) return 'not-permitted';
    return undefined;
  }

  private canRevoke(statement: Statement, by: KeyEntry): boolean {
    return this.byDid.get(keyStatusPayload.decode(statement.payload).key)?.owner === by.did;
  }

  /** Takes in what a sealed statement says of keys; other kinds are passed over. */
  apply(statement: Statement, index: number): void {
    const { header } = statement;
    if (header.kind === 'enrolment') {
      const enrolment = enrolmentPayload.decode(statement.payload);
      if (this.byDid.has(enrolment.key)) return; // A key is enrolled once; once revoked it stays so.
      this.add({
        did: enrolment.key,
        key: parseDidKey(enrolment.key),
        keyOwner: header.subject,
        name: enrolment.name,
        owner: header.issuer,
        class: enrolment.class,
        subjects: enrolment.subjects,
        enrolledAt: index,
      });
    } else if (header.kind === 'key-status') {
      const entry = this.byDid.get(keyStatusPayload.decode(statement.payload).key);
      if (entry && entry.revokedAt === undefined) {
        entry.revokedAt = index;
        for (const listener of this.listeners) listener(entry);
      }
    }
  }
}

function keyIdText(short: Uint8Array): string {
  return String.fromCharCode(...short);
}
