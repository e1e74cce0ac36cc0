import type { StartedWorker, Workers } from '@trine/system/workers.ts';

/** A file to write, its path below the public directory. */
export interface PublicFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type WriterRequest = readonly PublicFile[] | 'sync';
export interface WriterReply {
  readonly error?: string;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Writes full tiles and bundles in a thread of its own, which starts with the first file. */
export class TileWriter {
  readonly #workers: Workers;
  readonly #directory: string;
  readonly #temporary: string;
  #worker: StartedWorker | undefined;
  readonly #waiting: Waiting[] = [];

  /**
   * @param directory the public directory
   * @param temporary a directory on the same file system
   */
  constructor(workers: Workers, directory: string, temporary: string) {
    this.#workers = workers;
    this.#directory = directory;
    this.#temporary = temporary;
  }

  /**
   * Writes files, each whole or not at all. They survive the process; a power failure only after {@link sync}.
   *
   * @param files their bytes are moved to the other thread: do not use them afterwards
   */
  write(files: readonly PublicFile[]): Promise<void> {
    return this.#request(
      files,
      files.map((file) => file.bytes.buffer),
    );
  }

  /** Makes durable what was written before this call. */
  sync(): Promise<void> {
    return this.#worker === undefined ? Promise.resolve() : this.#request('sync', []);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #request(request: WriterRequest, transfer: ArrayBuffer[]): Promise<void> {
    this.#worker ??= this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ resolve, reject });
    this.#worker.postMessage(request, transfer);
    return promise;
  }

  #start(): StartedWorker {
    const worker = this.#workers.start(new URL('./tile-writer.worker.ts', import.meta.url), {
      name: 'log',
      data: { directory: this.#directory, temporary: this.#temporary },
    });
    worker.onMessage(({ error }: WriterReply) => {
      const waiting = this.#waiting.shift();
      if (error === undefined) waiting?.resolve();
      else waiting?.reject(new Error(error));
    });
    worker.onError((error: Error) => {
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    });
    return worker;
  }
}
