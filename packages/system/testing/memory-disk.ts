// A disk in memory that models what a crash may take: writes since their file was synced (each kept, cut or lost), and
// names since their folder was synced (in their order, a rename in one step). It crashes before any operation it is told.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Database, Disk, DiskFile } from '../disk.ts';
import { File, failure, MemoryFile, type Operation } from './memory-file.ts';

export type { Operation } from './memory-file.ts';

/** The machine is gone: thrown by every operation from then on. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Chances that a crash keeps a name; a write whole; a write whole or cut. */
const KEPT = 0.5;
const WHOLE = 0.4;
const CUT = 0.7;

class Folder {
  entries = new Map<string, File | Folder>();
  durable = new Map<string, File | Folder>();
}

/** What befalls an operation: the machine crashes before it; the disk is full; of what it writes a crash soon after keeps a part. */
export type Mishap = 'crash' | 'full' | 'torn';

/** A change of names. */
interface Change {
  readonly folders: readonly Folder[];
  readonly apply: (of: 'entries' | 'durable') => void;
}

export interface MemoryDiskOptions {
  /** Resolves when an operation that takes time is done; by default in the next microtask. */
  readonly delay?: () => Promise<void>;
  /** A number from 0 to 1, not included: decides what a crash takes. */
  readonly random?: () => number;
}

export class MemoryDisk implements Disk {
  /** Operations so far that change something. */
  operations = 0;
  /** Called once when it crashes. */
  onCrash: (() => void) | undefined;
  /** Sees every operation that changes something before it is done, and says what befalls it. */
  watch: ((operation: Operation) => Mishap | undefined) | undefined;
  /** Told of every write of which a crash kept a part. */
  onTorn: ((operation: Operation) => void) | undefined;
  #root = new Folder();
  readonly #delay: () => Promise<void>;
  readonly #random: () => number;
  readonly #databases = new Map<string, DatabaseSync>();
  /** What was done to each database, in order: how a copy is made. */
  readonly #done = new Map<string, { readonly sql: string; readonly values: readonly SQLInputValue[] | undefined }[]>();
  readonly #locks = new Set<string>();
  #changes: Change[] = [];
  #crashAt = Number.POSITIVE_INFINITY;
  #failAt = Number.POSITIVE_INFINITY;
  #isCrashed = false;
  /** Files, locks and databases that were opened before a restart are no longer open. */
  #boot = 0;

  constructor({ delay = () => Promise.resolve(), random = () => 0 }: MemoryDiskOptions = {}) {
    this.#delay = delay;
    this.#random = random;
  }

  /** Crashes before the operation that is so many from now: 1 is the next. */
  crashIn(operations: number): void {
    this.#crashAt = this.operations + operations;
  }

  /** The operation that is so many from now fails, as where the disk is full; those after it do not. 1: the next. */
  failIn(operations: number): void {
    this.#failAt = this.operations + operations;
  }

