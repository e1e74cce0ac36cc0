// How good forecasts are, as the field measures it. Pairs with a value that is not finite are left out.

/** Sums `error` over pairs whose members are both finite, and divides by their number; NaN where there is none. */
function meanOver(
  actual: ArrayLike<number>,
  forecast: ArrayLike<number>,
  error: (actual: number, forecast: number, index: number) => number,
): number {
  if (actual.length !== forecast.length)
    throw new RangeError(`Expected as many forecasts as values (${actual.length}), got ${forecast.length}.`);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < actual.length; i++) {
    const [a, f] = [actual[i]!, forecast[i]!];
    if (!Number.isFinite(a) || !Number.isFinite(f)) continue;
    sum += error(a, f, i);
    count++;
  }
  return sum / count;
}

/** Mean absolute error, in the values' unit. @throws RangeError when the lengths differ, as all of these do */
export const mae = (actual: ArrayLike<number>, forecast: ArrayLike<number>): number =>
  meanOver(actual, forecast, (a, f) => Math.abs(a - f));

/** Root mean squared error, in the values' unit. */
export const rmse = (actual: ArrayLike<number>, forecast: ArrayLike<number>): number =>
  Math.sqrt(meanOver(actual, forecast, (a, f) => (a - f) * (a - f)));

/**
 * Mean absolute error of the seasonal naive forecast within a series: what MASE divides by (Hyndman and Koehler 2006).
 *
 * @param season steps; 1 for none
 */
export const naiveError = (history: ArrayLike<number>, season: number): number =>
  mae(Array.from(history).slice(season), Array.from(history).slice(0, -season));

/** Mean absolute scaled error: 1 is as bad as the seasonal naive forecast was, one step ahead, within `history`. */
export const mase = (
  actual: ArrayLike<number>,
  forecast: ArrayLike<number>,
  history: ArrayLike<number>,
  season: number,
): number => mae(actual, forecast) / naiveError(history, season);

/** Pinball (quantile) loss at `quantile` in (0, 1) (Koenker and Bassett 1978). */
export const pinball = (actual: ArrayLike<number>, forecast: ArrayLike<number>, quantile: number): number =>
  meanOver(actual, forecast, (a, f) => (a >= f ? quantile * (a - f) : (1 - quantile) * (f - a)));

/** How intervals did. */
export interface IntervalQuality {
  /** Share of the values inside: should be the level. */
  readonly coverage: number;
  /** Mean width, in the values' unit. */
  readonly width: number;
  /** Winkler's interval score (Gneiting and Raftery 2007): the width, and 2/α for each unit that a value lies outside. */
  readonly score: number;
}

/** @param level the coverage that was promised, such as 0.8 */
export function intervalQuality(
  actual: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  level: number,
): IntervalQuality {
  const penalty = 2 / (1 - level);
  return {
    coverage: meanOver(actual, low, (a, l, i) => (l <= a && a <= high[i]! ? 1 : 0)),
    width: meanOver(actual, low, (_, l, i) => high[i]! - l),
    score: meanOver(
      actual,
      low,
      (a, l, i) => high[i]! - l + penalty * (Math.max(0, l - a) + Math.max(0, a - high[i]!)),
    ),
  };
}

/** Nash–Sutcliffe efficiency (1970): 1 is perfect, 0 as good as the mean of what was observed. */
export function nse(observed: ArrayLike<number>, simulated: ArrayLike<number>): number {
  const mean = meanOver(observed, simulated, (o) => o);
  return (
    1 -
    meanOver(observed, simulated, (o, s) => (o - s) * (o - s)) /
      meanOver(observed, simulated, (o) => (o - mean) * (o - mean))
  );
}

/** Kling–Gupta efficiency (Gupta et al. 2009) from correlation, ratio of deviations and ratio of means; 1 is perfect. */
export function kge(observed: ArrayLike<number>, simulated: ArrayLike<number>): number {
  const meanO = meanOver(observed, simulated, (o) => o);
  const meanS = meanOver(observed, simulated, (_, s) => s);
  const varO = meanOver(observed, simulated, (o) => (o - meanO) * (o - meanO));
  const varS = meanOver(observed, simulated, (_, s) => (s - meanS) * (s - meanS));
  const correlation = meanOver(observed, simulated, (o, s) => (o - meanO) * (s - meanS)) / Math.sqrt(varO * varS);
  return (
    1 -
    Math.sqrt(
      (correlation - 1) * (correlation - 1) +
        (Math.sqrt(varS / varO) - 1) * (Math.sqrt(varS / varO) - 1) +
        (meanS / meanO - 1) * (meanS / meanO - 1),
    )
  );
}
