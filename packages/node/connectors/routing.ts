// Which mappings are for a topic: most are for one topic alone, and those are looked up.
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { matchTopic } from '@trine/protocol';

export class Routing<T> {
  readonly #exact = new Map<string, { readonly mapping: Mapping; readonly of: T }[]>();
  readonly #open = new Map<Mapping, T>();

  add(mapping: Mapping, of: T): void {
    if (isOpen(mapping.topic)) {
      this.#open.set(mapping, of);
      return;
    }
    const others = this.#exact.get(mapping.topic);
    if (others === undefined) this.#exact.set(mapping.topic, [{ mapping, of }]);
    else others.push({ mapping, of });
  }

  remove(mapping: Mapping): void {
    if (this.#open.delete(mapping)) return;
    const left = (this.#exact.get(mapping.topic) ?? []).filter((one) => one.mapping !== mapping);
    if (left.length === 0) this.#exact.delete(mapping.topic);
    else this.#exact.set(mapping.topic, left);
  }

  /** Those for a topic: first those for it alone. */
  *of(topic: string): Generator<{ readonly mapping: Mapping; readonly of: T }> {
    yield* this.#exact.get(topic) ?? [];
    for (const [mapping, of] of this.#open) if (matchTopic(mapping.topic, topic) !== undefined) yield { mapping, of };
  }
}

const isOpen = (topic: string): boolean => /[+#]/.test(topic);
