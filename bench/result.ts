// What a run of the bench found.
import type { Machine } from './lib/machine.ts';
import type { EvidenceTimes } from './scenarios/evidence.ts';
import type { Latency } from './scenarios/latency.ts';
import type { Memory } from './scenarios/memory.ts';
import type { PayingTimes } from './scenarios/paying.ts';
import type { SealedResult } from './scenarios/sealed.ts';
import type { StartTimes } from './scenarios/start.ts';
import type { Unsealed } from './scenarios/unsealed.ts';
import type { VerifyRate } from './scenarios/verify-rate.ts';

export interface Result {
  readonly date: string;
  readonly repetitions: number;
  readonly machine: Machine;
  /** What the machine was busy with before: about 0 where it was left alone. */
  readonly loadBefore: number;
  readonly verify: VerifyRate;
  readonly sealed: readonly SealedResult[];
  readonly unsealed: Unsealed;
  readonly latency: Latency;
  readonly evidence: EvidenceTimes;
  readonly paying: PayingTimes;
  readonly start: StartTimes;
  readonly memory: Memory;
  readonly gas: Record<string, number>;
}
