// Forecasters of related series.
import type { ForecasterModel, Listed } from '../model.ts';
import { auto } from './auto.ts';

export const forecasters: readonly Listed<ForecasterModel>[] = [{ model: auto, scenario: 'forecast-demand.ts' }];
