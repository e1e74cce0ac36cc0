// A disk in memory that models what a crash may take: writes since their file was synced (each kept, cut or lost), and
// names since their folder was synced (in their order, a rename in one step). It crashes before any operation it is told.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Database, Disk, DiskFile } from '../disk.ts';
import { File, failure, MemoryFile } from './memory-file.ts';

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
  readonly #root = new Folder();
  readonly #delay: () => Promise<void>;
  readonly #random: () => number;
  readonly #databases = new Map<string, DatabaseSync>();
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
    for (const database of this.#databases.values()) if (database.isTransaction) database.exec('ROLLBACK');
    this.#locks.clear();
    this.#isCrashed = false;
  }

  /** Copies what is there now into a folder of the machine, so that other programs can look at it. */
  copyTo(folder: string): void {
    const copy = (one: File | Folder, to: string): void => {
      if (one instanceof File) writeFileSync(to, one.bytes);
      else {
        mkdirSync(to, { recursive: true });
        for (const [name, each] of one.entries) copy(each, join(to, printable(name)));
      }
    };
    copy(this.#root, folder);
    for (const [path, database] of this.#databases)
      database.prepare('VACUUM INTO ?').run(join(folder, ...namesOf(path).map(printable)));
  }

  /** Each write since the last sync is there, cut short, or not there. */
  #settle(file: File): void {
    let bytes = file.durable;
    for (const write of file.pending) {
      const chance = this.#random();
      if (chance < WHOLE) bytes = write(bytes, 1);
      else if (chance < CUT) bytes = write(bytes, this.#random());
    }
    file.pending = [];
    file.durable = bytes;
    file.bytes = Buffer.from(bytes);
  }

  #alive(boot = this.#boot): void {
    if (this.#isCrashed || boot !== this.#boot) throw new Crash('The machine crashed.');
  }

  /** Every change passes here. */
  #step(boot = this.#boot): void {
    this.#alive(boot);
    this.operations++;
    if (this.operations >= this.#failAt) {
      this.#failAt = Number.POSITIVE_INFINITY;
      throw failure('ENOSPC', 'no space left on the disk');
    }
    if (this.operations < this.#crashAt) return;
    this.crash();
    this.#alive();
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

  #change(folders: readonly Folder[], apply: Change['apply']): void {
    this.#step();
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
      this.#change([folder], (of) => folder[of].set(name, made));
    }
  }

  open(path: string, how: 'read' | 'write' | 'create' | 'empty'): DiskFile {
    let file = this.#find(path);
    if (file === undefined && (how === 'create' || how === 'empty')) {
      const { folder, name } = this.#parent(path);
      const made = new File();
      file = made;
      this.#change([folder], (of) => folder[of].set(name, made));
    }
    if (!(file instanceof File)) throw failure('ENOENT', path);
    const opened = new MemoryFile(file, {
      boot: this.#boot,
      alive: (boot) => this.#alive(boot),
      step: (boot) => this.#step(boot),
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
    this.#change([source.folder, target.folder], (of) => {
      if (source.folder[of].get(source.name) === one) source.folder[of].delete(source.name);
      target.folder[of].set(target.name, one);
    });
  }

  link(from: string, to: string): void {
    const file = this.#find(from);
    if (!(file instanceof File)) throw failure('ENOENT', from);
    const { folder, name } = this.#parent(to);
    if (folder.entries.has(name)) throw failure('EEXIST', to);
    this.#change([folder], (of) => folder[of].set(name, file));
  }

  remove(path: string): void {
    if (!this.has(path)) return;
    const { folder, name } = this.#parent(path);
    this.#change([folder], (of) => folder[of].delete(name));
  }

  async syncFolder(path: string): Promise<void> {
    const folder = this.#folder(path);
    const boot = this.#boot;
    const until = this.#changes.length;
    const upTo = this.#changes[until - 1];
    this.#step();
    await this.#delay();
    this.#alive(boot);
    this.#keep(folder, upTo);
  }

  syncFolderNow(path: string): void {
    const folder = this.#folder(path);
    this.#step();
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
    const boot = this.#boot;
    const changes = <T>(work: () => T): T => {
      this.#step(boot);
      return work();
    };
    const reads = <T>(work: () => T): T => {
      this.#alive(boot);
      return work();
    };
    return {
      get isTransaction() {
        return database.isTransaction;
      },
      exec: (sql) => changes(() => database.exec(sql)),
      prepare(sql) {
        const statement = reads(() => database.prepare(sql));
        return {
          run: (...values: SQLInputValue[]) => changes(() => statement.run(...values)),
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
