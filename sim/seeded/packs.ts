// Packs as the log has them.
import type { Node } from '@trine/node/node.ts';
import { decodeLeaf, decodePack, openBody, parseStatement, toHex } from '@trine/protocol';

/** A pack in the log, and the times it speaks of. */
export interface Spoken {
  readonly leaf: number;
  readonly subject: string;
  readonly timesMs: readonly number[];
  /** What was measured at each. */
  readonly values: readonly unknown[];
  /** By which leaf it was replaced. */
  replacedAt: number;
  /** The times that what it replaces spoke of. */
  readonly replacedMs: readonly number[];
}

export function packsOf({ log, bodies }: Node): Spoken[] {
  const found = new Map<string, Spoken>();
  for (let leaf = 0; leaf < log.durableSize; leaf++) {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind !== 'statement') continue;
    const statement = parseStatement(decoded.statement);
    const { kind, subject, contentType, clock, supersedes } = statement.header;
    if (kind !== 'pack') continue;
    const readings = decodePack(openBody(statement, bodies.read(leaf)), contentType, subject, clock);
    const replaced = supersedes && found.get(toHex(supersedes));
    if (replaced) replaced.replacedAt = Math.min(replaced.replacedAt, leaf);
    found.set(toHex(statement.id), {
      ...{ leaf, subject, timesMs: readings.map(({ timeMs }) => timeMs), replacedAt: Number.POSITIVE_INFINITY },
      values: readings.map(({ value }) => value),
      replacedMs: replaced ? [...replaced.timesMs, ...replaced.replacedMs] : [],
    });
  }
  return [...found.values()];
}

/** How many packs of a subject count within a time, of the leaves below a cut. */
export function spokeOf(
  packs: readonly Spoken[],
  { subject, cut, fromMs, toMs }: { subject: string; cut: number; fromMs: number; toMs: number },
): number {
  return packs.filter(
    (pack) =>
      pack.leaf < cut &&
      pack.replacedAt >= cut &&
      pack.subject === subject &&
      pack.timesMs.some((ms) => ms >= fromMs && ms < toMs),
  ).length;
}
