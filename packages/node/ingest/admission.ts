// Admission: what becomes of a statement whose signature was checked: known already, refused, or a place in its sequence.
// What is admitted is what every later reader can read: live intake and replay of the log ask the same.
import {
  type Answer,
  checkPayload,
  equalBytes,
  FormatError,
  permissionRefusal,
  type Refusal,
  recoveryPayload,
  refusals,
  type Statement,
  statementKinds,
  TrineError,
} from '@trine/protocol';
import type { KeyDirectory, KeyEntry } from '../projections/keys.ts';
import type { PolicyRegistry } from '../projections/policies.ts';
import { type Entry, NO_UNDO, type Undo } from '../projections/projection.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import { type SequenceFlag, sequenceFlags } from '../projections/sequence-flags.ts';
import type { SequencePlace, SequenceTracker } from '../projections/sequences.ts';
import type { StreamRegistry } from '../projections/streams.ts';
import { type AppendedBatch, BatchEntry, idAt, issuerAt, isUnreadInput, placeAt, subjectAt, timesAt } from './batch.ts';
import { limitRefusal, type ThingLimits } from './limits.ts';
import type { VerifyResult } from './verify-columns.ts';

const refusalCodes = Object.keys(refusals) as Refusal[];

export interface AdmissionOptions {
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  readonly streams: StreamRegistry;
  readonly policies: Pick<PolicyRegistry, 'get' | 'end' | 'joined'>;
  readonly limits: ThingLimits;
  readonly runner: Pick<ProjectionRunner, 'stage'>;
  /** Looks in the tables for what stands at a place that has left the short memory of its sequence. */
  readonly findOld: (keyOwner: string, subject: string, place: SequencePlace) => Promise<OldPlace | undefined>;
}

/** What stands at a place of a sequence. */
export interface OldPlace {
  readonly leaf: number;
  /** The same statement; else another. */
  readonly isSame: boolean;
}

/** A statement whose key and place are known. */
interface Placed {
  readonly entry: KeyEntry;
  readonly subject: string;
  readonly place: SequencePlace;
  readonly flag: SequenceFlag | undefined;
}

/** Why a statement is refused; in words where the reason alone does not say it. */
export interface Refused {
  readonly refusal: Refusal;
  readonly message?: string | undefined;
}

