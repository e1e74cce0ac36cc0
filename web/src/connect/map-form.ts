// A mapping for a topic that nothing reads, as a form: proposed from its last message, and made of what was entered.
import { escapeName } from '@trine/mapping/names.ts';

const SUBJECT_CHARS = 100;
const ROWS_MAX = 40;
const DEPTH_MAX = 5;
/** What members with the time of a reading are called. */
const TIME = /^(?:time|timestamp|ts|datetime|measured_?at|received_?at)$/i;

export interface DraftRow {
  readonly path: string;
  readonly quantity: string;
  readonly unit: string;
  readonly scale: string;
}

export interface Draft {
  readonly subject: string;
  /** The payload is one value, or JSON with members. */
  readonly form: 'value' | 'json';
  /** Of a payload that is one value. */
  readonly value: DraftRow;
  readonly rows: readonly DraftRow[];
  readonly time: string;
}

const lastOf = (path: string, sign: string): string => path.slice(path.lastIndexOf(sign) + 1);
/** A name that may stand as a quantity. */
const quantityOf = (name: string): string => escapeName(name.replaceAll(/\s+/g, '-'));

export function emptyRow(): DraftRow {
  return { path: '', quantity: '', unit: '', scale: '' };
}

/**
 * What a topic is proposed to mean.
 * @example draftOf('hall/door', '{"open":true}').rows // [{ path: 'open', quantity: 'open', unit: '', scale: '' }]
 */
export function draftOf(topic: string, payload: string): Draft {
  const members = membersOf(payload);
  const rows = (members ?? [])
    .filter(({ path }) => !TIME.test(lastOf(path, '.')))
    .map(({ path }) => ({ ...emptyRow(), path, quantity: quantityOf(path) }));
  return {
    subject: escapeName(topic, { charsMax: SUBJECT_CHARS, keepsSlashes: true }),
    form: members === undefined ? 'value' : 'json',
    value: { ...emptyRow(), quantity: quantityOf(lastOf(topic, '/')) },
    rows: rows.length > 0 ? rows : [emptyRow()],
    time: members?.find(({ path }) => TIME.test(lastOf(path, '.')))?.path ?? '',
  };
}

/** Members that hold one value; undefined where the payload is no JSON object. */
function membersOf(payload: string): { readonly path: string }[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const members: { readonly path: string }[] = [];
  const walk = (value: unknown, path: string, depth: number): void => {
    if (members.length >= ROWS_MAX || value === null) return;
    if (typeof value !== 'object') members.push({ path });
    else if (depth < DEPTH_MAX)
      for (const [name, member] of Object.entries(value))
        walk(member, path === '' ? name : `${path}.${name}`, depth + 1);
  };
  walk(json, '', 0);
  return members;
}

const readOf = ({ quantity, unit, scale }: DraftRow): Record<string, string> => ({
  quantity,
  ...(unit !== '' && { unit }),
  ...(scale !== '' && { scale }),
});

/** The mapping that a draft says; rows without a path or a quantity are left out. */
export function mappingFrom(topic: string, { subject, form, value, rows, time }: Draft): Record<string, unknown> {
  if (form === 'value') return { topic, subject, ...readOf(value) };
  const fields = rows
    .filter(({ path, quantity }) => path !== '' && quantity !== '')
    .map((row) => ({ path: row.path, ...readOf(row) }));
  return { topic, subject, ...(time !== '' && { time }), fields };
}
