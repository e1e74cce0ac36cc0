// Ingest: every way in ends here. Cheap checks, signatures (in threads), keys, hash chains; then the statement gets
// its leaf, and when leaf and body are on disk, the sender gets a signed acknowledgement.
import { LogStoppedError, PushBackError } from '@trine/log/errors.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Answer,
  encodeIntentLeaf,
  encodeStatementLeaf,
  FormatError,
  type Refusal,
  refusals,
  splitDeliveries,
} from '@trine/protocol';
import { type Clock, nextTurn, sleep, type Timers } from '@trine/system/time.ts';
import type { Bodies, Body } from '../access/bodies.ts';
import { Undo } from '../projections/projection.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { Admission, Refused } from './admission.ts';
import { hasId, idOf, refusedAnswer } from './answers.ts';
import { type AppendedBatch, disclosureAt, idAt, issuerAt, openBatch, subjectAt } from './batch.ts';
import { type Source, type SourceOptions, Sources } from './source.ts';
import type { VerifyResult } from './verify-columns.ts';
import type { Unverified, VerifyPool } from './verify-pool.ts';

export interface IngestOptions {
  readonly log: Log;
  readonly bodies: Bodies;
  readonly pool: VerifyPool;
  readonly acknowledger: Acknowledger;
  readonly admission: Admission;
  readonly runner: Pick<ProjectionRunner, 'appended' | 'appendedIntent' | 'snapshot' | 'isBehind'>;
  readonly now: Clock;
  readonly timers: Timers;
  /** Arrival of the newest leaf: none that follows arrives before. */
  readonly lastArrivalMs?: number;
  /** Statements waiting for verification, at most. */
  readonly queueMax?: number;
  /** By connection. */
  readonly statementsPerSecondMax?: number;
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
  readonly #options: IngestOptions;
  readonly #queue: Place[] = [];
  #inFlight = 0;
  #sequencing: Promise<void> = Promise.resolve();
  #bytesInHand = 0;
  #roomComing: Promise<void> | undefined;
  readonly #sources: Sources;
  /** Arrivals never go back, even where the clock of the machine does. */
  #arrivalMs: number;
  readonly #refusedListeners = new Set<(refusal: Refusal, message: string, source: string) => void>();
  #finishing: Promise<void> = Promise.resolve();
  #pumping = false;
  #closed = false;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#arrivalMs = options.lastArrivalMs ?? 0;
    this.#sources = new Sources(options.statementsPerSecondMax ?? 100_000, NODE, () => options.timers.elapsed());
  }

  /** A connection that messages come on: limits are kept by it, and junk is charged to it. */
  source(options: SourceOptions): Source {
    return this.#sources.open(options);
  }

  onRefused(listener: (refusal: Refusal, message: string, source: string) => void): void {
    this.#refusedListeners.add(listener);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Is there room for more now? */
  get hasRoom(): boolean {
    if (this.#closed) return true;
    return this.#queue.length <= ROOM_MAX && this.#bytesInHand <= ROOM_BYTES_MAX && !this.#options.runner.isBehind;
  }

  /**
   * Resolves when there is room for more: a transport that can wait does so instead of being refused. All who wait
   * hear of it in their order: look at {@link hasRoom} again, for those before may have taken it.
   */
  room(): Promise<void> {
    this.#roomComing ??= (async () => {
      while (!this.hasRoom) await sleep(this.#options.timers, ROOM_POLL_MS);
      this.#roomComing = undefined;
    })();
    return this.#roomComing;
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
      return this.#refuseAll([{ statement: message }], error.refusal, error.message, this.#sources.of(source));
    }
  }

  /** Takes deliveries that are split already. */
  async submit(deliveries: readonly Unverified[], from: Source | string): Promise<IngestResult> {
    const source = this.#sources.of(from);
    const problem = this.#pushBack(deliveries.length, source, from === NODE);
    if (problem) return this.#refuseAll(deliveries, problem, refusals[problem], source);
    const bytes = deliveries.reduce((sum, one) => sum + one.statement.length + (one.disclosure?.length ?? 0), 0);
    this.#bytesInHand += bytes;
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
      for (let position = 0; position < deliveries.length; position++) this.#queue.push({ message, position });
      this.#pumpSoon();
    });
    return taken;
  }

  #pushBack(count: number, source: Source, isOwn: boolean): Refusal | undefined {
    if (this.#closed || this.#queue.length + count > (this.#options.queueMax ?? 65_536)) return 'overloaded';
    // What the node itself says (decisions, payments, its heartbeat) must not wait behind what others send.
    if (isOwn) return undefined;
    if (this.#options.runner.isBehind || this.#bytesInHand > 2 * ROOM_BYTES_MAX) return 'overloaded';
    return this.#sources.may(source, count) ? undefined : 'rate-limited';
  }

  async #refuseAll(
    deliveries: readonly Unverified[],
    reason: Refusal,
    message: string,
    source: Source,
  ): Promise<IngestResult> {
    const answers = deliveries.map(({ statement }): Answer => {
      this.#count(reason, message, source);
      return refusedAnswer(idOf(statement), reason);
    });
    return { answers, acknowledgement: (await this.#options.acknowledger.sign([answers]))[0] as Uint8Array };
  }

  #count(refusal: Refusal, message: string, source: Source, issuer?: string): void {
    this.refused.set(refusal, (this.refused.get(refusal) ?? 0) + 1);
    this.#sources.refused(source, refusal, issuer);
    for (const listener of this.#refusedListeners) listener(refusal, message, source.name);
  }

  /** Everything that arrives in one turn of the event loop, over whatever connections, shares a batch. */
  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#options.timers.setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  /**
   * Sends what waits to the verifying threads: a batch at once while a thread is free, a second one to each only when
   * it is full. So batches grow under load, and with them what shares one fsync and one signature.
   */
  #pump(): void {
    const { threads } = this.#options.pool;
    while (
      this.#queue.length > 0 &&
      this.#inFlight < (this.#queue.length >= BATCH_MAX ? BATCHES_PER_THREAD * threads : threads)
    ) {
      const places = this.#passOver(this.#queue.splice(0, BATCH_MAX));
      if (places.length === 0) continue;
      this.#inFlight++;
      const batch = places.map(({ message, position }) => message.deliveries[position] as Unverified);
      this.#arrivalMs = Math.max(this.#arrivalMs, this.#options.now());
      const verified = this.#options.pool.verify(batch, new Float64Array(batch.length).fill(this.#arrivalMs));
      this.#sequencing = this.#sequencing
        .then(() => verified)
        .then((columns) => this.#sequence(places, columns))
        .catch((error: Error) => this.#abandon(places, error))
        .finally(() => {
          this.#inFlight--;
          this.#pump();
        });
    }
  }

  /** Refuses what waits of sources that were cut off meanwhile, unlooked at. @returns the others */
  #passOver(places: Place[]): Place[] {
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
      this.#count('rate-limited', refusals['rate-limited'], message.source);
    }
    const answered = this.#answer(over).catch((error: Error) => this.#abandon(over, error));
    this.#finishing = this.#finishing.then(() => answered);
    return kept;
  }

  /** Gives leaves to what was verified. The order here is the order of the log. */
  async #sequence(places: readonly Place[], columns: VerifyResult): Promise<void> {
    const { log, bodies, admission } = this.#options;
    const first = log.size;
    const undo = new Undo();
    const leaves: Uint8Array[] = [];
    const kept: Body[] = [];
    const batch = openBatch(columns);
    const messages = new Map(columns.messages);
    let needed = 0; // what is answered stands below this leaf
    admission.begin();
    const settled = () => this.#finishing;
    for (let i = 0; i < columns.count; i++) {
      const place = places[i] as Place;
      const { source } = place.message;
      const issuer = issuerAt(columns, i);
      const admitted: Answer | Refused | Promise<Answer | Refused> =
        columns.refusal[i] === 0 && !this.#sources.issuerMay(source, issuer)
          ? { refusal: 'rate-limited' }
          : admission.admit(batch, i, first + leaves.length, undo, settled);
      // Waited for only where the store must be asked: a turn of the event loop for each statement adds up.
      const outcome = admitted instanceof Promise ? await admitted : admitted;
      if ('refusal' in outcome) {
        const { refusal, message } = outcome;
        const id = idAt(columns, i);
        place.message.answers[place.position] = refusedAnswer(hasId(id) ? id : idOf(batch.statement(i)), refusal);
        this.#count(refusal, message ?? messages.get(i) ?? refusals[refusal], source, issuer);
        continue;
      }
      place.message.answers[place.position] = outcome;
      const index = outcome.index as number;
      needed = Math.max(needed, index + 1);
      // One that a crash took is kept when it comes again; one that was erased is not.
      const isMissing = outcome.verdict === 'sealed' || (index < first && bodies.standing(index) === 'none');
      if (columns.sealed[i] && isMissing)
        kept.push({ index, subject: subjectAt(columns, i), disclosure: disclosureAt(columns, i) });
      if (outcome.verdict === 'sealed') {
        leaves.push(encodeStatementLeaf(columns.arrivalMs[i] as number, batch.statement(i)));
        this.#sources.sealed(source, issuer);
      } else this.duplicates++;
    }
    // No leaf is durable before its body: a start would take it for one whose body was erased.
    const stored = bodies.append(kept);
    const durable = leaves.length > 0 ? (await this.#append(leaves, undo, stored)).durable : stored;
    this.sealed += leaves.length;
    // Not awaited here: the next batch is sequenced while this one becomes durable. Batches finish in their order.
    this.#finishing = this.#finishing
      .then(() => durable)
      .then(() => this.#finish(places, batch, leaves.length > 0, needed))
      .catch((error: Error) => this.#abandon(places, error));
  }

  /** Appends, waiting where the log pushes back. Where it fails, what was staged for these leaves is taken back. */
  async #append(
    leaves: readonly Uint8Array[],
    undo?: Undo,
    after?: Promise<void>,
  ): Promise<{ first: number; durable: Promise<void> }> {
    for (;;) {
      try {
        return this.#options.log.append(leaves, after);
      } catch (error) {
        if (!(error instanceof PushBackError)) {
          undo?.rollback();
          throw error;
        }
        await sleep(this.#options.timers, error.retryAfterMs);
      }
    }
  }

  /**
   * Appends an intent, which is a leaf but no statement, in its turn.
   * @param encoded `abi.encode(Intent)`
   * @returns its leaf, once it is durable
   */
  appendIntent(encoded: Uint8Array): Promise<number> {
    return this.#inTurn(async () => {
      const { first, durable } = await this.#append([encodeIntentLeaf(encoded)]);
      // In its turn among the batches, so that projections see leaves in the order of the log.
      const finished = this.#finishing.then(async () => {
        await durable;
        this.#options.runner.appendedIntent(encoded, first);
        return first;
      });
      this.#finishing = finished.then(
        () => undefined,
        () => undefined,
      );
      return { finished };
    }).then(({ finished }) => finished);
  }

  /** Keeps a snapshot of what the projections know, between two batches: nothing is staged ahead of the log then. */
  snapshot(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#finishing;
      const { runner, log } = this.#options;
      return { committed: runner.snapshot(log.size) };
    }).then(({ committed }) => committed);
  }

  /** Does something between two batches: all that was appended has reached the projections, and nothing is under way. */
  atRest<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#finishing;
      return work();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#sequencing.then(work);
    this.#sequencing = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #finish(places: readonly Place[], batch: AppendedBatch, anySealed: boolean, needed: number) {
    // One that is known already may have been in a batch that failed.
    if (needed > this.#options.log.durableSize) throw new LogStoppedError('The log stopped before this was durable.');
    if (anySealed) this.#options.runner.appended(batch);
    await this.#answer(places);
  }

  /** Answers the messages that have nothing under way any more. */
  async #answer(places: readonly Place[]): Promise<void> {
    const done: Message[] = [];
    for (const { message } of places) if (--message.left === 0) done.push(message);
    if (done.length === 0) return;
    const acknowledgements = await this.#options.acknowledger.sign(done.map(({ answers }) => answers));
    done.forEach((message, i) => {
      this.#release(message);
      message.resolve({ answers: message.answers, acknowledgement: acknowledgements[i] as Uint8Array });
    });
  }

  /** The log or the disk failed: senders get no acknowledgement and keep what they have. */
  #abandon(places: readonly Place[], error: Error): void {
    for (const message of new Set(places.map((place) => place.message))) {
      this.#release(message);
      // Its other places, if any, find it settled.
      message.left = -1;
      message.reject(error);
    }
  }

  #release(message: Message): void {
    this.#bytesInHand -= message.bytes;
    message.bytes = 0;
  }

  /** Takes nothing more and waits until what was taken is durable. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#queue.length > 0 || this.#inFlight > 0) {
      await this.#sequencing;
      await nextTurn(this.#options.timers);
    }
    await this.#finishing;
  }
}
