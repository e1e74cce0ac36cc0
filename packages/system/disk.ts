// The disk, given to whatever keeps something: the machine's own, or one in memory that forgets what a crash may take.
// What may be lost: writes until their file is synced, names until their folder is. A rename is one step.
import { dirname, join } from 'node:path';
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';

/** An open file. */
export interface DiskFile {
  /** Bytes. */
  readonly size: number;
  /** @returns how many bytes were read: fewer than asked for at the end of the file */
  read(into: Uint8Array, position: number): number;
  /** Writes all of it, or fails. */
  write(bytes: Uint8Array, position: number): void;
  /** Writes one after the other without holding up the thread. */
  writeAll(parts: readonly Uint8Array[], position: number): Promise<void>;
  truncate(size: number): void;
  /** Resolves when its content survives a power failure. */
  sync(): Promise<void>;
  syncNow(): void;
  close(): void;
}

/** An SQLite database: what is committed survives a power failure. */
export interface Database {
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): PreparedStatement;
  close(): void;
}

export interface PreparedStatement {
  run(...values: SQLInputValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  get(...values: SQLInputValue[]): Record<string, SQLOutputValue> | undefined;
  all(...values: SQLInputValue[]): Record<string, SQLOutputValue>[];
}

export interface Disk {
  has(path: string): boolean;
  /** The whole file. @throws ENOENT */
  read(path: string): Buffer;
  /** Names in a folder, sorted. @throws ENOENT */
  list(folder: string): string[];
  /** With those above it; nothing where it is there. */
  makeFolder(path: string, mode?: number): void;
  /** @param how `create` makes it where it is missing, `empty` also takes what is in it. @throws ENOENT */
  open(path: string, how: 'read' | 'write' | 'create' | 'empty', mode?: number): DiskFile;
  /** Takes the place of what has that name. @throws ENOENT */
  rename(from: string, to: string): void;
  /** Gives a file a second name. @throws EEXIST */
  link(from: string, to: string): void;
  /** With everything in it; nothing where it is missing. */
  remove(path: string): void;
  /** Resolves when the names in a folder survive a power failure. */
  syncFolder(path: string): Promise<void>;
  syncFolderNow(path: string): void;
  /** Takes the only right to a file; it ends with the process. @returns frees it; undefined: somebody else has it */
  lock(path: string): (() => void) | undefined;
  database(path: string, options?: { readonly readOnly?: boolean }): Database;
}

/** Is a file or folder missing? */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/**
 * Puts a file in its place whole and for good: after a crash it is the new one or the old one.
 *
 * @param path the file
 * @param bytes its new content
 * @param mode of a new file
 */
export function replaceNow(disk: Disk, path: string, bytes: Uint8Array | string, mode = 0o600): void {
  const prepared = `${path}.new`;
  writeNow(disk, prepared, bytes, mode);
  disk.rename(prepared, path);
  disk.syncFolderNow(dirname(path));
}

/** Writes a file and syncs its content; its name is not yet for good. */
export function writeNow(disk: Disk, path: string, bytes: Uint8Array | string, mode = 0o600): void {
  const file = disk.open(path, 'empty', mode);
  try {
    file.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, 0);
    file.syncNow();
  } finally {
    file.close();
  }
}

/** Makes a folder, and its name in those above it, durable. */
export function makeFolderNow(disk: Disk, path: string, mode?: number): void {
  const made: string[] = [];
  for (let at = path; !disk.has(at) && dirname(at) !== at; at = dirname(at)) made.push(at);
  disk.makeFolder(path, mode);
  for (const at of made.reverse()) disk.syncFolderNow(join(at, '..'));
}
