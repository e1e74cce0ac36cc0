// Decision: what a policy made of a window of sealed readings, with all that is needed to compute it again. Deciders
// who recompute it get the same bytes, so the id of a decision is the hash of its payload, not of one signed copy.
import { type AssuranceClass, assuranceClasses } from '../assurance.ts';
import { encodeCbor } from '../cbor/cbor.ts';
import {
  bytes,
  type Codec,
  dictionary,
  either,
  type Field,
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
import { mapCommitment } from '../merkle-map.ts';
import { currency, modelIdentity } from './policy.ts';

/** How often a decision can be corrected. */
export const REVISIONS_MAX = 10_000;

/** What is decided once and settled at most once: a window, a session, a delivery, a claim. */
const obligation = record({
  /** Name of the trigger in the policy's domain. */
  trigger: text(40, /^[a-z][a-z-]*$/),
  /** `[fromMs, toMs)` of event time. */
  fromMs: integer(),
  toMs: integer(),
  /** Id of the statement that opened it: a session, an event, a request. It names the obligation then. */
  about: optional(bytes(32)),
  /** Id of the statement that closed the session; absent: nothing did in time. */
  closedBy: optional(bytes(32)),
  /** A correction: obligation id of what is corrected, and the how-manieth it is. */
  base: optional(bytes(32)),
  revision: optional(integer(1, REVISIONS_MAX)),
});
export type Obligation = Infer<typeof obligation>;

/**
 * What is settled at most once per policy: names the obligation, whoever decides it and however it ends.
 * @returns 32 bytes
 */
export function obligationId({ trigger, fromMs, toMs, about, base, revision }: Obligation): Uint8Array {
  const place = about ? { about } : { fromMs, toMs };
  return sha256(encodeCbor({ trigger, ...place, ...(base && { base, revision }) }));
}

/** A run of consecutive statements of one sequence that went in: linked, so that none can be left out unseen. */
export const inputRange = record({
  keyOwner: text(128),
  subject: text(128),
  epoch: integer(),
  fromSeq: integer(),
  toSeq: integer(),
  count: integer(1),
  /** RFC 6962 root over the statement ids in the order of the sequence. */
  root: bytes(32),
});
export type InputRange = Infer<typeof inputRange>;

const fact = either(integer(Number.MIN_SAFE_INTEGER), text(200));
export const factsForm: Field<Readonly<Record<string, number | string>>> = dictionary(fact, 32);
export type Facts = Readonly<Record<string, number | string>>;

/** A sentence with `{name}` places, and what goes there. */
const reason = record({ template: text(300), arguments: dictionary(fact, 16) });
export type Reason = Infer<typeof reason>;

/** Double entry: what leaves one account enters another. Accounts are roles of parties, or subjects of rows. */
const entry = record({ tag: oneOf('entry'), from: text(128), to: text(128), amount: integer(1), currency });
export type Entry = Infer<typeof entry>;

const alert = record({
  tag: oneOf('alert'),
  severity: oneOf('info', 'warning', 'critical'),
  /** What it is about, in the domain's words: the same code again is the same alert going on. */
  code: text(40, /^[a-z][a-z-]*$/),
  subject: text(128),
  reason,
});
export type Alert = Infer<typeof alert>;

/** Of a later version: carried along, and held, because what it orders is not known here. */
const unknownEffect = record({ tag: text(20, /^[a-z][a-z-]*$/), data: bytes({ max: 4_096 }) });
export type UnknownEffect = Infer<typeof unknownEffect>;

/** What follows from a decision, as a tagged list. */
export type Effect = Entry | Alert | UnknownEffect;

export const effectForm: Field<Effect> = {
  check: (given, path) => {
    const { tag } = record({ tag: text(20) }).check({ tag: (given as { tag?: unknown } | null)?.tag }, path);
    if (tag === 'entry') return entry.check(given, path);
    return tag === 'alert' ? alert.check(given, path) : unknownEffect.check(given, path);
  },
};

export function isEntry(effect: Effect): effect is Entry {
  return effect.tag === 'entry';
}

export function isAlert(effect: Effect): effect is Alert {
  return effect.tag === 'alert';
}

const gate = record({
  verdict: oneOf('pass', 'hold'),
  owners: integer(),
  class: oneOf(...(Object.keys(assuranceClasses) as AssuranceClass[])),
  reasons: list(text(200), 8),
});
export type GateResult = Infer<typeof gate>;

const verdict = text(40, /^[a-z][a-z-]*$/);
const score = record({ ppm: integer(0, 1_000_000), thresholdPpm: integer(0, 1_000_000) });

/** What was decided, in the domain's words. */
const decided = {
  verdict,
  score: optional(score),
  facts: factsForm,
  reason,
  effects: list(effectForm, 64),
  gate,
  /** What became of the effects: entries paid or held, or advice where no money depends on it. */
  outcome: oneOf('none', 'pay', 'hold', 'advice'),
};

const decision = record({
  trine: oneOf('decision/1'),
  /** Id of the agreement on the chain; absent: advice under a monitor. */
  agreement: optional(bytes(32)),
  /** Hash of the policy. */
  policy: bytes(32),
  obligation,
  /**
   * What the deciders saw of each log that the terms name, in their order: leaves below `index`, the first one that arrived
   * at `atMs` (end and grace) or later.
   */
  cuts: list(record({ origin: text(200), index: integer(), atMs: integer() }), 8),
  /** Merkle map from each part ('' for all but the rows') to the hash of its {@link inputsHash ranges}. */
  inputs: mapCommitment,
  /** Merkle map of the newest statement, below the cuts, of every sequence that was looked at: see sequence-heads.ts. */
  heads: mapCommitment,
  model: modelIdentity,
  /** Id of the decision whose states it continues; absent: it starts from none. */
  continues: optional(bytes(32)),
  /** Merkle maps from each key (a subject) to the salted commitment of its state. */
  statesBefore: mapCommitment,
  statesAfter: mapCommitment,
  /** Trust in each thing that was checked against others, parts per million, after this window. */
  trust: optional(list(record({ subject: text(128), ppm: integer(0, 1_000_000) }), 64)),
  ...decided,
  /** Merkle map from each row's key to the salted commitment of its body. */
  rows: optional(mapCommitment),
  /** Id of the decision that this one replaces or corrects. */
  supersedes: optional(bytes(32)),
});
export type Decision = Infer<typeof decision>;
export const decisionPayload: Codec<Decision> = payload('decision', {
  check: (given, path) => {
    const checked = decision.check(given, path);
    if (checked.obligation.toMs < checked.obligation.fromMs)
      throw new FormatError('malformed', 'decision.obligation: ends before it starts.');
    return checked;
  },
});

/** One party's line of a decision over many: its body is detached, under the party's own subject. */
const row = record({
  trine: oneOf('row/1'),
  policy: bytes(32),
  obligation,
  /** The subject whose line it is. */
  key: text(128),
  ...decided,
});
export type Row = Infer<typeof row>;
export const rowPayload: Codec<Row> = payload('row', row);

/** @returns 32 bytes, equal for every decider that recomputed the same decision */
export function decisionId(value: Decision): Uint8Array {
  return sha256(decisionPayload.encode(value));
}

/** The reason as a sentence. @example formatReason({ template: '{n} of {m} came', arguments: { n: 2, m: 6 } }) */
export function formatReason({ template, arguments: given }: Reason): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => String(given[name] ?? place));
}

/** The entries of a decision or a row; none where it orders none. */
export function entriesOf({ effects }: Pick<Decision, 'effects'>): Entry[] {
  return effects.filter(isEntry);
}

/** Minor units that entries move. */
export function amountOf(effects: Pick<Decision, 'effects'>): number {
  return entriesOf(effects).reduce((sum, { amount }) => sum + amount, 0);
}
