import { ENTRY_LENGTH_MAX, formatVerifierKey, type SignedCheckpoint, TILE_WIDTH } from '@trine/protocol';
import { nextTurn, type Timer, type Timers } from '@trine/system/time.ts';
import { LogStoppedError, PushBackError } from './errors.ts';
import type { PublisherParts } from './publisher.ts';
import { publishTree, removePartials } from './publisher.ts';
import { assertBelow, Reader } from './reader.ts';
import type { Recovered } from './recovery.ts';
import type { IndexedLeaf, Log, LogLogger, LogOptions } from './types.ts';
import { Watermark } from './watermark.ts';

/** Bytes and leaves sequenced and not yet integrated, beyond which appending is pushed back. */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
const PENDING_LEAVES_MAX = 262_144;
/** Bytes on the way to the files of tiles, beyond which integration waits. */
const QUEUED_BYTES_MAX = 16 * 1024 * 1024;
/** Leaves integrated in one turn of the event loop: two or three milliseconds. */
const INTEGRATE_AT_ONCE = 1024;
const RETRY_AFTER_MS = 25;
const INTERVAL_MS = 250;

const SILENT: LogLogger = { info() {}, warn() {}, error() {} };

interface Batch {
  /** What must be durable before. */
  readonly after: Promise<unknown>[];
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** An open log. Made by `openLog`, which has recovered it and holds its lock. */
export class TileLog implements Log {
  readonly vkey: string;
  readonly publicDirectory: string;
  checkpoint: SignedCheckpoint;
  size: number;
  durableSize: number;

  readonly #recovered: Recovered;
  readonly #parts: PublisherParts;
  readonly #reader: Reader;
  readonly #unlock: () => void;
  readonly #interval: number;
  readonly #timers: Timers;
  readonly #logger: LogLogger;
  readonly #listeners = new Set<(checkpoint: SignedCheckpoint) => void>();
  readonly #integrated = new Watermark<void>();
  /** Folders that partial tiles were removed from. */
  readonly #emptied = new Set<string>();
  readonly #published = new Watermark<SignedCheckpoint>();

  /** Encoded bytes sequenced since opening, in the measure of `integrator.integratedBytes`. */
  #sequencedBytes: number;
  /** Leaves sequenced since the last group commit began. */
  #gathering: Batch | undefined;
  #committing: Promise<void> | undefined;
  #integrating = false;
  #publishing: Promise<unknown> = Promise.resolve();
  #lastPublished: number;
  #timer: Timer | undefined;
  #stopped: LogStoppedError | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    options: LogOptions,
    recovered: Recovered,
    parts: PublisherParts,
    checkpoint: SignedCheckpoint,
    unlock: () => void,
    timers: Timers,
  ) {
    this.vkey = formatVerifierKey(parts.logKey);
    this.publicDirectory = parts.directory;
    this.checkpoint = checkpoint;
    this.size = checkpoint.size;
    this.durableSize = checkpoint.size;
    this.#sequencedBytes = recovered.integrator.integratedBytes;
    this.#recovered = recovered;
    this.#parts = parts;
    this.#reader = new Reader(recovered.integrator, parts.directory, timers);
    this.#unlock = unlock;
    this.#interval = options.checkpointIntervalMs ?? INTERVAL_MS;
    this.#timers = timers;
    this.#lastPublished = timers.elapsed();
    this.#logger = options.logger ?? SILENT;
    if (recovered.cutBytes > 0) {
      this.#logger.warn({ bytes: recovered.cutBytes }, 'log: cut an unfinished write, never acknowledged');
    }
    this.#logger.info({ origin: options.origin, size: this.size }, 'log: open');
  }

