// Issuer: what this node itself says. Keeps the hash chains of its own keys, one statement after the other.

import {
  type AssuranceClass,
  type ClockQuality,
  contentTypeOf,
  contentTypes,
  detachBody,
  encodePack,
  limits,
  type PackOrigin,
  type Reading,
  type Signer,
  type Statement,
  type StatementKind,
  signStatement,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { Random } from '@trine/system/random.ts';
import type { SequenceTracker } from '../projections/sequences.ts';
import { type Ingest, NODE } from './ingest.ts';

export interface Issued {
  readonly statement: Statement;
  /** Leaf in the log. */
  readonly index: number;
}

/** How readings are said. */
export interface Measuring {
  readonly class: AssuranceClass;
  /** Publish the body in the log; otherwise a commitment. */
  readonly isOpen?: boolean;
  /** `none`: their times are milliseconds since a beginning, and their arrival dates them. */
  readonly clock?: ClockQuality;
  /** What they were made of, and by which mapping. */
  readonly origin?: PackOrigin;
}

interface Content {
  readonly kind: StatementKind;
  readonly subject: string;
  readonly contentType: number | string;
  readonly body: Uint8Array;
  readonly detached?: { readonly commitment: Uint8Array; readonly disclosure: Uint8Array } | undefined;
  readonly class?: AssuranceClass;
  readonly clock?: ClockQuality;
}

export class Issuer {
  readonly #signer: Signer;
  readonly #keyOwner: string;
  readonly #network: string;
  readonly #ingest: Ingest;
  readonly #sequences: SequenceTracker;
  readonly #random: Random;
  readonly #turns = new Map<string, Promise<unknown>>();

  /** @param key owner the thing or member that holds the key, as the key directory names it */
  constructor(options: {
    signer: Signer;
    keyOwner: string;
    network: string;
    ingest: Ingest;
    sequences: SequenceTracker;
    /** What salts are. */
    random: Random;
  }) {
    this.#signer = options.signer;
    this.#keyOwner = options.keyOwner;
    this.#network = options.network;
    this.#ingest = options.ingest;
    this.#sequences = options.sequences;
    this.#random = options.random;
  }

  /**
   * Issues a statement and waits until it is durable.
   * @throws TrineError with the refusal's code when the ingest refuses it
   */
  issue(
    kind: Exclude<StatementKind, 'pack' | 'acknowledgement' | 'event' | 'state' | 'row' | 'link' | 'account'>,
    subject: string,
    payload: Uint8Array,
  ): Promise<Issued> {
    return this.#inTurn(subject, () =>
      this.#append({ kind, subject, contentType: contentTypeOf(kind), body: payload }),
    );
  }

  /**
   * Says readings.
   * @see Measuring
   */
  measure(
    subject: string,
    readings: readonly Reading[],
    { class: assurance, isOpen = false, clock = 'synchronised', origin }: Measuring,
  ): Promise<Issued> {
    const body = encodePack(readings, origin);
    const detached = isOpen ? undefined : detachBody(body, this.#random(limits.saltBytes));
    const contentType = contentTypes.senmlCbor;
    return this.#inTurn(subject, () =>
      this.#append({ kind: 'pack', subject, contentType, body, class: assurance, clock, detached }),
    );
  }

  /** Issues a statement whose body is computed and committed to already. @param disclosure salt and body */
  issueDetached(
    kind: 'state' | 'row' | 'link' | 'account',
    subject: string,
    commitment: Uint8Array,
    disclosure: Uint8Array,
  ): Promise<Issued> {
    const detached = { commitment, disclosure };
    const contentType = contentTypeOf(kind);
    return this.#inTurn(subject, () => this.#append({ kind, subject, contentType, body: disclosure, detached }));
  }

  /** Statements about one subject follow each other: the next one names the id of the one before. */
  #inTurn<T>(subject: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(subject) ?? Promise.resolve()).then(work, work);
    this.#turns.set(subject, turn);
    void turn
      .catch(() => undefined)
      .finally(() => {
        if (this.#turns.get(subject) === turn) this.#turns.delete(subject);
      });
    return turn;
  }

  async #append({
    kind,
    subject,
    contentType,
    body,
    detached,
    class: assurance = 'software',
    clock = 'synchronised',
  }: Content): Promise<Issued> {
    const sequence = this.#sequences.get(this.#keyOwner, subject);
    const statement = await signStatement(this.#signer, {
      kind,
      subject,
      network: this.#network,
      epoch: sequence?.epoch ?? 0,
      seq: sequence ? sequence.headSeq + 1 : 0,
      ...(sequence && { prev: Uint8Array.from(sequence.headId, (char) => char.charCodeAt(0)) }),
      clock,
      class: assurance,
      contentType,
      sealed: detached !== undefined,
      payload: detached?.commitment ?? body,
    });
    const { answers } = await this.#ingest.submit(
      [{ statement: statement.bytes, disclosure: detached?.disclosure }],
      NODE,
    );
    const answer = answers[0];
    if (answer?.index === undefined || answer.verdict === 'refused')
      throw new TrineError(
        answer?.reason ?? 'internal',
        `The ${kind} about ${subject} (${toHex(statement.id).slice(0, 16)}) was refused: ${answer?.reason}.`,
      );
    return { statement, index: answer.index };
  }
}
