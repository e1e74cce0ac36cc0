// Judge: what becomes of a statement whose signature was checked: known already, refused, or a place in its chain.

import {
  type Answer,
  checkPayload,
  FormatError,
  parseStatement,
  type Refusal,
  refusals,
  type Statement,
  statementKinds,
} from '@trine/protocol';
import type { KeyDirectory, KeyEntry } from '../projections/keys.ts';
import type { SequenceFlag, SequencePlace, SequenceTracker } from '../projections/sequences.ts';
import type { StreamRegistry } from '../projections/streams.ts';
import { type AppendedBatch, idAt, issuerAt, linkAt, sequenceFlags, subjectAt } from './batch.ts';
import type { VerifyResult } from './verify-columns.ts';

const refusalCodes = Object.keys(refusals) as Refusal[];

export interface AdmissionOptions {
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  readonly streams: StreamRegistry;
  /** Looks for a statement that has left the short memory of its chain. @returns its leaf */
  readonly findOld: (keyOwner: string, subject: string, link: SequencePlace) => Promise<number | undefined>;
}

/** Judges statements in the order of the log: each takes its place before the next is looked at. */
export class Admission {
  private readonly options: AdmissionOptions;
  /** Streams by subject and name of the batch in hand: a number is quicker to look up than two texts. */
  private readonly streamCache = new Map<number, number>();

  constructor(options: AdmissionOptions) {
    this.options = options;
  }

  /** To be called before the first statement of a batch. */
  begin(): void {
    this.streamCache.clear();
  }

  /**
   * @param index the leaf that the statement would get
   * @returns the answer (sealed or known already), or why it is refused; later where the store must be asked
   */
  judge(batch: AppendedBatch, i: number, index: number): Answer | Refusal | Promise<Answer | Refusal> {
    const { columns } = batch;
    const code = columns.refusal[i] as number;
    if (code > 0) return refusalCodes[code - 1] as Refusal;
    const { keyDirectory, sequences } = this.options;
    const subject = subjectAt(columns, i);
    const entry = keyDirectory.get(issuerAt(columns, i));
    if (entry === undefined) return 'unknown-key';
    const link = linkAt(columns, i);
    const verdict = sequences.judge(entry.keyOwner, subject, link);
    if ('duplicateOf' in verdict) return this.duplicate(columns, i, entry.keyOwner, subject, verdict.duplicateOf);
    const flag = 'flag' in verdict ? verdict.flag : undefined;
    if (!verdict.mayBeOld) return this.admit(batch, i, index, entry, subject, link, flag);
    return this.options
      .findOld(entry.keyOwner, subject, link)
      .then((known) =>
        known === undefined
          ? this.admit(batch, i, index, entry, subject, link, flag)
          : this.duplicate(columns, i, entry.keyOwner, subject, known),
      );
  }

  private duplicate(columns: VerifyResult, i: number, keyOwner: string, subject: string, index: number): Answer {
    return { id: idAt(columns, i), verdict: 'duplicate', index, ...this.progress(keyOwner, subject) };
  }

  /** Checks what the key may say and takes the statement into its chain. */
  private admit(
    batch: AppendedBatch,
    i: number,
    index: number,
    entry: KeyEntry,
    subject: string,
    link: SequencePlace,
    flag: SequenceFlag | undefined,
  ): Answer | Refusal {
    const { columns } = batch;
    const { keyDirectory, sequences } = this.options;
    const isPack = columns.kind[i] === statementKinds.pack;
    // Packs are judged from their columns; the rare other kinds are parsed once more.
    const statement = isPack ? undefined : parseStatement(batch.statement(i));
    const refusal = statement
      ? (payloadRefusal(statement) ?? keyDirectory.refusalOf(statement, index))
      : keyDirectory.refusalOfPack(entry, subject, columns.class[i] as number, index);
    const wrong = refusal ?? (isPack ? this.assignStreams(batch, i, subject) : undefined);
    if (wrong) return wrong;
    const { epoch, contiguousSeq } = sequences.record(entry.keyOwner, subject, link, index, flag);
    if (statement) keyDirectory.apply(statement, index);
    batch.leaf[i] = index;
    batch.flag[i] = sequenceFlags.indexOf(flag);
    batch.keyOwners[i] = entry.keyOwner;
    const answer: Answer = { id: idAt(columns, i), verdict: 'sealed', index, epoch, contiguousSeq };
    if (flag) answer.flag = flag;
    return answer;
  }

  /** Gives each reading of a pack its stream. */
  private assignStreams(batch: AppendedBatch, i: number, subject: string): Refusal | undefined {
    const { columns } = batch;
    const ofSubject = (columns.subject[i] as number) * columns.words.length;
    const end = columns.readingStart[i + 1] as number;
    for (let r = columns.readingStart[i] as number; r < end; r++) {
      const name = columns.readingName[r] as number;
      let number = this.streamCache.get(ofSubject + name);
      if (number === undefined) {
        const stream = this.options.streams.resolve(subject, columns.words[name] as string, (made) => {
          batch.newStreams.push(made);
        });
        if (typeof stream === 'string') return stream;
        number = stream.stream;
        this.streamCache.set(ofSubject + name, number);
      }
      batch.stream[r] = number;
    }
    return undefined;
  }

  private progress(keyOwner: string, subject: string): Pick<Answer, 'epoch' | 'contiguousSeq'> {
    const chain = this.options.sequences.get(keyOwner, subject);
    return chain ? { epoch: chain.epoch, contiguousSeq: chain.contiguousSeq } : {};
  }
}

/** What could not be read back is not sealed. */
function payloadRefusal(statement: Statement): Refusal | undefined {
  try {
    checkPayload(statement);
    return undefined;
  } catch (error) {
    // Whatever goes wrong with one statement refuses that statement alone.
    return error instanceof FormatError ? error.refusal : 'malformed';
  }
}
