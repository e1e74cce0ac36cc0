// Bodies: what sealed statements commit to, kept beside the log. Each is encrypted under its subject's own key
// (AES-256-GCM), so that forgetting a subject means deleting one key, while every proof stays valid.
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { type Database, type Disk, type DiskFile, makeFolderNow, type PreparedStatement } from '@trine/system/disk.ts';
import type { Random } from '@trine/system/random.ts';
import { machine, type System } from '@trine/system/system.ts';
import { systemDisk } from '@trine/system/system-disk.ts';
import { atOnce } from '@trine/system/transactions.ts';

/** Record: u32 length of what follows ‖ u64 leaf index ‖ 4-byte subject number ‖ 12-byte nonce ‖ ciphertext ‖ 16-byte tag. */
const HEAD_BYTES = 4 + 8 + 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;
/** Index record: u48 offset + 1 in the data file, 0 for "no body". */
const SLOT_BYTES = 6;
/** Bytes of records that a start walks at most, to make their index again. */
const INDEXED_EVERY_BYTES = 4_194_304;

/** One body to keep. */
export interface Body {
  readonly index: number;
  readonly subject: string;
  readonly disclosure: Uint8Array;
}

interface SubjectKey {
  readonly number: number;
  /** A key object, not bytes: making one for each body would cost more than encrypting it. */
  readonly key: KeyObject;
}

/** Reads bodies. Writes nothing, so that a folder in use can be read beside its owner. */
export class BodyReader {
  protected readonly data: DiskFile;
  protected readonly slots: DiskFile;
  protected readonly keys: Database;
  protected readonly bySubject = new Map<string, SubjectKey>();
  protected readonly byNumber = new Map<number, SubjectKey>();

  /** @throws Error when the folder holds no bodies */
  constructor(directory: string, files: BodyFiles = openToRead(systemDisk, directory)) {
    this.data = files.data;
    this.slots = files.slots;
    this.keys = files.keys;
    for (const row of this.keys.prepare('SELECT number, subject, key FROM subject_keys').all())
      this.remember(row.subject as string, {
        number: row.number as number,
        key: createSecretKey(row.key as Uint8Array),
      });
  }

  protected remember(subject: string, key: SubjectKey): void {
    this.bySubject.set(subject, key);
    this.byNumber.set(key.number, key);
  }

  protected slot(index: number): number | undefined {
    const slot = Buffer.alloc(SLOT_BYTES);
    if (this.slots.read(slot, index * SLOT_BYTES) < SLOT_BYTES) return undefined;
    const value = slot.readUIntBE(0, SLOT_BYTES);
    return value === 0 ? undefined : value - 1;
  }

  /**
   * The disclosure (salt and body) of leaf `index`.
   * @returns undefined when the leaf has none or its subject was forgotten
   */
  read(index: number): Uint8Array | undefined {
    const offset = this.slot(index);
    if (offset === undefined) return undefined;
    const head = Buffer.alloc(HEAD_BYTES);
    // The place of one that a crash took may be in the midst of another.
    if (this.data.read(head, offset) < HEAD_BYTES || Number(head.readBigUInt64BE(4)) !== index) return undefined;
    return this.open(head, offset);
  }

  /** @throws Error when it is not what was written */
  protected open(head: Buffer, offset: number): Uint8Array | undefined {
    const record = Buffer.alloc(head.readUInt32BE(0) + 4);
    if (this.data.read(record, offset) < record.length) return undefined;
    const key = this.byNumber.get(record.readUInt32BE(12));
    if (key === undefined) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key.key, record.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES));
    decipher.setAAD(record.subarray(4, HEAD_BYTES));
    decipher.setAuthTag(record.subarray(record.length - TAG_BYTES));
    const plain = decipher.update(record.subarray(HEAD_BYTES + NONCE_BYTES, record.length - TAG_BYTES));
    decipher.final();
    return plain;
  }

  /** Is there a body of leaf `index`, or was there one that was erased? `none`: its body is in the log itself. */
  standing(index: number): 'none' | 'kept' | 'erased' {
    const offset = this.slot(index);
    if (offset === undefined) return 'none';
    const head = Buffer.alloc(HEAD_BYTES);
    if (this.data.read(head, offset) < HEAD_BYTES || Number(head.readBigUInt64BE(4)) !== index) return 'none';
    return this.byNumber.has(head.readUInt32BE(12)) ? 'kept' : 'erased';
  }

  close(): void | Promise<void> {
    this.data.close();
    this.slots.close();
    this.keys.close();
  }
}

interface BodyFiles {
  readonly data: DiskFile;
  readonly slots: DiskFile;
  readonly keys: Database;
}

