// Decision: what a policy made of a window of sealed readings, with all that is needed to compute it again. Deciders
// who recompute it get the same bytes, so the id of a decision is the hash of its payload, not of one signed copy.
import { type AssuranceClass, assuranceClasses } from '../assurance.ts';
import { encodeCbor } from '../cbor/cbor.ts';
import {
  bytes,
  dictionary,
  either,
  type Infer,
  integer,
  list,
  oneOf,
  optional,
  payload,
  record,
  text,
} from '../cbor/schema.ts';
import { sha256 } from '../crypto.ts';
import { modelIdentity } from './agreement.ts';

const obligation = record({ subject: text(128), fromMs: integer(), toMs: integer() });
export type Obligation = Infer<typeof obligation>;

/** All statements of one hash chain that went in: consecutive, so that none can be left out unseen. */
const inputRange = record({
  keyOwner: text(128),
  subject: text(128),
  epoch: integer(),
  fromSeq: integer(),
  toSeq: integer(),
  count: integer(1),
  /** RFC 6962 root over the statement ids in the order of the log. */
  root: bytes(32),
});
export type InputRange = Infer<typeof inputRange>;

const decision = record({
  trine: oneOf('decision/1', 'decision/2'),
  /** Id of the agreement on the chain; absent: advice under a watch, no money depends on it. */
  agreement: optional(bytes(32)),
  /** Hash of the terms or of the watch. */
  terms: optional(bytes(32)),
  obligation,
  /** The log as the decider saw it: nothing after this checkpoint went in. */
  asOf: record({ origin: text(200), size: integer(), root: bytes(32) }),
  inputs: list(inputRange, 64),
  model: modelIdentity,
  /** SHA-256 of the model's state. Before the first window: of no bytes. */
  stateBefore: bytes(32),
  stateAfter: bytes(32),
  /** Parts per million. */
  scorePpm: integer(0, 1_000_000),
  thresholdPpm: integer(0, 1_000_000),
  facts: dictionary(either(integer(Number.MIN_SAFE_INTEGER), text(200)), 32),
  gate: record({
    verdict: oneOf('pass', 'hold'),
    owners: integer(),
    class: oneOf(...(Object.keys(assuranceClasses) as AssuranceClass[])),
    reasons: list(text(200), 8),
  }),
  /** Trust in each thing that was checked against others, parts per million, after this window. Since version 2. */
  trust: optional(list(record({ subject: text(128), ppm: integer(0, 1_000_000) }), 64)),
  verdict: oneOf('met', 'breached', 'advice'),
  /** `advice`, since version 2: breached, and no money depends on it. */
  outcome: oneOf('none', 'pay', 'hold', 'advice'),
  amount: integer(),
  currency: optional(text(3, /^[A-Z]{3}$/)),
  /** A sentence with `{name}` places, and what goes there. */
  reason: record({
    template: text(300),
    arguments: dictionary(either(integer(Number.MIN_SAFE_INTEGER), text(200)), 16),
  }),
});
export type Decision = Infer<typeof decision>;
export const decisionPayload = payload('decision', decision);

/** @returns 32 bytes, equal for every decider that recomputed the same decision */
export function decisionId(value: Decision): Uint8Array {
  return sha256(decisionPayload.encode(value));
}

/** What is paid at most once per agreement: the hash of subject and window. */
export function obligationId(value: Obligation): Uint8Array {
  return sha256(encodeCbor(value));
}

/** The reason as a sentence. @example formatReason({ template: '{n} of {m} came', arguments: { n: 2, m: 6 } }) */
export function formatReason(reason: Decision['reason']): string {
  return reason.template.replace(/\{(\w+)\}/g, (place, name: string) => String(reason.arguments[name] ?? place));
}
