// Who may say and hear what at the embedded broker. Signed statements need no leave: their signature is checked. Plain
// messages are taken from this machine, and from users with a password, on the topics that are theirs.
import { scrypt, timingSafeEqual } from 'node:crypto';
import { coversFilter, isTopicFilter, matchTopic, TrineError } from '@trine/protocol';
import type { Database } from '@trine/system/disk.ts';
import type { Random } from '@trine/system/random.ts';

/** A user of the broker. */
export interface MqttUser {
  readonly name: string;
  /** Topic filters that it may publish to. */
  readonly publish: readonly string[];
  /** Topic filters that it may subscribe to, or to parts of. */
  readonly subscribe: readonly string[];
}

/** May it publish to this topic? */
export function mayPublish({ publish }: MqttUser, topic: string): boolean {
  return publish.some((filter) => matchTopic(filter, topic) !== undefined);
}

/** May it subscribe to all that this filter matches? */
export function maySubscribe({ subscribe }: MqttUser, filter: string): boolean {
  return subscribe.some((granted) => coversFilter(granted, filter));
}

/** Of a password: so much work (RFC 7914; 32 MiB of memory). */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const HASH_BYTES = 32;
const PASSWORD_BYTES = 18;
const SALT_BYTES = 16;
const USERS_MAX = 10_000;
const FILTER_CHARS_MAX = 512;
const FILTERS_MAX = 100;
const NAME = /^[^\s+#/\p{Cc}](?:[^+#/\p{Cc}]{0,62}[^\s+#/\p{Cc}])?$/u;
/** Passwords looked at side by side; more wait, and beyond that they are told to come again. */
const SIDE_BY_SIDE = 1;
const WAITING_MAX = 32;

interface Row {
  readonly name: string;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
  readonly publish: string;
  readonly subscribe: string;
}

export class MqttUsers {
  readonly #db: Database;
  readonly #random: Random;
  /** Salted hashes of passwords that were right, of this run: whoever connects again is not looked at for long. */
  readonly #known = new Map<string, Buffer>();
  readonly #users = new Map<string, MqttUser>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(db: Database, random: Random) {
    this.#db = db;
    this.#random = random;
    db.exec(`PRAGMA secure_delete = ON;
      CREATE TABLE IF NOT EXISTS mqtt_users (name TEXT PRIMARY KEY, salt BLOB NOT NULL, hash BLOB NOT NULL,
        publish TEXT NOT NULL, subscribe TEXT NOT NULL)`);
    for (const row of db.prepare('SELECT * FROM mqtt_users ORDER BY name').all()) this.#add(row as unknown as Row);
  }

  #add({ name, publish, subscribe }: Row): void {
    const filters = (text: string) => JSON.parse(text) as string[];
    this.#users.set(name, { name, publish: filters(publish), subscribe: filters(subscribe) });
  }

  /** Is there none? */
  get isEmpty(): boolean {
    return this.#users.size === 0;
  }

  /** In the order of their names. */
  list(): MqttUser[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The user as it is now: what it may is asked with each message. */
  get(name: string): MqttUser | undefined {
    return this.#users.get(name);
  }

  /**
   * Adds a user, or gives one that is there other topics and a new password.
   * @returns its password, which is kept nowhere
   * @throws TrineError `invalid`
   */
  async put(user: MqttUser): Promise<string> {
    const { name, publish, subscribe } = user;
    if (!NAME.test(name)) throw new TrineError('invalid', 'A user has a name of 1 to 64 characters without / + #.');
    for (const filters of [publish, subscribe]) checkFilters(filters);
    if (!this.#users.has(name) && this.#users.size >= USERS_MAX)
      throw new TrineError('invalid', `There are at most ${USERS_MAX} users.`);
    const password = Buffer.from(this.#random(PASSWORD_BYTES)).toString('base64url');
    const salt = this.#random(SALT_BYTES);
    const hash = await this.#hash(password, salt);
    this.#db
      .prepare(
        `INSERT INTO mqtt_users (name, salt, hash, publish, subscribe) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (name) DO UPDATE SET salt = excluded.salt, hash = excluded.hash, publish = excluded.publish,
            subscribe = excluded.subscribe`,
      )
      .run(name, salt, hash, JSON.stringify(publish), JSON.stringify(subscribe));
    this.#known.delete(name);
    this.#users.set(name, { name, publish: [...publish], subscribe: [...subscribe] });
    return password;
  }

  /** @returns false where there is none */
  remove(name: string): boolean {
    this.#db.prepare('DELETE FROM mqtt_users WHERE name = ?').run(name);
    this.#known.delete(name);
    return this.#users.delete(name);
  }

  #row(name: string): Row | undefined {
    return this.#db.prepare('SELECT * FROM mqtt_users WHERE name = ?').get(name) as Row | undefined;
  }

  /**
   * @returns undefined where name or password is wrong: which one, nobody is told, and both take as long
   * @throws TrineError `busy` where too many ask at once
   */
  async authenticate(name: string, password: string): Promise<MqttUser | undefined> {
    const row = this.#row(name);
    const salt = row?.salt ?? new Uint8Array(SALT_BYTES);
    const known = this.#known.get(name);
    const quick = await quickHash(password, salt);
    if (row && known && timingSafeEqual(known, quick)) return this.#users.get(name);
    const hash = await this.#hash(password, salt);
    if (row === undefined || !timingSafeEqual(hash, row.hash)) return undefined;
    // It may have been changed meanwhile.
    const now = this.#row(name);
    if (now === undefined || Buffer.compare(now.hash, row.hash) !== 0) return undefined;
    this.#known.set(name, quick);
    return this.#users.get(name);
  }

  async #hash(password: string, salt: Uint8Array): Promise<Buffer> {
    if (this.#busy >= SIDE_BY_SIDE) {
      if (this.#waiting.length >= WAITING_MAX)
        throw new TrineError('busy', 'Too many ask at once to be let in. Try again in a moment.');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#busy++;
    try {
      return await derive(password, salt, COST);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy--;
    }
  }
}

function derive(password: string, salt: Uint8Array, cost: typeof COST): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, cost, (error, key) => (error ? reject(error) : resolve(key))),
  );
}

/** Of what is known to be right in this process alone. */
const quickHash = (password: string, salt: Uint8Array): Promise<Buffer> =>
  derive(password, salt, { ...COST, N: 2, r: 1 });

function checkFilters(filters: readonly string[]): void {
  if (filters.length > FILTERS_MAX)
    throw new TrineError('invalid', `A user has at most ${FILTERS_MAX} filters of each kind.`);
  for (const filter of filters)
    if (!isTopicFilter(filter) || filter.length > FILTER_CHARS_MAX)
      throw new TrineError(
        'invalid',
        `"${filter.slice(0, 80)}" is no topic filter (MQTT 3.1.1 §4.7): + and # stand for whole levels, # for the last.`,
      );
}
