// What is kept of connectors: their settings, the things that somebody accepted and how they are read, and every mapping that
// readings were made by, under its hash.
import type { FoundThing } from '@trine/mapping/connector.ts';
import { mappingHash, mappingSchema, plainMapping } from '@trine/mapping/message/mapping.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import type { Database, PreparedStatement } from '@trine/system/disk.ts';
import { atOnce } from '@trine/system/transactions.ts';

/** A thing that somebody accepted: what its mappings read is sealed. */
export interface AcceptedThing extends FoundThing {
  readonly connector: string;
  readonly acceptedMs: number;
  /** As it was found then, where it is read otherwise. */
  readonly offered?: readonly Mapping[];
}

/** How a connector is set. */
export interface KeptConnector {
  readonly enabled: boolean;
  readonly settings: unknown;
}

export class KeptConnectors {
  readonly #db: Database;
  readonly #addMapping: PreparedStatement;
  readonly #known = new Set<string>();

  constructor(db: Database) {
    this.#db = db;
    db.exec(`CREATE TABLE IF NOT EXISTS connectors (name TEXT PRIMARY KEY, enabled INTEGER NOT NULL, settings TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS secrets (connector TEXT PRIMARY KEY, secret TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS things (connector TEXT NOT NULL, id TEXT NOT NULL, thing TEXT NOT NULL,
        accepted_ms INTEGER NOT NULL, PRIMARY KEY (connector, id));
      CREATE TABLE IF NOT EXISTS kinds (connector TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (connector, kind));
      CREATE TABLE IF NOT EXISTS sure (connector TEXT NOT NULL, kind TEXT NOT NULL, quantity TEXT NOT NULL,
        PRIMARY KEY (connector, kind, quantity));
      CREATE TABLE IF NOT EXISTS mappings (hash TEXT PRIMARY KEY, mapping TEXT NOT NULL)`);
    this.#addMapping = db.prepare('INSERT OR IGNORE INTO mappings (hash, mapping) VALUES (?, ?)');
  }

  connector(name: string): KeptConnector | undefined {
    const row = this.#db.prepare('SELECT enabled, settings FROM connectors WHERE name = ?').get(name);
    return row && { enabled: row.enabled === 1, settings: JSON.parse(row.settings as string) as unknown };
  }

  setConnector(name: string, { enabled, settings }: KeptConnector): void {
    this.#db
      .prepare(
        `INSERT INTO connectors (name, enabled, settings) VALUES (?, ?, ?)
          ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, settings = excluded.settings`,
      )
      .run(name, enabled ? 1 : 0, JSON.stringify(settings));
  }

  secret(connector: string): string | undefined {
    return this.#db.prepare('SELECT secret FROM secrets WHERE connector = ?').get(connector)?.secret as
      | string
      | undefined;
  }

  setSecret(connector: string, secret: string): void {
    this.#db
      .prepare(
        'INSERT INTO secrets (connector, secret) VALUES (?, ?) ON CONFLICT (connector) DO UPDATE SET secret = excluded.secret',
      )
      .run(connector, secret);
  }

  *things(): Generator<AcceptedThing> {
    for (const row of this.#db.prepare('SELECT * FROM things ORDER BY connector, id').all()) {
      const { mappings, offered, ...thing } = JSON.parse(row.thing as string) as Omit<FoundThing, 'mappings'> & {
        mappings: unknown[];
        offered?: unknown[];
      };
      yield {
        ...thing,
        // What another release accepted and this one cannot read is read no more: the thing is listed as changed once it is heard.
        mappings: readable(mappings),
        ...(offered && { offered: readable(offered) }),
        connector: row.connector as string,
        acceptedMs: row.accepted_ms as number,
      };
    }
  }

  putThings(things: readonly AcceptedThing[]): void {
    const put = this.#db.prepare(
      `INSERT INTO things (connector, id, thing, accepted_ms) VALUES (?, ?, ?, ?)
        ON CONFLICT (connector, id) DO UPDATE SET thing = excluded.thing`,
    );
    atOnce(this.#db, () => {
      for (const { connector, acceptedMs, offered, ...thing } of things) {
        const isAsOffered = offered === undefined || offered === thing.mappings;
        const kept = {
          ...thing,
          mappings: thing.mappings.map(plainMapping),
          ...(!isAsOffered && { offered: offered.map(plainMapping) }),
        };
        put.run(connector, thing.id, JSON.stringify(kept), acceptedMs);
      }
    });
  }

  removeThings(connector: string, ids: readonly string[]): void {
    const remove = this.#db.prepare('DELETE FROM things WHERE connector = ? AND id = ?');
    atOnce(this.#db, () => {
      for (const id of ids) remove.run(connector, id);
    });
  }

  /** Kinds that are accepted as they come, each with the quantities whose usual unit somebody confirmed. */
  kinds(connector: string): Map<string, ReadonlySet<string>> {
    const sure = this.#db.prepare('SELECT quantity FROM sure WHERE connector = ? AND kind = ?');
    const kinds = this.#db.prepare('SELECT kind FROM kinds WHERE connector = ? ORDER BY kind').all(connector);
    return new Map(
      kinds.map(({ kind }) => [
        kind as string,
        new Set(sure.all(connector, kind as string).map(({ quantity }) => quantity as string)),
      ]),
    );
  }

  /** @param sure undefined: the kind is accepted no more */
  setKind(connector: string, kind: string, sure: ReadonlySet<string> | undefined): void {
    atOnce(this.#db, () => {
      this.#db.prepare('DELETE FROM sure WHERE connector = ? AND kind = ?').run(connector, kind);
      if (sure === undefined) {
        this.#db.prepare('DELETE FROM kinds WHERE connector = ? AND kind = ?').run(connector, kind);
        return;
      }
      this.#db.prepare('INSERT OR IGNORE INTO kinds (connector, kind) VALUES (?, ?)').run(connector, kind);
      const add = this.#db.prepare('INSERT INTO sure (connector, kind, quantity) VALUES (?, ?, ?)');
      for (const quantity of sure) add.run(connector, kind, quantity);
    });
  }

  /** Keeps a mapping before anything names it. @returns its hash, hex */
  keepMapping(mapping: Mapping): string {
    const hash = mappingHash(mapping);
    if (!this.#known.has(hash)) this.#addMapping.run(hash, JSON.stringify(plainMapping(mapping)));
    this.#known.add(hash);
    return hash;
  }

  mapping(hash: string): Mapping | undefined {
    const row = this.#db.prepare('SELECT mapping FROM mappings WHERE hash = ?').get(hash);
    return row && mappingSchema.parse(JSON.parse(row.mapping as string));
  }

  close(): void {
    this.#db.close();
  }
}

const readable = (mappings: readonly unknown[]): Mapping[] =>
  mappings.flatMap((mapping) => mappingSchema.safeParse(mapping).data ?? []);
