// Audit: reads every leaf of a log as a stranger would. Who signed it, was that key enrolled by a member and not
// revoked, might it speak of this subject, does the signature hold? From public files and a network document alone.
import {
  checkPayload,
  decodeIntent,
  decodeLeaf,
  encodeNetwork,
  equalBytes,
  type Hex,
  type NetworkDocument,
  Principals,
  parseStatement,
  permissionRefusal,
  recoveryPayload,
  refusals,
  type Statement,
  StepError,
  verifyStatement,
} from '@trine/protocol';
import { agreementId } from '../settle/agreements.ts';
import { PolicyRegistry } from './policies.ts';
import { NO_UNDO } from './projection.ts';
import { SequenceTracker } from './sequences.ts';

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
  readonly #principals: Principals;
  readonly #sequences = new SequenceTracker();
  readonly #network: NetworkDocument;
  readonly #policies: PolicyRegistry;
  readonly #verifiedBelow: number;

  /** @param verifiedBelow signatures of leaves below were found right before: they are not verified again */
  constructor(network: NetworkDocument, verifiedBelow = 0) {
    this.#network = network;
    this.#verifiedBelow = verifiedBelow;
    const contracts = { terms: network.chain.terms as Hex };
    this.#policies = new PolicyRegistry((agreement) => agreementId(agreement, contracts));
    this.#principals = new Principals(network);
  }

  /** Takes the next leaf, in order. */
  take(index: number, leaf: Uint8Array): void {
    try {
      const decoded = decodeLeaf(leaf);
      if (decoded.kind === 'intent') {
        decodeIntent(decoded.intent);
        this.#count('intent');
      } else {
        const statement = parseStatement(decoded.statement);
        this.#count(statement.header.kind);
        this.#check(index, statement, decoded.arrivalMs);
      }
    } catch (error) {
      // The leaf is not ours to trust: whatever is wrong with it is a finding, not a fault.
      this.problemCount++;
      if (this.problems.length < PROBLEMS_MAX) this.problems.push({ leaf: index, problem: (error as Error).message });
    }
  }

  #count(kind: string): void {
    this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
  }

  #check(index: number, statement: Statement, arrivalMs: number): void {
    const { header } = statement;
    // Of a later release: a reader of that release may have something to say about it.
    if (header.kind === 'unknown') return;
    if (header.network !== this.#network.id) throw new StepError(`It is made for network ${header.network}.`);
    const signer = this.#principals.get(header.issuer);
    if (signer && index >= this.#verifiedBelow && !verifyStatement(statement, signer.key))
      throw new StepError('The signature does not match.');
    checkPayload(statement);
    if (header.kind === 'network' && index === 0 && !equalBytes(statement.payload, encodeNetwork(this.#network)))
      throw new StepError('The network document here is not the one given.');
    const refusal = this.#principals.take({ order: index, statement });
    if (refusal) throw new StepError(`It is refused: ${refusals[refusal]} (${header.issuer}).`);
    // What detached bodies say is for who has them.
    const forbidden = permissionRefusal(statement, header.sealed ? undefined : statement.payload, {
      policy: (hash) => this.#policies.get(hash)?.policy,
      agreementId: (hash) => this.#policies.get(hash)?.id,
      joined: (hash, asked) => this.#policies.joined(hash, asked),
      endedFrom: (hash) => this.#policies.end(hash)?.fromMs,
      arrivalMs,
      index,
      keysOf: (keyOwner) => this.#principals.keysOf(keyOwner),
      forkOf: (keyOwner, subject) => this.#sequences.forkOf(keyOwner, subject),
    });
    if (forbidden) throw new StepError(`It is refused: ${forbidden}`);
    this.#follow(index, statement, arrivalMs);
    const { kind, subject } = header;
    const body = () => (header.sealed ? undefined : statement.payload);
    this.#policies.apply({ kind, subject, index, arrivalMs, statement: () => statement, body }, NO_UNDO);
  }

  /** Its place in its sequence: a recovery is held against the fork that it ends. */
  #follow(index: number, { header, id, payload }: Statement, arrivalMs: number): void {
    const { epoch, seq, prev, subject, issuer: by } = header;
    const keyOwner = this.#principals.get(by)?.keyOwner as string;
    const place = { epoch, seq, id: latin1(id), prev: prev && latin1(prev) };
    const verdict = this.#sequences.classify(keyOwner, subject, place);
    this.#sequences.advance(keyOwner, subject, place, index, 'flag' in verdict ? verdict.flag : undefined, NO_UNDO);
    if (header.kind === 'recovery')
      this.#sequences.recover(recoveryPayload.decode(payload), { subject, id, index, arrivalMs, by }, NO_UNDO);
  }
}

/** Ids as a sequence keeps them. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
