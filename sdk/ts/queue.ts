// What a device has not yet got an acknowledgement for. Bounded: when full, the oldest goes and is counted.

/** A signed statement waiting for its acknowledgement. */
export interface Queued {
  readonly id: string;
  /** Delivery as sent: see protocol/delivery.ts. */
  readonly delivery: Uint8Array;
}

/** A statement that the gateway refused, again and again or for good: kept, for the program to look at. */
export interface SetAside extends Queued {
  /** The last refusal. */
  readonly reason: string;
}

/** Place in the hash chain: what the next statement needs. */
export interface ChainHead {
  readonly epoch: number;
  readonly seq: number;
  /** Id of the newest statement, hex. */
  readonly id: string | undefined;
  /** What was promised: no reading before it follows. */
  readonly low?: number | undefined;
}

/** Keeps queue and chain over restarts. All calls of one device come one after the other. */
export interface DeviceStorage {
  load(): Promise<{
    readonly head: ChainHead | undefined;
    readonly queue: readonly Queued[];
    /** Absent in a storage that knows of none. */
    readonly setAside?: readonly SetAside[];
  }>;
  /** Adds a statement and moves the head, both or neither. */
  add(item: Queued, head: ChainHead): Promise<void>;
  /** Removes statements, waiting or set aside. */
  remove(ids: readonly string[]): Promise<void>;
  /** Moves a statement out of the queue, for a reason; without one, back to the end of the queue. */
  setAside(id: string, reason: string | undefined): Promise<void>;
}

/** Storage that lasts as long as the program. */
export function memoryStorage(): DeviceStorage {
  const queue = new Map<string, Queued>();
  const aside = new Map<string, SetAside>();
  let head: ChainHead | undefined;
  return {
    load: async () => ({ head, queue: [...queue.values()], setAside: [...aside.values()] }),
    add: async (item, next) => {
      queue.set(item.id, item);
      head = next;
    },
    remove: async (ids) => {
      for (const id of ids) {
        queue.delete(id);
        aside.delete(id);
      }
    },
    setAside: async (id, reason) => {
      const item = queue.get(id) ?? aside.get(id);
      if (item === undefined) return;
      queue.delete(id);
      aside.delete(id);
      const { delivery } = item;
      if (reason === undefined) queue.set(id, { id, delivery });
      else aside.set(id, { id, delivery, reason });
    },
  };
}
