// The filters of the lists as they stand in the address: what is unknown or unreadable there is passed over.
import type { DecisionView } from './types.ts';

export interface Between {
  /** Milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
}

export interface DecisionFilter extends Between {
  readonly verdict?: string;
  readonly domain?: string;
  readonly held?: boolean;
  readonly advice?: boolean;
  /** None replaced or corrected it. */
  readonly standing?: boolean;
  readonly subject?: string;
  /** Hash of a policy. */
  readonly policy?: string;
  readonly sort?: 'oldest' | 'amount' | 'score';
}

export interface PaymentFilter extends Between {
  readonly state?: 'ordered' | 'announced' | 'held' | 'released' | 'paid' | 'dropped' | 'expired' | 'replaced';
  readonly policy?: string;
  readonly subject?: string;
  readonly party?: string;
  readonly sort?: 'oldest' | 'amount';
}

export interface AlertFilter extends Between {
  /** Absent: what is open, seen or not. */
  readonly status?: 'raised' | 'acknowledged' | 'resolved' | 'all';
  readonly severity?: 'info' | 'warning' | 'critical';
  readonly subject?: string;
  readonly sort?: 'oldest' | 'severity';
}

export interface DeviceFilter {
  readonly name?: string;
  readonly class?: 'hardware' | 'software' | 'gateway' | 'imported' | 'simulated';
  readonly kind?: string;
  readonly sort?: 'name' | 'newest' | 'silent';
}

export interface ConnectFilter {
  /** Absent: what was found. */
  readonly view?: 'connectors' | 'unread' | 'refused';
  readonly connector?: string;
  readonly state?: 'found' | 'accepted' | 'changed';
  readonly search?: string;
  /** Of those that nothing reads, the one that is being mapped. */
  readonly topic?: string;
}

type Given = Readonly<Record<string, unknown>>;

const text = (given: Given, name: string, form = /^[^\0]{1,300}$/) => {
  const value = typeof given[name] === 'number' ? String(given[name]) : given[name];
  return typeof value === 'string' && form.test(value) && { [name]: value };
};
const word = (given: Given, name: string, ...words: readonly string[]) =>
  words.includes(given[name] as string) && { [name]: given[name] };
const flag = (given: Given, name: string) => typeof given[name] === 'boolean' && { [name]: given[name] };
const time = (given: Given, name: string) =>
  Number.isSafeInteger(given[name]) && Number(given[name]) >= 0 && { [name]: given[name] };
const HEX32 = /^[0-9a-f]{64}$/;

/** @param given of the address */
export function decisionFilterOf(given: Given): DecisionFilter {
  return {
    ...text(given, 'verdict'),
    ...text(given, 'domain'),
    ...flag(given, 'held'),
    ...flag(given, 'advice'),
    ...flag(given, 'standing'),
    ...text(given, 'subject'),
    ...text(given, 'policy', HEX32),
    ...time(given, 'from'),
    ...time(given, 'to'),
    ...word(given, 'sort', 'oldest', 'amount', 'score'),
  };
}

/** @param given of the address */
export function paymentFilterOf(given: Given): PaymentFilter {
  return {
    ...word(given, 'state', 'ordered', 'announced', 'held', 'released', 'paid', 'dropped', 'expired', 'replaced'),
    ...text(given, 'policy', HEX32),
    ...text(given, 'subject'),
    ...text(given, 'party'),
    ...time(given, 'from'),
    ...time(given, 'to'),
    ...word(given, 'sort', 'oldest', 'amount'),
  };
}

/** @param given of the address */
export function alertFilterOf(given: Given): AlertFilter {
  return {
    ...word(given, 'status', 'raised', 'acknowledged', 'resolved', 'all'),
    ...word(given, 'severity', 'info', 'warning', 'critical'),
    ...text(given, 'subject'),
    ...time(given, 'from'),
    ...time(given, 'to'),
    ...word(given, 'sort', 'oldest', 'severity'),
  };
}

/** @param given of the address */
export function deviceFilterOf(given: Given): DeviceFilter {
  return {
    ...text(given, 'name'),
    ...word(given, 'class', 'hardware', 'software', 'gateway', 'imported', 'simulated'),
    ...text(given, 'kind'),
    ...word(given, 'sort', 'name', 'newest', 'silent'),
  };
}

/** @param given of the address */
export function connectFilterOf(given: Given): ConnectFilter {
  return {
    ...word(given, 'view', 'connectors', 'unread', 'refused'),
    ...text(given, 'connector', /^[a-z0-9-]{1,60}$/),
    ...word(given, 'state', 'found', 'accepted', 'changed'),
    ...text(given, 'search', /^[^\0]{1,200}$/),
    ...text(given, 'topic', /^[^\0]{1,1024}$/),
  };
}

/** Would the node list this decision under the filter? */
export function letsThrough(filter: DecisionFilter, row: DecisionView): boolean {
  const { verdict, domain, held, advice, standing, subject, policy, from, to } = filter;
  const is = <T>(wanted: T | undefined, found: T) => wanted === undefined || wanted === found;
  return (
    is(verdict, row.verdict) &&
    is(domain, row.domain) &&
    is(held, row.outcome === 'hold') &&
    is(advice, row.agreement === undefined) &&
    is(standing, row.supersededBy === undefined) &&
    is(subject, row.subject) &&
    (policy === undefined || policy === row.policy || policy === row.agreement) &&
    (from === undefined || row.toMs > from) &&
    (to === undefined || row.fromMs < to)
  );
}
