// Issuer: what this node itself says. Keeps the hash chains of its own keys, one statement after the other.

import {
  type AssuranceClass,
  contentTypeOf,
  contentTypes,
  detachBody,
  encodePack,
  type Reading,
  type Signer,
  type Statement,
  type StatementKind,
  signStatement,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { SequenceTracker } from '../projections/sequences.ts';
import { type Ingest, NODE } from './ingest.ts';

export interface Issued {
  readonly statement: Statement;
  /** Leaf in the log. */
  readonly index: number;
}

export class Issuer {
  private readonly signer: Signer;
  private readonly keyOwner: string;
  private readonly network: string;
  private readonly ingest: Ingest;
  private readonly sequences: SequenceTracker;
  private readonly turns = new Map<string, Promise<unknown>>();

  /** @param key owner the thing or member that holds the key, as the key directory names it */
  constructor(options: {
    signer: Signer;
    keyOwner: string;
    network: string;
    ingest: Ingest;
    sequences: SequenceTracker;
  }) {
    this.signer = options.signer;
    this.keyOwner = options.keyOwner;
    this.network = options.network;
    this.ingest = options.ingest;
    this.sequences = options.sequences;
  }

  /**
   * Says something and waits until it is durable.
   * @throws TrineError with the refusal's code when the ingest refuses it
   */
  say(
    kind: Exclude<StatementKind, 'pack' | 'acknowledgement' | 'event'>,
    subject: string,
    payload: Uint8Array,
  ): Promise<Issued> {
    return this.inTurn(subject, () => this.seal(kind, subject, contentTypeOf(kind), payload, 'software', false));
  }

  /** Says readings. @param open publish the body in the log; otherwise a commitment */
  measure(subject: string, readings: readonly Reading[], assurance: AssuranceClass, open: boolean): Promise<Issued> {
    const body = encodePack(readings);
    return this.inTurn(subject, () => this.seal('pack', subject, contentTypes.senmlCbor, body, assurance, !open));
  }

  /** Statements about one subject follow each other: the next one names the id of the one before. */
  private inTurn<T>(subject: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.turns.get(subject) ?? Promise.resolve()).then(work, work);
    this.turns.set(subject, turn);
    void turn
      .catch(() => undefined)
      .finally(() => {
        if (this.turns.get(subject) === turn) this.turns.delete(subject);
      });
    return turn;
  }

  private async seal(
    kind: StatementKind,
    subject: string,
    contentType: number | string,
    body: Uint8Array,
    assurance: AssuranceClass,
    sealed: boolean,
  ): Promise<Issued> {
    const chain = this.sequences.get(this.keyOwner, subject);
    const sealedBody = sealed ? detachBody(body) : undefined;
    const statement = await signStatement(this.signer, {
      kind,
      subject,
      network: this.network,
      epoch: chain?.epoch ?? 0,
      seq: chain ? chain.headSeq + 1 : 0,
      ...(chain && { prev: Uint8Array.from(chain.headId, (char) => char.charCodeAt(0)) }),
      clock: 'synchronised',
      class: assurance,
      contentType,
      sealed,
      payload: sealedBody?.commitment ?? body,
    });
    const { answers } = await this.ingest.submit(
      [{ statement: statement.bytes, disclosure: sealedBody?.disclosure }],
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
