// Agreement terms: what the parties accept. Their SHA-256 is on the chain; a decision names it; the rule is a domain's.
// A watch is the same without money: its decisions are advice.

import { type AssuranceClass, assuranceClasses } from '../assurance.ts';
import {
  bytes,
  type Codec,
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
import { FormatError } from '../errors.ts';

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

const subject = text(128);
const quantity = text(96);
/** Thousandths of the quantity's unit, so that limits stay integers. */
const milli = integer(Number.MIN_SAFE_INTEGER);

/**
 * What must hold across sensors for a decision to be believed: truth, not only origin. Means are over the window.
 * docs/reference/truth.md says how trust is reckoned.
 */
const plausibility = record({
  /** Trust in the subject, parts per million, below which nothing is paid. */
  trustMinPpm: integer(0, 1_000_000),
  /** Physics: values a sensor in order can show, and how fast they can change. */
  ranges: list(record({ quantity, minMilli: milli, maxMilli: milli, changeMilliPerSMax: optional(integer(0)) }), 16),
  /** Neighbours measure the same: a mean may lie this far from the median of all their means. */
  neighbours: list(
    record({ quantity, peers: list(subject, 16), peersMin: integer(1, 16), toleranceMilli: integer(0) }),
    8,
  ),
  /** Conservation: what flows in flows out, but for a part of it and a constant. */
  balances: list(
    record({
      quantity,
      inflows: list(subject, 16),
      outflows: list(subject, 16),
      tolerancePpm: integer(0, 1_000_000),
      toleranceMilli: integer(0),
    }),
    8,
  ),
});
export type Plausibility = Infer<typeof plausibility>;

/** How another model may take the place of the one agreed on. */
const modelChange = record({
  /** Who must have approved the model. */
  approvals: list(oneOf('payer', 'recipient'), 2),
  /** Windows that it must have judged beside the one in force, after it was registered. */
  shadowWindowsMin: integer(1, 1_000_000),
  /** Share of those windows in which it may decide otherwise, parts per million. */
  differencesMaxPpm: integer(0, 1_000_000),
  /** Back to the model before, once of at least so many labelled decisions more than this share were wrong. */
  rollback: optional(record({ labelsMin: integer(1, 10_000), wrongMaxPpm: integer(0, 1_000_000) })),
});
export type ModelChangeRule = Infer<typeof modelChange>;

const window = record({ startMs: integer(), endMs: integer(), lengthMs: integer(1_000), graceMs: integer(0) });
const rule = dictionary(either(integer(), text(200)), 32);
const gate = record({
  /** Owners, other than the recipient, whose statements must stand behind a payment. */
  ownersMin: integer(0, 64),
  classMin: oneOf(...(Object.keys(assuranceClasses) as AssuranceClass[])),
  /** The thing whose own statements show that the log was taking statements in the window. */
  heartbeat: text(128),
  heartbeatGapMsMax: integer(1),
});

/** What agreements and monitors have in common: who is judged, when, by which rule and model. */
const judged = {
  network: text(38),
  /** Which domain's rule decides, and its version. */
  domain: text(40, /^[a-z][a-z-]*$/),
  title: text(200),
  /** The thing whose readings decide. */
  subject,
  /** Windows are `[startMs + n·lengthMs, startMs + (n+1)·lengthMs)` of event time, judged `graceMs` after their end. */
  window,
  rule,
  model: modelIdentity,
  gate,
  /** Since version 2. */
  plausibility: optional(plausibility),
};

const terms = record({
  trine: oneOf('agreement/1', 'agreement/2'),
  ...judged,
  payer: record({ name: text(100), address }),
  recipient: record({ name: text(100), address }),
  arbiter: address,
  /** Since version 2. Absent: the model stays as agreed. */
  modelChange: optional(modelChange),
  money: record({
    chainId: integer(1),
    contract: address,
    token: address,
    currency: text(3, /^[A-Z]{3}$/),
    /** Minor units (cents). */
    perObligationMax: integer(1),
    totalMax: integer(1),
    disputeWindowS: integer(0),
    deadlineS: integer(1),
  }),
  deciders: record({ addresses: list(address, 16), quorum: integer(1, 16) }),
});
export type Agreement = Infer<typeof terms>;

export const agreementPayload: Codec<Agreement> = payload('agreement', {
  check: (value, path) => {
    const checked = terms.check(value, path);
    if (checked.trine === 'agreement/1' && (checked.plausibility || checked.modelChange))
      throw new FormatError('malformed', 'agreement: plausibility and succession came with agreement/2.');
    return checkThings(checked);
  },
});

const THINGS_MAX = 64;

/** The trust in each thing is part of the state, which must fit into a leaf. */
function checkThings<M extends Policy>(policy: M): M {
  const things = concernedThings(policy);
  if (things.length > THINGS_MAX)
    throw new FormatError('malformed', `plausibility: concerns ${things.length} things, at most ${THINGS_MAX} can be.`);
  return policy;
}

/** The subject, and all things whose readings are needed to believe it, each once. */
export function concernedThings({ subject: judgedThing, plausibility: rules }: Policy): string[] {
  const others = [
    ...(rules?.neighbours ?? []).flatMap(({ peers }) => peers),
    ...(rules?.balances ?? []).flatMap(({ inflows, outflows }) => [...inflows, ...outflows]),
  ];
  return [...new Set([judgedThing, ...others])];
}

const watch = record({
  trine: oneOf('watch/1'),
  ...judged,
  /** Id of the agreement beside which a model is tried: its decisions say what they would have cost. */
  shadows: optional(bytes(32)),
  /** Hash of the watch that ends where this one starts, because another model or rule is to go on. */
  replaces: optional(bytes(32)),
  /** Of the amounts, where the rule has any. */
  currency: optional(text(3, /^[A-Z]{3}$/)),
});
export type Monitor = Infer<typeof watch>;
export const monitorPayload: Codec<Monitor> = payload('monitor', {
  check: (value, path) => checkThings(watch.check(value, path)),
});

/** Whatever windows are judged under: terms that move money, or a watch that advises. */
export type Policy = Agreement | Monitor;

export function movesMoney(policy: Policy): policy is Agreement {
  return 'money' in policy;
}

/** SHA-256 of the encoded terms or watch: what every decision names; of terms, what the contract names. */
export function policyHash(value: Policy): Uint8Array {
  return sha256(movesMoney(value) ? agreementPayload.encode(value) : monitorPayload.encode(value));
}
