// Audit: reads every leaf of a log as a stranger would. Who signed it, was that key enrolled by a member and not
// revoked, might it speak of this subject, does the signature hold? From public files and a network document alone.
import { equalBytes } from '@trine/protocol/bytes.ts';
import { decodeIntent } from '@trine/protocol/evm/intent.ts';
import { type PublicKey, parseDidKey } from '@trine/protocol/keys.ts';
import { coversSubject, enrolmentPayload, keyStatusPayload } from '@trine/protocol/payloads/enrolment.ts';
import { encodeNetwork, type NetworkDocument } from '@trine/protocol/payloads/network.ts';
import { decodeLeaf } from '@trine/protocol/statement/leaf.ts';
import {
  assuranceClasses,
  memberKinds,
  parseStatement,
  type Statement,
  verifyStatement,
} from '@trine/protocol/statement/statement.ts';

interface Speaker {
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
  private readonly speakers = new Map<string, Speaker>();
  private readonly network: NetworkDocument;

  constructor(network: NetworkDocument) {
    this.network = network;
    for (const { key } of network.members)
      this.speakers.set(key, {
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
    const speaker = this.speakers.get(header.issuer);
    if (speaker === undefined) throw new Error(`nobody enrolled the key that signed it (${header.issuer})`);
    if (speaker.isRevoked) throw new Error(`signed by a revoked key (${header.issuer})`);
    if (header.network !== this.network.id) throw new Error(`made for network ${header.network}`);
    if (!coversSubject(speaker.subjects, header.subject)) throw new Error(`its key may not speak of ${header.subject}`);
    if (assuranceClasses[header.class] < speaker.class) throw new Error(`claims class ${header.class}`);
    if (memberKinds.includes(header.kind) && !speaker.isMember) throw new Error(`only members say ${header.kind}`);
    if (!verifyStatement(statement, speaker.key)) throw new Error('the signature does not match');
    if (header.kind === 'network' && index === 0 && !equalBytes(statement.payload, encodeNetwork(this.network)))
      throw new Error('the network document sealed here is not the one given');
    if (header.kind === 'enrolment') this.enrol(statement);
    if (header.kind === 'key-status') this.revoke(statement, speaker);
  }

  private enrol({ header, payload }: Statement): void {
    const enrolment = enrolmentPayload.decode(payload);
    if (this.speakers.has(enrolment.key)) return;
    this.speakers.set(enrolment.key, {
      key: parseDidKey(enrolment.key),
      owner: header.issuer,
      isMember: false,
      class: assuranceClasses[enrolment.class],
      subjects: enrolment.subjects,
      isRevoked: false,
    });
  }

  private revoke({ payload }: Statement, by: Speaker): void {
    const speaker = this.speakers.get(keyStatusPayload.decode(payload).key);
    if (speaker?.owner !== by.owner) throw new Error('revokes a key of another owner');
    speaker.isRevoked = true;
  }
}
