// A small conceptual catchment: snow by degree days, soil moisture, a quick and a slow store, and a triangular hydrograph.
// After HBV (Bergström 1976; Seibert and Vis 2012), with powers blended from whole ones, so that the arithmetic is exact.

/** Range of each parameter. */
export const ranges = {
  /** Temperature at which half of what falls is snow, °C, and half the width of the passage. */
  snowTemperature: [-2, 2.5],
  snowWidth: [0.1, 4],
  /** Factor on snowfall, for what gauges miss. */
  snowCatch: [0.5, 1.5],
  /** Temperature above which snow melts, °C. */
  meltTemperature: [-2, 3],
  /** Melt, mm per °C and day: constant, and for each mm of potential evaporation, which stands for radiation. */
  meltRate: [0.5, 5],
  meltByRadiation: [0, 2],
  /** Melt that a mm of rain adds for each °C. */
  meltByRain: [0, 0.05],
  /** Water that snow holds, share of it. */
  snowHolds: [0, 0.2],
  /** Soil: capacity mm, exponent of the share that runs off, share of the capacity up to which evaporation is limited. */
  soil: [50, 700],
  exponent: [1, 6],
  evaporationLimit: [0.2, 1],
  /** Factor on potential evaporation; share of it that goes on above snow. */
  evaporation: [0.4, 1.5],
  evaporationOverSnow: [0, 1],
  /** Quick store: outflow above a threshold (mm), outflow, both shares a day; seepage into the slow store, mm a day. */
  surfaceThreshold: [2, 80],
  surfaceRate: [0.1, 0.95],
  quickRate: [0.02, 0.5],
  seepage: [0.1, 10],
  slowRate: [0.002, 0.15],
  /** Base of the triangular hydrograph, days. */
  base: [1, 8],
} as const satisfies Record<string, readonly [number, number]>;

export const parameters = Object.keys(ranges) as readonly (keyof typeof ranges)[];

/** What a run leaves beside the flow: the stores at the end of each day, mm. */
export interface Stores {
  readonly snow: Float64Array;
  readonly soil: Float64Array;
  readonly quick: Float64Array;
  readonly slow: Float64Array;
  /** Water that reached the soil. */
  readonly water: Float64Array;
}

/** s to a power that need not be whole: between the two nearest whole powers in proportion. @param s 0 to 1 */
function power(s: number, exponent: number): number {
  const whole = Math.floor(exponent);
  let low = 1;
  for (let i = 0; i < whole; i++) low *= s;
  return low * (1 + (exponent - whole) * (s - 1));
}

/**
 * Simulates the flow of every day.
 *
 * @param forcing precipitation mm, mean air temperature °C, potential evaporation mm, by day
 * @param share parameters, each as 0 to 1 within its range
 * @param flow filled with mm a day
 * @param stores filled where given
 */
export function simulate(
  forcing: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>],
  share: ArrayLike<number>,
  flow: Float64Array,
  stores?: Stores,
): void {
  // Local constants: reading them off an object for every day takes a hundred times as long.
  const unit = (name: keyof typeof ranges): number => {
    const [low, high] = ranges[name];
    return low + share[parameters.indexOf(name)]! * (high - low);
  };
  const snowTemperature = unit('snowTemperature');
  const snowWidth = unit('snowWidth');
  const snowCatch = unit('snowCatch');
  const meltTemperature = unit('meltTemperature');
  const meltRate = unit('meltRate');
  const meltByRadiation = unit('meltByRadiation');
  const meltByRain = unit('meltByRain');
  const snowHolds = unit('snowHolds');
  const capacity = unit('soil');
  const exponent = unit('exponent');
  const limited = unit('evaporationLimit') * capacity;
  const evaporation = unit('evaporation');
  const evaporationOverSnow = unit('evaporationOverSnow');
  const surfaceThreshold = unit('surfaceThreshold');
  const surfaceRate = unit('surfaceRate');
  const quickRate = unit('quickRate');
  const seepage = unit('seepage');
  const slowRate = unit('slowRate');
  const [rainOf, temperatureOf, evaporationOf] = forcing;
  const weights = hydrograph(unit('base'));
  let [snow, wet, soil, quick, slow] = [0, 0, 0.6 * capacity, 5, 20];
  flow.fill(0);
  for (let t = 0; t < flow.length; t++) {
    const temperature = temperatureOf[t]!;
    const potential = evaporationOf[t]!;
    const frozen = Math.max(0, Math.min(1, (snowTemperature + snowWidth - temperature) / (2 * snowWidth)));
    const rain = rainOf[t]! * (1 - frozen);
    snow += rainOf[t]! * frozen * snowCatch;
    const warmth = temperature - meltTemperature;
    const rate = meltRate + meltByRadiation * potential;
    const melt = warmth > 0 ? Math.min(snow, warmth * (rate + meltByRain * rain)) : 0;
    snow -= melt;
    wet += melt + rain;
    if (warmth < 0) {
      const again = Math.min(wet, 0.05 * rate * -warmth);
      wet -= again;
      snow += again;
    }
    const water = Math.max(0, wet - snowHolds * snow);
    wet -= water;
    const runoff = water * power(Math.min(1, soil / capacity), exponent);
    soil += water - runoff;
    const spill = Math.max(0, soil - capacity);
    soil -= spill;
    const wanted = potential * evaporation * (snow > 1 ? evaporationOverSnow : 1);
    soil -= Math.min(soil, wanted * Math.min(1, soil / limited));
    quick += runoff + spill;
    const seeped = Math.min(quick, seepage);
    quick -= seeped;
    slow += seeped;
    const surface = surfaceRate * Math.max(0, quick - surfaceThreshold);
    quick -= surface;
    const interflow = quickRate * quick;
    quick -= interflow;
    const base = slowRate * slow;
    slow -= base;
    const out = surface + interflow + base;
    for (let k = 0; k < weights.length && t + k < flow.length; k++) flow[t + k]! += weights[k]! * out;
    if (stores) {
      stores.snow[t] = snow;
      stores.soil[t] = soil / capacity;
      stores.quick[t] = quick;
      stores.slow[t] = slow;
      stores.water[t] = water;
    }
  }
}

/** Shares of a day's water that leave on that day and the following: a triangle of a base in days. */
function hydrograph(base: number): Float64Array {
  const filled = (x: number): number => {
    const at = Math.min(1, x / base);
    return at < 0.5 ? 2 * at * at : 1 - 2 * (1 - at) * (1 - at);
  };
  return Float64Array.from({ length: Math.ceil(base) }, (_, k) => filled(k + 1) - filled(k));
}
