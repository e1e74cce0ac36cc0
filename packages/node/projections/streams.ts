// Streams: what one thing measures of one quantity, always in one unit. Each has a number, so that readings are stored as
// numbers only.
import type { Refusal } from '@trine/protocol';
import type { Undo } from './projection.ts';

export interface Stream {
  readonly stream: number;
  readonly subject: string;
  readonly quantity: string;
  readonly unit: string;
}

/** A subject may have this many quantities: more is a device that puts values into names. */
export const QUANTITIES_PER_SUBJECT_MAX = 512;

export class StreamRegistry {
  readonly name = 'streams';
  readonly #bySubject = new Map<string, Map<string, Stream>>();
  #next = 0;

  /**
   * The stream of a reading, made when it is the first of its kind.
   * @param name `quantity \n unit`
   * @param created told of a new one
   * @returns the stream, or why the reading is refused
   */
  resolve(
    subject: string,
    name: string,
    undo: Pick<Undo, 'push'>,
    created: (stream: Stream) => void,
  ): Stream | Refusal {
    const at = name.indexOf('\n');
    const quantity = name.slice(0, at);
    const unit = name.slice(at + 1);
    const quantities = this.#bySubject.get(subject) ?? new Map<string, Stream>();
    const known = quantities.get(quantity);
    if (known) return known.unit === unit ? known : 'wrong-unit';
    if (quantities.size >= QUANTITIES_PER_SUBJECT_MAX) return 'too-many-quantities';
    const stream = { stream: this.#next, subject, quantity, unit };
    undo.push(() => {
      quantities.delete(quantity);
      if (quantities.size === 0) this.#bySubject.delete(subject);
      this.#next--;
    });
    this.#next++;
    this.#bySubject.set(subject, quantities.set(quantity, stream));
    created(stream);
    return stream;
  }

  snapshot(): Stream[] {
    return [...this.#bySubject.values()].flatMap((quantities) => [...quantities.values()]);
  }

  restore(snapshot: unknown): void {
    for (const stream of snapshot as Stream[]) {
      const quantities = this.#bySubject.get(stream.subject) ?? new Map<string, Stream>();
      this.#bySubject.set(stream.subject, quantities.set(stream.quantity, stream));
      this.#next = Math.max(this.#next, stream.stream + 1);
    }
  }
}
