// What a domain is to core: pure functions over sealed readings. Core does all reading, sealing and paying.
import type { ModelIdentity, Terms } from '../protocol/payloads/agreement.ts';
import type { Decision } from '../protocol/payloads/decision.ts';
import type { Reading } from '../protocol/senml.ts';

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
export interface SealedReading extends Reading {
  readonly subject: string;
  readonly leaf: number;
}

export interface WindowInput {
  readonly terms: Terms;
  readonly fromMs: number;
  readonly toMs: number;
  /** State after the window before; no bytes before the first. */
  readonly state: Uint8Array;
  /** Statements of the agreement's subject with a reading in the window. */
  readonly statements: number;
  /** Their readings within the window, by event time, then by place in the log. */
  readonly readings: readonly SealedReading[];
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

export interface Domain {
  readonly name: string;
  /** What devices under this domain send. */
  readonly things: readonly ThingModel[];
  /** What computes the result, by hash: code, configuration, arithmetic. */
  model(): ModelIdentity;
  /** Decides one window. Pure: the same input gives the same result to the bit. */
  judge(input: WindowInput): WindowResult;
}
