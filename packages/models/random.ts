// Seeded chance: the same seed gives the same numbers on every machine.

/**
 * Uniform numbers in [0, 1) from a seed (Mulberry32).
 *
 * @param seed any integer
 * @example const next = uniform(7); next()
 */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
