// A file of the disk in memory, and what of it survives.
import type { DiskFile } from '../disk.ts';

/** Something that changes the disk. */
export interface Operation {
  readonly kind: 'write' | 'sync' | 'names' | 'sql';
  readonly path: string;
  /** What is written. */
  readonly bytes?: Uint8Array;
  readonly sql?: string;
  readonly values?: readonly unknown[];
}

interface Write {
  readonly apply: (bytes: Buffer<ArrayBufferLike>, part: number) => Buffer<ArrayBufferLike>;
  readonly operation: Operation;
  /** A crash keeps a part of it. */
  readonly isTorn: boolean;
}

/** What is in it, and what a crash leaves of that. */
export class File {
  bytes: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  /** What survives. */
  durable: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  pending: Write[] = [];
}

/** The machine that opened it. */
interface Machine {
  readonly boot: number;
  readonly path: string;
  alive(boot: number): void;
  /** @returns whether a crash soon after keeps a part of it */
  step(operation: Operation, boot: number): boolean;
  delay(): Promise<void>;
}

/** An open file. */
export class MemoryFile implements DiskFile {
  readonly #file: File;
  readonly #machine: Machine;
  #isOpen = true;

  constructor(file: File, machine: Machine) {
    this.#file = file;
    this.#machine = machine;
  }

  #alive(): void {
    this.#machine.alive(this.#machine.boot);
    if (!this.#isOpen) throw failure('EBADF', 'a closed file');
  }

  #change(bytes: Uint8Array | undefined, apply: Write['apply']): void {
    this.#alive();
    const operation: Operation = { kind: 'write', path: this.#machine.path, ...(bytes && { bytes }) };
    const isTorn = this.#machine.step(operation, this.#machine.boot);
    this.#file.bytes = apply(this.#file.bytes, 1);
    this.#file.pending.push({ apply, operation, isTorn });
  }

  get size(): number {
    this.#alive();
    return this.#file.bytes.length;
  }

  read(into: Uint8Array, position: number): number {
    this.#alive();
    const part = this.#file.bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  write(bytes: Uint8Array, position: number): void {
    const written = Uint8Array.from(bytes);
    this.#change(written, (before, part) => {
      const end = position + Math.floor(written.length * part);
      const after = end > before.length ? Buffer.concat([before, Buffer.alloc(end - before.length)]) : before;
      after.set(written.subarray(0, end - position), position);
      return after;
    });
  }

  async writeAll(parts: readonly Uint8Array[], position: number): Promise<void> {
    this.write(Buffer.concat(parts), position);
    await this.#machine.delay();
    this.#machine.alive(this.#machine.boot);
  }

  truncate(size: number): void {
    this.#change(undefined, (before) =>
      size <= before.length
        ? Buffer.from(before.subarray(0, size))
        : Buffer.concat([before, Buffer.alloc(size - before.length)]),
    );
  }

  async sync(): Promise<void> {
    this.#alive();
    this.#machine.step({ kind: 'sync', path: this.#machine.path }, this.#machine.boot);
    const last = this.#file.pending.at(-1);
    await this.#machine.delay();
    this.#machine.alive(this.#machine.boot);
    this.#keep(last);
  }

  syncNow(): void {
    this.#alive();
    this.#machine.step({ kind: 'sync', path: this.#machine.path }, this.#machine.boot);
    this.#keep(this.#file.pending.at(-1));
  }

  #keep(upTo: Write | undefined): void {
    const end = upTo === undefined ? 0 : this.#file.pending.indexOf(upTo) + 1;
    let bytes = Buffer.from(this.#file.durable) as Buffer<ArrayBufferLike>;
    for (const { apply } of this.#file.pending.splice(0, end)) bytes = apply(bytes, 1);
    this.#file.durable = bytes;
  }

  close(): void {
    this.#isOpen = false;
  }
}

export function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
