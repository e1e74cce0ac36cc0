// Events: what anybody may write, read without ever throwing.
import { fromUtf8 } from '@trine/protocol';
import type { z } from 'zod';
import type { LoggedEvent } from './domain.ts';

/** What opens or closes something is short: a longer body is none of it. */
const BODY_BYTES_MAX = 4_096;

/**
 * Reads events of one media type whose body is JSON as a schema says.
 *
 * @returns a function that answers undefined for any other event: strangers write what they like
 * @example const readEnd = jsonEvent('application/vnd.trine.session-end+json', z.strictObject({ opening: z.string() }))
 */
export function jsonEvent<S extends z.ZodType>(
  mediaType: string,
  schema: S,
): (event: LoggedEvent) => z.output<S> | undefined {
  return (event) => {
    if (event.mediaType !== mediaType || event.body.length > BODY_BYTES_MAX) return undefined;
    try {
      const parsed = schema.safeParse(JSON.parse(fromUtf8(event.body)));
      return parsed.success ? parsed.data : undefined;
    } catch {
      return undefined;
    }
  };
}
