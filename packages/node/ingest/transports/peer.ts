// One connection to the broker: who it is, what it subscribed to, what waits for it and of it.
import type { Duplex } from 'node:stream';
import { matchTopic } from '@trine/protocol';
import type { Source } from '../source.ts';
import type { PacketGauge } from './packet-gauge.ts';

export class Peer {
  readonly stream: Duplex;
  readonly remoteAddress: string | undefined;
  readonly gauge: PacketGauge;
  /** Topic filters granted. */
  readonly filters = new Set<string>();
  /** Milliseconds on a clock that only grows. */
  readonly openedAt: number;
  lastByteAt: number;
  /** Bytes kept of a packet that is not complete. */
  unfinishedBytes = 0;
  /** Since when a packet has not been complete. */
  unfinishedSince: number | undefined;
  isConnected = false;
  isClosed = false;
  /** Why it is closed is counted already. */
  isCounted = false;
  /** Whose password it gave. */
  user: string | undefined;
  /** Charged with what it sends; known once its CONNECT has come. */
  source: Source | undefined;
  /** Messages written and not yet known to have left. */
  outgoing = 0;
  /** Those of its messages that wait for room, one behind the other: their order is kept. */
  turn: Promise<void> = Promise.resolve();
  waiting = 0;
  /** Its plain messages that are to be sealed before they are acknowledged, in their order. */
  sealing: Promise<void> = Promise.resolve();
  unsealed = 0;

  constructor(stream: Duplex, remoteAddress: string | undefined, gauge: PacketGauge, now: number) {
    this.stream = stream;
    this.remoteAddress = remoteAddress;
    this.gauge = gauge;
    this.openedAt = now;
    this.lastByteAt = now;
  }

  /** Has it subscribed to this topic, by its full name or by a pattern? */
  listensTo(topic: string): boolean {
    if (this.filters.has(topic)) return true;
    for (const filter of this.filters)
      if ((filter.endsWith('#') || filter.includes('+')) && matchTopic(filter, topic)) return true;
    return false;
  }
}
