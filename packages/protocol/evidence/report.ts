import { TrineError } from '../errors.ts';

/** The steps of a verification, in their order. */
export const stepTitles = {
  file: 'The file is whole and in the form of the specification',
  network: 'It belongs to the network you trust',
  checkpoint: 'The log’s checkpoint is signed by a member of the network',
  sealed: 'Everything in the file stands in that log, unchanged',
  identity: 'Every key was enrolled by its owner and allowed to speak',
  signatures: 'Every statement is signed by the key it names',
  bodies: 'The readings are the ones that were signed',
  order: 'The statements that went in are those of the time, in their order',
  agreement: 'The terms are those the decision names, and a decider they name signed it',
  model: 'The model that decided is the one they agreed on, or approved since',
  replay: 'The decision was computed again with the same result',
  intent: 'The payment ordered is the one decided',
  deciders: 'Enough deciders signed the payment',
  anchor: 'The log was anchored on the chain before the payment',
  payment: 'The chain paid it',
} as const;

/** Of the step `network` where no network document was given: then nobody said whom they trust. */
export const UNPINNED_TITLE = 'It names its network, and one of the members signed that';

export type StepName = keyof typeof stepTitles;

export interface Step {
  readonly name: StepName;
  readonly title: string;
  readonly status: 'ok' | 'failed' | 'not-checked';
  /** What was found, or why it failed, in words. */
  readonly detail: string;
}

export interface Report {
  /**
   * `trusted`: all holds under the pinned network. `consistent`: what was checked holds, but nothing was pinned, or the
   * decision could not be computed again.
   */
  readonly verdict: 'trusted' | 'consistent' | 'broken';
  readonly about: 'reading' | 'decision' | 'row' | 'payment' | 'unknown';
  readonly steps: readonly Step[];
  /** What had to be taken on trust. */
  readonly assumptions: readonly string[];
  /** What the file says, for people. */
  readonly facts: Readonly<Record<string, string>>;
}

/** A step that was left out on purpose; the rest goes on. */
export class NotChecked extends TrineError {
  override readonly name = 'NotChecked';
  constructor(message: string) {
    super('not-checked', message);
  }
}

/** A step that does not hold. */
export class StepError extends TrineError {
  override readonly name = 'StepError';
  constructor(message: string) {
    super('not-proven', message);
  }
}
