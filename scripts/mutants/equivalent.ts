// Faults that are none: the program does the same with them. By hand, each with the reason.

/** A change that changes nothing, as the output names it, without the numbers of its line and column. */
interface Equivalent {
  readonly file: string;
  /** The line of the source. */
  readonly line: string;
  readonly was: string;
  readonly instead: string;
  readonly why: string;
}

export const equivalents: readonly Equivalent[] = [];