  /** Crashes now: nothing more is read or written before {@link restart}. */
  crash(): void {
    if (this.#isCrashed) return;
    this.#isCrashed = true;
    this.#crashAt = Number.POSITIVE_INFINITY;
    this.onCrash?.();
  }

  /** The machine starts again with what the disk kept. */
  restart(): void {
    this.crash();
    this.#boot++;
    const cut = new Set<Folder>();
    for (const change of this.#changes) {
      if (change.folders.some((folder) => cut.has(folder)) || this.#random() >= KEPT)
        for (const folder of change.folders) cut.add(folder);
      else change.apply('durable');
    }
    this.#changes = [];
    const seen = new Set<File | Folder>();
    const settle = (one: File | Folder): void => {
      if (seen.has(one)) return;
      seen.add(one);
      if (one instanceof File) this.#settle(one);
      else {
        one.entries = new Map(one.durable);
        for (const each of one.entries.values()) settle(each);
      }
    };
    settle(this.#root);
    for (const [path, database] of this.#databases)
      if (database.isTransaction) {
        database.exec('ROLLBACK');
        this.#done.get(path)?.push({ sql: 'ROLLBACK', values: undefined });
      }
    this.#locks.clear();
    this.#isCrashed = false;
  }

  /** Another disk with what is there now, all of it durable: as a backup of a node that is stopped. */
  copy(options: MemoryDiskOptions = {}): MemoryDisk {
    const made = new MemoryDisk(options);
    const copy = (one: File | Folder): File | Folder => {
      if (one instanceof File) {
        const file = new File();
        file.bytes = Buffer.from(one.bytes);
        file.durable = file.bytes;
        return file;
      }
      const folder = new Folder();
      folder.entries = new Map([...one.entries].map(([name, each]) => [name, copy(each)]));
      folder.durable = new Map(folder.entries);
      return folder;
    };
    made.#root = copy(this.#root) as Folder;
    for (const [path, done] of this.#done) {
      const database = new DatabaseSync(':memory:');
      for (const { sql, values } of done)
        if (values === undefined) database.exec(sql);
        else database.prepare(sql).run(...values);
      made.#databases.set(path, database);
      made.#done.set(path, [...done]);
    }
    return made;
  }

  /** Copies what is there now into a folder of the machine, so that other programs can look at it. @param under a folder: that alone */
  copyTo(folder: string, under?: string): void {
    const copy = (one: File | Folder, to: string): void => {
      if (one instanceof File) writeFileSync(to, one.bytes);
      else {
        mkdirSync(to, { recursive: true });
        for (const [name, each] of one.entries) copy(each, join(to, printable(name)));
      }
    };
    copy(under === undefined ? this.#root : this.#folder(under), folder);
    if (under !== undefined) return;
    for (const [path, database] of this.#databases)
      database.prepare('VACUUM INTO ?').run(join(folder, ...namesOf(path).map(printable)));
  }

  /** Each write since the last sync is there, cut short, or not there. */
  #settle(file: File): void {
    let bytes = file.durable;
    for (const { apply, operation, isTorn } of file.pending) {
      const chance = this.#random();
      if (chance < WHOLE && !isTorn) bytes = apply(bytes, 1);
      else if (chance < CUT || isTorn) {
        bytes = apply(bytes, this.#random());
        this.onTorn?.(operation);
      }
    }
    file.pending = [];
    file.durable = bytes;
    file.bytes = Buffer.from(bytes);
  }

  #alive(boot = this.#boot): void {
    if (this.#isCrashed || boot !== this.#boot) throw new Crash('The machine crashed.');
  }

  /** Every change passes here. @returns whether a crash soon after keeps a part of it */
  #step(operation: Operation, boot = this.#boot): boolean {
    this.#alive(boot);
    this.operations++;
    const mishap = this.watch?.(operation);
    if (mishap === 'full') throw failure('ENOSPC', 'no space left on the disk');
    if (mishap === 'crash') this.#crashAt = this.operations;
    if (mishap === 'torn') this.#crashAt = this.operations + 1;
    if (this.operations >= this.#failAt) {
      this.#failAt = Number.POSITIVE_INFINITY;
      throw failure('ENOSPC', 'no space left on the disk');
    }
    if (this.operations >= this.#crashAt) {
      this.crash();
      this.#alive();
    }
    return mishap === 'torn';
  }

  #find(path: string): File | Folder | undefined {
    this.#alive();
    let at: File | Folder | undefined = this.#root;
    for (const name of namesOf(path)) at = at instanceof Folder ? at.entries.get(name) : undefined;
    return at;
  }

  #folder(path: string): Folder {
    const found = this.#find(path);
    if (!(found instanceof Folder)) throw failure('ENOENT', path);
    return found;
  }

  #parent(path: string): { folder: Folder; name: string } {
    const names = namesOf(path);
    return { folder: this.#folder(names.slice(0, -1).join('/')), name: names.at(-1) ?? '' };
  }

  #change(path: string, folders: readonly Folder[], apply: Change['apply']): void {
    this.#step({ kind: 'names', path });
    apply('entries');
    this.#changes.push({ folders, apply });
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  read(path: string): Buffer {
    const file = this.#find(path);
    if (!(file instanceof File)) throw failure('ENOENT', path);
    return Buffer.from(file.bytes);
  }

  list(folder: string): string[] {
    return [...this.#folder(folder).entries.keys()].sort();
  }

  makeFolder(path: string): void {
    const names = namesOf(path);
    for (let i = 1; i <= names.length; i++) {
      const at = names.slice(0, i).join('/');
      if (this.has(at)) continue;
      const { folder, name } = this.#parent(at);
      const made = new Folder();
      this.#change(at, [folder], (of) => folder[of].set(name, made));
    }
  }

  open(path: string, how: 'read' | 'write' | 'create' | 'empty'): DiskFile {
    let file = this.#find(path);
    if (file === undefined && (how === 'create' || how === 'empty')) {
      const { folder, name } = this.#parent(path);
      const made = new File();
      file = made;
      this.#change(path, [folder], (of) => folder[of].set(name, made));
    }
    if (!(file instanceof File)) throw failure('ENOENT', path);
    const opened = new MemoryFile(file, {
      boot: this.#boot,
      path,
      alive: (boot) => this.#alive(boot),
      step: (operation, boot) => this.#step(operation, boot),
      delay: this.#delay,
    });
    if (how === 'empty' && file.bytes.length > 0) opened.truncate(0);
    return opened;
  }

  rename(from: string, to: string): void {
    const source = this.#parent(from);
    const one = source.folder.entries.get(source.name);
    if (one === undefined) throw failure('ENOENT', from);
    const target = this.#parent(to);
    this.#change(to, [source.folder, target.folder], (of) => {
      if (source.folder[of].get(source.name) === one) source.folder[of].delete(source.name);
      target.folder[of].set(target.name, one);
    });
  }

  link(from: string, to: string): void {
    const file = this.#find(from);
    if (!(file instanceof File)) throw failure('ENOENT', from);
    const { folder, name } = this.#parent(to);
    if (folder.entries.has(name)) throw failure('EEXIST', to);
    this.#change(to, [folder], (of) => folder[of].set(name, file));
  }

  remove(path: string): void {
    if (!this.has(path)) return;
    const { folder, name } = this.#parent(path);
    this.#change(path, [folder], (of) => folder[of].delete(name));
  }

  async syncFolder(path: string): Promise<void> {
    const folder = this.#folder(path);
    const boot = this.#boot;
    const until = this.#changes.length;
    const upTo = this.#changes[until - 1];
    this.#step({ kind: 'sync', path });
    await this.#delay();
    this.#alive(boot);
    this.#keep(folder, upTo);
  }

  syncFolderNow(path: string): void {
    const folder = this.#folder(path);
    this.#step({ kind: 'sync', path });
    this.#keep(folder, this.#changes.at(-1));
  }

  /** Makes the changes in a folder durable, and before each those that it rests on. */
  #keep(folder: Folder, upTo: Change | undefined): void {
    const end = upTo === undefined ? -1 : this.#changes.indexOf(upTo);
    const concerned = new Set([folder]);
    const kept = new Set<Change>();
    for (let i = end; i >= 0; i--) {
      const change = this.#changes[i] as Change;
      if (!change.folders.some((one) => concerned.has(one))) continue;
      for (const one of change.folders) concerned.add(one);
      kept.add(change);
    }
    this.#changes = this.#changes.filter((change) => {
      if (kept.has(change)) change.apply('durable');
      return !kept.has(change);
    });
  }

  lock(path: string): (() => void) | undefined {
    this.#alive();
    if (this.#locks.has(path)) return undefined;
    this.#locks.add(path);
    const boot = this.#boot;
    return () => {
      if (boot === this.#boot) this.#locks.delete(path);
    };
  }

  database(path: string): Database {
    this.#alive();
    const at = posix.normalize(path);
    const database = this.#databases.get(at) ?? new DatabaseSync(':memory:');
    this.#databases.set(at, database);
    const done = this.#done.get(at) ?? [];
    this.#done.set(at, done);
    const boot = this.#boot;
    const changes = <T>(sql: string, values: SQLInputValue[] | undefined, work: () => T): T => {
      this.#step({ kind: 'sql', path: at, sql, values: values ?? [] }, boot);
      const changed = work();
      done.push({ sql, values: values?.map((value) => structuredClone(value)) });
      return changed;
    };
    const reads = <T>(work: () => T): T => {
      this.#alive(boot);
      return work();
    };
    const statements = new Map<string, StatementSync>();
    const prepared = (sql: string): StatementSync => {
      const known = statements.get(sql) ?? database.prepare(sql);
      statements.set(sql, known);
      return known;
    };
    return {
      get isTransaction() {
        return database.isTransaction;
      },
      exec: (sql) => changes(sql, undefined, () => database.exec(sql)),
      prepare(sql) {
        const statement = reads(() => prepared(sql));
        return {
          run: (...values: SQLInputValue[]) => changes(sql, values, () => statement.run(...values)),
          get: (...values: SQLInputValue[]) => reads(() => statement.get(...values)),
          all: (...values: SQLInputValue[]) => reads(() => statement.all(...values)),
        };
      },
      close: () => undefined,
    };
  }
}

function namesOf(path: string): string[] {
  return posix
    .normalize(path)
    .split('/')
    .filter((name) => name !== '' && name !== '.');
}

function printable(name: string): string {
  return name.replaceAll('\0', '');
}