function openToRead(disk: Disk, directory: string): BodyFiles {
  return {
    data: disk.open(join(directory, 'bodies'), 'read'),
    slots: disk.open(join(directory, 'bodies.index'), 'read'),
    keys: disk.database(join(directory, 'keys.sqlite'), { readOnly: true }),
  };
}

function openToWrite(disk: Disk, directory: string): BodyFiles {
  makeFolderNow(disk, directory, 0o700);
  const keys = disk.database(join(directory, 'keys.sqlite'));
  keys.exec(`PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS subject_keys (number INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT UNIQUE NOT NULL, key BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS uncertified (subject TEXT PRIMARY KEY, bodies INTEGER NOT NULL, size INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS indexed (id INTEGER PRIMARY KEY, below INTEGER NOT NULL, slots INTEGER NOT NULL)`);
  const data = disk.open(join(directory, 'bodies'), 'create', 0o600);
  const slots = disk.open(join(directory, 'bodies.index'), 'create', 0o600);
  // What is synced in a file whose name is lost is lost with it.
  disk.syncFolderNow(directory);
  return { data, slots, keys };
}

export class Bodies extends BodyReader {
  readonly #insertKey: PreparedStatement;
  readonly #random: Random;
  #end: number;
  /** The index of the records below is on disk; see {@link repair}. */
  #indexed = 0;
  #syncing: Promise<void> | undefined;
  #again: Promise<void> | undefined;

  /** Opens the folder of bodies, cutting off a record that a crash left half written. */
  constructor(directory: string, { disk, random }: Pick<System, 'disk' | 'random'> = machine) {
    super(directory, openToWrite(disk, directory));
    this.#random = random;
    this.#insertKey = this.keys.prepare('INSERT INTO subject_keys (subject, key) VALUES (?, ?)');
    this.#end = this.#repair();
  }

