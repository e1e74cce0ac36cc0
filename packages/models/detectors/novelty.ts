// Novelty of values: has the stream been here before? The value, and the last two together, are compared with all in
// memory; the distance to the nearest is large for a value in a gap between those that occur, or beyond them, whatever is
// usual on average. In the manner of left-discords (Yeh et al., "Matrix Profile", ICDM 2016; Lu et al., "DAMP", KDD
// 2022), with a record bound instead of a fixed threshold.

/** Parameters of value novelty, the same for all streams. */
export const noveltyConfig = {
  /** How many values together, shortest first. */
  lengths: [1, 2],
  /** How far back the nearest are looked for, in readings: what is new lately, and what is new at all. */
  depths: [128, 512],
  /** Values before the first judgement. */
  warmUp: 100,
  /** Learning rate of the typical step; one step counts at most `stepClip` typical ones. */
  stepRate: 0.004,
  stepClip: 5,
  /** The typical step counts as at least this share of the largest typical step, which shrinks by `boundDecay`. */
  stillShare: 0.02,
  /** Distances are in typical steps, at most this. */
  distanceMax: 1000,
  /** A record's bound lies this share above it and shrinks by `boundDecay` a reading (faster when young). */
  boundMargin: 0.1,
  boundDecay: 0.00002,
  boundDecayYoung: 0.01,
  /** No bound lies below this many typical steps. */
  boundFloor: 0.05,
  /** A bound broken by far counts up to this share more. */
  excessWeight: 0.2,
} as const;

const { lengths, depths } = noveltyConfig;
const LONGEST = lengths[1];
const [NEAR, FAR] = depths;
const LOOKS = lengths.length * depths.length;
/** Values in memory: the farthest pair starts `FAR` readings back. */
const MEMORY = FAR + LONGEST;

// Places in `scalars`.
const COUNT = 0;
const TYPICAL = 1;
const TYPICAL_MAX = 2;
const SCALARS = 3;

/** Value novelty of one stream. Memory is constant. */
export class ValueNovelty {
  readonly scalars: Float64Array = new Float64Array(SCALARS);
  readonly bounds: Float64Array = new Float64Array(LOOKS);
  /** Values, written twice so that any run of them is contiguous; the first half is the state. */
  readonly #memory = new Float64Array(2 * MEMORY);
  readonly values: Float64Array = this.#memory.subarray(0, MEMORY);
  readonly #nearest = new Float64Array(LOOKS);

  /** To be called after `scalars`, `bounds` and `values` were replaced. */
  restored(): void {
    this.#memory.copyWithin(MEMORY, 0, MEMORY);
  }

  /**
   * Weighs a value by those before it, then learns it.
   *
   * @param step the value minus the one before; 0 where that says nothing
   * @param least a difference that never matters (reading's unit)
   * @returns evidence: 0, or about the share of looks whose bound is broken
   */
  update(value: number, step: number, least: number): number {
    const s = this.scalars;
    // Until a stream first moves there is nothing to compare.
    if (s[COUNT] === 0 && step === 0) return 0;
    const count = s[COUNT]!;
    const at = count % MEMORY;
    this.#memory[at] = value;
    this.#memory[at + MEMORY] = value;
    s[COUNT] = count + 1;
    const evidence = count >= 2 * LONGEST ? this.#weigh(at, count, least) : 0;
    this.#learn(Math.abs(step), count);
    return evidence;
  }

  #learn(size: number, count: number): void {
    const s = this.scalars;
    const typical = s[TYPICAL]!;
    const most = count < 20 ? size : Math.min(size, noveltyConfig.stepClip * this.#scale);
    s[TYPICAL] = typical + Math.max(noveltyConfig.stepRate, 1 / (count + 1)) * (most - typical);
    s[TYPICAL_MAX] = Math.max(s[TYPICAL_MAX]! * (1 - noveltyConfig.boundDecay), s[TYPICAL]!);
  }

  /** The typical step; the least normal number keeps it from being nothing. */
  get #scale(): number {
    return Math.max(this.scalars[TYPICAL]!, noveltyConfig.stillShare * this.scalars[TYPICAL_MAX]!, 2.3e-308);
  }

  #weigh(at: number, count: number, least: number): number {
    const memory = this.#memory;
    const nearest = this.#nearest;
    const scale = this.#scale;
    const { bounds } = this;
    nearestValues(memory, at + MEMORY, Math.min(FAR, count - LONGEST), nearest);
    const keep = 1 - Math.max(noveltyConfig.boundDecay, noveltyConfig.boundDecayYoung / (count + 1));
    const floor = Math.max(noveltyConfig.boundFloor, Math.min(least / scale, noveltyConfig.distanceMax));
    let evidence = 0;
    for (let k = 0; k < LOOKS; k++) {
      const distance = Math.min(nearest[k]! / scale, noveltyConfig.distanceMax);
      const bound = Math.max(bounds[k]!, floor);
      if (count < noveltyConfig.warmUp) bounds[k] = Math.max(bound, distance);
      else if (distance > bound) {
        evidence += 1 + noveltyConfig.excessWeight * (1 - bound / distance);
        bounds[k] = distance * (1 + noveltyConfig.boundMargin);
      } else bounds[k] = bound * keep;
    }
    return evidence / LOOKS;
  }
}

/**
 * Mean absolute difference between the last value, and the last two, and the nearest earlier ones that do not overlap.
 *
 * @param m values, so that those compared are contiguous
 * @param end place of the last value
 * @param back how far back the others may end, at least 2
 * @param nearest four numbers to fill: one value, two values, each within the nearer and within the farther depth
 */
export function nearestValues(m: Float64Array, end: number, back: number, nearest: Float64Array): void {
  const [a, b] = [m[end]!, m[end - 1]!];
  let one = Math.abs(a - b);
  let two = Number.POSITIVE_INFINITY;
  const near = Math.min(NEAR, back);
  for (let i = 2; i <= back; i++) {
    const single = Math.abs(a - m[end - i]!);
    if (single < one) one = single;
    if (single < two) {
      const pair = single + Math.abs(b - m[end - i - 1]!);
      if (pair < two) two = pair;
    }
    if (i === near) [nearest[0], nearest[2]] = [one, two / 2];
  }
  [nearest[1], nearest[3]] = [one, two / 2];
}
