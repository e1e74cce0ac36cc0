// Sequences: the hash chain of one key owner about one subject, as the log has it. Nothing here refuses a statement: gaps,
// reordering, forks and clones are flagged and appended, because the log must show both sides. Only exact duplicates are
// not appended again.

import {
  earlierPlace,
  FORK_HEADS_MAX,
  limits,
  type Recovery,
  type StandingFork,
  type StatementHeader,
  sortedHeads,
} from '@trine/protocol';
import type { Undo } from './projection.ts';
import type { SequenceFlag } from './sequence-flags.ts';

export type SequenceVerdict = { readonly duplicateOf: number } | { readonly flag?: SequenceFlag };

interface Known {
  readonly id: string;
  readonly index: number;
}

/** A fork or a clone, and what ended it. */
export interface Fork {
  /** Both sides, by leaf. */
  readonly sides: readonly [number, number];
  /** The first place that is doubtful. */
  readonly from: Recovery['from'];
  readonly recovery?: {
    readonly index: number;
    readonly arrivalMs: number;
    readonly epoch: number;
    readonly by: string;
  };
}

/** One that stands. */
interface OpenFork extends Fork {
  /** Ids that nothing follows, of every side. */
  readonly heads: ReadonlySet<string>;
  /** Ids that something follows, the newest: what is reordered is no head. */
  readonly followed: ReadonlySet<string>;
}

export interface SequenceState {
  epoch: number;
  headSeq: number;
  headId: string;
  /** Every seq of the epoch up to this one is appended; -1 for none. */
  contiguousSeq: number;
  /** Appended beyond a gap. Bounded: a sequence with more holes than that reports the lowest. */
  ahead: Set<number>;
  /** Latest statements by `epoch:seq`, for duplicates and forks. Oldest first, bounded. */
  readonly recent: Map<string, Known>;
  readonly flags: Record<SequenceFlag, number>;
  /** The first fork that nobody recovered from. */
  fork: OpenFork | undefined;
  /** Those before. */
  recovered: readonly Fork[];
}

export const RECENT_PER_SEQUENCE = 64;
const AHEAD_PER_SEQUENCE_MAX = 1_024;
const FOLLOWED_MAX = 1_024;

/** Place of a statement in its sequence. */
export interface SequencePlace extends Pick<StatementHeader, 'epoch' | 'seq'> {
  /** Latin1 text of the id and of `prev`. */
  readonly id: string;
  readonly prev?: string | undefined;
}

interface Snapshot {
  readonly name: string;
  readonly state: SequenceState;
}

export class SequenceTracker {
  readonly name = 'sequences';
  readonly #sequences = new Map<string, SequenceState>();

  get(keyOwner: string, subject: string): SequenceState | undefined {
    return this.#sequences.get(sequenceName(keyOwner, subject));
  }

  /** Forks of sequences about a subject, in the order in which they were found; those that were recovered from as well. */
  forksAbout(
    isWanted: (subject: string) => boolean,
  ): (Fork & { readonly keyOwner: string; readonly subject: string })[] {
    const found: (Fork & { keyOwner: string; subject: string })[] = [];
    for (const [name, { fork, recovered }] of this.#sequences) {
      if (fork === undefined && recovered.length === 0) continue;
      const [keyOwner, subject] = name.split('\n') as [string, string];
      if (!isWanted(subject)) continue;
      for (const { sides, from, recovery } of [...recovered, ...(fork ? [fork] : [])])
        found.push({ keyOwner, subject, sides, from, ...(recovery && { recovery }) });
    }
    return found;
  }

  /** The fork that stands in a sequence. */
  forkOf(keyOwner: string, subject: string): StandingFork | undefined {
    const sequence = this.get(keyOwner, subject);
    if (sequence?.fork === undefined) return undefined;
    const { from, heads } = sequence.fork;
    return { epoch: sequence.epoch, from, heads: sortedHeads([...heads].map(fromLatin1)) };
  }

