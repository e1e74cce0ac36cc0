// Policy: the terms under which decisions are made. An agreement moves money between its parties, its SHA-256 is on the
// chain; a monitor advises. What is particular to a domain stands in `terms`, whose schema the domain has.
import { type AssuranceClass, assuranceClasses } from '../assurance.ts';
import {
  bytes,
  type Codec,
  type Infer,
  integer,
  list,
  oneOf,
  optional,
  payload,
  record,
  text,
  value,
} from '../cbor/schema.ts';
import { sha256 } from '../crypto.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';

export const address = text(42, /^0x[0-9a-f]{40}$/);
const hash = text(64, /^[0-9a-f]{64}$/);
const did = text(80, /^did:key:z[1-9A-HJ-NP-Za-km-z]+$/);
export const currency = text(3, /^[A-Z]{3}$/);

export const modelIdentity = record({
  name: text(60),
  version: text(20),
  /** SHA-256 of the bundle, of the configuration, and of the name of the arithmetic they run in. */
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

export const partyRole = text(20, /^[a-z][a-z-]*$/);

/** How another model may take the place of the one agreed on. */
const modelChange = record({
  /** Roles of the parties that must have approved the model. */
  approvals: list(partyRole, 16),
  /** Obligations that it must have decided as a shadow of the active one, after it was registered. */
  shadowsMin: integer(1, 1_000_000),
  /** Share of those in which it may decide otherwise, parts per million. */
  differencesMaxPpm: integer(0, 1_000_000),
  /** Back to the model before, once of at least so many labelled decisions more than this share were wrong. */
  rollback: optional(record({ labelsMin: integer(1, 10_000), wrongMaxPpm: integer(0, 1_000_000) })),
});
export type ModelChangeRule = Infer<typeof modelChange>;

const gate = record({
  /** Owners, other than who gains and the node that keeps the log, whose statements must stand behind a payment. */
  ownersMin: integer(0, 64),
  classMin: oneOf(...(Object.keys(assuranceClasses) as AssuranceClass[])),
  /** The thing whose own statements show that the log was taking statements. */
  heartbeat: text(128),
  heartbeatGapMsMax: integer(1),
  /**
   * Ways in that the agreement's things use: a heartbeat counts where it says that each of them was open. Absent: where it says
   * of none that it was closed.
   */
  waysIn: optional(list(text(20, /^[a-z][a-z-]*$/), 8)),
  /**
   * How long in the period obligations may be held because the log took nothing in. Beyond it they are decided on what
   * arrived: nobody escapes by playing dead. Absent: without end.
   */
  outageAllowanceMs: optional(integer(0)),
});

/** What agreements and monitors have in common: who is decided on, when, by which rule and model. */
const common = {
  network: text(38),
  /**
   * Logs in which statements count, by origin; all but the logs of the network document count for nothing. A statement in
   * several of them counts once, in the first that has it. The contract takes intents from these logs alone.
   */
  origins: list(text(200, /^[^\s+]+$/), 8),
  /** Whose rule decides. */
  domain: text(40, /^[a-z][a-z-]*$/),
  title: text(200),
  /** What the policy is about; its decisions are statements about this subject. */
  subject,
  /** As the domain's schema says. */
  terms: value(),
  /** Obligations end within it. */
  period: record({ startMs: integer(0, limits.calendarMsMax), endMs: integer(0, limits.calendarMsMax) }),
  /** Where a trigger follows a calendar: the table of time zones by which its boundaries are reckoned. */
  zones: optional(record({ release: text(20), hash })),
  model: modelIdentity,
  gate,
  plausibility: optional(plausibility),
  /** Until how long after an obligation's end corrected or late readings change what was decided. Absent: not at all. */
  correctableMs: optional(integer(1)),
};

const DAY_S = 86_400;

const agreement = record({
  trine: oneOf('agreement/1'),
  ...common,
  /** Each role once. Roles are the domain's; the contract knows `payer` and `recipient`. */
  parties: list(record({ role: partyRole, name: text(100), address }), 16),
  /** Whose line is settled out of which account on the chain: the keys of rows. Each key and each account once. */
  accounts: optional(list(record({ key: subject, address }), 4_096)),
  /**
   * Lines' accounts come from statements of kind `account` instead, each signed by the account itself: by whom they are handed
   * in, keys of members. Of a line the first one counts that stands below the cut of what is decided.
   */
  joining: optional(record({ by: list(did, 16) })),
  /** Admits accounts that the contract does not list: it lists parties and accounts up to 16 in all. */
  registrar: optional(address),
  arbiter: address,
  /** Absent: the model stays as agreed. */
  modelChange: optional(modelChange),
  money: record({
    chainId: integer(1),
    /** The contract that settles. */
    contract: address,
    token: address,
    currency,
    /** What the payer authorises, in minor units (cents): for one obligation, and in all, which it locks. */
    perObligationMax: integer(1),
    totalMax: integer(1),
    /** The longest obligation. */
    obligationMaxS: integer(1, 1830 * DAY_S),
    /** Until how long after an obligation's end it can still be paid: grace, outages and corrections included. */
    settleWithinS: integer(1, 1830 * DAY_S),
    /** How long a payment stands open to dispute before it is made. */
    disputeWindowS: integer(0, 366 * DAY_S),
    /** How long it is held at most once disputed, and what becomes of it when nobody ruled by then. */
    holdMaxS: integer(0, 366 * DAY_S),
    afterHold: oneOf('pay', 'drop'),
    /** Of what settles in batches: what contesting one's row takes, minor units, until it is ruled on. Absent: nothing. */
    contestBond: optional(integer(1)),
    /** How long an order to pay stands after it was given and its window is over. */
    deadlineS: integer(1, 30 * DAY_S),
  }),
  /** Who decides: the key that signs decisions, and the account that signs payments. */
  deciders: record({ list: list(record({ key: did, address }), 16), quorum: integer(1, 16) }),
});
export type Agreement = Infer<typeof agreement>;
export type Party = Agreement['parties'][number];

/** Accounts that the contract lists; more take a registrar. */
export const LISTED_MAX = 16;

/** A line's money is that of its own account alone: whoever sees its line sees all that moves there. */
function checkAccounts({ parties, accounts = [], joining, registrar }: Agreement): void {
  if (joining && (accounts.length > 0 || joining.by.length === 0 || new Set(joining.by).size !== joining.by.length))
    throw new FormatError('malformed', 'agreement.joining: names members, each once, in place of accounts.');
  if (joining && registrar === undefined)
    throw new FormatError('malformed', 'agreement.registrar: accounts that join need one.');
  const taken = new Set(parties.map(({ address: account }) => account));
  for (const { address: account } of accounts) {
    if (taken.has(account)) throw new FormatError('malformed', `agreement.accounts: ${account} stands twice.`);
    taken.add(account);
  }
  if (new Set(accounts.map(({ key }) => key)).size !== accounts.length)
    throw new FormatError('malformed', 'agreement.accounts: each key stands once.');
  if (parties.length + accounts.length > LISTED_MAX && registrar === undefined)
    throw new FormatError('malformed', `agreement.registrar: more than ${LISTED_MAX} accounts need one.`);
}

const THINGS_MAX = 64;

/** The trust in each thing is part of the state. */
function checkPolicy<P extends Policy>(policy: P): P {
  const things = concernedThings(policy);
  if (things.length > THINGS_MAX)
    throw new FormatError('malformed', `plausibility: concerns ${things.length} things, at most ${THINGS_MAX} can be.`);
  if (policy.period.endMs <= policy.period.startMs)
    throw new FormatError('malformed', 'period: ends before it starts.');
  if (policy.origins.length === 0 || new Set(policy.origins).size !== policy.origins.length)
    throw new FormatError('malformed', 'origins: expected at least one, each once.');
  if (typeof policy.terms !== 'object' || Array.isArray(policy.terms))
    throw new FormatError('malformed', 'terms: expected an object.');
  return policy;
}

export const agreementPayload: Codec<Agreement> = payload('agreement', {
  check: (given, path) => {
    const checked = checkPolicy(agreement.check(given, path));
    const roles = checked.parties.map((party) => party.role);
    if (new Set(roles).size !== roles.length)
      throw new FormatError('malformed', 'agreement.parties: each role stands once.');
    for (const needed of ['payer', 'recipient'])
      if (!roles.includes(needed)) throw new FormatError('malformed', `agreement.parties: there is no ${needed}.`);
    if (checked.deciders.list.length < checked.deciders.quorum)
      throw new FormatError('malformed', 'agreement.deciders: the quorum is more than there are deciders.');
    checkAccounts(checked);
    return checked;
  },
});

/** @throws FormatError when the agreement has no party of that role */
export function partyOf({ parties }: Agreement, wanted: string): Party {
  const found = parties.find((party) => party.role === wanted);
  if (found === undefined) throw new FormatError('malformed', `agreement.parties: there is no ${wanted}.`);
  return found;
}

/** The subject, and all things whose readings are needed to believe it, each once. */
export function concernedThings({ subject: about, plausibility: rules }: Policy): string[] {
  const others = [
    ...(rules?.neighbours ?? []).flatMap(({ peers }) => peers),
    ...(rules?.balances ?? []).flatMap(({ inflows, outflows }) => [...inflows, ...outflows]),
  ];
  return [...new Set([about, ...others])];
}

const monitor = record({
  trine: oneOf('monitor/1'),
  ...common,
  /** Keys whose decisions count. */
  deciders: record({ list: list(record({ key: did }), 16) }),
  /** Id of the agreement beside which a model is tried: its decisions say what they would have cost. */
  shadows: optional(bytes(32)),
  /** Hash of the monitor that ends where this one starts, because another model or rule is to go on. */
  replaces: optional(bytes(32)),
  /** Of the amounts, where the rule has any. */
  currency: optional(currency),
});
export type Monitor = Infer<typeof monitor>;
export const monitorPayload: Codec<Monitor> = payload('monitor', {
  check: (given, path) => checkPolicy(monitor.check(given, path)),
});

/** Whatever decisions are made under: an agreement that moves money, or a monitor that advises. */
export type Policy = Agreement | Monitor;

export function movesMoney(policy: Policy): policy is Agreement {
  return policy.trine === 'agreement/1';
}

/** Currency of the entries; undefined under a monitor whose rule has no amounts. */
export function currencyOf(policy: Policy): string | undefined {
  return movesMoney(policy) ? policy.money.currency : policy.currency;
}

/** May the holder of this key decide under the policy? @param key did:key that signed */
export function isDecider(policy: Policy, key: string): boolean {
  return policy.deciders.list.some((decider) => decider.key === key);
}

/** SHA-256 of the encoded policy: what every decision names; of an agreement, what the contract names. */
export function policyHash(policy: Policy): Uint8Array {
  return sha256(movesMoney(policy) ? agreementPayload.encode(policy) : monitorPayload.encode(policy));
}
