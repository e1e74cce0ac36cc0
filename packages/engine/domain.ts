// What a domain is to core: pure functions over sealed readings. Core does all reading, sealing and paying.
import type { Decision, ModelIdentity, Parameters, Policy, Reading } from '@trine/protocol';

/** What a kind of device may send (a part of a W3C WoT Thing Model). */
export interface ThingModel {
  readonly title: string;
  readonly properties: Readonly<Record<string, PropertyModel>>;
}

export interface PropertyModel {
  readonly title: string;
  /** SenML unit symbol; '' for none. */
  readonly unit: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A reading with where it came from. */
export interface LoggedReading extends Reading {
  readonly subject: string;
  readonly leaf: number;
}

export interface DecisionInput {
  readonly terms: Policy;
  /** What was learnt or set; none for the model as it is delivered. */
  readonly parameters: Parameters;
  readonly fromMs: number;
  readonly toMs: number;
  /** State after the window before; no bytes before the first. */
  readonly state: Uint8Array;
  /** Statements of the agreement's subject with a reading in the window. */
  readonly statements: number;
  /** Their readings within the window, by event time, then by place in the log. */
  readonly readings: readonly LoggedReading[];
}

export interface WindowResult {
  readonly state: Uint8Array;
  readonly scorePpm: number;
  readonly thresholdPpm: number;
  readonly facts: Decision['facts'];
  readonly verdict: 'met' | 'breached';
  /** Minor units owed when breached; 0 when met. */
  readonly amount: number;
  readonly reason: Decision['reason'];
}

/** A window on which a person spoke. */
export interface LabelledDecision {
  readonly input: DecisionInput;
  /** What the person holds right. */
  readonly verdict: 'met' | 'breached';
  /** The member who said so: no one person may teach a model everything. */
  readonly by: string;
}

/** One quantity through a window: what was expected and what came, for a plot. */
export interface ExplainedSeries {
  readonly quantity: string;
  readonly unit: string;
  /** Share of this quantity in the score, 0 to 1; the shares add to 1 where anything was remarkable. */
  readonly share: number;
  readonly timeMs: readonly number[];
  readonly value: readonly number[];
  /** Null where nothing was expected yet. */
  readonly expected: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** 0 to 1, one for each reading. */
  readonly score: readonly number[];
}

/** Why a window was decided as it was. */
export interface Explanation {
  /** Sentences, the weightiest first. */
  readonly words: readonly string[];
  readonly series: readonly ExplainedSeries[];
}

export interface Domain {
  readonly name: string;
  /** What devices under this domain send. */
  readonly things: readonly ThingModel[];
  /**
   * What computes the result, by hash: code, configuration, arithmetic.
   * @param parameters none for the model as it is delivered
   * @throws RangeError naming the parameter that this domain does not know
   */
  model(parameters?: Parameters): ModelIdentity;
  /** Decides one window. Pure: the same input gives the same result to the bit. */
  judge(input: DecisionInput): WindowResult;
  /** Says why, from the same input. Pure. */
  explain?(input: DecisionInput): Explanation;
  /** Names the form of the state under these parameters: a state of another form cannot be gone on from. */
  stateForm?(parameters: Parameters): string;
  /** Parameters with which more of the labelled windows come out as people said. Pure. */
  learn?(windows: readonly LabelledDecision[], before: Parameters): Parameters;
}
