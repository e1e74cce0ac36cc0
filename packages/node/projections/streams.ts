// Streams: what one thing measures of one quantity, always in one unit. Each has a number, so that readings are
// stored as numbers only.
import type { Refusal } from '@trine/protocol';

export interface Stream {
  readonly stream: number;
  readonly subject: string;
  readonly quantity: string;
  readonly unit: string;
}

/** A subject may have this many quantities: more is a device that puts values into names. */
export const QUANTITIES_PER_SUBJECT_MAX = 512;

export class StreamRegistry {
  private readonly bySubject = new Map<string, Map<string, Stream>>();
  private next = 0;

  /** Takes in a stream known from before. */
  restore(stream: Stream): void {
    this.quantities(stream.subject).set(stream.quantity, stream);
    this.next = Math.max(this.next, stream.stream + 1);
  }

  private quantities(subject: string): Map<string, Stream> {
    let quantities = this.bySubject.get(subject);
    if (quantities === undefined) {
      quantities = new Map();
      this.bySubject.set(subject, quantities);
    }
    return quantities;
  }

  /**
   * The stream of a reading, made when it is the first of its kind.
   * @param name `quantity \n unit`
   * @returns the stream, or why the reading is refused
   */
  resolve(subject: string, name: string, created: (stream: Stream) => void): Stream | Refusal {
    const at = name.indexOf('\n');
    const quantity = name.slice(0, at);
    const unit = name.slice(at + 1);
    const quantities = this.quantities(subject);
    const known = quantities.get(quantity);
    if (known) return known.unit === unit ? known : 'wrong-unit';
    if (quantities.size >= QUANTITIES_PER_SUBJECT_MAX) return 'too-many-quantities';
    const stream = { stream: this.next++, subject, quantity, unit };
    quantities.set(quantity, stream);
    created(stream);
    return stream;
  }

  all(): Stream[] {
    return [...this.bySubject.values()].flatMap((quantities) => [...quantities.values()]);
  }
}
