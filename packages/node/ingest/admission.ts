// Judge: what becomes of a statement whose signature was checked: known already, refused, or a place in its chain.

import { FormatError, type Refusal, refusals } from '@trine/protocol/errors.ts';
import { checkPayload } from '@trine/protocol/payloads/check.ts';
import type { Answer } from '@trine/protocol/statement/acknowledgement.ts';
import { parseStatement, type Statement, statementKinds } from '@trine/protocol/statement/statement.ts';
import type { KeyEntry, Keyring } from '../projections/keys.ts';
import type { ChainBook, ChainFlag, ChainLink } from '../projections/sequences.ts';
import type { StreamBook } from '../projections/streams.ts';
import { chainFlags, idAt, issuerAt, linkAt, type SealedBatch, subjectAt } from './batch.ts';
import type { VerifyResult } from './verify-columns.ts';

const refusalCodes = Object.keys(refusals) as Refusal[];

export interface JudgeOptions {
  readonly keyring: Keyring;
  readonly chains: ChainBook;
  readonly streams: StreamBook;
  /** Looks for a statement that has left the short memory of its chain. @returns its leaf */
  readonly findOld: (holder: string, subject: string, link: ChainLink) => Promise<number | undefined>;
}

/** Judges statements in the order of the log: each takes its place before the next is looked at. */
export class Judge {
  private readonly options: JudgeOptions;
  /** Streams by subject and name of the batch in hand: a number is quicker to look up than two texts. */
  private readonly streamCache = new Map<number, number>();

  constructor(options: JudgeOptions) {
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
  judge(batch: SealedBatch, i: number, index: number): Answer | Refusal | Promise<Answer | Refusal> {
    const { columns } = batch;
    const code = columns.refusal[i] as number;
    if (code > 0) return refusalCodes[code - 1] as Refusal;
    const { keyring, chains } = this.options;
    const subject = subjectAt(columns, i);
    const entry = keyring.get(issuerAt(columns, i));
    if (entry === undefined) return 'unknown-key';
    const link = linkAt(columns, i);
    const verdict = chains.judge(entry.holder, subject, link);
    if ('duplicateOf' in verdict) return this.duplicate(columns, i, entry.holder, subject, verdict.duplicateOf);
    const flag = 'flag' in verdict ? verdict.flag : undefined;
    if (!verdict.mayBeOld) return this.admit(batch, i, index, entry, subject, link, flag);
    return this.options
      .findOld(entry.holder, subject, link)
      .then((known) =>
        known === undefined
          ? this.admit(batch, i, index, entry, subject, link, flag)
          : this.duplicate(columns, i, entry.holder, subject, known),
      );
  }

  private duplicate(columns: VerifyResult, i: number, holder: string, subject: string, index: number): Answer {
    return { id: idAt(columns, i), verdict: 'duplicate', index, ...this.progress(holder, subject) };
  }

  /** Checks what the key may say and takes the statement into its chain. */
  private admit(
    batch: SealedBatch,
    i: number,
    index: number,
    entry: KeyEntry,
    subject: string,
    link: ChainLink,
    flag: ChainFlag | undefined,
  ): Answer | Refusal {
    const { columns } = batch;
    const { keyring, chains } = this.options;
    const isPack = columns.kind[i] === statementKinds.pack;
    // Packs are judged from their columns; the rare other kinds are parsed once more.
    const statement = isPack ? undefined : parseStatement(batch.statement(i));
    const refusal = statement
      ? (payloadRefusal(statement) ?? keyring.refusalOf(statement, index))
      : keyring.refusalByPlace(entry, subject, columns.class[i] as number, index);
    const wrong = refusal ?? (isPack ? this.assignStreams(batch, i, subject) : undefined);
    if (wrong) return wrong;
    const { epoch, contiguousSeq } = chains.record(entry.holder, subject, link, index, flag);
    if (statement) keyring.apply(statement, index);
    batch.leaf[i] = index;
    batch.flag[i] = chainFlags.indexOf(flag);
    batch.holders[i] = entry.holder;
    const answer: Answer = { id: idAt(columns, i), verdict: 'sealed', index, epoch, contiguousSeq };
    if (flag) answer.flag = flag;
    return answer;
  }

  /** Gives each reading of a pack its stream. */
  private assignStreams(batch: SealedBatch, i: number, subject: string): Refusal | undefined {
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

  private progress(holder: string, subject: string): Pick<Answer, 'epoch' | 'contiguousSeq'> {
    const chain = this.options.chains.get(holder, subject);
    return chain ? { epoch: chain.epoch, contiguousSeq: chain.contiguousSeq } : {};
  }
}

/** What could not be read back is not sealed. */
function payloadRefusal(statement: Statement): Refusal | undefined {
  try {
    checkPayload(statement);
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error.refusal;
    throw error;
  }
}