/** Admits statements in the order of the log: each takes its place before the next is looked at. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #entry = new BatchEntry();
  /** Streams by subject and name of the batch in hand: a number is quicker to look up than two texts. */
  readonly #streamCache = new Map<number, number>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** To be called before the first statement of a batch. */
  begin(): void {
    this.#streamCache.clear();
  }

  /**
   * @param index the leaf that the statement would get
   * @param undo takes back what this changes, where the append fails
   * @param settled waits until the batches before this one have reached the projections
   * @returns the answer (appended or known already), or why it is refused; later where the store must be asked
   */
  admit(
    batch: AppendedBatch,
    i: number,
    index: number,
    undo: Undo,
    settled: () => Promise<unknown>,
  ): Answer | Refused | Promise<Answer | Refused> {
    const { columns } = batch;
    const code = columns.refusal[i] as number;
    if (code > 0) return { refusal: refusalCodes[code - 1] as Refusal };
    const { keyDirectory, sequences } = this.#options;
    const subject = subjectAt(columns, i);
    const entry = keyDirectory.get(issuerAt(columns, i));
    if (entry === undefined) return { refusal: 'unknown-key' };
    const place = placeAt(columns, i);
    const verdict = sequences.classify(entry.keyOwner, subject, place);
    if ('duplicateOf' in verdict) return this.#duplicate(columns, i, entry.keyOwner, subject, verdict.duplicateOf);
    const flag = 'flag' in verdict ? verdict.flag : undefined;
    const placed = { entry, subject, place, flag };
    if (!verdict.mayBeOld) return this.#take(batch, i, index, placed, undo);
    return this.#standingAt(batch, i, placed, settled).then((known) => {
      if (known?.isSame) return this.#duplicate(columns, i, entry.keyOwner, subject, known.leaf);
      // A clone is flagged, and held for that. What has stood in its place for long no flag would show any more.
      if (known && flag === 'reordered') return placeTaken(place);
      return this.#take(batch, i, index, placed, undo);
    });
  }

  /** What stands at a place: in the batch itself, or in the tables. */
  async #standingAt(
    { columns, leaf, keyOwners }: AppendedBatch,
    i: number,
    { entry, subject, place }: Placed,
    settled: () => Promise<unknown>,
  ): Promise<OldPlace | undefined> {
    let rival: OldPlace | undefined;
    for (let j = 0; j < i; j++) {
      const isHere = columns.seq[j] === place.seq && columns.epoch[j] === place.epoch;
      if (!isHere || (leaf[j] as number) < 0 || keyOwners[j] !== entry.keyOwner) continue;
      if (subjectAt(columns, j) !== subject) continue;
      const isSame = equalBytes(idAt(columns, j), idAt(columns, i));
      if (isSame) return { leaf: leaf[j] as number, isSame };
      rival ??= { leaf: leaf[j] as number, isSame };
    }
    await settled();
    const old = await this.#options.findOld(entry.keyOwner, subject, place);
    return old?.isSame ? old : (rival ?? old);
  }

  /**
   * Admits a statement that stands in the log.
   * @returns why it should not: then it is passed over
   */
  readmit(batch: AppendedBatch, i: number, index: number): string | undefined {
    const { columns } = batch;
    const code = columns.refusal[i] as number;
    if (code > 0) return refusals[refusalCodes[code - 1] as Refusal];
    const { keyDirectory, sequences } = this.#options;
    const subject = subjectAt(columns, i);
    const entry = keyDirectory.get(issuerAt(columns, i));
    if (entry === undefined) return refusals['unknown-key'];
    const place = placeAt(columns, i);
    const verdict = sequences.classify(entry.keyOwner, subject, place);
    const flag = 'flag' in verdict ? verdict.flag : undefined;
    // What a kind of thing cannot send is decided when it comes: a domain that knows better since refuses nothing here.
    const known = { ...entry, thing: undefined };
    const found = this.#take(batch, i, index, { entry: known, subject, place, flag }, NO_UNDO);
    return 'refusal' in found ? (found.message ?? refusals[found.refusal]) : undefined;
  }

  /**
   * What a statement of the log is about that cannot be read whole: what looks at that is held.
   * @returns undefined where its header cannot be read, or it is to be passed over
   */
  unreadSubject({ columns }: AppendedBatch, i: number, index: number): string | undefined {
    if (!isUnreadInput(columns, i)) return undefined;
    const { keyDirectory } = this.#options;
    const subject = subjectAt(columns, i);
    const entry = keyDirectory.get(issuerAt(columns, i));
    const isAllowed = entry && !keyDirectory.refusalOfPack(entry, subject, columns.class[i] as number, index);
    return isAllowed ? subject : undefined;
  }

  #duplicate(columns: VerifyResult, i: number, keyOwner: string, subject: string, index: number): Answer {
    const sequence = this.#options.sequences.get(keyOwner, subject);
    const progress = sequence && { epoch: sequence.epoch, contiguousSeq: sequence.contiguousSeq };
    return { id: idAt(columns, i), verdict: 'duplicate', index, ...progress };
  }

  /** Checks what the key may say and takes the statement into its sequence. Any error is a refusal of it alone. */
  #take(batch: AppendedBatch, i: number, index: number, given: Placed, undo: Pick<Undo, 'push'>): Answer | Refused {
    const { columns } = batch;
    const { entry, subject, place, flag } = given;
    batch.keyOwners[i] = entry.keyOwner;
    const steps = new Steps(undo);
    try {
      const refused =
        this.#epochRefusal(entry, subject, place) ?? this.#refusalOf(batch, i, index, entry, subject, steps);
      if (refused) {
        steps.rollback();
        return refused;
      }
      batch.flag[i] = sequenceFlags.indexOf(flag);
      assignTimes(batch, i);
      const { epoch, contiguousSeq } = this.#options.sequences.advance(
        entry.keyOwner,
        subject,
        place,
        index,
        flag,
        steps,
      );
      if (columns.kind[i] !== statementKinds.pack) {
        const taken = this.#entry.at(batch, i, index);
        if (taken.kind === 'recovery') takeRecovery(this.#options.sequences, taken, steps);
        this.#options.runner.stage(taken, steps);
      }
      batch.leaf[i] = index;
      steps.keep();
      return { id: idAt(columns, i), verdict: 'sealed', index, epoch, contiguousSeq, ...(flag && { flag }) };
    } catch (error) {
      steps.rollback();
      if (error instanceof FormatError) return { refusal: error.refusal, message: error.message };
      // The unforeseen is a refusal of this statement alone.
      return { refusal: 'malformed', message: error instanceof TrineError ? error.message : String(error) };
    }
  }

  #epochRefusal({ keyOwner }: KeyEntry, subject: string, { epoch }: SequencePlace): Refused | undefined {
    const last = this.#options.sequences.lastEpoch(keyOwner, subject);
    if (epoch <= last) return undefined;
    return { refusal: 'not-permitted', message: `Epoch ${epoch} is too far ahead: at most ${last} can be next.` };
  }

  /** Permission for the kind and the subject first, then what the payload says. */
  #refusalOf(
    batch: AppendedBatch,
    i: number,
    index: number,
    entry: KeyEntry,
    subject: string,
    undo: Pick<Undo, 'push'>,
  ): Refused | undefined {
    const { columns } = batch;
    const { keyDirectory, policies, sequences } = this.#options;
    if (columns.kind[i] === statementKinds.pack) {
      const refusal = keyDirectory.refusalOfPack(entry, subject, columns.class[i] as number, index);
      return refusal ? { refusal } : this.#assignStreams(batch, i, subject, entry.thing, undo);
    }
    const read = this.#entry.at(batch, i, index);
    const statement: Statement = read.statement();
    const refusal = keyDirectory.refusalOf(statement, index);
    if (refusal) return { refusal };
    checkPayload(statement);
    const message = permissionRefusal(statement, read.body(), {
      policy: (hash) => policies.get(hash)?.policy,
      agreementId: (hash) => policies.get(hash)?.id,
      // What another monitor took over may have been decided before by it: the last word is the agenda's.
      joined: (hash, asked) => policies.joined(hash, asked),
      endedFrom: (hash) => policies.end(hash)?.fromMs,
      arrivalMs: columns.arrivalMs[i] as number,
      index,
      keysOf: (keyOwner) => keyDirectory.keysOf(keyOwner),
      forkOf: (keyOwner, about) => sequences.forkOf(keyOwner, about),
    });
    return message === undefined ? undefined : { refusal: 'not-permitted', message };
  }

  /** Gives each reading of a pack its stream, and holds it against the limits of the kind of thing. */
  #assignStreams(
    batch: AppendedBatch,
    i: number,
    subject: string,
    thing: string | undefined,
    undo: Pick<Undo, 'push'>,
  ): Refused | undefined {
    const { columns } = batch;
    const { streams, limits } = this.#options;
    const ofSubject = (columns.subject[i] as number) * columns.words.length;
    const end = columns.readingStart[i + 1] as number;
    for (let r = columns.readingStart[i] as number; r < end; r++) {
      const name = columns.readingName[r] as number;
      const words = columns.words[name] as string;
      if (thing !== undefined) {
        const refusal = limitsRefusal(limits, thing, words, columns.readingValue[r] as number);
        if (refusal) return { refusal, message: `${words.replace('\n', ' in ')}: ${refusals[refusal]}.` };
      }
      let number = this.#streamCache.get(ofSubject + name);
      if (number === undefined) {
        const stream = streams.resolve(subject, words, undo, (made) => {
          undo.push(() => batch.newStreams.pop());
          batch.newStreams.push(made);
        });
        if (typeof stream === 'string') return { refusal: stream };
        number = stream.stream;
        this.#streamCache.set(ofSubject + name, number);
        undo.push(() => this.#streamCache.delete(ofSubject + name));
      }
      batch.stream[r] = number;
    }
    return undefined;
  }
}

