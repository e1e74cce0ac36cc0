// What every model is, whatever its family: an identity by hash, a state that fits in bytes, and answers that are a pure
// function of configuration, seed and readings, so that anyone who has the model, a snapshot and the readings after it
// gets the same answers.

import type { Runtime } from '@trine/protocol';

export type { Runtime };

/** Plain JSON: what a model's configuration is made of, so that it has one canonical hash. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What all families have in common. */
export interface ModelBase {
  /** Stable name, such as `robust-seasonal`. */
  readonly name: string;
  /** Increases with every change of behaviour. */
  readonly version: number;
  readonly runtime: Runtime;
  /** Every number the behaviour depends on besides the code. The same for all streams. */
  readonly config: { readonly [key: string]: Json };
  /** Source files that make up the behaviour, relative to `packages/models/`, in the order they are hashed. */
  readonly sources: readonly string[];
}

/** A state that survives as bytes. */
export interface Stateful {
  /** The whole state in canonical bytes (equal states give equal bytes); at most the model's limit. */
  state(): Uint8Array;
  /**
   * Replaces the state by bytes from `state()` of the same model and configuration.
   *
   * @throws RangeError when the bytes are not such a state; nothing is changed then
   */
  restore(bytes: Uint8Array): void;
}

/** Why a score is what it is: a stable code, put into words by whoever shows it. */
export type Reason =
  /** Nothing stands out. */
  | 'ordinary'
  /** Too few readings yet to judge. */
  | 'warming-up'
  /** No value, or one that is not a finite number; nothing was learnt. */
  | 'missing'
  /** The reading's time lies before the previous one's; nothing was learnt. */
  | 'late'
  /** A sudden step from the readings just before. */
  | 'jump'
  /** Far from what is usual at this time. */
  | 'unusual-value'
  /** The last readings together lie off what is usual. */
  | 'level-shift'
  /** A slow, lasting departure from what is usual. */
  | 'drift'
  /** The readings move much more, or much less, than they used to. */
  | 'variability'
  /** The readings stopped moving. */
  | 'flatline'
  /** Each value may be ordinary, together they are not. */
  | 'combination';

/** What a detector thinks of one reading. Not a decision: a policy makes that of it. */
export interface Score {
  /**
   * 0 (ordinary) to 1. Comparable between streams and detectors: at 0.5 and above the detector would speak up by itself.
   */
  readonly score: number;
  /** The value that was expected, in the reading's unit; NaN before there is one. */
  readonly expected: number;
  /** Bounds that ordinary readings at this time seldom leave, in the reading's unit; NaN before there are any. */
  readonly low: number;
  readonly high: number;
  readonly reason: Reason;
}

/**
 * A streaming detector of one stream (one subject and quantity). Change points are detected the same way: a score at the
 * reading where the change becomes certain, with `level-shift`, `drift` or `variability` as its reason.
 *
 * Deterministic: the same configuration and readings give the same scores and the same state bytes. Constant memory. Any
 * input is survived: NaN, infinities, duplicates, times that go backwards, gaps.
 *
 * @example
 * const detector = robust.create();
 * const { score, reason } = detector.update(Date.parse('2026-01-01T00:00:00Z'), 21.5);
 */
export interface Detector extends Stateful {
  /**
   * Scores a reading by what was learnt before it, then learns from it.
   *
   * @param timeMs event time, milliseconds since 1970-01-01T00:00:00Z; should not decrease
   * @param value the reading; NaN for a missing one
   */
  update(timeMs: number, value: number): Score;
}

/** A kind of univariate detector: its identity, its limits and how to make one. */
export interface DetectorModel extends ModelBase {
  readonly family: 'detector';
  /** Limit of `state().length`. */
  readonly stateBytesMax: number;
  /** A detector that has seen nothing. */
  create(): Detector;
}

/** What a multivariate detector thinks of the values of one moment. */
export interface MultivariateScore {
  readonly score: number;
  /** Expected value of each quantity, in its unit; NaN before there is one. */
  readonly expected: readonly number[];
  /** Share of each quantity in the score: 0 to 1, adding to 1 where the score is above 0. */
  readonly contributions: readonly number[];
  readonly reason: Reason;
}

/** A streaming detector of several quantities measured together. The rules of `Detector` hold. */
export interface MultivariateDetector extends Stateful {
  /** @param values one for each quantity, in the same order every time; NaN for a missing one */
  update(timeMs: number, values: ArrayLike<number>): MultivariateScore;
}

export interface MultivariateDetectorModel extends ModelBase {
  readonly family: 'multivariate-detector';
  stateBytesMax(quantities: number): number;
  /** @param quantities how many values each moment has */
  create(quantities: number): MultivariateDetector;
}

/** What a forecaster is made for. */
export interface ForecastTask {
  /** How many related series are forecast together. */
  readonly series: number;
  /** Time from one value to the next, milliseconds. */
  readonly intervalMs: number;
  /** Seasons to expect, in steps, shortest first, such as [24, 168] for hourly values. Empty: none. */
  readonly seasons: readonly number[];
  /** How many covariates are known for each step, also of the future (a calendar, a weather forecast). */
  readonly exogenous?: number;
  /** The furthest step that will be asked for. */
  readonly horizon: number;
  /** Coverage of the intervals wanted, such as [0.8, 0.95]. */
  readonly levels: readonly number[];
  /** Which point is wanted: `median` makes absolute errors small, `mean` (the default) squared ones. */
  readonly point?: 'mean' | 'median';
  /** The least value there can be, such as 0 for counts; forecasts stay above it. */
  readonly floor?: number;
  /** Steps of history kept at most, which bounds memory and work; absent: the model's own limit. */
  readonly historySteps?: number;
}

