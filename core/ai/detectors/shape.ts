// Novelty of shape: has the stream moved like this before? The last few steps are compared with every run of steps in
// memory; the distance to the nearest is large for a movement never made, whatever the values. In the manner of
// left-discords (Yeh et al., "Matrix Profile", ICDM 2016; Lu et al., "DAMP", KDD 2022), on steps instead of values so
// that a wandering level does not matter, and with a record bound instead of a fixed threshold.

/** Parameters of shape novelty, the same for all streams. */
export const shapeConfig = {
  /** Lengths of the runs compared, in steps, shortest first. */
  steps: [2, 3, 5],
  /** How far back nearest runs are looked for, in readings: what is new lately, and what is new at all. */
  depths: [128, 512],
  /** Steps before the first judgement. */
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

const { steps, depths } = shapeConfig;
const LONGEST = steps[2];
const [NEAR, FAR] = depths;
const LOOKS = steps.length * depths.length;
/** Steps in memory: the farthest run starts `FAR` readings back. */
const MEMORY = FAR + LONGEST;

// Places in `scalars`.
const COUNT = 0;
const TYPICAL = 1;
const TYPICAL_MAX = 2;
const SCALARS = 3;

/** Shape novelty of one stream. Memory is constant. */
export class ShapeNovelty {
  readonly scalars: Float64Array = new Float64Array(SCALARS);
  readonly bounds: Float64Array = new Float64Array(LOOKS);
  /** Steps, written twice so that any run of them is contiguous; the first half is the state. */
  private readonly memory = new Float64Array(2 * MEMORY);
  readonly steps: Float64Array = this.memory.subarray(0, MEMORY);
  private readonly nearest = new Float64Array(LOOKS);

  /** To be called after `scalars`, `bounds` and `steps` were replaced. */
  restored(): void {
    this.memory.copyWithin(MEMORY, 0, MEMORY);
  }

  /**
   * Weighs a step by the steps before it, then learns it.
   *
   * @param step this value minus the one before
   * @param least a difference that never matters (reading's unit)
   * @returns evidence: 0, or about the share of looks whose bound is broken
   */
  update(step: number, least: number): number {
    const s = this.scalars;
    // Until a stream first moves there is nothing to compare.
    if (s[COUNT] === 0 && step === 0) return 0;
    const count = s[COUNT]!;
    const at = count % MEMORY;
    this.memory[at] = step;
    this.memory[at + MEMORY] = step;
    s[COUNT] = count + 1;
    const evidence = count >= 2 * LONGEST ? this.weigh(at, count, least) : 0;
    this.learn(Math.abs(step), count);
    return evidence;
  }

  private learn(size: number, count: number): void {
    const s = this.scalars;
    const typical = s[TYPICAL]!;
    const most = count < 20 ? size : Math.min(size, shapeConfig.stepClip * this.scale);
    s[TYPICAL] = typical + Math.max(shapeConfig.stepRate, 1 / (count + 1)) * (most - typical);
    s[TYPICAL_MAX] = Math.max(s[TYPICAL_MAX]! * (1 - shapeConfig.boundDecay), s[TYPICAL]!);
  }

  /** The typical step; the least normal number keeps it from being nothing. */
  private get scale(): number {
    return Math.max(this.scalars[TYPICAL]!, shapeConfig.stillShare * this.scalars[TYPICAL_MAX]!, 2.3e-308);
  }

  private weigh(at: number, count: number, least: number): number {
    const { memory, nearest, bounds, scale } = this;
    nearestRuns(memory, at + MEMORY, Math.min(FAR, count - LONGEST), nearest);
    const keep = 1 - Math.max(shapeConfig.boundDecay, shapeConfig.boundDecayYoung / (count + 1));
    const floor = Math.max(shapeConfig.boundFloor, Math.min(least / scale, shapeConfig.distanceMax));
    let evidence = 0;
    for (let k = 0; k < LOOKS; k++) {
      const distance = Math.min(nearest[k]! / scale, shapeConfig.distanceMax);
      const bound = Math.max(bounds[k]!, floor);
      if (count < shapeConfig.warmUp) bounds[k] = Math.max(bound, distance);
      else if (distance > bound) {
        evidence += 1 + shapeConfig.excessWeight * (1 - bound / distance);
        bounds[k] = distance * (1 + shapeConfig.boundMargin);
      } else bounds[k] = bound * keep;
    }
    return evidence / LOOKS;
  }
}

/**
 * Mean absolute difference between the last 2, 3 and 5 steps and the nearest earlier run that does not overlap them.
 *
 * @param m steps, so that those compared are contiguous
 * @param end place of the last step
 * @param back how far back runs may end, at least 5
 * @param nearest six numbers to fill: lengths 2, 3, 5, each within the nearer and within the farther depth
 */
export function nearestRuns(m: Float64Array, end: number, back: number, nearest: Float64Array): void {
  const [a, b, c, d, e] = [m[end]!, m[end - 1]!, m[end - 2]!, m[end - 3]!, m[end - 4]!];
  let short = Number.POSITIVE_INFINITY;
  let middle = short;
  let long = short;
  const near = Math.min(NEAR, back);
  for (let i = steps[0]; i <= back; i++) {
    const from = end - i;
    const two = Math.abs(a - m[from]!) + Math.abs(b - m[from - 1]!);
    if (two < short) short = two;
    if (i >= steps[1] && (two < long || two < middle)) {
      const three = two + Math.abs(c - m[from - 2]!);
      if (three < middle) middle = three;
      if (three < long && i >= LONGEST) {
        const five = three + Math.abs(d - m[from - 3]!) + Math.abs(e - m[from - 4]!);
        if (five < long) long = five;
      }
    }
    if (i !== near && i !== back) continue;
    for (let k = i === near ? 0 : 1; k < LOOKS; k += 2) nearest[k] = [short, middle, long][k >> 1]! / steps[k >> 1]!;
  }
  if (back <= NEAR) for (let k = 0; k < LOOKS; k += 2) nearest[k + 1] = nearest[k]!;
}