function placeTaken({ epoch, seq }: SequencePlace): Refused {
  return {
    refusal: 'not-permitted',
    message: `Another statement took seq ${seq} of epoch ${epoch} long ago: a device that lost its memory begins the next epoch.`,
  };
}

function takeRecovery(sequences: SequenceTracker, entry: Entry, undo: Pick<Undo, 'push'>): void {
  const { id, payload } = entry.statement();
  const { index, arrivalMs, subject, issuer: by } = entry;
  sequences.recover(recoveryPayload.decode(payload), { subject, id, index, arrivalMs, by }, undo);
}

function limitsRefusal(limits: ThingLimits, thing: string, words: string, value: number): Refusal | undefined {
  const at = words.indexOf('\n');
  const model = limits.of(thing, words.slice(0, at));
  return model && limitRefusal(model, words.slice(at + 1), value);
}

function assignTimes(batch: AppendedBatch, i: number): void {
  const { firstMs, lastMs } = timesAt(batch.columns, i);
  batch.firstMs[i] = firstMs;
  batch.lastMs[i] = lastMs;
}

/** Steps back of one statement: taken at once where it is refused, else handed on to those of the batch. */
class Steps {
  readonly #undo: Pick<Undo, 'push'>;
  #steps: (() => void)[] = [];

  constructor(undo: Pick<Undo, 'push'>) {
    this.#undo = undo;
  }

  push(step: () => void): void {
    this.#steps.push(step);
  }

  rollback(): void {
    for (const step of this.#steps.reverse()) step();
    this.#steps = [];
  }

  keep(): void {
    for (const step of this.#steps) this.#undo.push(step);
  }
}