  /** A sequence goes on: what was said of it since it forked is behind. @param said the recovery, at its leaf */
  recover(
    { keyOwner, epoch }: Recovery,
    said: {
      readonly subject: string;
      readonly id: Uint8Array;
      readonly index: number;
      readonly arrivalMs: number;
      readonly by: string;
    },
    undo: Pick<Undo, 'push'>,
  ): void {
    const sequence = this.get(keyOwner, said.subject);
    if (sequence?.fork === undefined) return;
    this.#keepOld(sequence, undo);
    const { sides, from } = sequence.fork;
    const { index, arrivalMs, by } = said;
    sequence.recovered = [...sequence.recovered, { sides, from, recovery: { index, arrivalMs, epoch, by } }];
    sequence.fork = undefined;
    sequence.epoch = epoch;
    sequence.headSeq = -1;
    sequence.headId = latin1(said.id);
    sequence.contiguousSeq = -1;
    sequence.ahead = new Set();
  }

  /**
   * Is a statement known already, or odd? Answers for what happened within the last {@link RECENT_PER_SEQUENCE} statements
   * of the sequence; `mayBeOld` says that the caller should look further back (in the store) before appending.
   */
  classify(keyOwner: string, subject: string, place: SequencePlace): SequenceVerdict & { mayBeOld?: boolean } {
    const sequence = this.get(keyOwner, subject);
    if (sequence === undefined) return place.seq === 0 && place.prev === undefined ? {} : { flag: 'gap' };
    const known = sequence.recent.get(keyOf(place));
    if (known) return known.id === place.id ? { duplicateOf: known.index } : { flag: 'fork' };
    if (place.epoch > sequence.epoch) return place.seq === 0 && place.prev === sequence.headId ? {} : { flag: 'gap' };
    // An older epoch goes on although a newer one began: two devices hold the same key and state.
    if (place.epoch < sequence.epoch) return { flag: 'clone', mayBeOld: true };
    if (place.seq > sequence.headSeq) {
      if (place.prev === sequence.headId) return {};
      // After a recovery nothing has been said yet that it could speak against.
      if (sequence.headSeq < 0) return { flag: 'gap' };
      return place.seq === sequence.headSeq + 1 ? { flag: 'fork' } : { flag: 'gap' };
    }
    return { flag: 'reordered', mayBeOld: sequence.recent.size >= RECENT_PER_SEQUENCE };
  }

  /** The epoch beyond which nothing is taken: what comes after the last number there is could never be recovered. */
  lastEpoch(keyOwner: string, subject: string): number {
    return (this.get(keyOwner, subject)?.epoch ?? 0) + limits.epochStepMax;
  }

  /** Takes in a statement that was given leaf `index`. */
  advance(
    keyOwner: string,
    subject: string,
    place: SequencePlace,
    index: number,
    flag: SequenceFlag | undefined,
    undo: Pick<Undo, 'push'>,
  ): SequenceState {
    const name = sequenceName(keyOwner, subject);
    const known = this.#sequences.get(name);
    const sequence = known ?? emptySequence(place.epoch);
    if (known) this.#keepOld(known, undo);
    else {
      undo.push(() => this.#sequences.delete(name));
      this.#sequences.set(name, sequence);
    }
    if (flag) sequence.flags[flag]++;
    if (sequence.fork) sequence.fork = followedBy(sequence.fork, place);
    else if (flag === 'fork' || flag === 'clone') sequence.fork = forkOf(sequence, place, index);
    advanceHead(sequence, place, flag);
    const key = keyOf(place);
    const replaced = sequence.recent.get(key);
    sequence.recent.set(key, { id: place.id, index });
    const oldest =
      sequence.recent.size > RECENT_PER_SEQUENCE ? (sequence.recent.keys().next().value as string) : undefined;
    const dropped = oldest === undefined ? undefined : (sequence.recent.get(oldest) as Known);
    if (oldest !== undefined) sequence.recent.delete(oldest);
    undo.push(() => {
      if (replaced) sequence.recent.set(key, replaced);
      else sequence.recent.delete(key);
      if (oldest !== undefined && dropped) putFirst(sequence.recent, oldest, dropped);
    });
    return sequence;
  }

  #keepOld(sequence: SequenceState, undo: Pick<Undo, 'push'>): void {
    const { epoch, headSeq, headId, contiguousSeq, fork, recovered } = sequence;
    const ahead = sequence.ahead.size > 0 ? new Set(sequence.ahead) : undefined;
    const flags = { ...sequence.flags };
    undo.push(() =>
      Object.assign(sequence, {
        epoch,
        headSeq,
        headId,
        contiguousSeq,
        fork,
        recovered,
        ahead: ahead ?? new Set(),
        flags,
      }),
    );
  }

