// What the engine offers to what decides: a bundle takes this module in place of `@trine/engine`, and nothing else of it.
// What a domain uses of it becomes part of its bundle.
import type { z } from 'zod';
import type { Deciding } from '../domain.ts';
import type { Terms } from '../terms.ts';
import { parseTerms } from './parse.ts';
import { ABI } from './version.ts';

export { zones } from '../../protocol/calendar/zones.ts';
export { Calendar } from '../calendar/calendar.ts';
export { alert, DEMAND_TYPE, entry, isKnownEffect } from '../domain.ts';
export { jsonEvent } from '../events.ts';
export { matchesSubject } from '../subjects.ts';

/** Terms without their form. */
export function terms<S extends z.ZodObject>(
  schema: S,
  check?: (value: z.output<S>) => string | undefined,
): Pick<Terms<z.output<S>>, 'parse'> {
  return { parse: parseTerms(schema, check) };
}

/** What a bundle exports: the part of a domain that decides, and the version of the engine that it is made for. */
export interface Bundled extends Deciding {
  readonly abi: number;
}

export function bundled({ terms, triggers, inputs, rows, open, stateForm }: Deciding): Bundled {
  return { abi: ABI, terms, triggers, inputs, ...(rows && { rows }), open, ...(stateForm && { stateForm }) };
}
