// Where mapped readings come from: which mapping made them, of which bytes, and who had been let in. Mapping and bytes are kept
// before anything that names them is sealed.
import type { RawMessage } from '@trine/mapping/message/message.ts';
import { encodeRaw } from '@trine/mapping/message/raw.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { fromHex, type PackOrigin, sha256 } from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { KeptConnectors } from './kept.ts';
import type { RawMessages } from './raw.ts';

const SOURCE_CHARS_MAX = 200;

/** A message, and who said it as far as anybody was asked. */
export interface SaidMessage extends RawMessage {
  readonly user?: string;
  readonly connector?: string;
}

interface Waiting {
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
  readonly subjects: readonly string[];
}

export class Origins {
  readonly #kept: KeptConnectors;
  readonly #raw: RawMessages;
  readonly #now: Clock;
  readonly #hashes = new WeakMap<Mapping, Uint8Array>();
  #waiting: Waiting[] = [];
  #keeping: Promise<void> | undefined;

  constructor(kept: KeptConnectors, raw: RawMessages, now: Clock) {
    this.#kept = kept;
    this.#raw = raw;
    this.#now = now;
  }

  /**
   * The origin of what a mapping made of a message, once both are kept.
   * @param subjects that the message speaks of
   */
  async of(mapping: Mapping, message: SaidMessage, subjects: readonly string[]): Promise<PackOrigin> {
    const bytes = encodeRaw(message);
    const raw = sha256(bytes);
    const source = sourceOf(message);
    await this.#keep({ hash: raw, bytes, subjects });
    return { mapping: this.#hashOf(mapping), raw, ...(source !== undefined && { source }) };
  }

  #hashOf(mapping: Mapping): Uint8Array {
    let hash = this.#hashes.get(mapping);
    if (hash === undefined) {
      hash = fromHex(this.#kept.keepMapping(mapping));
      this.#hashes.set(mapping, hash);
    }
    return hash;
  }

  /** What comes at once is kept at once: each change of the disk takes about as long as a hundred. */
  #keep(message: Waiting): Promise<void> {
    this.#waiting.push(message);
    this.#keeping ??= Promise.resolve().then(() => {
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#keeping = undefined;
      this.#raw.keep(waiting, this.#now());
    });
    return this.#keeping;
  }

  /** The mapping of this hash, hex, that was used here. */
  mapping(hash: string): Mapping | undefined {
    return this.#kept.mapping(hash);
  }

  /** The message of this hash, as long as it is kept. */
  message(hash: Uint8Array): RawMessage | undefined {
    return this.#raw.get(hash);
  }

  /** Erases the messages that speak of a thing. @returns how many */
  forget(subject: string): number {
    return this.#raw.forget(subject);
  }

  close(): void {
    this.#raw.close();
    this.#kept.close();
  }
}

function sourceOf({ user, connector }: SaidMessage): string | undefined {
  if (user !== undefined) return `mqtt user ${user}`.slice(0, SOURCE_CHARS_MAX);
  return connector === undefined ? undefined : `http connector ${connector}`;
}
