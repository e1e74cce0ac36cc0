// What writes full tiles and entry bundles, beside the thread that sequences leaves: calls that wait for the disk wait here.
// Messages are answered in order.
import { dirname, join } from 'node:path';
import type { Disk } from '@trine/system/disk.ts';
import type { WorkerPort } from '@trine/system/workers.ts';
import type { WriterReply, WriterRequest } from './tile-writer.ts';

const FSYNCS_AT_ONCE = 16;

class TileFiles {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #temporary: string;
  /** Files, and directories with new entries, since the last sync. */
  #unsynced = new Set<string>();
  #unsyncedFolders = new Set<string>();
  readonly #known = new Set<string>();

  constructor(disk: Disk, { directory, temporary }: { directory: string; temporary: string }) {
    this.#disk = disk;
    this.#directory = directory;
    this.#temporary = temporary;
  }

  #makeDirectory(path: string): void {
    if (this.#known.has(path)) return;
    this.#disk.makeFolder(path);
    this.#known.add(path);
    if (path.length > this.#directory.length) this.#makeDirectory(dirname(path));
  }

  write(path: string, bytes: Uint8Array): void {
    const target = join(this.#directory, path);
    const parent = dirname(target);
    this.#makeDirectory(parent);
    const prepared = join(this.#temporary, 'tile');
    const file = this.#disk.open(prepared, 'empty');
    try {
      file.write(bytes, 0);
    } finally {
      file.close();
    }
    this.#disk.rename(prepared, target);
    this.#unsynced.add(target);
    // A new directory is an entry of its parent, and so on up.
    for (let at = parent; at.length >= this.#directory.length && !this.#unsyncedFolders.has(at); at = dirname(at)) {
      this.#unsyncedFolders.add(at);
    }
  }

  async sync(): Promise<void> {
    const paths = [...this.#unsynced];
    const folders = [...this.#unsyncedFolders];
    this.#unsynced = new Set();
    this.#unsyncedFolders = new Set();
    const next = async (): Promise<void> => {
      for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
        const file = this.#disk.open(path, 'read');
        try {
          await file.sync();
        } finally {
          file.close();
        }
      }
      for (let path = folders.pop(); path !== undefined; path = folders.pop()) await this.#disk.syncFolder(path);
    };
    await Promise.all(Array.from({ length: FSYNCS_AT_ONCE }, next));
  }
}

/** Answers each {@link WriterRequest} with a {@link WriterReply}. */
export function work(port: WorkerPort, data: { directory: string; temporary: string }, disk: Disk): void {
  const files = new TileFiles(disk, data);
  let queue: Promise<void> = Promise.resolve();
  port.onMessage((request: WriterRequest) => {
    queue = queue.then(async () => {
      let reply: WriterReply = {};
      try {
        if (request === 'sync') await files.sync();
        else for (const { path, bytes } of request) files.write(path, bytes);
      } catch (error) {
        reply = { error: (error as Error).message };
      }
      port.postMessage(reply);
    });
  });
}
