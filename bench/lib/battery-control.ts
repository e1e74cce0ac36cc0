// A receding-horizon controller of a district's batteries: each hour it plans 18 hours ahead with a linear programme and does
// the first hour of the plan. It knows the past, the hour it is in, and the tariff of the hours ahead; the rest it forecasts.
import { act, battery } from '@trine/models/citylearn/battery.ts';
import type { Year } from '@trine/models/citylearn/dataset.ts';
import type { LinearProblem, LinearSolution } from '@trine/models/model.ts';
import { HourlyForecast } from './home-forecast.ts';

/**
 * Import is counted in three cases: as forecast, and off by this many mean errors; with the share of each. Only what is
 * bought emits, so a plan that trusts its forecast to the kilowatt-hour emits more than it thinks.
 */
const CASES = [
  [-1.2, 0.3],
  [0, 0.4],
  [1.2, 0.3],
] as const;

/** Of a home in an hour. */
const VARIABLES = 3 + CASES.length;

/** What is weighed: shares of the district's bill, of its emissions, and of the grid's ramping and peaks. */
export interface Aims {
  readonly cost: number;
  readonly emission: number;
  readonly grid: number;
}

/** Hours planned ahead, the present one among them. What is left at the end has no worth: longer plans start the same. */
const HORIZON = 18;

/** The sums that the scores divide by, as far as they are known by now. */
class Baseline {
  #hours = 0;
  readonly #sums = { cost: 0, emission: 0, ramp: 0 };
  #last = Number.NaN;
  #blockSum = 0;
  /** kWh; above 0, for it is divided by. */
  #blockMax = 0.1;
  #blockHours = 0;

