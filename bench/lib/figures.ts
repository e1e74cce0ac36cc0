// One line of the table of models: a figure on a public data set, with all that is needed to judge it.

/** A published or computed figure to stand beside ours. */
export interface Anchor {
  readonly name: string;
  readonly value: number;
  /** Where it comes from: published, computed on exactly these files, or what was aimed at. */
  readonly source: 'published' | 'computed' | 'aim';
}

export interface Figure {
  /** Such as `NAB v1.1, 51 of 58 files`. */
  readonly dataset: string;
  /** Such as `MASE`, with its unit where it has one. */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** Name and version of the model. */
  readonly model: string;
  readonly value: number;
  readonly anchors: readonly Anchor[];
  /** What was tuned or trained on what, and what this was scored on. */
  readonly split: string;
  readonly seed: number | undefined;
  /** Mean time for one point (reading, step, window), nanoseconds. */
  readonly nanosecondsPerPoint: number | undefined;
  /** State kept for a stream, bytes. */
  readonly bytesPerStream: number | undefined;
  /** What failed, what to beware of. */
  readonly note?: string;
}
