// The machine the node runs on, as its first device. What measures it is handed to the node from outside: it speaks
// MQTT like any other device.
import type { PublicKey, Signer } from '@trine/protocol';

export interface OwnDevice {
  readonly subject: string;
  /** Paused: it does not measure, and nothing queues up. */
  paused: boolean;
  stop(): Promise<void>;
}

export interface OwnDeviceOptions {
  readonly signer: Signer;
  readonly subject: string;
  readonly network: string;
  /** Key whose acknowledgements count. */
  readonly gateway: PublicKey;
  readonly mqttUrl: string;
  /** File of its offline queue. */
  readonly storagePath: string;
  readonly intervalMs: number;
  /** Its newest place in the log, should the file be lost. */
  readonly lastKnown: () => Promise<{ readonly epoch: number; readonly id: string } | undefined>;
  readonly onError: (error: Error) => void;
}

export type StartOwnDevice = (options: OwnDeviceOptions) => Promise<OwnDevice>;

/** Subject of this machine. */
export function machineSubject(hostname: string): string {
  return `machine/${hostname.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 60) || 'this'}`;
}
