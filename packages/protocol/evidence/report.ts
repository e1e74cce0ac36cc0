import { TrineError } from '../errors.ts';
import type { Reading } from '../senml/reading.ts';

/** The steps of a verification, in their order. */
export const stepTitles = {
  file: 'The file is whole and in the form of the specification',
  network: 'It belongs to the network you trust',
  checkpoint: 'Each log’s checkpoint is signed by the member of the network who keeps it',
  sealed: 'Everything in the file stands in its log, unchanged',
  identity: 'Every key was enrolled by its owner and allowed to speak',
  signatures: 'Every statement is signed by the key it names',
  bodies: 'The readings are the ones that were signed',
  origins: 'Mapped readings are what their mapping makes of the messages that came',
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

/**
 * What a verification comes to, in words: a claim that less was checked of has a lower verdict of its own, and of several
 * the lowest is given.
 */
export const verdicts = {
  trusted: {
    title: 'Trusted',
    means: 'everything holds, under the network document you gave',
  },
  'trusted-without-replay': {
    title: 'Trusted without replay',
    means:
      'everything that was checked holds, under the network document you gave; the decision was not computed again',
  },
  'members-word': {
    title: 'The chain’s word of members only',
    means:
      'what was checked holds, under the network document you gave; that the blocks are part of the chain nothing shows but the word of members',
  },
  consistent: {
    title: 'Consistent, not pinned',
    means: 'what was checked holds together; it was held against no network that you trust',
  },
  broken: { title: 'Broken', means: 'this file does not prove what it claims' },
  'another-network': {
    title: 'Another network',
    means: 'this file is of another network than the one you gave',
  },
  'another-branch': {
    title: 'Another branch',
    means: 'this file is of the network you gave, under another version of its document',
  },
  'no-proof': { title: 'No proof file', means: 'this is a file of another kind' },
} as const;
export type Verdict = keyof typeof verdicts;

/** Verdicts under which what was checked holds, from the highest to the lowest. */
const HOLDING = ['trusted', 'trusted-without-replay', 'members-word', 'consistent'] as const;
export type HoldingVerdict = (typeof HOLDING)[number];

/** @param reasons why it is not trusted to the end */
export function lowest(reasons: ReadonlySet<HoldingVerdict>): HoldingVerdict {
  return HOLDING.findLast((one) => reasons.has(one)) ?? 'trusted';
}

/** A reading that the file holds, and the statement that says it. */
export interface ReportedReading extends Reading {
  readonly subject: string;
  /** Who holds the key that signed it. */
  readonly keyOwner: string;
  readonly origin: string;
  readonly leaf: number;
  readonly arrivalMs: number;
  /** What `timeMs` is: the time that whoever signed gave, or, of a thing without a clock, that of its arrival. */
  readonly datedBy: 'signer' | 'arrival';
  /** It is of a statement that went into what was decided; else it stands around that. */
  readonly wentIn: boolean;
}

/** A pack that was mapped, with the message and the mapping behind it, as far as the file shows them. */
export interface ReportedSource {
  readonly leaf: number;
  readonly subject: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** A broker had kept the message. */
  readonly isRetained: boolean;
  /** JSON: docs/reference/mapping.md. */
  readonly mapping: unknown;
  /** Whom the way in had let in, where it asked. */
  readonly source?: string;
}

export interface Report {
  readonly verdict: Verdict;
  readonly about: 'reading' | 'decision' | 'row' | 'payment' | 'unknown';
  readonly steps: readonly Step[];
  /** What had to be taken on trust. */
  readonly assumptions: readonly string[];
  /** What the file says, for people. */
  readonly facts: Readonly<Record<string, string>>;
  /** Every reading that the file holds, by leaf; none where it is broken. */
  readonly readings: readonly ReportedReading[];
  /** Where mapped readings come from, as far as the file shows it, by leaf. */
  readonly sources: readonly ReportedSource[];
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
  override readonly name: string = 'StepError';
  constructor(message: string) {
    super('not-proven', message);
  }
}

/** The file may be in order; it is not about what it was held against. */
export class OtherError extends StepError {
  override readonly name = 'OtherError';
  readonly verdict: 'another-network' | 'another-branch' | 'no-proof';
  constructor(verdict: OtherError['verdict'], message: string) {
    super(message);
    this.verdict = verdict;
  }
}
