// Which faults are planted, and what is said of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fault, root } from './areas.ts';

/** Mulberry32: numbers from 0 to 1, the same for a seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every fault once, in an order that follows from the seed. */
export function* drawn(faults: readonly Fault[], seed: number): Generator<Fault> {
  const next = chance(seed);
  const left = [...faults];
  while (left.length > 0) yield* left.splice(Math.floor(next() * left.length), 1);
}

/** What a fault is, in the words of the source. */
export function wording({ file, start, end, instead }: Fault) {
  const text = readFileSync(join(root, file), 'utf8');
  const before = text.slice(0, start).split('\n');
  const short = (part: string) => part.replaceAll(/\s+/g, ' ').slice(0, 90);
  const whole = text.split('\n')[before.length - 1] as string;
  const line = whole.trim();
  return {
    file,
    line,
    place: `${before.length}:${(before.at(-1) as string).length + 1}`,
    at: (before.at(-1) as string).length - whole.indexOf(line),
    was: short(text.slice(start, end)),
    instead: short(instead),
  };
}

/** A line about it. */
export function describe(fault: Fault): string {
  const { file, place, line, was, instead } = wording(fault);
  return `${file}:${place}  ${was}  →  ${instead || '(nothing)'}    in: ${line.slice(0, 110)}`;
}
