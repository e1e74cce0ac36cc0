// Ingest: every way in ends here. Cheap checks, signatures (in threads), keys, hash chains; then the statement gets
// its leaf, and when leaf and body are on disk, the sender gets a signed acknowledgement.
import { PushBackError } from '@trine/log/errors.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Answer,
  encodeStatementLeaf,
  FormatError,
  type Refusal,
  refusals,
  splitDeliveries,
} from '@trine/protocol';
import type { Bodies, Body } from '../access/bodies.ts';
import type { Acknowledger } from './acknowledger.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import { hasId, idOf, refusedAnswer } from './answers.ts';
import { type AppendedBatch, disclosureAt, idAt, issuerAt, openBatch, subjectAt } from './batch.ts';
import { type Elapsed, type Source, type SourceOptions, Sources } from './source.ts';
import type { VerifyResult } from './verify-columns.ts';
import type { Unverified, VerifyPool } from './verify-pool.ts';

export interface IngestOptions extends AdmissionOptions {
  readonly log: Log;
  readonly bodies: Bodies;
  readonly pool: VerifyPool;
  readonly acknowledger: Acknowledger;
  readonly now: () => number;
  /** True while the store has fallen too far behind to take more. */
  readonly isBehind: () => boolean;
  /** Statements waiting for verification, at most. */
  readonly queueMax?: number;
  /** By connection. */
  readonly statementsPerSecondMax?: number;
  /** Milliseconds that only grow, for limits by time. */
  readonly elapsed?: Elapsed;
}

/** What became of a message. */
export interface IngestResult {
  readonly answers: readonly Answer[];
  /** The same, signed: what the sender gets. */
  readonly acknowledgement: Uint8Array;
}

interface Message {
  readonly source: Source;
  /** Counted as in hand. */
  bytes: number;
  readonly deliveries: readonly Unverified[];
  readonly answers: Answer[];
  left: number;
  readonly resolve: (taken: IngestResult) => void;
  readonly reject: (error: Error) => void;
}

interface Place {
  readonly message: Message;
  readonly position: number;
}

const BATCH_MAX = 512;
const BATCHES_PER_THREAD = 2;
const ROOM_MAX = 16_384;
/** Bytes of messages taken and not yet answered: beyond, those who can wait do, and at twice as many all are refused. */
const ROOM_BYTES_MAX = 134_217_728;
const ROOM_POLL_MS = 5;
/** Source of the node's own statements. */
export const NODE = 'node';

export class Ingest {
  /** Statements refused so far, by reason. */
  readonly refused = new Map<Refusal, number>();
  /** Statements sealed, and known already. */
  sealed = 0;
  duplicates = 0;
  private readonly options: IngestOptions;
  private readonly queue: Place[] = [];
  private inFlight = 0;
  private sequencing: Promise<void> = Promise.resolve();
  private bytesInHand = 0;
  private roomComing: Promise<void> | undefined;
  private readonly sources: Sources;
  private readonly appendedListeners = new Set<(batch: AppendedBatch) => void>();
  /** Listeners have heard of every leaf below this one. */
  private heard: number;
  private waiting: { readonly size: number; readonly resolve: () => void }[] = [];
  private readonly leafListeners = new Set<(leaf: Uint8Array, index: number) => void>();
  private readonly refusedListeners = new Set<(refusal: Refusal, message: string, source: string) => void>();
  private finishing: Promise<void> = Promise.resolve();
  private readonly judge: Admission;
  private pumping = false;
  private closed = false;

  constructor(options: IngestOptions) {
    this.options = options;
    this.heard = options.log.size;
    this.judge = new Admission(options);
    this.sources = new Sources(
      options.statementsPerSecondMax ?? 100_000,
      NODE,
      options.elapsed ?? (() => performance.now()),
    );
  }

  /** A connection that messages come on: limits are kept by it, and junk is charged to it. */
  source(options: SourceOptions): Source {
    return this.sources.open(options);
  }

  onAppended(listener: (batch: AppendedBatch) => void): void {
    this.appendedListeners.add(listener);
  }

  onRefused(listener: (refusal: Refusal, message: string, source: string) => void): void {
    this.refusedListeners.add(listener);
  }

  /** Calls back with every leaf that {@link sealLeaf} sealed. */
  onLeaf(listener: (leaf: Uint8Array, index: number) => void): void {
    this.leafListeners.add(listener);
  }

