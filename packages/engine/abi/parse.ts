// Reads terms by their schema: the part of it that decides.
import { FormatError } from '@trine/protocol';
import type { z } from 'zod';

/**
 * @param check what no schema says: a sentence where something is wrong
 * @returns a function that throws FormatError `malformed`, naming the field, what was expected and what was got
 */
export function parseTerms<S extends z.ZodObject>(
  schema: S,
  check?: (value: z.output<S>) => string | undefined,
): (given: unknown) => z.output<S> {
  return (given) => {
    const parsed = schema.safeParse(given);
    if (!parsed.success) throw new FormatError('malformed', sentenceOf(parsed.error.issues[0]));
    const problem = check?.(parsed.data);
    if (problem) throw new FormatError('malformed', problem);
    return parsed.data;
  };
}

function sentenceOf(issue: z.core.$ZodIssue | undefined): string {
  const path = issue?.path.join('.');
  return `${path ? `terms.${path}` : 'terms'}: ${issue?.message ?? 'not as the schema says'}.`;
}
