// Every model, in one place: the shared suite runs through this list, and none escapes the benchmarks.
import { robust } from './detectors/robust.ts';
import type { Model } from './model.ts';

export const models: readonly Model[] = [robust];

/** Model name → the benchmark scenario in `bench/scenarios/` that measures it. */
export const scenarios: Readonly<Record<string, string>> = { 'robust-seasonal': 'nab.ts' };

/** Model name → why no benchmark measures it. */
export const exclusions: Readonly<Record<string, string>> = {};
