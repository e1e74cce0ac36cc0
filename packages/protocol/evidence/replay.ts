// What it takes to compute a decision again: handed to whoever has the domain, in Node and in a browser.
import type { Decision, Effect, Row } from '../payloads/decision.ts';
import type { Parameters } from '../payloads/model.ts';
import type { Policy } from '../payloads/policy.ts';
import type { LoggedRecovery } from '../recovery.ts';
import type { InputStatement } from './format.ts';

/** A state before the decision, and what commits to it. */
export interface ReplayState {
  readonly state: Uint8Array;
  readonly commitment: Uint8Array;
  readonly disclosure: Uint8Array;
}

/** What a domain looks at: subjects, exact or ending with `*`; kinds; and times in `[fromMs, toMs)`. */
export interface Looked {
  readonly subjects: readonly string[];
  readonly kinds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ReplayInput {
  /** Absent under a monitor. */
  readonly agreement: Uint8Array | undefined;
  readonly policy: Policy;
  /** Arrival of the policy: what lies before it was due then. */
  readonly sinceMs: number;
  /** The model that decided, and what was learnt or set of it. */
  readonly model: { readonly identity: Decision['model']; readonly parameters: Parameters };
  readonly obligation: Decision['obligation'];
  readonly cuts: Decision['cuts'];
  readonly heads: Decision['heads'];
  readonly continues: Uint8Array | undefined;
  /** By key. */
  readonly states: ReadonlyMap<string, ReplayState>;
  /** In the order of the file; of a row, its own and the common ones. */
  readonly inputs: readonly InputStatement[];
  /** Both sides of each fork among them that stands. */
  readonly forks: readonly InputStatement[];
  /** From forks of their sequences, below the cut. */
  readonly recoveries: readonly LoggedRecovery[];
  /** By purpose and key, with a space between. */
  readonly salts: Pick<ReadonlyMap<string, Uint8Array>, 'get'>;
  /** Where it corrects what was decided before. */
  readonly corrected:
    | {
        readonly decision: Uint8Array;
        /** Its cuts: what stands behind them it did not see. */
        readonly seen: Decision['cuts'];
        readonly entries: readonly Effect[];
        readonly rows: ReadonlyMap<string, readonly Effect[]>;
      }
    | undefined;
  /** One party's line alone: its key, and what was decided for all. */
  readonly row: string | undefined;
  readonly common: Decision | undefined;
}

/**
 * Computes the decision again; of a row, the row alone.
 * @throws NotChecked where the domain or its model is not at hand, StepError where the obligation is none of the policy's
 */
export type Replay = (input: ReplayInput) => Promise<{
  readonly decision?: Decision;
  readonly rows?: ReadonlyMap<string, Row>;
  readonly row?: Row;
  /** What is looked at for it; of a row, for the row and what is common. */
  readonly looked?: readonly Looked[];
}>;
