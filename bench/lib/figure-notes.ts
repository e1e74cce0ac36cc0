// What every figure of a forecast says besides its value.
import { auto } from '@trine/models/forecasters/auto.ts';
import type { Figure } from './figures.ts';
import { type Backtest, coverage } from './forecast.ts';

/** Model, cost and coverage of a backtest, for its figures. @param pick which series and steps count */
export function noteOf(
  result: Backtest,
  pick?: (series: number, step: number) => boolean,
): Pick<Figure, 'model' | 'seed' | 'nanosecondsPerPoint' | 'bytesPerStream' | 'note'> {
  return {
    model: `${auto.name} ${auto.version}`,
    seed: undefined,
    nanosecondsPerPoint: result.nanosecondsPerLearntValue,
    bytesPerStream: result.bytesPerSeries,
    note: coverage(result.trials, pick)
      .map(({ level, coverage: share }) => `${level * 100} % interval covers ${(share * 100).toFixed(1)} %`)
      .concat(`${result.millisecondsPerForecast.toFixed(1)} ms a forecast`)
      .join(', '),
  };
}