  snapshot(): Snapshot[] {
    return [...this.#sequences].map(([name, state]) => ({ name, state }));
  }

  restore(snapshot: unknown): void {
    for (const { name, state } of snapshot as Snapshot[]) this.#sequences.set(name, state);
  }
}

function emptySequence(epoch: number): SequenceState {
  return {
    epoch,
    headSeq: -1,
    headId: '',
    contiguousSeq: -1,
    ahead: new Set(),
    recent: new Map(),
    flags: { gap: 0, reordered: 0, fork: 0, clone: 0 },
    fork: undefined,
    recovered: [],
  };
}

/**
 * The other side: the one before, where it follows another than that; else what stands in its place, else the newest
 * statement. So whoever has the statements alone finds it, too (`forkSides`).
 */
function forkOf(sequence: SequenceState, place: SequencePlace, index: number): OpenFork {
  const { recent, epoch, headSeq } = sequence;
  const before = { epoch: place.epoch, seq: place.seq - 1 };
  const passed = recent.get(keyOf(before));
  const isBeside = passed !== undefined && place.prev !== passed.id;
  const same = recent.get(keyOf(place));
  const head = { epoch, seq: headSeq };
  const other = (isBeside ? passed : same) ?? recent.get(keyOf(head)) ?? [...recent.values()].at(-1);
  return followedBy(
    {
      sides: [other?.index ?? index, index],
      from: earlierPlace(place, isBeside ? before : same ? place : head),
      heads: new Set([sequence.headId]),
      followed: new Set(),
    },
    place,
  );
}

/** A statement is a head of its side until another follows it. */
function followedBy(fork: OpenFork, { id, prev }: SequencePlace): OpenFork {
  const heads = new Set(fork.heads);
  const followed = new Set(fork.followed);
  if (prev !== undefined) {
    heads.delete(prev);
    followed.add(prev);
    if (followed.size > FOLLOWED_MAX) followed.delete(followed.values().next().value as string);
  }
  if (!followed.has(id) && heads.size < FORK_HEADS_MAX) heads.add(id);
  return { ...fork, heads, followed };
}

/** What was forgotten last is what is forgotten next. */
function putFirst<K, V>(map: Map<K, V>, key: K, value: V): void {
  const rest = [...map];
  map.clear();
  map.set(key, value);
  for (const [other, known] of rest) map.set(other, known);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function advanceHead(sequence: SequenceState, place: SequencePlace, flag: SequenceFlag | undefined): void {
  if (place.epoch > sequence.epoch) {
    sequence.epoch = place.epoch;
    sequence.headSeq = -1;
    sequence.contiguousSeq = -1;
    sequence.ahead = new Set();
  }
  if (place.epoch !== sequence.epoch) return;
  const isBounded = sequence.ahead.size < AHEAD_PER_SEQUENCE_MAX;
  // A seq that `prev` skips is no gap: the issuer itself says that there is nothing in between.
  if (place.seq > sequence.headSeq && flag === undefined) {
    if (sequence.contiguousSeq === sequence.headSeq) sequence.contiguousSeq = place.seq;
    else if (isBounded) sequence.ahead.add(place.seq);
  } else if (place.seq > sequence.contiguousSeq && isBounded) sequence.ahead.add(place.seq);
  while (sequence.ahead.delete(sequence.contiguousSeq + 1)) sequence.contiguousSeq++;
  if (place.seq > sequence.headSeq) {
    sequence.headSeq = place.seq;
    sequence.headId = place.id;
  }
}

function sequenceName(keyOwner: string, subject: string): string {
  return `${keyOwner}\n${subject}`;
}

function keyOf({ epoch, seq }: Pick<SequencePlace, 'epoch' | 'seq'>): string {
  return `${epoch}:${seq}`;
}
