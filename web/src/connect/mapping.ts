// Mappings as people look at them and change them: which member becomes which quantity in which unit.

/** What people change of how a value is read; the rest of it stays as it is. */
export interface MappedValue {
  readonly path?: string;
  readonly quantity?: string;
  readonly unit?: string;
  readonly scale?: number | string;
}

export interface MappingView extends MappedValue {
  readonly topic: string;
  readonly subject: string;
  readonly time?: string;
  readonly fields?: readonly MappedValue[];
}

/** A value of a mapping, and where it stands: of a message that is one value there is no field. */
export interface Place {
  readonly mapping: number;
  readonly field: number | undefined;
  readonly value: MappedValue;
}

/** The document has mappings as any object. */
export function mappingsOf(given: readonly Readonly<Record<string, unknown>>[]): readonly MappingView[] {
  return given as unknown as readonly MappingView[];
}

export function placesOf(mappings: readonly MappingView[]): Place[] {
  return mappings.flatMap((one, mapping): Place[] => [
    ...(one.quantity === undefined ? [] : [{ mapping, field: undefined, value: one }]),
    ...(one.fields ?? []).map((value, field) => ({ mapping, field, value })),
  ]);
}

/** Mappings with one value read otherwise. A unit and a scale that are empty are left out. */
export function withValue(
  mappings: readonly MappingView[],
  { mapping, field }: Pick<Place, 'mapping' | 'field'>,
  change: Partial<Record<'quantity' | 'unit' | 'scale', string>>,
): readonly MappingView[] {
  const changed = <T extends MappedValue>(value: T): T =>
    Object.fromEntries(
      Object.entries({ ...value, ...change }).filter(([name, one]) => one !== '' || name === 'quantity'),
    ) as unknown as T;
  return mappings.map((one, i) => {
    if (i !== mapping) return one;
    if (field === undefined) return changed(one);
    return { ...one, fields: one.fields?.map((value, j) => (j === field ? changed(value) : value)) ?? [] };
  });
}

/** Mappings that speak of another subject in place of one. */
export function withSubject(mappings: readonly MappingView[], before: string, after: string): readonly MappingView[] {
  return mappings.map((one) => (one.subject === before ? { ...one, subject: after } : one));
}

/** The unit in which a quantity is read. */
export function unitOf(mappings: readonly MappingView[], quantity: string): string {
  return placesOf(mappings).find(({ value }) => value.quantity === quantity)?.value.unit ?? '';
}