  /**
   * Walks the records whose places in the index are not known to be on disk, and notes them again: a power failure may have
   * taken any of them. @returns the end of the last whole record
   */
  #repair(): number {
    const { size } = this.data;
    const row = this.keys.prepare('SELECT below, slots FROM indexed').get() as
      | { readonly below: number; readonly slots: number }
      | undefined;
    // Somebody deleted or cut a file, or there is none yet.
    let at = row === undefined || this.slots.size < row.slots || size < row.below ? 0 : row.below;
    const head = Buffer.alloc(HEAD_BYTES);
    for (;;) {
      if (this.data.read(head, at) < HEAD_BYTES) break;
      const length = head.readUInt32BE(0);
      if (length < OVERHEAD_BYTES - 4 || at + 4 + length > size) break;
      const standing = this.#standingOf(head, at);
      if (standing === 'torn') break;
      const index = Number(head.readBigUInt64BE(4));
      // Whether one without its key is whole cannot be told: it takes no other's place.
      if (standing === 'kept' || this.standing(index) === 'none') this.#writeSlots(index, [at]);
      at += 4 + length;
    }
    if (at < size) this.data.truncate(at);
    // What was read may not be on disk itself yet.
    this.data.syncNow();
    this.slots.syncNow();
    this.#noteIndexed(at);
    return at;
  }

  /** A crash may leave the beginning and the end of what was being written, and nothing between. */
  #standingOf(head: Buffer, at: number): 'kept' | 'erased' | 'torn' {
    // Numbers begin with 1.
    if (head.readUInt32BE(12) === 0) return 'torn';
    try {
      return this.open(head, at) === undefined ? 'erased' : 'kept';
    } catch {
      return 'torn';
    }
  }

  /** The index of the records below is on disk. */
  #noteIndexed(below: number): void {
    this.keys.prepare('INSERT OR REPLACE INTO indexed (id, below, slots) VALUES (0, ?, ?)').run(below, this.slots.size);
    this.#indexed = below;
  }

  /** Offsets of the bodies of consecutive leaves, in one write. */
  #writeSlots(index: number, offsets: readonly number[]): void {
    const slots = Buffer.allocUnsafe(SLOT_BYTES * offsets.length);
    offsets.forEach((offset, i) => {
      slots.writeUIntBE(offset + 1, SLOT_BYTES * i, SLOT_BYTES);
    });
    this.slots.write(slots, index * SLOT_BYTES);
  }

  /** Makes the keys of subjects that have none, all in one transaction: each costs an fsync otherwise. */
  #makeKeys(bodies: readonly Body[]): void {
    const without = new Set<string>();
    for (const { subject } of bodies) if (!this.bySubject.has(subject)) without.add(subject);
    if (without.size === 0) return;
    const made: [string, SubjectKey][] = [];
    atOnce(this.keys, () => {
      for (const subject of without) {
        const bytes = this.#random(32);
        const { lastInsertRowid } = this.#insertKey.run(subject, bytes);
        made.push([subject, { number: Number(lastInsertRowid), key: createSecretKey(bytes) }]);
      }
    });
    for (const [subject, key] of made) this.remember(subject, key);
  }

  /**
   * Keeps bodies.
   * @returns a promise that settles once they are on disk; several calls share one fsync
   */
  append(bodies: readonly Body[]): Promise<void> {
    if (bodies.length === 0) return Promise.resolve();
    try {
      this.#write(bodies);
    } catch (error) {
      // As one that fails later: whoever waits for it is told.
      return Promise.reject(error);
    }
    const stored = this.#flush();
    stored.catch(() => undefined);
    return stored;
  }

  #write(bodies: readonly Body[]): void {
    this.#makeKeys(bodies);
    let length = 0;
    for (const { disclosure } of bodies) length += OVERHEAD_BYTES + disclosure.length;
    const records = Buffer.allocUnsafe(length);
    const nonces = this.#random(NONCE_BYTES * bodies.length);
    let at = 0;
    let run: number[] = [];
    let next = -1;
    bodies.forEach((body, i) => {
      if (body.index !== next && run.length > 0) {
        this.#writeSlots(next - run.length, run);
        run = [];
      }
      run.push(this.#end + at);
      next = body.index + 1;
      const record = records.subarray(at, at + OVERHEAD_BYTES + body.disclosure.length);
      this.#encrypt(body, nonces.subarray(NONCE_BYTES * i, NONCE_BYTES * (i + 1)), record);
      at += record.length;
    });
    this.#writeSlots(next - run.length, run);
    this.data.write(records, this.#end);
    this.#end += length;
  }

  #encrypt({ index, subject, disclosure }: Body, nonce: Uint8Array, record: Buffer): void {
    const { number, key } = this.bySubject.get(subject) as SubjectKey;
    record.writeUInt32BE(record.length - 4, 0);
    record.writeUInt32BE(Math.floor(index / 2 ** 32), 4);
    record.writeUInt32BE(index % 2 ** 32, 8);
    record.writeUInt32BE(number, 12);
    record.set(nonce, HEAD_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(record.subarray(4, HEAD_BYTES));
    record.set(cipher.update(disclosure), HEAD_BYTES + NONCE_BYTES);
    cipher.final();
    record.set(cipher.getAuthTag(), record.length - TAG_BYTES);
  }

  /** Group commit: while one fsync runs, everything appended meanwhile waits for the next one together. */
  #flush(): Promise<void> {
    if (this.#syncing === undefined) {
      this.#syncing = this.#syncBoth().finally(() => {
        this.#syncing = undefined;
      });
      return this.#syncing;
    }
    this.#again ??= this.#syncing
      .catch(() => undefined)
      .then(() => {
        this.#again = undefined;
        return this.#flush();
      });
    return this.#again;
  }

  /** The index is synced now and then only: it can be made again from the records. */
  async #syncBoth(): Promise<void> {
    const end = this.#end;
    await this.data.sync();
    if (end - this.#indexed < INDEXED_EVERY_BYTES) return;
    await this.slots.sync();
    this.#noteIndexed(end);
  }

  /**
   * Forgets all bodies of a subject by deleting their key. Proofs over its statements stay valid. Noted with it, in one
   * transaction, is that this has yet to be certified.
   * @param bodies how many they are
   * @param size of the log: the certificate comes after
   */
  forget(subject: string, bodies: number, size: number): void {
    const key = this.bySubject.get(subject);
    if (key === undefined) return;
    atOnce(this.keys, () => {
      this.keys.prepare('DELETE FROM subject_keys WHERE number = ?').run(key.number);
      this.keys
        .prepare(
          'INSERT INTO uncertified VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bodies = bodies + excluded.bodies, size = excluded.size',
        )
        .run(subject, bodies, size);
    });
    this.bySubject.delete(subject);
    this.byNumber.delete(key.number);
  }

  /**
   * How many bodies of a subject were forgotten without a certificate yet, and the size of the log then.
   * @returns undefined: there is nothing to certify
   */
  uncertified(subject: string): { readonly bodies: number; readonly size: number } | undefined {
    const row = this.keys.prepare('SELECT bodies, size FROM uncertified WHERE subject = ?').get(subject);
    return row && { bodies: row.bodies as number, size: row.size as number };
  }

  /** The certificate is in the log. */
  certified(subject: string): void {
    this.keys.prepare('DELETE FROM uncertified WHERE subject = ?').run(subject);
  }

  override async close(): Promise<void> {
    await this.#flush();
    await this.slots.sync();
    this.#noteIndexed(this.#end);
    super.close();
  }
}
