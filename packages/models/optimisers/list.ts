// Optimisers.
import type { Listed, OptimiserModel } from '../model.ts';
import { highs } from './highs.ts';

export const optimisers: readonly Listed<OptimiserModel>[] = [{ model: highs, scenario: 'battery.ts' }];
