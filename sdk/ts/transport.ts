// What carries statements to a gateway: MQTT, HTTP, or anything else that moves bytes both ways.

/** Carries messages to a gateway and acknowledgements back. Gone messages are the device's business, not its. */
export interface Transport {
  /** Sends one message; resolves when it is on its way. Rejects while there is no connection. */
  send(message: Uint8Array): Promise<void>;
  /** Calls back with each acknowledgement that comes. */
  onAcknowledgement(listener: (message: Uint8Array) => void): void;
  /** Calls back whenever a connection is there again: what was under way is then sent once more. */
  onConnected?(listener: () => void): void;
  close(): Promise<void>;
}
