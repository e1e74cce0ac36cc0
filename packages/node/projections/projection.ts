// Projection: what follows from the leaves of a log, in their order. Start-up, live intake, rebuild and replay from a folder
// call the same `apply`.
import type { Statement, StatementKind } from '@trine/protocol';
import type { SequenceFlag } from './sequence-flags.ts';

/** A logged statement as projections see it. Valid during `apply` only: copy what you keep. */
export interface Entry {
  readonly index: number;
  readonly arrivalMs: number;
  readonly kind: StatementKind;
  readonly subject: string;
  /** did:key that signed. */
  readonly issuer: string;
  /** The thing, person or member that the key was enrolled for. */
  readonly keyOwner: string;
  /** Something odd about its place in its sequence. */
  readonly flag: SequenceFlag | undefined;
  /** First and last event time of its readings; of what has none, its arrival. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Id of the statement that it replaces. */
  readonly supersedes: Uint8Array | undefined;
  statement(): Statement;
  /** The payload, or of a detached one the body; undefined where that was erased. */
  body(): Uint8Array | undefined;
}

/** Steps back, for projections that ran ahead of the log: kept only if the append succeeds. */
export class Undo {
  #steps: (() => void)[] = [];

  push(step: () => void): void {
    this.#steps.push(step);
  }

  /** Takes back everything since it was made, the newest first. */
  rollback(): void {
    for (const step of this.#steps.reverse()) step();
    this.#steps = [];
  }
}

/** For what is in the log already. */
export const NO_UNDO: Pick<Undo, 'push'> = { push: () => undefined };

/** A projection kept in memory. */
export interface Projection {
  readonly name: string;
  /** Takes in one leaf. @param undo gets the step back, before anything is changed */
  apply(entry: Entry, undo: Pick<Undo, 'push'>): void;
  /** Everything it knows, as values that survive a structured clone. */
  snapshot(): unknown;
  /** Continues from a snapshot, in place of the leaves before it. */
  restore(snapshot: unknown): void;
}

/** One row of a table, by column. */
export interface Row {
  readonly table: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A projection whose result are rows, committed together with the cursor. */
export interface TableProjection {
  readonly name: string;
  /** @param add takes a row; nothing is stored if `apply` throws */
  apply(entry: Entry, add: (row: Row) => void): void;
}
