import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nse } from '../metrics/forecast.ts';
import { uniform } from '../random.ts';
import { parameters, simulate } from './catchment.ts';
import { evolve } from './evolve.ts';
import { rainfallRunoff } from './rainfall-runoff.ts';

/** Weather of so many days: rain on some, snow in winter. */
function weather(seed: number, days: number): [Float64Array, Float64Array, Float64Array] {
  const next = uniform(seed);
  const summer = Float64Array.from({ length: days }, (_, t) => 1 - Math.abs((t % 365) - 182) / 91);
  return [
    summer.map(() => (next() < 0.4 ? 20 * next() * next() : 0)),
    summer.map((s) => 6 + 12 * s + 8 * (next() - 0.5)),
    summer.map((s) => 1.5 + 1.4 * s),
  ];
}

test('a catchment loses and makes no water', () => {
  const forcing = weather(1, 3000);
  forcing[2].fill(0);
  const middle = parameters.map((name) => (name === 'snowCatch' ? 0.5 : 0.3));
  const flow = new Float64Array(3000);
  const empty = () => new Float64Array(3000);
  const stores = { snow: empty(), soil: empty(), quick: empty(), slow: empty(), water: empty() };
  simulate(forcing, middle, flow, stores);
  const total = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
  // Without evaporation, what falls flows out, but for what the stores hold more than at the start.
  const capacity = 50 + 0.3 * 650;
  const held = stores.snow.at(-1)! + stores.quick.at(-1)! + stores.slow.at(-1)! + stores.soil.at(-1)! * capacity;
  const lost = total(forcing[0]) + 25 + 0.6 * capacity - held - total(flow);
  assert.ok(Math.abs(lost) < 30, `${lost} mm of ${total(forcing[0])}: no more than what is under way`);
  assert.ok(flow.every((x) => x >= 0));
});

test('evolution finds the least of a curved valley, and the same again', () => {
  const valley = ([x, y]: ArrayLike<number> & Iterable<number>) => 100 * (y! - x! * x!) ** 2 + (0.7 - x!) ** 2;
  const of = { size: 2, members: 20, generations: 120, seed: 3 };
  const [x, y] = evolve(valley, of);
  assert.ok(Math.abs(x! - 0.7) < 0.01 && Math.abs(y! - 0.49) < 0.01, `${x} ${y}`);
  assert.deepEqual(evolve(valley, of), evolve(valley, of));
  assert.notDeepEqual(evolve(valley, { ...of, generations: 3 }), evolve(valley, { ...of, generations: 3, seed: 4 }));
});

test('a river that is such a catchment is simulated in a year never seen', () => {
  const days = 1825;
  const forcing = weather(5, days);
  const truth = new Float64Array(days);
  simulate(
    forcing,
    parameters.map((_, i) => 0.2 + (0.6 * ((i * 7) % 10)) / 10),
    truth,
  );
  const next = uniform(6);
  const horizon = 365;
  const river = rainfallRunoff.create({
    series: 1,
    exogenous: 3,
    intervalMs: 86_400_000,
    seasons: [],
    horizon,
    levels: [0.8],
  });
  const day = (t: number) => forcing.map((values) => values[t]!);
  for (let t = 0; t < days - horizon; t++) river.learn(t * 86_400_000, [truth[t]! * (0.9 + 0.2 * next())], day(t));
  const { point, intervals } = river.forecast(
    horizon,
    Array.from({ length: horizon }, (_, h) => day(days - horizon + h)),
  );
  const skill = nse(truth.slice(-horizon), point[0]!);
  assert.ok(skill > 0.9, `NSE ${skill}`);
  const { low, high } = intervals[0]!;
  assert.ok(point[0]!.every((x, h) => low[0]![h]! <= x && x <= high[0]![h]! && low[0]![h]! >= 0));
});
