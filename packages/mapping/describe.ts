// What a message without a description seems to be: members with values, and the one with the time. A proposal to a person,
// never more.
import { zones } from '@trine/protocol/calendar/zones.ts';
import { type ProposedFields, proposeFields, valueMembers } from './fields.ts';
import { eventTimeReader } from './times/event.ts';
import { memberAt } from './values/json.ts';

const TIME =
  /^(?:time|timestamp|ts|t|date|datetime|date_time|dateobserved|observedat|created_?at|received_?at|reported_?at|measured_?at|last_?seen|utc)$/i;
const YEAR_2100_MS = 4_102_444_800_000;
const readTime = eventTimeReader({ outside: 'refuse' }, zones);

/**
 * Describes a JSON object.
 *
 * @param under path of the object that holds the values
 * @example describeJson({ ts: 1763884800, temperature: 21.5 }, '').time // 'ts'
 */
export function describeJson(json: unknown, under: string): ProposedFields & { readonly time?: string } {
  const time = timeMember(json);
  const held = under === '' ? json : memberAt(json, under);
  const members = valueMembers(held, under).filter(
    ({ path }) => path !== time && !/(?:^|\.)(?:id|_id|version|seq)$/i.test(path),
  );
  return { ...proposeFields(members, 'words'), ...(time !== undefined && { time }) };
}

/** A member that is called like a time, and is one. */
function timeMember(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  return Object.entries(json)
    .slice(0, 100)
    .find(([name, value]) => TIME.test(name) && isTime(value))?.[0];
}

function isTime(value: unknown): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  // Whether it is ahead is the node's to say: here no clock is asked.
  return readTime(value, YEAR_2100_MS).kind === 'time';
}
