// What the engine offers to a domain that is asked for its words and its form: as to bundles, and terms with their schema.

export { zones } from '../../protocol/calendar/zones.ts';
export { Calendar } from '../calendar/calendar.ts';
export { alert, DEMAND_TYPE, entry, isKnownEffect } from '../domain.ts';
export { jsonEvent } from '../events.ts';
export { matchesSubject } from '../subjects.ts';
export { terms } from '../terms.ts';
