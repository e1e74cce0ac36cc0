// Optimisers.
import type { Listed, OptimiserModel } from '../model.ts';

export const optimisers: readonly Listed<OptimiserModel>[] = [];
