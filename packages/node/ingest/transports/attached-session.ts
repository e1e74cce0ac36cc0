// What the node remembers of its session at a broker of the user's: under which client id the broker keeps messages for it,
// and which messages it took whose acknowledgement the broker may not have had. Kept over kill -9; a power failure may take
// the last of it, and what was under way then can come twice.
import { sha256 } from '@trine/protocol';
import type { Database, PreparedStatement } from '@trine/system/disk.ts';
import type { Random } from '@trine/system/random.ts';

/** A message of QoS 1 as a broker hands it out. */
export interface Delivered {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly messageId: number;
  /** The broker says that it may have handed it out before. */
  readonly dup: boolean;
}

/** A message that is being taken. */
export interface Taking {
  /** In the order of arrival. */
  readonly number: number;
  /** When it came first: no two messages of a topic have the same. */
  readonly arrivalMs: number;
  /** It came before, under the same number of the broker's, and was not acknowledged so that the broker knew. */
  readonly isAgain: boolean;
  /** It is known to be sealed. */
  readonly isSealed: boolean;
}

const CLIENT_ID_BYTES = 8;
/** Topics whose last time is remembered. */
const TOPICS_MAX = 10_000;
const CLOCK_STEP_MS = 1_000;

export class AttachedSession {
  readonly clientId: string;
  readonly #db: Database;
  readonly #find: PreparedStatement;
  readonly #put: PreparedStatement;
  readonly #seal: PreparedStatement;
  readonly #forget: PreparedStatement;
  readonly #lastMs = new Map<string, number>();

  constructor(db: Database, random: Random) {
    this.#db = db;
    // Of a process that is killed nothing is lost that was written.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    db.exec('CREATE TABLE IF NOT EXISTS session (name TEXT PRIMARY KEY, value TEXT NOT NULL)');
    db.exec(
      `CREATE TABLE IF NOT EXISTS taken (
         number INTEGER PRIMARY KEY AUTOINCREMENT, message_id INTEGER NOT NULL UNIQUE, hash BLOB NOT NULL,
         arrival_ms INTEGER NOT NULL, sealed INTEGER NOT NULL DEFAULT 0)`,
    );
    this.#find = db.prepare('SELECT number, hash, arrival_ms, sealed FROM taken WHERE message_id = ?');
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO taken (message_id, hash, arrival_ms) VALUES (?, ?, ?) RETURNING number',
    );
    this.#seal = db.prepare('UPDATE taken SET sealed = 1 WHERE number = ?');
    this.#forget = db.prepare('DELETE FROM taken WHERE number <= ?');
    this.clientId = this.#read('client-id') ?? `trine-${Buffer.from(random(CLIENT_ID_BYTES)).toString('hex')}`;
    this.#write('client-id', this.clientId);
  }

  #read(name: string): string | undefined {
    return this.#db.prepare('SELECT value FROM session WHERE name = ?').get(name)?.value as string | undefined;
  }

  #write(name: string, value: string): void {
    this.#db.prepare('INSERT OR REPLACE INTO session VALUES (?, ?)').run(name, value);
  }

  /** What another broker numbered says nothing here. */
  at(address: string): void {
    if (this.#read('broker') !== address) {
      this.#forget.run(Number.MAX_SAFE_INTEGER);
      this.#write('filters', '[]');
    }
    this.#write('broker', address);
  }

  /** Topic filters that the broker still has of this session. */
  get filters(): readonly string[] {
    return JSON.parse(this.#read('filters') ?? '[]') as string[];
  }

  set filters(filters: readonly string[]) {
    this.#write('filters', JSON.stringify(filters));
  }

  /**
   * A message has come: what is written down of it stays until the broker knows that it was taken. The same one again has
   * the same number of the broker's (MQTT 3.1.1 §4.4), is marked as such, and says the same.
   */
  take({ topic, payload, messageId, dup }: Delivered, nowMs: number): Taking {
    const hash = sha256(Buffer.concat([Buffer.from(`${topic}\0`), payload]));
    const known = dup ? this.#find.get(messageId) : undefined;
    if (known && Buffer.compare(known.hash as Uint8Array, hash) === 0)
      return {
        number: known.number as number,
        arrivalMs: known.arrival_ms as number,
        isAgain: true,
        isSealed: known.sealed === 1,
      };
    const lastMs = this.#lastMs.get(topic) ?? 0;
    // A clock that was set back by more is believed.
    const arrivalMs = nowMs <= lastMs && nowMs > lastMs - CLOCK_STEP_MS ? lastMs + 1 : nowMs;
    if (this.#lastMs.size > TOPICS_MAX) this.#lastMs.clear();
    this.#lastMs.set(topic, arrivalMs);
    const number = this.#put.get(messageId, hash, arrivalMs)?.number as number;
    return { number, arrivalMs, isAgain: false, isSealed: false };
  }

  sealed({ number }: Taking): void {
    this.#seal.run(number);
  }

  /** The broker has the acknowledgements of all messages up to this one. */
  forget(number: number): void {
    this.#forget.run(number);
  }

  /** How many messages may come again. */
  get size(): number {
    return this.#db.prepare('SELECT count(*) AS n FROM taken').get()?.n as number;
  }
}
