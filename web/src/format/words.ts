// Ordinary words for what the node calls by its technical name.
import { countOf, refusals, type StatementKind } from '@trine/protocol';
import type {
  AlertView,
  ConnectorView,
  ContestView,
  DecisionDetail,
  DecisionView,
  DeviceView,
  FoundThing,
  HealthProblem,
  HeldView,
  LabelView,
  PolicyStanding,
} from '../api/types.ts';

const kinds: Readonly<Record<StatementKind | 'intent' | 'unknown', string>> = {
  pack: 'Readings',
  decision: 'Decision',
  enrolment: 'Key enrolled',
  'key-status': 'Key status',
  agreement: 'Agreement',
  row: 'Line of a decision',
  state: 'Memory of a model',
  settlement: 'Payment record',
  acknowledgement: 'Acknowledgement',
  network: 'Network document',
  intent: 'Payment order',
  monitor: 'Monitor',
  model: 'Model registered',
  approval: 'Vote on a model',
  'model-change': 'Model changed',
  label: 'Word on a decision',
  event: 'Event',
  'alert-status': 'Alert seen to',
  erasure: 'Erasure certified',
  recovery: 'Recovery from a fork',
  link: 'Whom a pseudonym stands for',
  account: 'Out of which account a line is settled',
  consent: 'A party signed',
  'policy-end': 'An agreement or a monitor ended',
  release: 'What was held is released or dropped',
  unknown: 'Other',
};

export function kindWord(kind: string): string {
  return Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : kinds.unknown;
}

const classes: Readonly<Record<string, { label: string; help: string }>> = {
  hardware: { label: 'Hardware key', help: 'Signed by a key that cannot leave the device.' },
  software: { label: 'Software key', help: 'Signed by a key the device keeps in a file.' },
  gateway: { label: 'Via gateway', help: 'A gateway signs about a device that cannot sign for itself.' },
  imported: { label: 'Imported', help: 'Signed by whoever imported a file. Moves no real money.' },
  simulated: { label: 'Simulated', help: 'Made by a simulator. Moves no real money.' },
};

export function classWords(name: string | undefined): { label: string; help: string } {
  return (
    (name !== undefined && classes[name]) || {
      label: 'Not heard yet',
      help: 'Enrolled, but it has said nothing so far.',
    }
  );
}

const flags: Readonly<Record<string, { label: string; help: string }>> = {
  gap: { label: 'gap', help: 'A statement names one before it that never came.' },
  reordered: { label: 'out of order', help: 'Arrived after a later one.' },
  fork: { label: 'fork', help: 'Two different statements claim the same place. Neither pays.' },
  clone: { label: 'clone', help: 'Two lives of one device are active at once.' },
};

export function flagWords(flag: string): { label: string; help: string } {
  return flags[flag] ?? { label: flag, help: '' };
}

const forks: Readonly<Record<NonNullable<DeviceView['fork']>, { label: string; help: string }>> = {
  standing: {
    label: 'forked',
    help: 'Two statements claim the same place of a sequence about it. What rests on it is held until it is recovered.',
  },
  recovered: {
    label: 'recovered from a fork',
    help: 'It goes on with another key. What was said from the fork on is no value.',
  },
};

export function forkWords(fork: NonNullable<DeviceView['fork']>): { label: string; help: string } {
  return forks[fork];
}

const healthProblems: Readonly<Record<HealthProblem['code'], string>> = {
  transport: 'The broker cannot be reached: no readings come in',
  disk: 'The disk is nearly full: statements cannot be taken in',
  store: 'What comes in is not seen: the tables are behind the log',
  chain: 'The chain does not answer: nothing is paid',
  deciding: 'Not everything can be decided',
  settling: 'A payment could not be ordered; it is tried again',
  anchoring: 'The log could not be anchored on the chain; it is tried again',
  webhook: 'The other system does not take the alerts',
  pseudonyms: 'A pseudonym could not be shut out',
  fault: 'Something unexpected went wrong in the node',
};

/** What a problem of the node means for people. */
export function problemWords(code: HealthProblem['code']): string {
  return Object.hasOwn(healthProblems, code) ? healthProblems[code] : code;
}

export function refusalWords(reason: string): string {
  return reason in refusals ? refusals[reason as keyof typeof refusals] : reason;
}

/**
 * What a key may speak of.
 *
 * @param subjects patterns of its enrolment; `*` at the end stands for anything
 * @param key owner subject of whoever holds the key
 * @example scopeWords(['*'], 'node/1') // 'may sign about anything'
 */
export function scopeWords(subjects: readonly string[], keyOwner: string): string {
  const names = subjects.map((subject) => (subject === '*' ? 'anything' : subject === keyOwner ? 'itself' : subject));
  return names.length === 0 ? 'may sign about nothing' : `may sign about ${names.join(', ')}`;
}

const policyStandings: Readonly<Record<PolicyStanding, { label: string; help: string; tone: 'ok' | 'plain' }>> = {
  'not-begun': { label: 'Not begun', help: 'Nothing is decided under these terms yet.', tone: 'plain' },
  'in-force': { label: 'In force', help: 'What falls due is decided by these terms.', tone: 'ok' },
  ended: { label: 'Ended', help: 'Nothing falls due any more.', tone: 'plain' },
  replaced: {
    label: 'Replaced',
    help: 'Renewed under other terms. What was decided under these still holds and can be proven.',
    tone: 'plain',
  },
};

