// Heads of the sequences that an obligation looks at, from the statements themselves.
import { commitHeads, type Decision, type SequenceHead } from '@trine/protocol';
import type { Selector } from './domain.ts';
import { type OpenedInput, SubjectIndex } from './inputs.ts';

/** Subjects that are looked at, each pattern once. */
export function lookedAt(selectors: readonly Selector[]): string[] {
  return [...new Set(selectors.flatMap(({ subjects }) => subjects))].sort();
}

type Said = Pick<OpenedInput, 'keyOwner' | 'statement'>;

/**
 * @param patterns subjects that are looked at
 * @param statements all packs and events below the cuts, in their order
 * @param sides of each fork that stands below the cuts
 */
export function headsOf(
  patterns: readonly string[],
  statements: readonly Said[],
  sides: readonly Said[],
): SequenceHead[] {
  const sequence = ({ keyOwner, statement }: Said) => `${keyOwner}\n${statement.header.subject}`;
  const forked = new Set(sides.map(sequence));
  const looked = new SubjectIndex<true>();
  looked.add(patterns, true);
  const heads = new Map<string, SequenceHead>();
  for (const one of statements) {
    const { subject, epoch, seq, low } = one.statement.header;
    if (looked.of(subject).size === 0) continue;
    const name = `${sequence(one)}\n${epoch}`;
    if ((heads.get(name)?.seq ?? -1) >= seq) continue;
    const { keyOwner } = one;
    const { id } = one.statement;
    const isForked = forked.has(sequence(one));
    heads.set(name, { subject, keyOwner, epoch, seq, id, ...(low !== undefined && { low }), forked: isForked });
  }
  return [...heads.values()];
}

/** @see headsOf */
export function commitHeadsOf(...given: Parameters<typeof headsOf>): Decision['heads'] {
  return commitHeads(headsOf(...given));
}
