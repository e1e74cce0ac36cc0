// Sorts the leaves of an evidence file by what they are.

import { decodeIntent, type Intent, intentDigest } from '../evm/intent.ts';
import { StatementId } from '../ids.ts';
import type { StatementKind } from '../kinds.ts';
import type { Decision } from '../payloads/decision.ts';
import { openBody } from '../statement/body.ts';
import { decodeLeaf } from '../statement/leaf.ts';
import type { Statement } from '../statement/statement.ts';
import { parseStatement } from '../statement/statement.ts';
import { parseSignedCheckpoint } from '../tlog/checkpoint.ts';
import type { Evidence } from './format.ts';
import { StepError } from './report.ts';

/** A position: of a leaf in one of the logs. */
export interface Position {
  readonly origin: string;
  readonly index: number;
}

export interface LoggedStatement extends Position {
  /** Its number in the file: by arrival, then by the order of the logs, then by leaf. In one log that is its order. */
  readonly order: number;
  readonly arrivalMs: number;
  readonly statement: Statement;
}

export interface LoggedIntent extends Position {
  readonly intent: Intent;
  /** EIP-712 digest, hex without `0x`. */
  readonly digest: string;
}

type Placed = Omit<LoggedStatement, 'order'> & { readonly rank: number };

export class Contents {
  /** Origins of the logs, in the order of the file. */
  readonly origins: readonly string[];
  /** In their order; one that stands in several logs once, where the first of them has it. */
  readonly statements: readonly LoggedStatement[];
  /** Places of statements that count elsewhere. */
  readonly repeated: readonly (Position & { readonly arrivalMs: number })[];
  readonly intents: readonly LoggedIntent[];
  /** Leaves that only show when they arrived, by {@link placeOf}; an intent has no arrival of its own. */
  readonly arrivals: ReadonlyMap<string, number | undefined>;
  /** Leaves of kinds of a later release: they show nothing here. */
  readonly passedOver: readonly Position[];
  readonly #disclosures = new Map<string, Uint8Array>();
  readonly #byId = new Map<StatementId, LoggedStatement>();
  readonly #byPlace = new Map<string, LoggedStatement>();
  readonly #opened = new Map<number, Uint8Array>();

  /** @throws FormatError when a leaf is none, TlogError when a checkpoint is none */
  constructor({ logs }: Pick<Evidence, 'logs'>) {
    this.origins = logs.map(({ checkpoint }) => parseSignedCheckpoint(checkpoint).origin);
    const placed: Placed[] = [];
    const intents: LoggedIntent[] = [];
    const passedOver: Position[] = [];
    const arrivals = new Map<string, number | undefined>();
    for (const [rank, log] of logs.entries()) {
      const origin = this.origins[rank] as string;
      const shown = new Set(log.arrivals);
      for (const { index, leaf } of log.leaves) {
        const decoded = decodeLeaf(leaf);
        if (shown.has(index))
          arrivals.set(placeOf({ origin, index }), decoded.kind === 'intent' ? undefined : decoded.arrivalMs);
        else if (decoded.kind === 'intent') {
          const intent = decodeIntent(decoded.intent);
          intents.push({ origin, index, intent, digest: intentDigest(intent).slice(2) });
        } else {
          const statement = parseStatement(decoded.statement);
          if (statement.header.kind === 'unknown') passedOver.push({ origin, index });
          else placed.push({ origin, index, rank, arrivalMs: decoded.arrivalMs, statement });
        }
      }
      for (const { index, disclosure } of log.bodies) this.#disclosures.set(placeOf({ origin, index }), disclosure);
    }
    const { counted, repeated } = countOnce(placed);
    this.statements = counted;
    this.repeated = repeated;
    this.intents = intents;
    this.arrivals = arrivals;
    this.passedOver = passedOver;
    // Of one in a log twice the first counts.
    for (const logged of counted.toReversed()) {
      this.#byId.set(StatementId.fromBytes(logged.statement.id), logged);
      this.#byPlace.set(placeOf(logged), logged);
    }
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

  at(position: Position): LoggedStatement | undefined {
    return this.#byPlace.get(placeOf(position));
  }

  hasDisclosure(position: Position): boolean {
    return this.#disclosures.has(placeOf(position));
  }

  /** The body of a statement, checked against its commitment. @throws FormatError */
  body({ origin, index, order, statement }: LoggedStatement): Uint8Array {
    let body = this.#opened.get(order);
    if (body === undefined) {
      body = openBody(statement, this.#disclosures.get(placeOf({ origin, index })));
      this.#opened.set(order, body);
    }
    return body;
  }
}

/** A position as a key. */
export function placeOf({ origin, index }: Position): string {
  return `${index} ${origin}`;
}

/**
 * Does one stand before another? In one log by its leaves; over several by arrival, as each log says it.
 * @returns false where they arrived in the same millisecond in different logs
 */
export function isBefore(a: LoggedStatement, b: LoggedStatement): boolean {
  return a.origin === b.origin ? a.index < b.index : a.arrivalMs < b.arrivalMs;
}

/** Is a position below the cut of its log? */
export function isBelow({ cuts }: Pick<Decision, 'cuts'>, { origin, index }: Position): boolean {
  const cut = cuts.find((one) => one.origin === origin);
  return cut !== undefined && index < cut.index;
}

function countOnce(placed: readonly Placed[]): { counted: LoggedStatement[]; repeated: Placed[] } {
  const first = new Map<StatementId, number>();
  const repeated: Placed[] = [];
  const counted = placed.filter((one) => {
    const { rank } = one;
    const id = StatementId.fromBytes(one.statement.id);
    const known = first.get(id) ?? rank;
    first.set(id, known);
    if (known !== rank) repeated.push(one);
    return known === rank;
  });
  counted.sort((a, b) => a.arrivalMs - b.arrivalMs || a.rank - b.rank || a.index - b.index);
  return {
    counted: counted.map(({ rank: _, ...one }, order) => ({ ...one, order })),
    repeated,
  };
}
