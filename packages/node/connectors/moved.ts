// A thing that is called otherwise says the same on another topic: which of its mappings that is.
import { mappingHash } from '@trine/mapping/message/mapping.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';

/**
 * What was accepted, and what was announced then, on the topics where the same is said now.
 *
 * A mapping moves where its topic is announced no more, and one that reads the same is announced on one that is new. The order
 * of an announcement says nothing.
 * @param before what the thing announced when it was accepted: where somebody reads it otherwise it is followed, too
 * @returns undefined where nothing moved
 */
export function moved(
  accepted: readonly Mapping[],
  before: readonly Mapping[],
  announced: readonly Mapping[],
): { readonly mappings: Mapping[]; readonly offered: Mapping[] } | undefined {
  const now = new Set(announced.map(({ topic }) => topic));
  if (accepted.every(({ topic }) => now.has(topic))) return undefined;
  const left = new Map([...accepted, ...before].map((one) => [`${one.topic}\n${readsOf(one)}`, one]));
  const topics = new Set([...left.values()].map(({ topic }) => topic));
  const fresh = announced.filter(({ topic }) => !topics.has(topic));
  const to = new Map<string, string>();
  for (const one of left.values()) {
    if (now.has(one.topic)) continue;
    const same = fresh.filter((other) => readsOf(other) === readsOf(one));
    const rivals = new Set(
      [...left.values()].filter((other) => readsOf(other) === readsOf(one)).map(({ topic }) => topic),
    );
    // Which of two it is, nobody says.
    if (same.length === 1 && rivals.size === 1) to.set(one.topic, (same[0] as Mapping).topic);
  }
  if (!accepted.some(({ topic }) => to.has(topic))) return undefined;
  const move = (all: readonly Mapping[]): Mapping[] =>
    all.map((one) => ({ ...one, topic: to.get(one.topic) ?? one.topic }));
  return { mappings: move(accepted), offered: move(before) };
}

const reads = new WeakMap<Mapping, string>();

/** A mapping whatever its topic. */
function readsOf(mapping: Mapping): string {
  const known = reads.get(mapping);
  if (known !== undefined) return known;
  const hash = mappingHash({ ...mapping, topic: '' });
  reads.set(mapping, hash);
  return hash;
}