  /**
   * Resolves once the listeners have heard of every leaf below `size`. A checkpoint may be published a moment before:
   * whoever relies on one must wait for this.
   */
  waitForIndex(size: number): Promise<void> {
    if (this.heard >= size) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ size, resolve }));
  }

  private hear(next: number): void {
    this.heard = Math.max(this.heard, next);
    for (const { resolve } of this.waiting.filter(({ size }) => size <= this.heard)) resolve();
    this.waiting = this.waiting.filter(({ size }) => size > this.heard);
  }

  get queued(): number {
    return this.queue.length;
  }

  /** Is there room for more now? */
  get hasRoom(): boolean {
    if (this.closed) return true;
    return this.queue.length <= ROOM_MAX && this.bytesInHand <= ROOM_BYTES_MAX && !this.options.isBehind();
  }

  /**
   * Resolves when there is room for more: a transport that can wait does so instead of being refused. All who wait
   * hear of it in their order: look at {@link hasRoom} again, for those before may have taken it.
   */
  room(): Promise<void> {
    this.roomComing ??= (async () => {
      while (!this.hasRoom) await new Promise((resolve) => setTimeout(resolve, ROOM_POLL_MS));
      this.roomComing = undefined;
    })();
    return this.roomComing;
  }

  /**
   * Takes a message as it came over any transport.
   *
   * @param message CBOR sequence of deliveries
   * @param source of {@link Ingest.source}, or the name of a program in this process
   * @returns the acknowledgement to send back, when everything in the message is durable or refused
   */
  async take(message: Uint8Array, source: Source | string): Promise<IngestResult> {
    try {
      return await this.submit(splitDeliveries(message), source);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return this.refuseAll([{ statement: message }], error.refusal, error.message, this.sources.of(source));
    }
  }

  /** Takes deliveries that are split already. */
  async submit(deliveries: readonly Unverified[], from: Source | string): Promise<IngestResult> {
    const source = this.sources.of(from);
    const problem = this.pushBack(deliveries.length, source, from === NODE);
    if (problem) return this.refuseAll(deliveries, problem, refusals[problem], source);
    const bytes = deliveries.reduce((sum, one) => sum + one.statement.length + (one.disclosure?.length ?? 0), 0);
    this.bytesInHand += bytes;
    const taken = new Promise<IngestResult>((resolve, reject) => {
      const message: Message = {
        source,
        bytes,
        deliveries,
        answers: new Array(deliveries.length),
        left: deliveries.length,
        resolve,
        reject,
      };
      for (let position = 0; position < deliveries.length; position++) this.queue.push({ message, position });
      this.pumpSoon();
    });
    return taken;
  }

  private pushBack(count: number, source: Source, isOwn: boolean): Refusal | undefined {
    if (this.closed || this.queue.length + count > (this.options.queueMax ?? 65_536)) return 'overloaded';
    // What the node itself says (decisions, payments, its heartbeat) must not wait behind what others send.
    if (isOwn) return undefined;
    if (this.options.isBehind() || this.bytesInHand > 2 * ROOM_BYTES_MAX) return 'overloaded';
    return this.sources.may(source, count) ? undefined : 'rate-limited';
  }

  private async refuseAll(
    deliveries: readonly Unverified[],
    reason: Refusal,
    message: string,
    source: Source,
  ): Promise<IngestResult> {
    const answers = deliveries.map(({ statement }): Answer => {
      this.count(reason, message, source);
      return refusedAnswer(idOf(statement), reason);
    });
    return { answers, acknowledgement: (await this.options.acknowledger.sign([answers]))[0] as Uint8Array };
  }

  private count(refusal: Refusal, message: string, source: Source, issuer?: string): void {
    this.refused.set(refusal, (this.refused.get(refusal) ?? 0) + 1);
    this.sources.refused(source, refusal, issuer);
    for (const listener of this.refusedListeners) listener(refusal, message, source.name);
  }

  /** Everything that arrives in one turn of the event loop, over whatever connections, shares a batch. */
  private pumpSoon(): void {
    if (this.pumping) return;
    this.pumping = true;
    setImmediate(() => {
      this.pumping = false;
      this.pump();
    });
  }

  /**
   * Sends what waits to the verifying threads: a batch at once while a thread is free, a second one to each only when
   * it is full. So batches grow under load, and with them what shares one fsync and one signature.
   */
  private pump(): void {
    const { threads } = this.options.pool;
    while (
      this.queue.length > 0 &&
      this.inFlight < (this.queue.length >= BATCH_MAX ? BATCHES_PER_THREAD * threads : threads)
    ) {
      const places = this.passOver(this.queue.splice(0, BATCH_MAX));
      if (places.length === 0) continue;
      this.inFlight++;
      const batch = places.map(({ message, position }) => message.deliveries[position] as Unverified);
      const verified = this.options.pool.verify(batch, new Float64Array(batch.length).fill(this.options.now()));
      this.sequencing = this.sequencing
        .then(() => verified)
        .then((columns) => this.sequence(places, columns))
        .catch((error: Error) => this.abandon(places, error))
        .finally(() => {
          this.inFlight--;
          this.pump();
        });
    }
  }

  /** Refuses what waits of sources that were cut off meanwhile, unlooked at. @returns the others */
  private passOver(places: Place[]): Place[] {
    let last: Message | undefined;
    let isCutOff = false;
    const over: Place[] = [];
    const kept = places.filter((place) => {
      if (place.message !== last) isCutOff = place.message.source.isCutOff;
      last = place.message;
      if (isCutOff) over.push(place);
      return !isCutOff;
    });
    if (over.length === 0) return places;
    for (const { message, position } of over) {
      const id = idOf((message.deliveries[position] as Unverified).statement);
      message.answers[position] = refusedAnswer(id, 'rate-limited');
      this.count('rate-limited', refusals['rate-limited'], message.source);
    }
    const answered = this.answer(over).catch((error: Error) => this.abandon(over, error));
    this.finishing = this.finishing.then(() => answered);
    return kept;
  }

  /** Gives leaves to what was verified. The order here is the order of the log. */
  private async sequence(places: readonly Place[], columns: VerifyResult): Promise<void> {
    const { log, bodies } = this.options;
    const first = log.size;
    const leaves: Uint8Array[] = [];
    const kept: Body[] = [];
    const batch = openBatch(columns);
    const messages = new Map(columns.messages);
    this.judge.begin();
    for (let i = 0; i < columns.count; i++) {
      const place = places[i] as Place;
      const { source } = place.message;
      const issuer = issuerAt(columns, i);
      const judged =
        columns.refusal[i] === 0 && !this.sources.issuerMay(source, issuer)
          ? 'rate-limited'
          : this.judge.judge(batch, i, first + leaves.length);
      // Waited for only where the store must be asked: a turn of the event loop for each statement adds up.
      const outcome = judged instanceof Promise ? await judged : judged;
      if (typeof outcome === 'string') {
        const id = idAt(columns, i);
        const answer = refusedAnswer(hasId(id) ? id : idOf(batch.statement(i)), outcome);
        place.message.answers[place.position] = answer;
        this.count(outcome, messages.get(i) ?? refusals[outcome], source, issuer);
        continue;
      }
      place.message.answers[place.position] = outcome;
      const index = outcome.index as number;
      if (columns.sealed[i] && (outcome.verdict === 'sealed' || (index < first && bodies.read(index) === undefined)))
        kept.push({ index, subject: subjectAt(columns, i), disclosure: disclosureAt(columns, i) });
      if (outcome.verdict === 'sealed') {
        leaves.push(encodeStatementLeaf(columns.arrivalMs[i] as number, batch.statement(i)));
        this.sources.sealed(source, issuer);
      } else this.duplicates++;
    }
    const durable = leaves.length > 0 ? (await this.append(leaves)).durable : Promise.resolve();
    this.sealed += leaves.length;
    // Not awaited here: the next batch is sequenced while this one becomes durable. Batches finish in their order.
    const stored = Promise.all([durable, bodies.append(kept)]);
    this.finishing = this.finishing
      .then(() => stored)
      .then(() => this.finish(places, batch, leaves.length > 0))
      .catch((error: Error) => this.abandon(places, error));
  }

  /** Appends, waiting where the log pushes back: keys and chains have already counted these leaves. */
  private async append(leaves: readonly Uint8Array[]): Promise<{ first: number; durable: Promise<void> }> {
    for (;;) {
      try {
        return this.options.log.append(leaves);
      } catch (error) {
        if (!(error instanceof PushBackError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
      }
    }
  }

  /**
   * Seals a leaf that is no statement (an intent), in its turn.
   * @returns its index, once it is durable
   */
  sealLeaf(leaf: Uint8Array): Promise<number> {
    const sequenced = this.sequencing.then(async () => {
      const { first, durable } = await this.append([leaf]);
      // In its turn among the batches, so that listeners hear of leaves in the order of the log.
      const finished = this.finishing.then(async () => {
        await durable;
        for (const listener of this.leafListeners) listener(leaf, first);
        this.hear(first + 1);
        return first;
      });
      this.finishing = finished.then(
        () => undefined,
        () => undefined,
      );
      return { finished };
    });
    this.sequencing = sequenced.then(
      () => undefined,
      () => undefined,
    );
    return sequenced.then(({ finished }) => finished);
  }

  private async finish(places: readonly Place[], batch: AppendedBatch, anySealed: boolean): Promise<void> {
    if (anySealed) {
      for (const listener of this.appendedListeners) listener(batch);
      let last = -1;
      for (const leaf of batch.leaf) if (leaf > last) last = leaf;
      this.hear(last + 1);
    }
    await this.answer(places);
  }

  /** Answers the messages that have nothing under way any more. */
  private async answer(places: readonly Place[]): Promise<void> {
    const done: Message[] = [];
    for (const { message } of places) if (--message.left === 0) done.push(message);
    if (done.length === 0) return;
    const acknowledgements = await this.options.acknowledger.sign(done.map(({ answers }) => answers));
    done.forEach((message, i) => {
      this.release(message);
      message.resolve({ answers: message.answers, acknowledgement: acknowledgements[i] as Uint8Array });
    });
  }

  /** The log or the disk failed: senders get no acknowledgement and keep what they have. */
  private abandon(places: readonly Place[], error: Error): void {
    for (const message of new Set(places.map((place) => place.message))) {
      this.release(message);
      // Its other places, if any, find it settled.
      message.left = -1;
      message.reject(error);
    }
  }

  private release(message: Message): void {
    this.bytesInHand -= message.bytes;
    message.bytes = 0;
  }

  /** Takes nothing more and waits until what was taken is durable. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.queue.length > 0 || this.inFlight > 0) {
      await this.sequencing;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.finishing;
  }
}
