// Forecasters of related series, and of rivers.
import type { ForecasterModel, Listed } from '../model.ts';
import { auto } from './auto.ts';
import { rainfallRunoff } from './rainfall-runoff.ts';

export const forecasters: readonly Listed<ForecasterModel>[] = [
  { model: auto, scenario: 'forecast-demand.ts' },
  { model: rainfallRunoff, scenario: 'forecast-runoff.ts' },
];
