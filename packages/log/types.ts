import type { NoteSign as Sign, SignedCheckpoint } from '@trine/protocol';
import type { System } from '@trine/system/system.ts';

/** The part of a pino logger that the log uses. */
export interface LogLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface LogOptions {
  /** Folder of this log alone; created where it is missing. */
  readonly directory: string;
  /** Unique name of the log, also the name of its key: no space, no plus sign. Fixed for the life of the log. */
  readonly origin: string;
  /** Signs with the log's Ed25519 key; 64 bytes. */
  readonly sign: Sign;
  /** The public key of `sign`, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Least time between checkpoints published by themselves; `Infinity` for none. 250 by default. */
  readonly checkpointIntervalMs?: number;
  /** What it works with; the machine's own by default. */
  readonly system?: Omit<System, 'clock'>;
  readonly logger?: LogLogger;
}

/** A leaf with its index. */
export interface IndexedLeaf {
  readonly index: number;
  readonly leaf: Uint8Array;
}

/** A verifiable log, open for appending. The states of a leaf are in README.md. */
export interface Log {
  /** Leaves sequenced; the newest may not be durable yet. */
  readonly size: number;
  /** Leaves that survive any crash. */
  readonly durableSize: number;
  /** The newest published checkpoint. */
  readonly checkpoint: SignedCheckpoint;
  /** The log's verifier key, `origin+hash+base64`. */
  readonly vkey: string;
  /** Folder of the files that are served. */
  readonly publicDirectory: string;

  /**
   * Sequences leaves; they get consecutive indexes, all or none.
   *
   * @param leaves each 1 to 65,535 bytes; copied
   * @param after what must be durable before they are: what they commit to. Where it fails, the log stops.
   * @returns the index of the first, and a promise that resolves when all of them are durable (and rejects when the
   *   log stopped before)
   * @throws PushBackError when too much is in hand: wait and repeat the call
   * @throws RangeError for a leaf of a wrong length, or more in one call than is ever taken
   * @throws LogStoppedError after `close` or a failed write
   */
  append(leaves: readonly Uint8Array[], after?: Promise<unknown>): { first: number; durable: Promise<void> };

  /** Integrates all that is durable now and publishes it; the checkpoint there is when nothing is new. */
  publish(): Promise<SignedCheckpoint>;

  /** Resolves with a published checkpoint of at least `size` leaves; at once when there is one. */
  waitForCheckpoint(size: number): Promise<SignedCheckpoint>;

  /** Calls the listener with each new checkpoint, after it is on disk. Returns what stops it. */
  onCheckpoint(listener: (checkpoint: SignedCheckpoint) => void): () => void;

  /**
   * A sequenced leaf, published or not. Synchronous: recent ones come from memory, older ones from a file.
   *
   * @returns a copy
   * @throws TrineError `not-found` when there is no such leaf
   * @throws LogDamagedError when its file is damaged
   */
  read(index: number): Uint8Array;

  /** Leaves `from` up to, not including, `to`, in order. Copies; lets other work run now and then. */
  range(from: number, to: number): AsyncIterable<IndexedLeaf>;

  /** Inclusion proof of a leaf in the tree of `size` durable leaves, from the leaf's sibling up. */
  inclusionProof(index: number, size: number): Promise<Uint8Array[]>;

  /** Proof that the tree of `from` leaves is a prefix of that of `to` durable leaves. */
  consistencyProof(from: number, to: number): Promise<Uint8Array[]>;

  /** Root over the leaves `from` to `to`, which must be a subtree of the tree (RFC 6962 §2.1): for multiproofs. */
  subtreeRoot(from: number, to: number): Promise<Uint8Array>;

  /** Root of the tree of `size` durable leaves. */
  rootAt(size: number): Promise<Uint8Array>;

  /**
   * The leaf's receipt, a C2SP tlog-proof, verified before it is given.
   *
   * @param index the leaf
   * @param checkpoint a checkpoint of this log that covers it, such as one with cosignatures; the newest by default
   * @throws TrineError `not-found` when the checkpoint does not cover the leaf
   */
  receipt(index: number, checkpoint?: SignedCheckpoint): Promise<string>;

  /** Makes everything durable, publishes it, and frees the folder. Calling it again changes nothing. */
  close(): Promise<void>;
}
