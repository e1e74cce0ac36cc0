// The thread that writes full tiles and entry bundles. Calls that wait for the disk wait here, not where leaves are
// sequenced. Messages are answered in order.
import { closeSync, fsync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { WriterReply, WriterRequest } from './tile-writer.ts';

const { directory, temporary } = workerData as { directory: string; temporary: string };
const port = parentPort!;
const fsyncAsync = promisify(fsync);
/** Files, and directories with new entries, since the last sync. */
let unsynced = new Set<string>();
const known = new Set<string>();
const FSYNCS_AT_ONCE = 16;

function makeDirectory(path: string): void {
  if (known.has(path)) return;
  mkdirSync(path, { recursive: true });
  known.add(path);
  if (path.length > directory.length) makeDirectory(dirname(path));
}

function writeFile(path: string, bytes: Uint8Array): void {
  const target = join(directory, path);
  const parent = dirname(target);
  makeDirectory(parent);
  const prepared = join(temporary, 'tile');
  const file = openSync(prepared, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
  renameSync(prepared, target);
  unsynced.add(target);
  // A new directory is an entry of its parent, and so on up.
  for (let path = parent; path.length >= directory.length && !unsynced.has(path); path = dirname(path)) {
    unsynced.add(path);
  }
}

async function syncAll(): Promise<void> {
  const paths = [...unsynced];
  unsynced = new Set();
  const next = async (): Promise<void> => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      const handle = await open(path, 'r');
      try {
        await fsyncAsync(handle.fd);
      } finally {
        await handle.close();
      }
    }
  };
  await Promise.all(Array.from({ length: FSYNCS_AT_ONCE }, next));
}

let queue: Promise<void> = Promise.resolve();
port.on('message', (request: WriterRequest) => {
  queue = queue.then(async () => {
    let reply: WriterReply = {};
    try {
      if (request === 'sync') await syncAll();
      else for (const { path, bytes } of request) writeFile(path, bytes);
    } catch (error) {
      reply = { error: (error as Error).message };
    }
    port.postMessage(reply);
  });
});
