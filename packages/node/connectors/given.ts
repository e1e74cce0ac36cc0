// Mappings as people give them.
import { mappingSchema } from '@trine/mapping/message/mapping.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { TrineError } from '@trine/protocol';

/** @throws TrineError `invalid` in words */
export function readMappings(given: readonly unknown[]): Mapping[] {
  return given.map((one, i) => {
    const parsed = mappingSchema.safeParse(one);
    if (parsed.success) return parsed.data;
    const [problem] = parsed.error.issues;
    throw new TrineError(
      'invalid',
      `Mapping ${i + 1}, ${problem?.path.join('.') || 'as a whole'}: ${problem?.message}.`,
    );
  });
}
