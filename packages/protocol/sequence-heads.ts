// Heads: of every sequence that a decision looked at, the newest statement below its cuts. One root over all of them, with
// short proofs of which sequences there were about a subject, and of no other. Any decider or mirror of the logs computes the
// same; whoever holds a receipt of a statement that is not among them refutes it.
import { equalBytes } from './bytes.ts';
import { encodeCbor } from './cbor/cbor.ts';
import { boolean, bytes, type Infer, integer, list, optional, record, text } from './cbor/schema.ts';
import { FormatError } from './errors.ts';
import type { MapCommitment } from './merkle-map.ts';
import { emptyRoot, leafHash, memoryTree, treeRoot } from './tlog/merkle.ts';
import { proofRanges, rootFromMultiproof } from './tlog/multiproof.ts';

const head = record({
  subject: text(128),
  keyOwner: text(128),
  epoch: integer(),
  /** The highest one below the cuts; of several statements that claim it, the one in the first leaf. */
  seq: integer(),
  id: bytes(32),
  /** As that statement has it: no later one speaks of a time before. */
  low: optional(integer()),
  /** A fork or clone of the sequence stands below the cuts, and nobody recovered it there. */
  forked: boolean(),
});
export type SequenceHead = Infer<typeof head>;

/** Heads that a file shows, with one proof for all of them: see tlog/multiproof.ts. */
export const shownHeads = record({
  entries: list(record({ index: integer(), head }), 8_192),
  proof: list(bytes(32), 65_536),
});
export type ShownHeads = Infer<typeof shownHeads>;

/** By subject, key owner, epoch: what is about one subject stands together. */
export function compareHeads(a: SequenceHead, b: SequenceHead): number {
  return compareText(a.subject, b.subject) || compareText(a.keyOwner, b.keyOwner) || a.epoch - b.epoch;
}

/** As UTF-8 bytes; subjects and key owners are ASCII. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param heads in their order */
function treeOf(heads: readonly SequenceHead[]): MapCommitment['root'] {
  if (heads.length === 0) return emptyRoot();
  return treeRoot(heads.length, memoryTree(heads.map((one) => leafHash(encodeCbor(one)))));
}

/** @param heads each (subject, key owner, epoch) once, in any order */
export function commitHeads(heads: readonly SequenceHead[]): MapCommitment {
  return { count: heads.length, root: treeOf([...heads].sort(compareHeads)) };
}

function firstNotBefore(sorted: readonly SequenceHead[], subject: string): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] as SequenceHead).subject < subject) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Proves which sequences there were about some subjects. @param heads as for {@link commitHeads} */
export function proveHeads(heads: readonly SequenceHead[], subjects: readonly string[]): ShownHeads {
  const sorted = [...heads].sort(compareHeads);
  const wanted = new Set<number>();
  for (const subject of subjects) {
    // The first that is not before the subject, and from one before it to one after it.
    let at = firstNotBefore(sorted, subject);
    if (at > 0) wanted.add(at - 1);
    while (sorted[at]?.subject === subject) wanted.add(at++);
    if (at < sorted.length) wanted.add(at);
  }
  const indexes = [...wanted].sort((a, b) => a - b);
  const hashes = sorted.map((one) => leafHash(encodeCbor(one)));
  const proof =
    indexes.length === 0
      ? []
      : proofRanges(indexes, sorted.length).map(([from, to]) =>
          treeRoot(to - from, memoryTree(hashes.slice(from, to))),
        );
  return { entries: indexes.map((index) => ({ index, head: sorted[index] as SequenceHead })), proof };
}

/**
 * Which sequences a decision names about some subjects.
 *
 * @returns by subject; none where there was none
 * @throws FormatError `malformed` where the proof does not show it
 */
export function readHeads(
  { count, root }: MapCommitment,
  { entries, proof }: ShownHeads,
  subjects: readonly string[],
): ReadonlyMap<string, readonly SequenceHead[]> {
  const fail = (why: string) => new FormatError('malformed', `The heads do not show what they should: ${why}.`);
  const found = new Map<string, SequenceHead[]>(subjects.map((subject) => [subject, []]));
  if (entries.length === 0) {
    if (count > 0 || proof.length > 0) throw fail('the decision names some, the file none');
    return found;
  }
  const leaves = entries.map(({ index, head: one }) => ({ index, leaf: encodeCbor(one) }));
  const computed = rootFromMultiproof(leaves, count, proof);
  if (computed === undefined || !equalBytes(computed, root)) throw fail('they do not lead to the root');
  const byIndex = new Map(entries.map(({ index, head: one }) => [index, one]));
  let last: SequenceHead | undefined;
  for (const { head: one } of entries) {
    if (last && compareHeads(last, one) >= 0) throw fail('they are not in their order');
    last = one;
    found.get(one.subject)?.push(one);
  }
  const needed = new Set<number>();
  const sorted = [...subjects].sort();
  let next = 0;
  for (const subject of sorted) {
    // One stands before the subject, or nothing does; up to one after it, none is missing.
    while (next < entries.length && (entries[next] as (typeof entries)[0]).head.subject < subject) next++;
    let at = entries[next]?.index ?? count;
    if (at > 0) needed.add(at - 1);
    while (byIndex.get(at)?.subject === subject) needed.add(at++);
    if (at < count) needed.add(at);
  }
  for (const index of needed) if (!byIndex.has(index)) throw fail(`number ${index} of ${count} is missing`);
  if (needed.size !== entries.length) throw fail('there are more of them than show anything');
  return found;
}
