// A copy of a log of its own: what is served is taken in only where it leads to the signed root and continues what was
// taken in before. A second decider never goes back, and never follows a log that shows it two histories.
import { CompactRange } from '@trine/log/fsck/compact-range.ts';
import type { Source } from '@trine/log/fsck/source.ts';
import {
  countOf,
  decodeBundle,
  encodeBundle,
  equalBytes,
  fromUtf8,
  leafHash,
  type NetworkDocument,
  parseTilePath,
  parseVerifierKey,
  type SignedCheckpoint,
  TILE_WIDTH,
  TrineError,
  type VerifierKey,
  verifyCheckpoint,
} from '@trine/protocol';
import type { Database } from '@trine/system/disk.ts';
import { atOnceLater } from '@trine/system/transactions.ts';
import { readBundle } from '../projections/log-files.ts';

/** The log shows another history than before: nothing more is signed from it. */
export class LogForkedError extends TrineError {
  override readonly name = 'LogForkedError';
  constructor(message: string) {
    super('damaged', `${message} Both signed tree heads are kept: show them to the other members.`);
  }
}

export class LogCopy implements Source {
  readonly origin: string;
  readonly #db: Database;
  readonly #key: VerifierKey;
  #size = 0;
  #range = new CompactRange();

  /**
   * Opens the copy, hashing all of it again.
   * @throws TrineError `damaged` where it is not what was taken in; LogForkedError where the log was found forked before
   */
  constructor(db: Database, network: NetworkDocument, origin: string) {
    const log = network.members.flatMap(({ logs }) => logs).find((one) => one.origin === origin);
    if (log === undefined) throw new TrineError('invalid', `The log ${origin} is none of the network ${network.name}.`);
    this.origin = origin;
    this.#db = db;
    this.#key = parseVerifierKey(log.vkey);
    db.exec(`CREATE TABLE IF NOT EXISTS bundles (bundle INTEGER PRIMARY KEY, entries BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS heads (kind TEXT PRIMARY KEY, note TEXT NOT NULL)`);
    this.#checkForked();
    const seen = this.#head('seen');
    if (seen !== undefined) this.#reopen(verifyCheckpoint(seen, this.#key));
  }

  /** Leaves taken in: all below stand in {@link read}. */
  get size(): number {
    return this.#size;
  }

  #head(kind: 'seen' | 'other'): string | undefined {
    return this.#db.prepare('SELECT note FROM heads WHERE kind = ?').get(kind)?.note as string | undefined;
  }

  #checkForked(): void {
    const other = this.#head('other');
    if (other !== undefined)
      throw new LogForkedError(`The log ${this.origin} has shown two histories (table heads of this folder).`);
  }

  #reopen({ size, root }: SignedCheckpoint): void {
    this.#size = size;
    this.#range = this.#rangeOf(size);
    if (!equalBytes(this.#range.root(), root))
      throw new TrineError(
        'damaged',
        'The copy of the log in this folder was changed: remove log.sqlite, and it is fetched again. What was signed is kept apart.',
      );
  }

  /** The tree of the first leaves. */
  #rangeOf(size: number): CompactRange {
    const range = new CompactRange();
    for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++)
      for (const leaf of this.#leaves(bundle).slice(0, size - bundle * TILE_WIDTH)) range.push(0, leafHash(leaf));
    return range;
  }

  #leaves(bundle: number): Uint8Array[] {
    const bytes = this.#entries(bundle);
    return bytes ? decodeBundle(bytes, Math.min(TILE_WIDTH, this.#size - bundle * TILE_WIDTH)) : [];
  }

  #entries(bundle: number): Uint8Array | undefined {
    const row = this.#db.prepare('SELECT entries FROM bundles WHERE bundle = ?').get(bundle);
    return row && Uint8Array.from(row.entries as Uint8Array);
  }

  /** The entries, as the public files of a log have them; nothing else is kept. */
  async read(path: string): Promise<Uint8Array | undefined> {
    const id = parseTilePath(path);
    if (id?.level !== 'entries' || id.width !== Math.min(TILE_WIDTH, this.#size - id.index * TILE_WIDTH))
      return undefined;
    return this.#entries(id.index);
  }

  /**
   * Takes in what is new.
   * @returns leaves before and after
   * @throws TrineError where it cannot be had, or what is served does not lead to the signed root; LogForkedError
   */
  async pull(source: Source): Promise<{ from: number; to: number }> {
    const file = await source.read('checkpoint');
    if (file === undefined) throw new TrineError('unavailable', 'The log serves no checkpoint.');
    const head = verifyCheckpoint(fromUtf8(file), this.#key);
    const from = this.#size;
    if (head.size <= from) this.#checkOlder(head);
    else await this.#take(source, head);
    return { from, to: this.#size };
  }

  /** An older tree head must be one of this history; newer than what was seen it is not. */
  #checkOlder({ size, root, note }: SignedCheckpoint): void {
    const range = size === this.#size ? this.#range : this.#rangeOf(size);
    if (!equalBytes(range.root(), root)) this.#forked(note, size);
    if (size < this.#size)
      throw new TrineError(
        'unavailable',
        `The log went back: it serves ${countOf(size, 'leaf', 'leaves')}, and had ${this.#size}. Nothing is signed before it has them again.`,
      );
  }

  #forked(note: string, size: number): never {
    this.#db.prepare("INSERT OR IGNORE INTO heads (kind, note) VALUES ('other', ?)").run(note);
    throw new LogForkedError(
      `The log signed another tree of ${countOf(size, 'leaf', 'leaves')} than the one seen before.`,
    );
  }

  async #take(source: Source, head: SignedCheckpoint): Promise<void> {
    const range = this.#range.clone();
    await atOnceLater(this.#db, async () => {
      for (let bundle = Math.floor(this.#size / TILE_WIDTH); bundle * TILE_WIDTH < head.size; bundle++) {
        const leaves = await readBundle(source, head.size, bundle);
        const known = this.#size > bundle * TILE_WIDTH ? this.#leaves(bundle) : [];
        // What was taken in stays: where the served beginning is another, the root shows it.
        const whole = [...known, ...leaves.slice(known.length)];
        for (const leaf of leaves.slice(known.length)) range.push(0, leafHash(leaf));
        this.#db
          .prepare('INSERT OR REPLACE INTO bundles (bundle, entries) VALUES (?, ?)')
          .run(bundle, encodeBundle(whole));
      }
      if (!equalBytes(range.root(), head.root))
        throw new TrineError(
          'damaged',
          `What is served does not lead from what was seen before (${countOf(this.#size, 'leaf', 'leaves')}) to the signed tree of ${head.size}: the log was changed, or something between changes it.`,
        );
      this.#db.prepare("INSERT OR REPLACE INTO heads (kind, note) VALUES ('seen', ?)").run(head.note);
    });
    this.#range = range;
    this.#size = head.size;
  }
}
