// The one configuration of the automatic forecaster, for every task.

export const config = {
  /** History kept: steps at most, and values (series and covariates times steps) at most. */
  historySteps: 32_768,
  historyValues: 8_388_608,
  /** Fewer steps are too few to compare methods on. */
  stepsMin: 8,
  /** A greater value counts as missing, so that no square overflows. */
  valueMax: 1e100,
  /** Methods are chosen anew every so many parts of the history learnt (and no oftener than once a horizon). */
  refitParts: 16,
  /** The last part of the history (so many horizons at most) is forecast in folds, each by what came before. */
  trialShare: 0.5,
  trialHorizons: 256,
  folds: 3,
  /** Values forecast there by each method, about. */
  trials: 200_000,
  /** Horizons share coefficients, weights and intervals in groups this many times as far as wide. */
  groupReach: 3,
  /** A season at least this many times the one before it recurs too seldom for a profile: the year. */
  rareSeason: 26,
  /** Visits that a seasonal median looks back on, and a seasonal mean. */
  medianVisits: 8,
  meanVisits: 3,
  /** Weight of the last season where they fade. */
  fading: 0.6,
  /** Series are smoothed where the season is at most this long, on this many steps at most. */
  smoothingSeason: 60,
  smoothingSteps: 600,
  /** Days in which a slot of the day that never changed is taken not to. */
  stillDays: 14,
  /** A covariate of zeros and ones is an event where its runs last at most so many shortest seasons. */
  eventSeasons: 2.5,
  eventShare: 0.1,
  /** Visits that an event's usual effect counts as: seldom seen effects are believed less. */
  eventPrior: 0.5,
  /** Regression: own lags, neighbours, rows for each series and group of horizons, ridge (share of the diagonal). */
  lags: 12,
  neighbours: 8,
  neighbourFeatures: 32,
  rows: 1_500,
  ridge: 1e-4,
  /** Rows of all series that a series' own regression borrows, for each feature. */
  borrow: [1, 10],
  neighbourRidge: 0.02,
  /** What helps another series counts up to so many times the distance between its usual values (all but these shares), of so many values looked at. */
  reach: 10,
  limitShare: 0.02,
  limitValues: 2_000,
  /** Pull of the weights towards equal ones, in mean squared errors for each horizon in the steps tried. */
  equalWeights: 6,
  /** What learns many coefficients is pulled so many times as much. */
  complexity: 4,
  /** A series' weights borrow so many trials of all series. */
  weightTrials: 300,
  /** Rounds of reweighting that turn squared errors into absolute ones. */
  absoluteRounds: 4,
  /** Misses count up to so many spreads when their usual size is learnt; so many trials of all series join a series'. */
  missMax: 20,
  sizeRounds: 3,
  sizeFloor: 0.01,
  seriesTrials: 50,
  /** Blocks of time in which intervals are tried on what came next, with so many misses before, and how much they widen at most. */
  blocks: 8,
  blockTrials: 20,
  widenMax: 3,
  /** Share of the misses of one more block, yet to come, that are taken to lie outside. */
  blockDoubt: 0.5,
  /** Misses are parted by expected size into so many bins at most, of so many trials and stretches of a horizon at least. */
  sizeBins: 5,
  binTrials: 200,
  binStretches: 2,
  /** Values below this share of the mean absolute error do not weigh more in absolute errors. */
  absoluteFloor: 0.1,
} as const;