  learn(net: readonly number[], price: number, carbon: number): void {
    this.#hours++;
    const district = net.reduce((a, b) => a + b, 0);
    this.#sums.cost += district * price;
    for (const n of net) this.#sums.emission += Math.max(0, n * carbon);
    if (!Number.isNaN(this.#last)) this.#sums.ramp += Math.abs(district - this.#last);
    this.#last = district;
    // The load factor of the block is approached by that of the last 730 hours or so.
    this.#blockHours = Math.min(730, this.#blockHours + 1);
    this.#blockSum += (district - this.#blockSum) / this.#blockHours;
    this.#blockMax = Math.max(0.1, district, this.#blockMax * 0.9995);
  }

  /** What one unit of each costs in shares of a mean hour. */
  get weights(): { cost: number; emission: number; ramp: number; peak: number } {
    const hourly = (sum: number) => this.#hours / Math.max(sum, 0.05 * this.#hours);
    const mean = Math.max(0, this.#blockSum);
    const uneven = Math.max(0.2, 1 - mean / this.#blockMax);
    return {
      cost: hourly(this.#sums.cost),
      emission: hourly(this.#sums.emission),
      ramp: hourly(this.#sums.ramp) / 2,
      peak: (730 * mean) / this.#blockMax ** 2 / uneven / 2,
    };
  }
}

/** Net energy of each home under control, kWh an hour, and the time a plan took. */
export interface Controlled {
  readonly net: Float64Array[];
  readonly plans: number;
  readonly nanosecondsPerPlan: number;
}

export function control(
  { homes, price, carbon }: Year,
  solve: (problem: LinearProblem) => LinearSolution,
  aims: Aims,
): Controlled {
  const hours = price.length;
  const habits = {
    load: homes.map(() => new HourlyForecast({ rate: 1 / 14, keep: 0.6 })),
    solar: homes.map(() => new HourlyForecast({ rate: 1 / 5, keep: 0.8, relative: true })),
    carbon: new HourlyForecast({ rate: 1 / 7, keep: 0.95 }),
  };
  const baseline = new Baseline();
  const net = homes.map(() => new Float64Array(hours));
  let stored = homes.map(() => 0);
  let last = 0;
  let top = 0;
  let spent = 0n;
  for (let t = 0; t < hours; t++) {
    for (const [i, home] of homes.entries()) {
      habits.load[i]!.learn(t, home.load[t]!);
      habits.solar[i]!.learn(t, home.solar[t]!);
    }
    habits.carbon.learn(t, carbon[t]!);
    const present = homes.map((home) => home.net[t]!);
    baseline.learn(present, price[t]!, carbon[t]!);
    const length = Math.min(HORIZON, hours - t);
    const expected = present.map((now, i) => {
      const load = habits.load[i]!.forecast(length - 1);
      const solar = habits.solar[i]!.forecast(length - 1);
      return [now, ...load.map((l, k) => Math.max(0, l) - Math.max(0, solar[k]!))];
    });
    const spread = present.map((_, i) => {
      const load = habits.load[i]!.spread(length - 1);
      const solar = habits.solar[i]!.spread(length - 1);
      return [0, ...load.map((l, k) => Math.sqrt(l * l + solar[k]! * solar[k]!))];
    });
    const clean = [carbon[t]!, ...habits.carbon.forecast(length - 1)];
    const tariff = [...price.subarray(t, t + length)];
    const start = process.hrtime.bigint();
    if (t % 730 === 0) top *= 0.7;
    const { cost, emission, ramp, peak } = baseline.weights;
    const weights = {
      cost: aims.cost * cost,
      emission: aims.emission * emission,
      ramp: aims.grid * ramp,
      peak: aims.grid * peak,
    };
    const problem = plan(expected, spread, tariff, clean, stored, weights, last, top);
    const { status, values } = solve(problem);
    if (status !== 'optimal') throw new Error(`The plan of hour ${t} is ${status}.`);
    spent += process.hrtime.bigint() - start;
    last = 0;
    stored = stored.map((s, i) => {
      const at = VARIABLES * i * length;
      const step = act(s, values[at]! - values[at + 1]!);
      net[i]![t] = present[i]! + step.done;
      last += net[i]![t]!;
      return step.stored;
    });
    top = Math.max(top, last);
  }
  return { net, plans: hours, nanosecondsPerPlan: Number(spent) / hours };
}

interface Weights {
  readonly cost: number;
  readonly emission: number;
  readonly ramp: number;
  readonly peak: number;
}

/**
 * The plan as a linear programme. For each home and hour: charge, discharge, energy stored at the end of the hour, and
 * import in each case; then, where the grid counts, ramps up and down of each hour, and by how much the peak is exceeded.
 */
function plan(
  net: readonly (readonly number[])[],
  spread: readonly (readonly number[])[],
  price: readonly number[],
  carbon: readonly number[],
  stored: readonly number[],
  weights: Weights,
  last: number,
  top: number,
): LinearProblem {
  const variables: LinearProblem['variables'][number][] = [];
  const constraints: LinearProblem['constraints'][number][] = [];
  const { power, capacity, efficiency } = battery;
  for (const [i, home] of net.entries())
    for (const [k, energy] of home.entries()) {
      const charge = variables.length;
      const discharge = charge + 1;
      const left = charge + 2;
      const worth = weights.cost * price[k]!;
      variables.push(
        { name: `charge ${i} ${k}`, cost: worth, high: power },
        { name: `discharge ${i} ${k}`, cost: -worth, high: power },
        { name: `stored ${i} ${k}`, cost: 0, high: capacity },
        ...CASES.map(([off, share]) => ({
          name: `import ${i} ${k} ${off}`,
          cost: share * weights.emission * carbon[k]!,
        })),
      );
      const before = k === 0 ? stored[i]! : 0;
      constraints.push(
        {
          name: `balance ${i} ${k}`,
          terms: [
            [left, 1],
            [charge, -efficiency],
            [discharge, 1 / efficiency],
            ...(k === 0 ? [] : [[left - VARIABLES, -1] as const]),
          ],
          low: before,
          high: before,
        },
        ...CASES.map(([off], j) => ({
          name: `import ${i} ${k} ${off}`,
          terms: [[left + 1 + j, 1] as const, [charge, -1] as const, [discharge, 1] as const],
          low: energy + off * spread[i]![k]!,
        })),
      );
    }
  if (weights.ramp + weights.peak > 0) addGrid(variables, constraints, net, weights, last, top);
  return { sense: 'minimise', variables, constraints };
}

function addGrid(
  variables: LinearProblem['variables'][number][],
  constraints: LinearProblem['constraints'][number][],
  net: readonly (readonly number[])[],
  weights: Weights,
  last: number,
  top: number,
): void {
  const length = net[0]!.length;
  const district = net[0]!.map((_, k) => net.reduce((all, home) => all + home[k]!, 0));
  const batteries = (k: number, sign: number) =>
    net.flatMap((_, i) => {
      const at = VARIABLES * (i * length + k);
      return [[at, sign] as const, [at + 1, -sign] as const];
    });
  const peak = variables.length;
  variables.push({ name: 'above the peak', cost: weights.peak });
  for (let k = 0; k < length; k++) {
    const up = variables.length;
    variables.push({ name: `up ${k}`, cost: weights.ramp }, { name: `down ${k}`, cost: weights.ramp });
    const step = (k === 0 ? last : district[k - 1]!) - district[k]!;
    constraints.push(
      {
        name: `ramp ${k}`,
        terms: [...batteries(k, 1), ...(k === 0 ? [] : batteries(k - 1, -1)), [up, -1], [up + 1, 1]],
        low: step,
        high: step,
      },
      { name: `peak ${k}`, terms: [...batteries(k, 1), [peak, -1]], high: top - district[k]! },
    );
  }
}
