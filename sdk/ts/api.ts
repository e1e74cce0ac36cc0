// What a program gives a device, and what it can do with it.

import {
  type Answer,
  type AssuranceClass,
  type ClockQuality,
  type FormatError,
  type PackOrigin,
  type PublicKey,
  type Reading,
  type Signer,
  TrineError,
} from '@trine/protocol';
import type { DeviceStorage, SetAside } from './queue.ts';
import type { Transport } from './transport.ts';

export interface DeviceOptions {
  readonly signer: Signer;
  readonly subject: string;
  readonly network: string;
  /** Key whose acknowledgements count. */
  readonly gateway: PublicKey;
  readonly transport: Transport;
  readonly storage?: DeviceStorage;
  /**
   * Asked when the storage is empty: the newest place of this device in the log, so that a device that lost its
   * memory starts a new epoch instead of a fork. `GET /api/chain?subject=…` of the gateway tells.
   */
  readonly lastKnown?: () => Promise<{ readonly epoch: number; readonly id: string } | undefined>;
  readonly class?: AssuranceClass;
  readonly clock?: ClockQuality;
  /**
   * Readings are measured in the order of their times: each pack promises (`low`) that none before its last one follows, so
   * that whoever checks a decision sees from the device's own word that nothing is missing. A reading before that is refused.
   */
  readonly inOrder?: boolean;
  /** Publish bodies in the log for everyone. Default: sealed, the log holds a commitment only. */
  readonly open?: boolean;
  /** Statements kept while there is no connection. */
  readonly queueMax?: number;
  /** Statements sent and not yet acknowledged. */
  readonly inFlightMax?: number;
  /** After this long without an acknowledgement a statement is sent again. */
  readonly retryMs?: number;
  /** Statements kept that were refused again and again or for good: beyond, the oldest goes and is counted. */
  readonly setAsideMax?: number;
  /** Told of every verified answer to a statement that waits, `id` in hex; also of refusals that pass. */
  readonly onAnswer?: (id: string, answer: Answer) => void;
  /** Told of every statement set aside, before it is. */
  readonly onSetAside?: (id: string, reason: string) => void;
}

/** What a pack says beside its readings. */
export interface PackAbout {
  readonly origin?: PackOrigin;
}

export interface Device {
  /** Statements not yet acknowledged. */
  readonly waiting: number;
  /** Statements given up because the queue, or what is set aside, was full. */
  readonly dropped: number;
  readonly sealed: number;
  /** Statements set aside so far. */
  readonly refused: number;
  /** Statements that the gateway refused for good, or again and again, oldest first, each with the last reason. */
  readonly setAside: readonly SetAside[];
  /** Queues a statement again that was set aside, unchanged: when its key may speak now, or the line is good again. */
  resend(id: string): Promise<void>;
  /** Gives up a statement that was set aside. */
  discard(id: string): Promise<void>;
  /**
   * Signs readings as one pack and queues them. What is no reading is not signed: a gateway would refuse the whole pack for it.
   * @param about origin of readings that were mapped, from a file or a gateway's message: it is signed within the pack
   * @throws UnfitReadingsError where some are no readings: the others are in the queue, under its `id`, and need not be said again
   * @throws FormatError where one is before what the device promised (`inOrder`), or there are too many or none
   * @returns id of the statement, hex, once it is in the queue
   */
  measure(readings: readonly Reading[], about?: PackAbout): Promise<string>;
  /**
   * Signs an event about the device's own subject, a request or a report for instance, and queues it.
   * @param mediaType of the body @param body at most 262,144 bytes; where bodies are published, 1,024
   * @returns id of the statement, hex, once it is in the queue
   */
  event(mediaType: string, body: Uint8Array): Promise<string>;
  /** Resolves when everything measured so far is signed and in the queue. */
  stored(): Promise<void>;
  /** Resolves when nothing waits any more, or rejects after `timeoutMs`. */
  drain(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Some of what a program wanted to say is no reading. The others were signed and are in the queue, where there are any. */
export class UnfitReadingsError extends TrineError {
  override readonly name = 'UnfitReadingsError';
  /** Of the statement that says the others, hex; undefined where there are none. */
  readonly id: string | undefined;
  /** Each with what is wrong, in the order given. */
  readonly unfit: readonly { readonly reading: Reading; readonly error: FormatError }[];

  constructor(unfit: UnfitReadingsError['unfit'], count: number, id: string | undefined) {
    const [first] = unfit;
    super(
      first?.error.code ?? 'malformed',
      `${unfit.length} of ${count} cannot be said: ${first?.error.message} ${id === undefined ? 'Nothing was signed.' : 'The others were signed.'}`,
    );
    this.unfit = unfit;
    this.id = id;
  }
}
