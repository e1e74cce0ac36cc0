// Chance from a seed: the only source of it in a simulation.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Chance {
  /** A whole number from 0 to one below. */
  below(limit: number): number;
  /** From 0 to 1, not included. */
  unit(): number;
  /** Does something happen that happens so often? */
  happens(share: number): boolean;
  bytes(length: number): Buffer;
}

/** @param stream several of one seed that do not disturb each other */
export function chanceOf(seed: number, stream: number): Chance {
  const generator = xoroshiro128plus(Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b));
  const below = (limit: number) => uniformInt(generator, 0, limit - 1);
  const unit = () => below(2 ** 30) / 2 ** 30;
  return {
    below,
    unit,
    happens: (share) => unit() < share,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}
