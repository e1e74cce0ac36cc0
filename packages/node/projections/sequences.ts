// The hash chains as the log has them. Nothing here refuses a statement: gaps, reordering, forks and clones are
// flagged and sealed, because the log must show both sides. Only exact duplicates are not sealed again.
import type { StatementHeader } from '@trine/protocol';

export type SequenceFlag = 'gap' | 'reordered' | 'fork' | 'clone';
export type SequenceVerdict = { readonly duplicateOf: number } | { readonly flag?: SequenceFlag };

interface Sealed {
  readonly id: string;
  readonly index: number;
}

/** The chain of one key owner about one subject. */
export interface SequenceState {
  epoch: number;
  headSeq: number;
  headId: string;
  /** Every seq of the epoch up to this one is sealed; -1 for none. */
  contiguousSeq: number;
  /** Sealed beyond a gap. Bounded: a chain with more holes than that reports the lowest. */
  readonly ahead: Set<number>;
  /** Latest statements by `epoch:seq`, for duplicates and forks. Oldest first, bounded. */
  readonly recent: Map<string, Sealed>;
  readonly flags: Record<SequenceFlag, number>;
}

export const RECENT_PER_SEQUENCE = 64;
const AHEAD_PER_SEQUENCE_MAX = 1_024;

/** Place of a statement in its chain: what {@link SequenceTracker.judge} needs of it. */
export interface SequencePlace extends Pick<StatementHeader, 'epoch' | 'seq'> {
  /** Latin1 or hex text of the id and of `prev`: any text form, used consistently. */
  readonly id: string;
  readonly prev?: string | undefined;
}

export class SequenceTracker {
  private readonly sequences = new Map<string, SequenceState>();

  get(keyOwner: string, subject: string): SequenceState | undefined {
    return this.sequences.get(sequenceName(keyOwner, subject));
  }

  entries(): IterableIterator<[string, SequenceState]> {
    return this.sequences.entries();
  }

  /**
   * Is a statement known already, or odd? Answers for what happened within the last {@link RECENT_PER_SEQUENCE} statements
   * of the chain; `mayBeOld` says that the caller should look further back (in the store) before sealing.
   */
  judge(keyOwner: string, subject: string, link: SequencePlace): SequenceVerdict & { mayBeOld?: boolean } {
    const chain = this.sequences.get(sequenceName(keyOwner, subject));
    if (chain === undefined) return link.seq === 0 && link.prev === undefined ? {} : { flag: 'gap' };
    const known = chain.recent.get(place(link.epoch, link.seq));
    if (known) return known.id === link.id ? { duplicateOf: known.index } : { flag: 'fork' };
    if (link.epoch > chain.epoch) return link.seq === 0 && link.prev === chain.headId ? {} : { flag: 'gap' };
    // An older epoch goes on although a newer one began: two devices hold the same key and state.
    if (link.epoch < chain.epoch) return { flag: 'clone', mayBeOld: true };
    if (link.seq > chain.headSeq) {
      if (link.prev === chain.headId) return {};
      return link.seq === chain.headSeq + 1 ? { flag: 'fork' } : { flag: 'gap' };
    }
    return { flag: 'reordered', mayBeOld: chain.recent.size >= RECENT_PER_SEQUENCE };
  }

  /** Takes in a statement that was given leaf `index`. */
  record(keyOwner: string, subject: string, link: SequencePlace, index: number, flag?: SequenceFlag): SequenceState {
    const name = sequenceName(keyOwner, subject);
    let chain = this.sequences.get(name);
    if (chain === undefined) {
      chain = {
        epoch: link.epoch,
        headSeq: -1,
        headId: '',
        contiguousSeq: -1,
        ahead: new Set(),
        recent: new Map(),
        flags: { gap: 0, reordered: 0, fork: 0, clone: 0 },
      };
      this.sequences.set(name, chain);
    }
    if (flag) chain.flags[flag]++;
    if (link.epoch > chain.epoch) {
      chain.epoch = link.epoch;
      chain.headSeq = -1;
      chain.contiguousSeq = -1;
      chain.ahead.clear();
    }
    if (link.epoch === chain.epoch) {
      // A seq that `prev` skips is no gap: the issuer itself says that there is nothing in between.
      if (link.seq > chain.headSeq && flag === undefined) this.close(chain, link.seq);
      else if (link.seq > chain.contiguousSeq && chain.ahead.size < AHEAD_PER_SEQUENCE_MAX) chain.ahead.add(link.seq);
      while (chain.ahead.delete(chain.contiguousSeq + 1)) chain.contiguousSeq++;
      if (link.seq > chain.headSeq) {
        chain.headSeq = link.seq;
        chain.headId = link.id;
      }
    }
    chain.recent.set(place(link.epoch, link.seq), { id: link.id, index });
    if (chain.recent.size > RECENT_PER_SEQUENCE) chain.recent.delete(chain.recent.keys().next().value as string);
    return chain;
  }

  /**
   * Takes up a chain's newest statements after a restart, oldest first. What was sealed before them counts as
   * contiguous: gaps were flagged when they appeared.
   */
  restore(keyOwner: string, subject: string, link: SequencePlace, index: number, flag: SequenceFlag | undefined): void {
    const isNew = this.get(keyOwner, subject) === undefined;
    const chain = this.record(keyOwner, subject, link, index, isNew ? undefined : flag);
    if (isNew) chain.contiguousSeq = link.seq;
  }

  private close(chain: SequenceState, seq: number): void {
    if (chain.contiguousSeq === chain.headSeq) chain.contiguousSeq = seq;
    else if (chain.ahead.size < AHEAD_PER_SEQUENCE_MAX) chain.ahead.add(seq);
  }
}

function sequenceName(keyOwner: string, subject: string): string {
  return `${keyOwner}\n${subject}`;
}

function place(epoch: number, seq: number): string {
  return `${epoch}:${seq}`;
}
