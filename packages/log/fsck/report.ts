/** Something wrong with a public file. */
export interface FsckProblem {
  /** Path of the file below the log's prefix. */
  readonly file: string;
  /** What is wrong with it, in words. */
  readonly problem: string;
}

/** What fsck found. */
export interface FsckReport {
  /** Is everything as it must be? */
  readonly ok: boolean;
  readonly origin: string;
  /** Size of the checkpoint; 0 when it could not be trusted, and then nothing else was checked. */
  readonly size: number;
  /** Root rebuilt from the leaves, lower-case hexadecimal. */
  readonly root: string;
  /** Leaves read and hashed. */
  readonly leaves: number;
  /** Files compared. */
  readonly files: number;
  /** Bytes of the entry bundles read. */
  readonly bytes: number;
  /** Tiles beyond the checkpoint, written and not published yet: not judged. Folders only. */
  readonly ahead: number;
  /** At most {@link PROBLEMS_MAX}, in the order found. */
  readonly problems: readonly FsckProblem[];
  /** All problems, also those beyond the list. */
  readonly problemCount: number;
  readonly seconds: number;
  readonly leavesPerSecond: number;
}

/** Problems a report lists; more are only counted. */
export const PROBLEMS_MAX = 1000;

/** Counts and problems while fsck runs. */
export class Findings {
  leaves = 0;
  files = 0;
  bytes = 0;
  ahead = 0;
  problemCount = 0;
  readonly problems: FsckProblem[] = [];

  add(file: string, problem: string): void {
    this.problemCount++;
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ file, problem });
  }
}
