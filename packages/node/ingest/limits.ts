// Limits of things: what a kind of thing cannot send is refused when it is admitted, by the manifest of its domain.
import type { Domain, PropertyModel, ThingModel } from '@trine/engine';
import type { Refusal } from '@trine/protocol';

export class ThingLimits {
  readonly #models = new Map<string, ThingModel>();

  constructor(domains: readonly Domain[]) {
    for (const { manifest } of domains)
      for (const [name, model] of Object.entries(manifest.things)) this.#models.set(`${manifest.name}/${name}`, model);
  }

  /** Names of the models there are. */
  names(): string[] {
    return [...this.#models.keys()];
  }

  /** @param thing model that a key was enrolled with @param quantity of a reading */
  of(thing: string | undefined, quantity: string): PropertyModel | undefined {
    const properties = thing === undefined ? undefined : this.#models.get(thing)?.properties;
    return properties && Object.hasOwn(properties, quantity) ? properties[quantity] : undefined;
  }
}

/** @param values of one quantity, NaN for texts */
export function limitRefusal(model: PropertyModel, unit: string, value: number): Refusal | undefined {
  if (unit !== model.unit) return 'wrong-unit';
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = model;
  return value < minimum || value > maximum ? 'out-of-limits' : undefined;
}
