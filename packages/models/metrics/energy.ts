// The scores of the CityLearn Challenge 2022 (CityLearnEnv.evaluate, tag v1.3.6): what a battery does to a home's bill and
// emissions and to the grid. Each is a ratio to the same homes without a battery: lower is better, 1 is no battery.

/** One home's net energy from the grid, kWh an hour (negative: export), with and without its battery. */
export interface HomeEnergy {
  readonly net: Float64Array;
  readonly baseline: Float64Array;
}

export interface EnergyScores {
  /** Σ net × price over homes and hours, as a ratio; export is credited at the same price. */
  readonly cost: number;
  /** Σ max(0, net × carbon) of each home and hour, as a ratio. */
  readonly emission: number;
  /** Mean of the ratios of ramping and of 1 − load factor, both of the homes' sum. */
  readonly grid: number;
  /** Mean of cost and emission: the challenge's first phase. */
  readonly mean2: number;
  /** Mean of all three: its later phases. */
  readonly mean3: number;
}

/** A month of CityLearn: a load factor is taken over blocks of this many hours. */
const BLOCK_HOURS = 730;

/**
 * @param homes of one district, all of one length (hours)
 * @param price per kWh, each hour
 * @param carbon kg per kWh, each hour
 * @throws RangeError when there is no home, or lengths differ
 * @example energyScores([{ net, baseline: net }], price, carbon).mean3 // 1
 */
export function energyScores(homes: readonly HomeEnergy[], price: Float64Array, carbon: Float64Array): EnergyScores {
  if (homes.length === 0) throw new RangeError('Expected at least one home.');
  for (const { net, baseline } of homes)
    if (net.length !== price.length || baseline.length !== price.length || carbon.length !== price.length)
      throw new RangeError(`Expected ${price.length} hours of every series, as many as there are prices.`);
  const ratio = (of: (energy: Float64Array) => number): number =>
    homes.reduce((all, { net }) => all + of(net), 0) / homes.reduce((all, { baseline }) => all + of(baseline), 0);
  const cost = ratio((energy) => sum(energy, (e, t) => e * price[t]!));
  const emission = ratio((energy) => sum(energy, (e, t) => Math.max(0, e * carbon[t]!)));
  const district = total(homes.map(({ net }) => net));
  const before = total(homes.map(({ baseline }) => baseline));
  const grid = (ramping(district) / ramping(before) + unevenness(district) / unevenness(before)) / 2;
  return { cost, emission, grid, mean2: (cost + emission) / 2, mean3: (cost + emission + grid) / 3 };
}

const sum = (energy: Float64Array, of: (e: number, t: number) => number): number =>
  energy.reduce((all, e, t) => all + of(e, t), 0);

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const total = (series: readonly Float64Array[]): Float64Array =>
  Float64Array.from(series[0] ?? [], (_, t) => series.reduce((all, one) => all + one[t]!, 0));

const ramping = (energy: Float64Array): number => sum(energy, (e, t) => (t === 0 ? 0 : Math.abs(e - energy[t - 1]!)));

/** Mean over blocks of 1 − mean/greatest. */
function unevenness(energy: Float64Array): number {
  const blocks = Array.from({ length: Math.ceil(energy.length / BLOCK_HOURS) }, (_, i) =>
    energy.subarray(i * BLOCK_HOURS, (i + 1) * BLOCK_HOURS),
  );
  return mean(blocks.map((block) => 1 - mean([...block]) / Math.max(...block)));
}
