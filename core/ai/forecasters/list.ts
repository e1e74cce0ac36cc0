// Forecasters of related series.
import type { ForecasterModel, Listed } from '../model.ts';

export const forecasters: readonly Listed<ForecasterModel>[] = [];
