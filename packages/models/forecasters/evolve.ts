// Seeded differential evolution (Storn and Price 1997): the least of a function over the unit cube, without derivatives.
import { uniform } from '../random.ts';

/**
 * @param cost function of a point of the cube; NaN counts as worst
 * @param of size of the cube, members of the population, generations, seed
 * @returns the best point found
 * @example evolve(([x]) => (x! - 0.3) * (x! - 0.3), { size: 1, members: 12, generations: 40, seed: 1 })
 */
export function evolve(
  cost: (point: Float64Array) => number,
  of: { size: number; members: number; generations: number; seed: number },
): Float64Array {
  const { size, members, generations, seed } = of;
  const next = uniform(seed);
  const worth = (point: Float64Array): number => {
    const value = cost(point);
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
  const points = Array.from({ length: members }, () => Float64Array.from({ length: size }, next));
  const costs = points.map(worth);
  const index = (): number => Math.floor(next() * members);
  let best = costs.indexOf(Math.min(...costs));
  for (let generation = 0; generation < generations; generation++) {
    for (let i = 0; i < members; i++) {
      const [own, a, b] = [points[i]!, points[index()]!, points[index()]!];
      const factor = 0.4 + 0.5 * next();
      const forced = Math.floor(next() * size);
      // Towards the best, plus a difference of two: current-to-best/1/bin.
      const trial = own.map((x, k) => {
        if (k !== forced && next() > 0.8) return x;
        const y = x + factor * (points[best]![k]! - x) * next() + factor * (a[k]! - b[k]!);
        return y < 0 ? x * next() : y > 1 ? 1 - (1 - x) * next() : y;
      });
      const value = worth(trial);
      if (value <= costs[i]!) {
        points[i] = trial;
        costs[i] = value;
        if (value < costs[best]!) best = i;
      }
    }
  }
  return points[best]!;
}
