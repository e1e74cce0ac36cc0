// Sorts the leaves of an evidence file by what they are.

import { decodeIntent, type Intent, intentDigest } from '../evm/intent.ts';
import { StatementId } from '../ids.ts';
import type { StatementKind } from '../kinds.ts';
import { openBody } from '../statement/body.ts';
import { decodeLeaf } from '../statement/leaf.ts';
import type { Statement } from '../statement/statement.ts';
import { parseStatement } from '../statement/statement.ts';
import type { Evidence } from './format.ts';
import { StepError } from './report.ts';

export interface LoggedStatement {
  readonly index: number;
  readonly arrivalMs: number;
  readonly statement: Statement;
}

export interface LoggedIntent {
  readonly index: number;
  readonly intent: Intent;
  /** EIP-712 digest, hex without `0x`. */
  readonly digest: string;
}

export class Contents {
  readonly statements: readonly LoggedStatement[];
  readonly intents: readonly LoggedIntent[];
  /** Leaves that only show when they arrived; an intent has no arrival of its own. */
  readonly arrivals: ReadonlyMap<number, number | undefined>;
  /** Leaves of kinds of a later release: they show nothing here. */
  readonly passedOver: readonly number[];
  readonly #disclosures: ReadonlyMap<number, Uint8Array>;
  readonly #byId = new Map<StatementId, LoggedStatement>();
  readonly #opened = new Map<number, Uint8Array>();

  /** @throws FormatError when a leaf is none */
  constructor(evidence: Evidence) {
    const statements: LoggedStatement[] = [];
    const intents: LoggedIntent[] = [];
    const passedOver: number[] = [];
    const arrivals = new Map<number, number | undefined>();
    for (const { index, leaf } of evidence.leaves) {
      const decoded = decodeLeaf(leaf);
      if (evidence.arrivals?.includes(index))
        arrivals.set(index, decoded.kind === 'intent' ? undefined : decoded.arrivalMs);
      else if (decoded.kind === 'intent') {
        const intent = decodeIntent(decoded.intent);
        intents.push({ index, intent, digest: intentDigest(intent).slice(2) });
      } else {
        const statement = parseStatement(decoded.statement);
        if (statement.header.kind === 'unknown') passedOver.push(index);
        else statements.push({ index, arrivalMs: decoded.arrivalMs, statement });
      }
    }
    this.statements = statements;
    this.intents = intents;
    this.arrivals = arrivals;
    // Of one in the file twice the first counts.
    for (const logged of statements.toReversed()) this.#byId.set(StatementId.fromBytes(logged.statement.id), logged);
    this.passedOver = passedOver;
    this.#disclosures = new Map(evidence.bodies.map(({ index, disclosure }) => [index, disclosure]));
  }

  of(kind: StatementKind): LoggedStatement[] {
    return this.statements.filter(({ statement }) => statement.header.kind === kind);
  }

  /** The only one of a kind. @throws StepError */
  only(kind: StatementKind): LoggedStatement {
    const found = this.of(kind);
    if (found.length !== 1)
      throw new StepError(`The file should hold one statement of kind ${kind}; it holds ${found.length}.`);
    return found[0] as LoggedStatement;
  }

  byId(id: Uint8Array): LoggedStatement | undefined {
    return this.#byId.get(StatementId.fromBytes(id));
  }

  hasDisclosure(index: number): boolean {
    return this.#disclosures.has(index);
  }

  /** The body of a statement, checked against its commitment. @throws FormatError */
  body({ index, statement }: LoggedStatement): Uint8Array {
    let body = this.#opened.get(index);
    if (body === undefined) {
      body = openBody(statement, this.#disclosures.get(index));
      this.#opened.set(index, body);
    }
    return body;
  }
}
