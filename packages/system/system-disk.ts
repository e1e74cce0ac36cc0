// The machine's own disk.
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
  writev,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { Disk, DiskFile } from './disk.ts';

const fsyncLater = promisify(fsync);
const fdatasyncLater = promisify(fdatasync);
const writevLater = promisify(writev) as unknown as (
  file: number,
  parts: readonly Uint8Array[],
  position: number,
) => Promise<{ bytesWritten: number }>;
const SQLITE_BUSY = 5;

class SystemFile implements DiskFile {
  readonly #file: number;
  #isOpen = true;
  /** Calls under way: a number that is closed may be another file's the next moment. */
  #busy = 0;

  constructor(file: number) {
    this.#file = file;
  }

  get size(): number {
    return fstatSync(this.#file).size;
  }

  read(into: Uint8Array, position: number): number {
    let at = 0;
    while (at < into.length) {
      const read = readSync(this.#file, into, at, into.length - at, position + at);
      if (read === 0) break;
      at += read;
    }
    return at;
  }

  /** A write may take less than given when the disk is nearly full: then the rest fails and says why. */
  write(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at, bytes.length - at, position + at);
  }

  async writeAll(parts: readonly Uint8Array[], position: number): Promise<void> {
    await this.#while(async () => {
      let rest = parts.filter((part) => part.length > 0);
      let at = position;
      while (rest.length > 0) {
        const { bytesWritten } = await writevLater(this.#file, rest, at);
        if (bytesWritten === 0)
          throw Object.assign(new Error('The disk takes no more bytes: is it full?'), { code: 'ENOSPC' });
        at += bytesWritten;
        rest = leftOf(rest, bytesWritten);
      }
    });
  }

  truncate(size: number): void {
    ftruncateSync(this.#file, size);
  }

  sync(): Promise<void> {
    return this.#while(() => fdatasyncLater(this.#file));
  }

  syncNow(): void {
    fdatasyncSync(this.#file);
  }

  close(): void {
    this.#isOpen = false;
    if (this.#busy === 0) closeSync(this.#file);
  }

  async #while(work: () => Promise<void>): Promise<void> {
    this.#busy++;
    try {
      await work();
    } finally {
      if (--this.#busy === 0 && !this.#isOpen) closeSync(this.#file);
    }
  }
}

function leftOf(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let over = written;
  const left: Uint8Array[] = [];
  for (const part of parts) {
    const taken = Math.min(part.length, over);
    over -= taken;
    if (taken < part.length) left.push(part.subarray(taken));
  }
  return left;
}

const CREATE = { read: 'r', write: 'r+', empty: 'w+' } as const;

function openFile(path: string, how: 'read' | 'write' | 'create' | 'empty', mode: number): DiskFile {
  if (how !== 'create') return new SystemFile(openSync(path, CREATE[how], mode));
  try {
    closeSync(openSync(path, 'wx', mode));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return new SystemFile(openSync(path, 'r+'));
}

export const systemDisk: Disk = {
  has: existsSync,
  read: (path) => readFileSync(path),
  list: (folder) => readdirSync(folder).sort(),
  makeFolder(path, mode) {
    mkdirSync(path, { recursive: true, ...(mode !== undefined && { mode }) });
  },
  open: (path, how, mode = 0o644) => openFile(path, how, mode),
  rename: renameSync,
  link: linkSync,
  remove(path) {
    rmSync(path, { recursive: true, force: true });
  },
  async syncFolder(path) {
    const file = openSync(path, 'r');
    try {
      await fsyncLater(file);
    } finally {
      closeSync(file);
    }
  },
  syncFolderNow(path) {
    const file = openSync(path, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  // A file lock of the operating system, taken through SQLite (the one way to it in Node without a native add-on): it
  // ends with the process, however that ends, so a stale lock cannot exist.
  lock(path) {
    const database = new DatabaseSync(path);
    try {
      // No journal: the file stays empty and nothing is ever written to it.
      database.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
      throw error;
    }
    return () => database.close();
  },
  database: (path, options = {}) => new DatabaseSync(path, options),
};
