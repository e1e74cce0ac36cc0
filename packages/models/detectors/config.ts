// The one configuration of robust-seasonal, for every stream. Rates are per reading; tuned as the model card says.

/** Parameters of the robust-seasonal detector; all dimensionless unless stated. */
export const config = {
  /** Readings before the first judgement. */
  warmUp: 20,
  /** Readings in which the level and the profiles follow without clipping. */
  settle: 50,
  /** Values are clamped to ± this, so that no difference overflows (reading's unit). */
  valueMax: 1e300,
  /** A late reading is ignored, until so many in a row show that the clock was set back. */
  lateMax: 16,
  /** An interval this many times the usual one is a gap: short memories start anew. */
  gapIntervals: 20,
  intervalRate: 0.02,
  /** Long-run level, typical deviation, typical step: learning rates. */
  levelRate: 0.004,
  spreadRate: 0.012,
  /** One reading may pull the level or a profile by at most this many typical deviations. */
  clipSpreads: 6,
  /** Typical deviation and step take at most this multiple of themselves from one reading. */
  spreadClip: 5,
  /** Time scales of the running means in readings; the first is the reading itself. */
  scales: [1, 4, 16, 64, 256],
  /** Short-run rate of the absolute step, for changes of variability. */
  stepRate: 0.05,
  /** Share of the usual step added to both sides when steps are compared, so that a still stream has a finite ratio. */
  stepPrior: 0.05,
  ratioMax: 1e9,
  /** Profiles: floor of a bin's learning rate, visits before it is used, rate at which errors are compared. */
  profileRate: 0.05,
  profileVisits: 2,
  errorRate: 0.003,
  /** A profile is trusted while its error is below this share of the plainer prediction's. */
  trust: 0.55,
  /** A record's bound is set this share above it and shrinks by `boundDecay` a reading (faster when young). */
  boundMargin: 0.1,
  boundDecay: 0.00002,
  boundDecayYoung: 0.01,
  /** No bound below this share of (typical deviation + a tenth of the level): such changes never matter. */
  boundFloor: 0.02,
  /** Bounds of relative changes of variability start here. */
  variabilityFloor: 0.05,
  /** Evidence of one broken bound: of a band 1, of the deviation itself, of more and of less movement. */
  deviationWeight: 0.5,
  livelierWeight: 0.75,
  calmerWeight: 0.5,
  /** A bound broken by far counts up to this share more. */
  excessWeight: 0.2,
  /** Unchanged readings in a row that are remarkable at the least; the bound grows by this factor past a record. */
  flatRun: 16,
  flatRunGrowth: 1.5,
  /** After an alarm, evidence counts only above this share of it, falling by half in 160 readings. */
  refractoryShare: 0.65,
  refractoryKeep: 0.995677,
  /** Evidence that maps to a score of 0.5: one band's broken bound, less what a recent alarm takes. */
  alarmEvidence: 0.6,
} as const;
