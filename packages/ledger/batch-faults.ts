// What is wrong with a batch, as the contract can be shown it: at most one fault is needed, and one is looked for.
import { type BatchRow, type Intent, Positions, readChunk } from '@trine/protocol';
import { type Member, refuteLockCall, refutePositionCall, refuteRowCall, type ShownChunk } from './batches.ts';
import type { Call } from './contracts.ts';

export type FaultKind = 'nobody' | 'not covered' | 'above limit' | 'above lock' | 'position';
/** One fault, and the call that shows it. */
export type Fault = { readonly kind: FaultKind; readonly number: number; readonly call: Call };
/** The root is false, and the tree behind it is not known: it is refuted by recomputing it there. */
export type FalseRoot = { readonly kind: 'root' };

export type FaultOptions = {
  readonly intent: Intent;
  /** all of them */
  readonly chunks: readonly Uint8Array[];
  /** those before it, which {@link Positions} changes nothing of */
  readonly positions: Positions;
  /** Is there an account with this number? */
  readonly isMember: (number: number) => boolean;
  /** What the contract knows of a member that loses by a row. */
  readonly memberOf: (number: number) => Member;
  /** What the deciders say the positions are after it, where they say it: by number, minor units. */
  readonly disclosed?: Iterable<readonly [number: number, position: bigint]> | undefined;
};

/**
 * Looks for a fault in a batch whose rows are all published.
 *
 * @returns undefined where it is true
 */
export function findFault(options: FaultOptions): Fault | FalseRoot | undefined {
  const { intent, chunks, positions, disclosed } = options;
  const rows: BatchRow[] = [];
  const lasts: number[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const shown = { index, rows: chunk };
    for (const row of readChunk(chunk, rows.at(-1)?.number ?? 0)) {
      const fault = faultOfRow(row, shown, options);
      if (fault) return fault;
      rows.push(row);
    }
    lasts.push(rows.at(-1)?.number ?? 0);
  }
  const after = positions.clone().apply(rows);
  if (after.root() === intent.positionsAfter) return undefined;
  const claimed = treeOf(disclosed);
  if (claimed?.root() !== intent.positionsAfter) return { kind: 'root' };
  const number = firstDifference(after, claimed);
  if (number === undefined) return { kind: 'root' };
  // Rows of a number stand in the first chunk that reaches it, or nowhere else than in the last.
  const reaching = lasts.findIndex((last) => number <= last);
  const index = reaching < 0 ? chunks.length - 1 : reaching;
  const shown = { index, rows: chunks[index] as Uint8Array };
  const call = refutePositionCall(intent, shown, positions.prove(number), claimed.prove(number));
  return { kind: 'position', number, call };
}

/** What the contract's `refuteRow` and `refuteLock` ask, in their order. */
function faultOfRow(
  { number, amount }: BatchRow,
  shown: ShownChunk,
  { intent, positions, isMember, memberOf }: FaultOptions,
): Fault | undefined {
  const row = (kind: FaultKind): Fault => ({ kind, number, call: refuteRowCall(intent, number, shown) });
  if (!isMember(number)) return row('nobody');
  if (amount > 0n) return undefined;
  const member = memberOf(number);
  if (!covers(member, intent)) return row('not covered');
  if (-amount > member.perObligation) return row('above limit');
  if (member.stake + positions.of(number) + amount >= 0n) return undefined;
  return { kind: 'above lock', number, call: refuteLockCall(intent, shown, positions.prove(number)) };
}

/** Does what a member authorised cover an obligation of this time? */
export function covers({ cover }: Pick<Member, 'cover'>, { begin, end }: Pick<Intent, 'begin' | 'end'>): boolean {
  const { since, from, until, revokedAt } = cover;
  const stop = revokedAt !== 0n && revokedAt < until ? revokedAt : until;
  return since !== 0n && from <= end && begin <= stop;
}

function treeOf(positions: FaultOptions['disclosed']): Positions | undefined {
  if (positions === undefined) return undefined;
  try {
    return new Positions().apply([...positions].map(([number, amount]) => ({ number, amount })));
  } catch {
    return undefined; // what is out of range is no tree
  }
}

function firstDifference(one: Positions, other: Positions): number | undefined {
  for (const [number, position] of one.entries()) if (other.of(number) !== position) return number;
  for (const [number, position] of other.entries()) if (one.of(number) !== position) return number;
  return undefined;
}