export function policyStandingWords(standing: PolicyStanding): (typeof policyStandings)[PolicyStanding] {
  return policyStandings[standing];
}

const byHandWords = { pay: 'Held, then released by hand', drop: 'Held, then dropped by hand' } as const;

const outcomes: Readonly<Record<DecisionView['outcome'], string>> = {
  none: 'Nothing follows',
  pay: 'A payment is ordered',
  hold: 'Held: nothing is paid on it',
  advice: 'Advice: no money depends on it',
};

/** What people ruled on what was held, in words. */
export function rulingWords({ ruling }: NonNullable<DecisionDetail['byHand']>): string {
  return byHandWords[ruling];
}

/** What can be released or dropped by hand, and what follows. @param lines how many are held, where each can be by itself */
export function byHandHelp({ quorum, lines }: Pick<HeldView, 'quorum' | 'lines'>): string {
  const who = `${countOf(quorum, 'decider')}, or all parties, can release`;
  return lines === undefined
    ? `${who} it or drop it. Proofs of the payment say that it was by hand, and nothing that comes later changes it.`
    : `${who} or drop what is held: ${countOf(lines, 'line')}, all at once or one by one. Proofs of what is paid say that it was by hand; what is dropped is never paid.`;
}

/** @param byHand what people ruled on what was held */
export function outcomeWords(outcome: DecisionView['outcome'], byHand?: DecisionDetail['byHand']): string {
  return outcome === 'hold' && byHand !== undefined ? byHandWords[byHand.ruling] : outcomes[outcome];
}

/** What can be done about something held, and what cannot. */
export const heldWords =
  'Where the terms let late or corrected readings count, it is decided again by itself when such come and mend this. ' +
  'Deciders, or all parties together, can release or drop it by hand. Say below what you think of it, and the next model learns from that.';

/** What it means that somebody contests a row of a batch. */
export const contestWords =
  'Whoever has joined the agreement can say, once, that its row is wrong. That holds nothing for the others and changes no ' +
  'number: what is wrong is corrected by a decision on late or corrected readings, as long as the terms let those count, and ' +
  'the difference is settled in a later batch. The arbiter decides about the bond alone.';

const contestEnds: Readonly<Record<NonNullable<ContestView['ended']>['how'], string>> = {
  justified: 'Justified, said the arbiter: the bond went back.',
  unjustified: 'Unjustified, said the arbiter: the bond went to the residuary, who is the payer.',
  'not-ruled': 'Nobody ruled in time: the bond went back.',
};

/** How the contest of a row ended. */
export function contestEndWords(how: NonNullable<ContestView['ended']>['how']): string {
  return contestEnds[how];
}

const statuses: Readonly<Record<AlertView['status'], string>> = {
  raised: 'Open',
  acknowledged: 'Seen',
  resolved: 'Resolved',
};

export function alertStatusWord(status: AlertView['status']): string {
  return statuses[status];
}

/** What a person said of a decision. @param corrected what it should have been, in the domain's word */
export function assessmentWords(assessment: LabelView['assessment'], corrected: string | undefined): string {
  return assessment === 'corrected' ? `should be: ${corrected ?? 'something else'}` : assessment;
}

/** Reasons are written to stand inside a line; here one stands alone. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

const thingStates: Readonly<
  Record<FoundThing['state'], { label: string; help: string; tone: 'ok' | 'info' | 'warn' }>
> = {
  found: { label: 'Found', help: 'It speaks; nothing of it is sealed.', tone: 'info' },
  accepted: { label: 'Accepted', help: 'What it says is sealed, by this gateway.', tone: 'ok' },
  changed: {
    label: 'Says more now',
    help: 'It is read as it was accepted, and says that it can be read otherwise now.',
    tone: 'warn',
  },
};

/** Where a thing of a connector stands. */
export function thingStateWords(state: FoundThing['state']): (typeof thingStates)[FoundThing['state']] {
  return thingStates[state];
}

const ways = { mqtt: 'MQTT', http: 'HTTP' } as const;

/** By which ways messages of a connector come. @example wayWords(['mqtt', 'http']) // 'MQTT or HTTP' */
export function wayWords(by: ConnectorView['ways']): string {
  return by.map((way) => ways[way]).join(' or ');
}

/** What accepting means of values whose unit nobody said. @param quantities with the units as they are shown */
export function assumedWords(quantities: readonly string[]): string {
  return `Nobody says in which unit ${quantities.join(', ')} ${quantities.length === 1 ? 'is' : 'are'}.`;
}

/** Who reads a topic that was refused. @param titles of connectors by their names */
export function readerWord(by: string, titles: ReadonlyMap<string, string>): string {
  return by === 'settings' ? 'A rule of the settings file' : (titles.get(by) ?? by);
}

/** A long technical name shortened in its middle. @example shorten('did:key:z6MkhaXgBZDvotDk', 12) // 'did:ke…votDk' */
export function shorten(name: string, chars = 28): string {
  if (name.length <= chars) return name;
  const head = Math.ceil((chars - 1) / 2);
  return `${name.slice(0, head)}…${name.slice(name.length - (chars - 1 - head))}`;
}
