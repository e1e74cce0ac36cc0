// What the steps of checking an evidence file hand on to each other.
import type { NetworkDocument } from '../payloads/network.ts';
import type { SignedCheckpoint } from '../tlog/checkpoint.ts';
import type { Contents } from './contents.ts';
import type { Evidence } from './format.ts';
import type { PackReader } from './packs.ts';
import type { HoldingVerdict, StepName } from './report.ts';
import type { Principals } from './steps/identity.ts';

/** A step: its check finds a value and says in words what it found. */
export type RunStep = <T>(
  name: StepName,
  check: () => { readonly value: T; readonly detail: string } | Promise<{ readonly value: T; readonly detail: string }>,
) => Promise<T>;

/** What the steps hand on to each other. */
export interface Verification {
  readonly evidence: Evidence;
  readonly contents: Contents;
  readonly network: NetworkDocument;
  /** By origin, in the order of the file. */
  readonly checkpoints: ReadonlyMap<string, SignedCheckpoint>;
  readonly principals: Principals;
  readonly packs: PackReader;
  readonly assumptions: string[];
  readonly facts: Record<string, string>;
  /** Statements some step accounts for, by their number in the file: in the end all must be. */
  readonly accountedFor: Set<number>;
  /** Statements that went into what was decided, by their number in the file. */
  readonly wentIn: Set<number>;
  /** Why it is not trusted to the end. */
  readonly lowered: Set<HoldingVerdict>;
  readonly step: RunStep;
}
