// What a device has not yet got an acknowledgement for. Bounded: when full, the oldest goes and is counted.

/** A signed statement waiting for its acknowledgement. */
export interface Queued {
  readonly id: string;
  /** Delivery as sent: see protocol/delivery.ts. */
  readonly delivery: Uint8Array;
}

/** Place in the hash chain: what the next statement needs. */
export interface ChainHead {
  readonly epoch: number;
  readonly seq: number;
  /** Id of the newest statement, hex. */
  readonly id: string | undefined;
}

/** Keeps queue and chain over restarts. All calls of one device come one after the other. */
export interface DeviceStorage {
  load(): Promise<{ readonly head: ChainHead | undefined; readonly queue: readonly Queued[] }>;
  /** Adds a statement and moves the head, both or neither. */
  add(item: Queued, head: ChainHead): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

/** Storage that lasts as long as the program. */
export function memoryStorage(): DeviceStorage {
  const queue = new Map<string, Queued>();
  let head: ChainHead | undefined;
  return {
    load: async () => ({ head, queue: [...queue.values()] }),
    add: async (item, next) => {
      queue.set(item.id, item);
      head = next;
    },
    remove: async (ids) => {
      for (const id of ids) queue.delete(id);
    },
  };
}
