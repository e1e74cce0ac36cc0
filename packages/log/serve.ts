import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeBundle,
  encodeBundle,
  HASH_SIZE,
  parseTilePath,
  TILE_WIDTH,
  type TileId,
  tilePath,
} from '@trine/protocol';
import { Hono } from 'hono';
import type { Log } from './types.ts';

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
const IMMUTABLE = {
  'content-type': 'application/octet-stream',
  'cache-control': 'public, max-age=31536000, immutable',
  'x-content-type-options': 'nosniff',
};

/**
 * Routes of a log as tlog-tiles lays them out: `/checkpoint`, `/tile/<L>/<N>[.p/<W>]`, `/tile/entries/<N>[.p/<W>]`, and
 * the verifier key at `/vkey`. Only what a published checkpoint covers is served. Partial tiles stay available when the
 * full tile has replaced them.
 *
 * @param log the log
 * @returns an application to mount under the log's prefix
 * @example app.route('/log', logRoutes(log))
 */
export function logRoutes(log: Log): Hono {
  const app = new Hono();
  app.get('/checkpoint', (c) => c.body(log.checkpoint.note, 200, { ...TEXT, 'cache-control': 'no-cache' }));
  app.get('/vkey', (c) => c.body(`${log.vkey}\n`, 200, { ...TEXT, 'cache-control': 'no-cache' }));
  app.get('/tile/:path{.+}', async (c) => {
    // Only the canonical path of a tile passes, so nothing outside the folder can be named.
    const id = parseTilePath(`tile/${c.req.param('path')}`);
    const bytes = id && isPublished(id, log.checkpoint.size) ? await readTile(log.publicDirectory, id) : undefined;
    if (bytes !== undefined) return c.body(bytes, 200, IMMUTABLE);
    // It may be published in a moment. How it is said that there is none, the server says.
    c.header('cache-control', 'no-cache');
    return c.notFound();
  });
  return app;
}

/** Are all leaves under these hashes, or these entries, covered by a checkpoint of `size` leaves? */
function isPublished({ level, index, width }: TileId, size: number): boolean {
  return index * TILE_WIDTH + width <= Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
}

async function readTile(directory: string, id: TileId): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = await readIfThere(join(directory, tilePath(id)));
  if (file !== undefined || id.width === TILE_WIDTH) return file;
  const full = await readIfThere(join(directory, tilePath({ ...id, width: TILE_WIDTH })));
  if (full === undefined) return undefined;
  if (id.level !== 'entries') return full.subarray(0, id.width * HASH_SIZE);
  return new Uint8Array(encodeBundle(decodeBundle(full, TILE_WIDTH).slice(0, id.width)));
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
