// Agreement terms: what the parties accept. Their SHA-256 is on the chain; a decision names it; the rule is a domain's.

import { sha256 } from '../crypto.ts';
import { dictionary, either, type Infer, integer, list, oneOf, payload, record, text } from '../schema.ts';
import { type AssuranceClass, assuranceClasses } from '../statement.ts';

const address = text(42, /^0x[0-9a-f]{40}$/);
const hash = text(64, /^[0-9a-f]{64}$/);

export const modelIdentity = record({
  name: text(60),
  version: text(20),
  /** SHA-256 of the source files, of the configuration, and of the name of the arithmetic they run in. */
  code: hash,
  configuration: hash,
  runtime: hash,
});
export type ModelIdentity = Infer<typeof modelIdentity>;

const terms = record({
  trine: oneOf('agreement/1'),
  network: text(38),
  /** Which domain's rule decides, and its version. */
  domain: text(40, /^[a-z][a-z-]*$/),
  title: text(200),
  payer: record({ name: text(100), address }),
  recipient: record({ name: text(100), address }),
  arbiter: address,
  /** The thing whose readings decide. */
  subject: text(128),
  /** Windows are `[startMs + n·lengthMs, startMs + (n+1)·lengthMs)` of event time, judged `graceMs` after their end. */
  window: record({ startMs: integer(), endMs: integer(), lengthMs: integer(1_000), graceMs: integer(0) }),
  rule: dictionary(either(integer(), text(200)), 32),
  model: modelIdentity,
  gate: record({
    /** Owners, other than the recipient, whose statements must stand behind a payment. */
    ownersMin: integer(0, 64),
    classMin: oneOf(...(Object.keys(assuranceClasses) as AssuranceClass[])),
    /** The thing whose own statements show that the log was taking statements in the window. */
    witness: text(128),
    witnessGapMsMax: integer(1),
  }),
  money: record({
    chainId: integer(1),
    contract: address,
    token: address,
    currency: text(3, /^[A-Z]{3}$/),
    /** Minor units (cents). */
    perOccasionMax: integer(1),
    totalMax: integer(1),
    disputeWindowS: integer(0),
    deadlineS: integer(1),
  }),
  deciders: record({ addresses: list(address, 16), quorum: integer(1, 16) }),
});
export type Terms = Infer<typeof terms>;
export const termsPayload = payload('agreement', terms);

/** SHA-256 of the encoded terms: what the contract and every decision name. */
export function termsHash(value: Terms): Uint8Array {
  return sha256(termsPayload.encode(value));
}