/** Values to come. First index: series; second: step ahead, from 0. In the series' unit. */
export interface Forecast {
  readonly point: readonly Float64Array[];
  /** One for each level of the task, in its order. */
  readonly intervals: readonly {
    readonly level: number;
    readonly low: readonly Float64Array[];
    readonly high: readonly Float64Array[];
  }[];
}

/** Forecasts several related series, several steps ahead, with calibrated intervals. Memory is bounded and stated. */
export interface Forecaster extends Stateful {
  /**
   * Learns the values of all series at one step; steps follow each other at the task's interval.
   *
   * @param values one for each series; NaN for a missing one
   * @param exogenous covariates of this step, as many as the task says
   */
  learn(timeMs: number, values: ArrayLike<number>, exogenous?: ArrayLike<number>): void;
  /**
   * Does not change the state: whether forecasts were asked for changes no later one.
   *
   * @param steps how many steps after the last one learnt, at most the task's horizon
   * @param exogenous covariates of these steps: one row for each step
   * @throws RangeError when more steps or other covariates are asked for than the task says
   */
  forecast(steps: number, exogenous?: readonly ArrayLike<number>[]): Forecast;
  /** Which methods it came to use, with weights: for people. */
  explain?(): string;
}

export interface ForecasterModel extends ModelBase {
  readonly family: 'forecaster';
  /** Limit of `state().length`. */
  stateBytesMax(task: ForecastTask): number;
  /** @throws RangeError when the task is not one it can do, naming what is wrong */
  create(task: ForecastTask): Forecaster;
}

/** Tells to which class the features of a window belong. */
export interface Classifier {
  readonly classes: readonly string[];
  readonly features: readonly string[];
  /**
   * @param features one number for each feature; NaN for a missing one
   * @returns a probability for each class, adding to 1
   */
  classify(features: ArrayLike<number>): Float64Array | Promise<Float64Array>;
}

/** A classifier that goes on learning from labels, one at a time. */
export interface LearningClassifier extends Classifier, Stateful {
  classify(features: ArrayLike<number>): Float64Array;
  /** @param label index into `classes` */
  learn(features: ArrayLike<number>, label: number): void;
}

export interface ClassifierModel extends ModelBase {
  readonly family: 'classifier';
  /** @throws Error saying what to install where the runtime is absent */
  open(): Promise<Classifier>;
}

export interface LearningClassifierModel extends ModelBase {
  readonly family: 'learning-classifier';
  stateBytesMax(features: number, classes: number): number;
  create(task: { features: readonly string[]; classes: readonly string[]; seed?: number }): LearningClassifier;
}

/** Labelled rows to learn from. */
export interface Examples {
  readonly features: readonly string[];
  readonly classes: readonly string[];
  /** One number for each feature; NaN for a missing one. */
  readonly rows: readonly ArrayLike<number>[];
  /** Index into `classes`, one for each row. */
  readonly labels: ArrayLike<number>;
}

/** A classifier that answers at once. */
export interface TrainedClassifier extends Classifier {
  classify(features: ArrayLike<number>): Float64Array;
}

/**
 * A way to train classifiers. What it learns is bytes: named by their hash they make a `ClassifierModel` of their own,
 * see `artefact.ts`.
 */
export interface TrainableClassifierModel extends ModelBase {
  readonly family: 'trainable-classifier';
  /**
   * The same examples and seed give the same bytes.
   *
   * @throws RangeError when the examples are malformed
   */
  train(examples: Examples, seed: number): Uint8Array;
  /** @throws RangeError when the bytes are not what `train` of this version gave */
  open(bytes: Uint8Array): TrainedClassifier;
}

/** A linear or mixed-integer problem: the least (or greatest) cost under linear constraints. */
export interface LinearProblem {
  readonly sense: 'minimise' | 'maximise';
  readonly variables: readonly {
    readonly name: string;
    readonly cost: number;
    /** Bounds; absent: 0 and unbounded. */
    readonly low?: number;
    readonly high?: number;
    readonly integer?: boolean;
  }[];
  readonly constraints: readonly {
    readonly name: string;
    /** Variable index and coefficient. */
    readonly terms: readonly (readonly [variable: number, coefficient: number])[];
    readonly low?: number;
    readonly high?: number;
  }[];
}

export interface LinearSolution {
  readonly status: 'optimal' | 'infeasible' | 'unbounded' | 'limit';
  /** Of these values; NaN where there are none. */
  readonly objective: number;
  /** One for each variable, in order; none where the problem is infeasible or unbounded. */
  readonly values: Float64Array;
}

export interface OptimiserModel extends ModelBase {
  readonly family: 'optimiser';
  /** @throws RangeError when the problem is malformed, naming what is wrong */
  open(): Promise<{ solve(problem: LinearProblem): LinearSolution }>;
}

export type Model =
  | DetectorModel
  | MultivariateDetectorModel
  | ForecasterModel
  | ClassifierModel
  | LearningClassifierModel
  | TrainableClassifierModel
  | OptimiserModel;

/** A model and where it is measured: a file in `bench/scenarios/`, or why it is in none. */
export type Listed<M extends Model = Model> = { readonly model: M } & (
  | { readonly scenario: string }
  | { readonly excluded: string }
);
