// A mapping: which messages it is for, and what in them is whom they are about, which quantity, in which unit, when. It is
// data: whoever has the message and the mapping, which a pack names by its hash, reads the same.
import { canonicalJson, sha256, toHex, toUtf8 } from '@trine/protocol';
import { problemOf } from './problems.ts';
import { type Mapping, mappingShape } from './shape.ts';

/** A mapping as people give it. What is wrong with it is named, before any message comes. */
export const mappingSchema = mappingShape.superRefine((mapping, context) => {
  const problem = problemOf(mapping);
  if (problem) context.addIssue({ code: 'custom', message: problem.message, path: problem.path });
});

/**
 * Names a mapping: SHA-256 over its canonical JSON (RFC 8785), hex, without what has its default.
 *
 * @example mappingHash(mappingSchema.parse({ topic: 'a/+', subject: 'a/{1}', quantity: 'q' }))
 */
export function mappingHash(mapping: Mapping): string {
  return toHex(sha256(toUtf8(canonicalJson(plainMapping(mapping)))));
}

/** A mapping without what has its default: as people write it, and as it is kept. */
export function plainMapping({ fields, unit, time, ...rest }: Mapping): Record<string, unknown> {
  const kept = {
    ...rest,
    ...(time != null && { time }),
    ...(unit !== '' && { unit }),
    ...(fields.length > 0 && {
      fields: fields.map(({ unit: own, ...field }) => ({ ...field, ...(own && { unit: own }) })),
    }),
  };
  return JSON.parse(JSON.stringify(kept)) as Record<string, unknown>;
}
