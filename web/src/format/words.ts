// Ordinary words for what the node calls by its technical name.
import { refusals, type StatementKind } from '@trine/protocol';
import type { DecisionView } from '../api/types.ts';

const kinds: Readonly<Record<StatementKind | 'intent' | 'unknown', string>> = {
  pack: 'Readings',
  decision: 'Decision',
  enrolment: 'Key enrolled',
  'key-status': 'Key status',
  agreement: 'Agreement',
  snapshot: 'Detector memory',
  settlement: 'Payment record',
  acknowledgement: 'Acknowledgement',
  network: 'Network document',
  intent: 'Payment order',
  monitor: 'Watch',
  model: 'Model registered',
  approval: 'Word on a model',
  'model-change': 'Model changed',
  label: 'Word on a decision',
  event: 'Event',
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

export type Standing = 'met' | 'breached' | 'held' | 'advice';

/** How a decision stands for people: a breach whose payment the gate stopped is held. */
export function standingOf({ verdict, outcome }: Pick<DecisionView, 'verdict' | 'outcome'>): Standing {
  if (outcome === 'hold') return 'held';
  if (outcome === 'advice') return 'advice';
  return verdict === 'met' || verdict === 'breached' ? verdict : 'advice';
}

/** A long technical name shortened in its middle. @example shorten('did:key:z6MkhaXgBZDvotDk', 12) // 'did:ke…votDk' */
export function shorten(name: string, chars = 28): string {
  if (name.length <= chars) return name;
  const head = Math.ceil((chars - 1) / 2);
  return `${name.slice(0, head)}…${name.slice(name.length - (chars - 1 - head))}`;
}
