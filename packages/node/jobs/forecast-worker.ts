// The thread that makes one forecast and ends.
import { parentPort, workerData } from 'node:worker_threads';
import { auto } from '@trine/models/forecasters/auto.ts';
import type { ForecastResult, ForecastWork } from './forecast.ts';

const { startMs, intervalMs, values, seasons, steps } = workerData as ForecastWork;
const levels = [0.8, 0.95];
const forecaster = auto.create({ series: 1, intervalMs, seasons, horizon: steps, levels });
values.forEach((value, i) => {
  forecaster.learn(startMs + i * intervalMs, [value]);
});
const { point, intervals } = forecaster.forecast(steps);
const result: ForecastResult = {
  point: [...(point[0] ?? [])],
  intervals: intervals.map(({ level, low, high }) => ({ level, low: [...(low[0] ?? [])], high: [...(high[0] ?? [])] })),
  methods: forecaster.explain?.() ?? '',
  model: `${auto.name} ${auto.version}`,
};
parentPort?.postMessage(result);
