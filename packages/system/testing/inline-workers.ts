// Workers for simulations: what threads do is done by the main thread, in an order that is given.
import type { Disk } from '../disk.ts';
import type { StartedWorker, Work, WorkerPort, Workers } from '../workers.ts';

export interface InlineOptions {
  /** Modules that can be started, by their address. */
  readonly modules: ReadonlyMap<string, Work>;
  readonly parallelism: number;
  readonly disk: Disk;
  /** Hands over a message, some time later. Those of one worker must come in their order. @param to whom, and which module works there */
  readonly deliver: (hand: () => void, to: 'worker' | 'owner', module: string) => void;
}

/** Loads modules of workers. */
export async function loadWorkers(modules: readonly URL[]): Promise<ReadonlyMap<string, Work>> {
  const loaded = new Map<string, Work>();
  for (const { href } of modules) loaded.set(href, ((await import(href)) as { work: Work }).work);
  return loaded;
}

export function inlineWorkers({ modules, parallelism, disk, deliver }: InlineOptions): Workers {
  return {
    parallelism,
    start(module, { data }): StartedWorker {
      const work = modules.get(module.href);
      if (work === undefined) throw new RangeError(`No worker ${module.href} is loaded.`);
      const [ours, theirs] = channel((hand, to) => deliver(hand, to, module.href));
      work(theirs, structuredClone(data) as never, disk);
      return { ...ours, onError: () => undefined, terminate: async () => ours.close() };
    },
  };
}

type End = WorkerPort & { close(): void };

function channel(deliver: (hand: () => void, to: 'worker' | 'owner') => void): [End, End] {
  const listeners: ((message: never) => void)[][] = [[], []];
  let isOpen = true;
  const end = (own: number): End => ({
    postMessage(message, transfer = []) {
      const copy = structuredClone(message, { transfer: [...transfer] });
      const hand = () => {
        if (isOpen) for (const listener of listeners[1 - own] ?? []) listener(copy as never);
      };
      deliver(hand, own === 0 ? 'worker' : 'owner');
    },
    onMessage: (listener) => void listeners[own]?.push(listener),
    close() {
      isOpen = false;
    },
  });
  return [end(0), end(1)];
}
