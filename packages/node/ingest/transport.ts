// What every way in has in common: the node joins, shows and closes them alike, and all pass transport.checks.ts.
import type { Duplex } from 'node:stream';
import type { Counters } from './counters.ts';

/** Whether statements can come in this way now, since when, and why not. */
export interface TransportHealth {
  readonly connected: boolean;
  readonly sinceMs: number;
  /** In words, where it is not connected. */
  readonly reason?: string;
}

export interface Transport {
  readonly name: 'mqtt' | 'mqtt-attached' | 'http' | 'websocket';
  /** Where devices connect, for people to read. */
  readonly address: string;
  readonly health: TransportHealth;
  /** Refused, dropped and closed so far, by reason. */
  readonly counters: Counters;
  /** Takes a connection that was opened elsewhere. @param remoteAddress of the peer, for limits by address */
  accept?(stream: Duplex, remoteAddress: string | undefined): void;
  /** Plain topics to hear from now on; what is retained of those that are new comes at once. */
  listen?(filters: readonly string[]): void;
  /** Takes nothing more; resolves when every connection is closed. */
  close(): Promise<void>;
}

/** A message that is no statement: plain devices speak so. */
export interface PlainMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Said some time ago, nobody knows when: a broker kept it for whoever comes. */
  readonly isRetained?: boolean;
  /** Whom the broker let in with a password, and who said it. */
  readonly user?: string;
  /** The connector that it was pushed to by HTTP. */
  readonly connector?: string;
  /** When it came first, in milliseconds since 1970. Absent: now. */
  readonly arrivalMs?: number;
  /** It came before, and may be sealed: what is said of that time is not said again. */
  readonly isAgain?: boolean;
}

/**
 * Gets every message that is no statement. Resolves when its sender may forget it: it is sealed, or counted as what can be no
 * reading. Rejects where the same message may be taken later.
 */
export type PlainListener = (message: PlainMessage) => Promise<void>;
