// Audit: reads every leaf of a log as a stranger would. Who signed it, was that key enrolled by a member and not
// revoked, might it speak of this subject, does the signature hold? From public files and a network document alone.
import {
  assuranceClasses,
  coversSubject,
  decodeIntent,
  decodeLeaf,
  encodeNetwork,
  enrolmentPayload,
  equalBytes,
  keyStatusPayload,
  memberKinds,
  type NetworkDocument,
  type PublicKey,
  parseDidKey,
  parseStatement,
  type Statement,
  verifyStatement,
} from '@trine/protocol';

interface Principal {
  readonly key: PublicKey;
  readonly owner: string;
  readonly isMember: boolean;
  readonly class: number;
  readonly subjects: readonly string[];
  isRevoked: boolean;
}

export interface AuditProblem {
  readonly leaf: number;
  readonly problem: string;
}

const PROBLEMS_MAX = 100;

export class Audit {
  /** Leaves by kind. */
  readonly kinds: Record<string, number> = {};
  /** The first of them; `problemCount` counts all. */
  readonly problems: AuditProblem[] = [];
  problemCount = 0;
  private readonly principals = new Map<string, Principal>();
  private readonly network: NetworkDocument;

  constructor(network: NetworkDocument) {
    this.network = network;
    for (const { key } of network.members)
      this.principals.set(key, {
        key: parseDidKey(key),
        owner: key,
        isMember: true,
        class: assuranceClasses.software,
        subjects: ['*'],
        isRevoked: false,
      });
  }

  /** Takes the next leaf, in order. */
  take(index: number, leaf: Uint8Array): void {
    try {
      const decoded = decodeLeaf(leaf);
      if (decoded.kind === 'intent') {
        decodeIntent(decoded.intent);
        this.count('intent');
      } else {
        const statement = parseStatement(decoded.statement);
        this.count(statement.header.kind);
        this.check(index, statement);
      }
    } catch (error) {
      // The leaf is not ours to trust: whatever is wrong with it is a finding, not a fault.
      this.problemCount++;
      if (this.problems.length < PROBLEMS_MAX) this.problems.push({ leaf: index, problem: (error as Error).message });
    }
  }

  private count(kind: string): void {
    this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
  }

  private check(index: number, statement: Statement): void {
    const { header } = statement;
    const principal = this.principals.get(header.issuer);
    if (principal === undefined) throw new Error(`nobody enrolled the key that signed it (${header.issuer})`);
    if (principal.isRevoked) throw new Error(`signed by a revoked key (${header.issuer})`);
    if (header.network !== this.network.id) throw new Error(`made for network ${header.network}`);
    if (!coversSubject(principal.subjects, header.subject))
      throw new Error(`its key may not speak of ${header.subject}`);
    if (assuranceClasses[header.class] < principal.class) throw new Error(`claims class ${header.class}`);
    if (memberKinds.includes(header.kind) && !principal.isMember) throw new Error(`only members say ${header.kind}`);
    if (!verifyStatement(statement, principal.key)) throw new Error('the signature does not match');
    if (header.kind === 'network' && index === 0 && !equalBytes(statement.payload, encodeNetwork(this.network)))
      throw new Error('the network document sealed here is not the one given');
    if (header.kind === 'enrolment') this.enrol(statement);
    if (header.kind === 'key-status') this.revoke(statement, principal);
  }

  private enrol({ header, payload }: Statement): void {
    const enrolment = enrolmentPayload.decode(payload);
    if (this.principals.has(enrolment.key)) return;
    this.principals.set(enrolment.key, {
      key: parseDidKey(enrolment.key),
      owner: header.issuer,
      isMember: false,
      class: assuranceClasses[enrolment.class],
      subjects: enrolment.subjects,
      isRevoked: false,
    });
  }

  private revoke({ payload }: Statement, by: Principal): void {
    const principal = this.principals.get(keyStatusPayload.decode(payload).key);
    if (principal?.owner !== by.owner) throw new Error('revokes a key of another owner');
    principal.isRevoked = true;
  }
}
