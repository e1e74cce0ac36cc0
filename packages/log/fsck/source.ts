// Where fsck reads a log from: a folder, or the address under which it is served.
import type { Dirent } from 'node:fs';
import { opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENTRY_LENGTH_MAX, TILE_WIDTH, TrineError } from '@trine/protocol';

/** Reads the public files of a log. */
export interface Source {
  /** Content of a file; undefined when there is none. Rejects when that cannot be told. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Paths of all files, where they can be listed. */
  list?(): AsyncIterable<string>;
}

/** Longest file there can be: a bundle of 256 entries of the greatest length. */
const FILE_SIZE_MAX = TILE_WIDTH * (2 + ENTRY_LENGTH_MAX);
const TIMEOUT_MS = 30_000;

/**
 * A source from its address.
 *
 * @param source a folder, or a URL that starts with http:// or https:// (the log's prefix)
 */
export function openSource(source: string): Source {
  return /^https?:\/\//.test(source) ? httpSource(source.replace(/\/+$/, '')) : directorySource(source);
}

/**
 * A source that reads each file once, for whoever passes over a log again and again. Absent files are asked for again: a
 * log in use grows.
 *
 * @param bytesMax kept at most; what was read first stays, for every pass begins at the beginning
 */
export function remembering(source: Source, bytesMax: number): Source {
  const kept = new Map<string, Uint8Array>();
  let bytes = 0;
  return {
    ...source,
    async read(path) {
      const known = kept.get(path);
      if (known) return known;
      const file = await source.read(path);
      if (file && bytes + file.length <= bytesMax) {
        bytes += file.length;
        kept.set(path, file);
      }
      return file;
    },
  };
}

function directorySource(directory: string): Source {
  return {
    async read(path) {
      try {
        return await readFile(join(directory, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new TrineError('unavailable', `cannot be read (${(error as NodeJS.ErrnoException).code})`);
      }
    },
    list: () => walk(directory, ''),
  };
}

async function* walk(directory: string, below: string): AsyncGenerator<string> {
  let entries: AsyncIterable<Dirent>;
  try {
    entries = await opendir(join(directory, below));
    for await (const entry of entries) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) yield* walk(directory, path);
      else yield path;
    }
  } catch (error) {
    // A log in use removes partial tiles whose tile is full meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function httpSource(prefix: string): Source {
  return {
    async read(path) {
      try {
        return await download(`${prefix}/${path}`);
      } catch (error) {
        if (error instanceof TrineError) throw error;
        const { message, cause } = error as Error;
        const why = cause instanceof Error ? cause.message : message;
        throw new TrineError('unavailable', `cannot be read (${why})`, { cause: error });
      }
    },
  };
}

async function download(url: string): Promise<Uint8Array | undefined> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new TrineError('unavailable', `cannot be read (HTTP status ${response.status})`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > FILE_SIZE_MAX)
      throw new TrineError('too-large', `longer than a file of a log can be (${FILE_SIZE_MAX} bytes)`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