  append(leaves: readonly Uint8Array[], after?: Promise<unknown>): { first: number; durable: Promise<void> } {
    const stopped = this.#stopped ?? (this.#closing && new LogStoppedError('The log is closed.'));
    if (stopped !== undefined) throw stopped;
    let bytes = 0;
    for (const leaf of leaves) {
      if (leaf.length < 1 || leaf.length > ENTRY_LENGTH_MAX) {
        throw new RangeError(`A leaf has 1 to ${ENTRY_LENGTH_MAX} bytes; got ${leaf.length}.`);
      }
      bytes += 2 + leaf.length;
    }
    this.#pushBack(leaves.length, bytes);
    const first = this.size;
    if (leaves.length === 0) return { first, durable: this.#gathering?.promise ?? this.#committing ?? DONE };
    for (const leaf of leaves) this.#recovered.integrator.bundles.push(leaf);
    this.size += leaves.length;
    this.#sequencedBytes += bytes;
    this.#gathering ??= newBatch();
    if (after) this.#gathering.after.push(after);
    // It is waited for in its turn.
    after?.catch(() => undefined);
    this.#committing ??= this.#commit();
    return { first, durable: this.#gathering.promise };
  }

  #pushBack(leaves: number, bytes: number): void {
    if (leaves > PENDING_LEAVES_MAX || bytes > PENDING_BYTES_MAX) {
      throw new RangeError(`One call takes at most ${PENDING_LEAVES_MAX} leaves and ${PENDING_BYTES_MAX} bytes.`);
    }
    const { tree, integratedBytes } = this.#recovered.integrator;
    const pending = this.#sequencedBytes - integratedBytes;
    if (this.size - tree.size + leaves > PENDING_LEAVES_MAX || pending + bytes > PENDING_BYTES_MAX) {
      throw new PushBackError(RETRY_AFTER_MS);
    }
  }

  /** Group commit: one write in flight; what arrives meanwhile is the next one. */
  async #commit(): Promise<void> {
    await nextTurn(this.#timers);
    const { wal, integrator } = this.#recovered;
    for (let batch = this.#gathering; batch !== undefined; batch = this.#gathering) {
      this.#gathering = undefined;
      const from = this.durableSize;
      const to = this.size;
      try {
        await Promise.all(batch.after);
        await wal.append(from, to - from, integrator.bundles.encoded(from, to));
      } catch (error) {
        batch.reject(this.#stop(error));
        break;
      }
      this.durableSize = to;
      batch.resolve();
      this.#startIntegrating();
      this.#schedulePublish();
    }
    this.#committing = undefined;
  }

  #startIntegrating(): void {
    if (this.#integrating) return;
    this.#integrating = true;
    this.#integrate()
      .catch((error) => this.#stop(error))
      .finally(() => {
        this.#integrating = false;
      });
  }

  async #integrate(): Promise<void> {
    const { integrator } = this.#recovered;
    while (integrator.tree.size < this.durableSize && this.#stopped === undefined) {
      if (integrator.queuedBytes > QUEUED_BYTES_MAX) await integrator.written();
      integrator.integrate(Math.min(this.durableSize, integrator.tree.size + INTEGRATE_AT_ONCE));
      integrator.flush();
      this.#integrated.advance(integrator.tree.size, undefined);
      await nextTurn(this.#timers);
    }
  }

  #schedulePublish(): void {
    const nothingNew = this.durableSize === this.checkpoint.size;
    if (this.#timer || this.#closing || this.#stopped || nothingNew || !Number.isFinite(this.#interval)) return;
    const delay = Math.max(0, this.#lastPublished + this.#interval - this.#timers.elapsed());
    this.#timer = this.#timers.setTimeout(() => {
      // A failure stops the log and is told to whoever waits or appends.
      this.publish().catch(() => {});
    }, delay);
  }

  publish(): Promise<SignedCheckpoint> {
    const published = this.#publishing.then(() => this.#publish());
    this.#publishing = published.catch(() => {});
    return published;
  }

  async #publish(): Promise<SignedCheckpoint> {
    if (this.#stopped) throw this.#stopped;
    this.#timer?.cancel();
    this.#timer = undefined;
    const size = this.durableSize;
    const older = this.checkpoint;
    if (size === older.size) return older;
    try {
      await this.#reachIntegrated(size);
      await this.#recovered.integrator.written();
      this.checkpoint = await publishTree(this.#parts, size, older);
      this.#lastPublished = this.#timers.elapsed();
      this.#published.advance(size, this.checkpoint);
      this.#tell(this.checkpoint);
      await this.#cleanUp(older.size, size);
    } catch (error) {
      throw this.#stop(error);
    }
    this.#schedulePublish();
    return this.checkpoint;
  }

  #tell(checkpoint: SignedCheckpoint): void {
    for (const listener of this.#listeners) {
      try {
        listener(checkpoint);
      } catch (error) {
        // A listener's mistake is not the log's: the checkpoint is published.
        this.#logger.error({ err: error }, 'log: a checkpoint listener failed');
      }
    }
  }

  /** Removes what the new checkpoint makes superfluous. */
  async #cleanUp(older: number, newer: number): Promise<void> {
    removePartials(this.#parts.disk, this.publicDirectory, older, newer, this.#emptied);
    const { wal, writer } = this.#recovered;
    const segments = wal.removable(newer - (newer % TILE_WIDTH));
    if (segments.length === 0) return;
    await writer.sync();
    // What is removed must not come back once no start looks for it any more.
    for (const folder of this.#emptied) await this.#parts.disk.syncFolder(folder);
    this.#emptied.clear();
    await wal.remove(segments);
  }

  waitForCheckpoint(size: number): Promise<SignedCheckpoint> {
    if (this.checkpoint.size >= size) return Promise.resolve(this.checkpoint);
    if (this.#stopped) return Promise.reject(this.#stopped);
    return this.#published.wait(size);
  }

  onCheckpoint(listener: (checkpoint: SignedCheckpoint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  read(index: number): Uint8Array {
    assertBelow(index, this.size, 'leaf');
    return this.#reader.read(index);
  }

  range(from: number, to: number): AsyncIterable<IndexedLeaf> {
    assertBelow(from, this.size + 1, 'leaf');
    assertBelow(to, this.size + 1, 'end');
    return this.#reader.range(from, to);
  }

  async inclusionProof(index: number, size: number): Promise<Uint8Array[]> {
    await this.#reachIntegrated(size);
    assertBelow(index, size, 'leaf');
    return this.#reader.inclusionProof(index, size);
  }

  async consistencyProof(from: number, to: number): Promise<Uint8Array[]> {
    await this.#reachIntegrated(to);
    assertBelow(from, to + 1, 'size');
    return this.#reader.consistencyProof(from, to);
  }

  async subtreeRoot(from: number, to: number): Promise<Uint8Array> {
    await this.#reachIntegrated(to);
    return this.#reader.subtreeRoot(from, to);
  }

  async rootAt(size: number): Promise<Uint8Array> {
    await this.#reachIntegrated(size);
    return this.#reader.rootAt(size);
  }

  async receipt(index: number, checkpoint: SignedCheckpoint = this.checkpoint): Promise<string> {
    await this.#reachIntegrated(checkpoint.size);
    assertBelow(index, checkpoint.size, 'leaf under this checkpoint');
    return this.#reader.receipt(index, checkpoint);
  }

  async #reachIntegrated(size: number): Promise<void> {
    assertBelow(size, this.durableSize + 1, 'size');
    if (this.#recovered.integrator.tree.size >= size) return;
    if (this.#stopped) throw this.#stopped;
    await this.#integrated.wait(size);
  }

  /** Stops for good: nothing more is acknowledged, signed or written. */
  #stop(cause: unknown): LogStoppedError {
    if (this.#stopped !== undefined) return this.#stopped;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new LogStoppedError(`The log stopped (${reason}). Put that right and open it again.`, cause);
    this.#stopped = error;
    this.#timer?.cancel();
    this.#gathering?.reject(error);
    this.#gathering = undefined;
    this.#integrated.fail(error);
    this.#published.fail(error);
    this.#logger.error({ err: cause }, 'log: stopped');
    return error;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { writer, wal } = this.#recovered;
    await this.#committing;
    try {
      if (this.#stopped === undefined) {
        await this.publish();
        await writer.sync();
      }
    } finally {
      this.#timer?.cancel();
      this.#published.fail(new LogStoppedError('The log is closed.'));
      await this.#publishing;
      await writer.close();
      wal.close();
      this.#unlock();
      this.#logger.info({ size: this.size }, 'log: closed');
    }
  }
}

const DONE: Promise<void> = Promise.resolve();

function newBatch(): Batch {
  const batch = Promise.withResolvers<void>();
  // Callers may not wait for it; whoever does is told.
  batch.promise.catch(() => {});
  return { ...batch, after: [] };
}
