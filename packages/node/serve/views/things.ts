// What is known of things: who speaks for them, and the newest of what they said.
import { z } from '@hono/zod-openapi';
import { kindOfCode, toHex } from '@trine/protocol';
import type { KeyDirectory, KeyEntry } from '../../projections/keys.ts';
import { sequenceFlags } from '../../projections/sequence-flags.ts';
import type { SequenceTracker } from '../../projections/sequences.ts';
import type { Row, Store } from '../../projections/tables/store.ts';
import {
  after,
  className,
  flagGiven,
  hex32,
  type Immutable,
  limit,
  pageOf,
  subject,
  text,
  timeGiven,
  timeMs,
} from '../schema.ts';
import { type List, listed, totalOf } from './list.ts';
import { cursorOf, nextOf, type PageQuery } from './page.ts';

export const deviceSchema = z
  .object({
    subject: z.string(),
    name: z.string(),
    class: className.optional(),
    kind: z
      .string()
      .optional()
      .openapi({ description: 'Kind of thing: `domain/thing`, where its enrolment names one.' }),
    keyOwner: z.string(),
    keys: z
      .array(z.object({ did: z.string(), subjects: z.array(z.string()), revoked: z.boolean() }))
      .openapi({ description: 'did:key of the keys it holds, with what each may speak of.' }),
    statements: z.int(),
    readings: z.int(),
    lastArrivalMs: timeMs.optional().openapi({ description: 'When it was heard last; absent: never.' }),
    lastEventMs: timeMs.optional().openapi({ description: 'Time of its newest reading, which an import gives.' }),
    flags: z.record(z.string(), z.int()),
    revoked: z.boolean(),
    fork: z.enum(['standing', 'recovered']).optional().openapi({
      description: 'Of a sequence about it: a fork that holds what it concerns, or one that was recovered from.',
    }),
    trustPpm: z
      .int()
      .optional()
      .openapi({ description: 'Parts per million, after it was checked against others last; absent: never checked.' }),
  })
  .openapi('Device', { description: 'A thing that speaks here or is spoken about.' });
export type DeviceView = Immutable<z.infer<typeof deviceSchema>>;

export const devicePageSchema = pageOf(
  'DevicePage',
  deviceSchema,
  z.object({
    total: z.int().openapi({ description: 'Things that the whole filter lets through.' }),
    classes: z
      .array(z.object({ class: className, count: z.int() }))
      .openapi({ description: 'Under the filter but for `class`.' }),
    kinds: z
      .array(z.object({ kind: z.string(), count: z.int() }))
      .openapi({ description: "Under the filter but for `kind`; '' for things of none." }),
  }),
);
type DevicePage = Immutable<z.infer<typeof devicePageSchema>>;

export const deviceFilter = {
  name: text(128).optional().openapi({ description: 'Part of the name or the subject.' }),
  subject: subject.optional().openapi({ description: 'This one alone.' }),
  enrolled: flagGiven.openapi({ description: 'Those that hold a key themselves, or those that others speak about.' }),
  class: className.optional(),
  kind: z.string().max(80).optional().openapi({ description: '`domain/thing`; empty: of no kind.' }),
  silentSince: timeGiven.openapi({ description: 'Not heard since this time.' }),
  heardSince: timeGiven.openapi({ description: 'Heard at this time or later.' }),
  sort: z.enum(['subject', 'name', 'newest', 'silent']).default('subject'),
  limit,
  after,
};
export type DeviceQuery = PageQuery & Partial<Immutable<z.output<z.ZodObject<typeof deviceFilter>>>>;

export const sealSchema = z
  .object({
    leaf: z.int(),
    id: hex32,
    subject: z.string(),
    kind: z.string(),
    arrivalMs: timeMs,
    class: z.string(),
    flag: z.string().optional().openapi({ description: 'What is remarkable about its place in the sequence.' }),
    readings: z.int(),
  })
  .openapi('Seal', { description: 'A statement as it was sealed.' });
export type SealView = Immutable<z.infer<typeof sealSchema>>;

export const sealPageSchema = pageOf('SealPage', sealSchema, z.object({ total: z.int() }));
type SealPage = Immutable<z.infer<typeof sealPageSchema>>;

export const sealFilter = {
  subject: subject.optional(),
  sort: z.enum(['newest', 'oldest']).optional(),
  limit,
  after,
};
type SealQuery = PageQuery & { readonly subject?: string | undefined };

export const streamSchema = z
  .object({
    stream: z.int(),
    subject: z.string(),
    quantity: z.string(),
    unit: z.string(),
    readings: z.int(),
    lastMs: timeMs.optional(),
    lastValue: z.number().optional(),
  })
  .openapi('Stream', { description: 'A quantity of a thing, with its newest value.' });
export type StreamView = Immutable<z.infer<typeof streamSchema>>;

/** Names of the classes of assurance, in the order of their codes. */
export const classNames: readonly string[] = className.options;
const FLAGS = ['gap', 'reordered', 'fork', 'clone'] as const;
const STREAMS_MAX = 1_000;

interface SpokenOf extends Row {
  readonly subject: string;
  readonly keyOwner: string;
  readonly class: number;
  readonly statements: number;
  readonly readings: number;
  readonly last: number;
  readonly event: number | null;
}

interface DeviceSources {
  readonly store: Store;
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  /** What people call a thing that has no key of its own, where something tells it. */
  readonly nameOf?: ((subject: string) => string | undefined) | undefined;
}

/** A page of things, and counts over all that the filter lets through. */
export async function devices(sources: DeviceSources, query: DeviceQuery): Promise<DevicePage> {
  const cursor = cursorOf('devices', sources.store.position, query, [
    ['newest', 'silent'].includes(query.sort ?? '') ? 'number' : 'string',
    'string',
  ]);
  const isNamed = nameFilter(query.name);
  const all = (await allDevices(sources, cursor.asOf)).filter(
    (one) =>
      isNamed(one) &&
      (query.subject === undefined || one.subject === query.subject) &&
      (query.enrolled === undefined || one.keys.length > 0 === query.enrolled) &&
      (query.silentSince === undefined || (one.lastArrivalMs ?? -1) < query.silentSince) &&
      (query.heardSince === undefined || (one.lastArrivalMs ?? -1) >= query.heardSince),
  );
  const ofClass = (one: DeviceView) => query.class === undefined || one.class === query.class;
  const ofKind = (one: DeviceView) => query.kind === undefined || (one.kind ?? '') === query.kind;
  const through = all.filter((one) => ofClass(one) && ofKind(one));
  const { keyOf, descending } = sorts[cursor.sort] as Sort;
  const sign = descending ? -1 : 1;
  const compare = (a: readonly [string | number, string], b: readonly [string | number, string]) =>
    sign * (order(a[0], b[0]) || order(a[1], b[1]));
  const keyed = through
    .map((one) => ({ one, key: [keyOf(one), one.subject] as const }))
    .sort((a, b) => compare(a.key, b.key));
  const place = cursor.place && ([cursor.place.value, String(cursor.place.tie)] as const);
  const rest = place === undefined ? keyed : keyed.filter(({ key }) => compare(key, place) > 0);
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(({ one }) => one),
    ...(last && rest.length > page.length && { next: nextOf(cursor, { value: last.key[0], tie: last.key[1] }) }),
    counts: {
      total: through.length,
      classes: counted(all.filter(ofKind).flatMap((one) => one.class ?? [])).map(([name, count]) => ({
        class: name,
        count,
      })),
      kinds: counted(all.filter(ofClass).map(({ kind = '' }) => kind)).map(([kind, count]) => ({ kind, count })),
    },
  };
}

interface Sort {
  readonly keyOf: (one: DeviceView) => string | number;
  readonly descending: boolean;
}

const sorts: Readonly<Record<string, Sort>> = {
  subject: { keyOf: ({ subject: about }) => about, descending: false },
  name: { keyOf: ({ name }) => name.toLowerCase(), descending: false },
  newest: { keyOf: ({ lastArrivalMs }) => lastArrivalMs ?? -1, descending: true },
  silent: { keyOf: ({ lastArrivalMs }) => lastArrivalMs ?? -1, descending: false },
};

const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

function counted<T extends string>(words: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => order(a, b));
}

function nameFilter(name: string | undefined): (one: DeviceView) => boolean {
  if (name === undefined) return () => true;
  const part = name.toLowerCase();
  return (one) => one.name.toLowerCase().includes(part) || one.subject.toLowerCase().includes(part);
}

/** Things with packs below a leaf, and those enrolled below it that said nothing yet. */
async function allDevices(sources: DeviceSources, asOf: number): Promise<DeviceView[]> {
  const { store, keyDirectory, sequences, nameOf = () => undefined } = sources;
  const forks = forksOf(sequences);
  const rows = await store.query<SpokenOf>(
    `SELECT subject, arg_max(key_owner, leaf) AS "keyOwner", max(class) AS class, count(*) AS statements,
      sum(readings)::BIGINT AS readings, max(arrival_ms) AS last, max(last_ms) FILTER (readings > 0) AS event,
      count(*) FILTER (flag = 1) AS gap, count(*) FILTER (flag = 2) AS reordered,
      count(*) FILTER (flag = 3) AS fork, count(*) FILTER (flag = 4) AS clone
     FROM statements JOIN sequences USING (sequence) WHERE kind = 1 AND leaf < $1 GROUP BY subject`,
    [asOf],
  );
  const checked = await store.query<{ subject: string; ppm: number }>(
    'SELECT subject, arg_max(ppm, to_ms) AS ppm FROM trust WHERE leaf < $1 GROUP BY subject',
    [asOf],
  );
  const trust = new Map(checked.map(({ subject: about, ppm }) => [about, ppm]));
  const keys = new Map<string, KeyEntry[]>();
  for (const entry of keyDirectory.entries())
    if (entry.enrolledAt >= 0 && entry.enrolledAt < asOf)
      keys.set(entry.keyOwner, [...(keys.get(entry.keyOwner) ?? []), entry]);
  const said = new Set(rows.map((row) => row.subject));
  const silent = [...keys.keys()].filter((owner) => !said.has(owner));
  return [
    ...rows.map((row) => ({ ...spoken(row, keys, trust.get(row.subject), nameOf), ...forks.get(row.subject) })),
    ...silent.map((owner) => silentDevice(owner, keys.get(owner) ?? [], trust.get(owner))),
  ];
}

/** Of a subject with several forks one that stands counts. */
function forksOf(sequences: SequenceTracker): Map<string, Pick<DeviceView, 'fork'>> {
  const found = new Map<string, Pick<DeviceView, 'fork'>>();
  for (const { subject: about, recovery } of sequences.forksAbout(() => true))
    if (found.get(about)?.fork !== 'standing') found.set(about, { fork: recovery ? 'recovered' : 'standing' });
  return found;
}

type Keys = ReadonlyMap<string, readonly KeyEntry[]>;

function spoken(
  row: SpokenOf,
  keys: Keys,
  trustPpm: number | undefined,
  nameOf: (subject: string) => string | undefined,
): DeviceView {
  const own = keys.get(row.subject) ?? [];
  const entry = goingOn(own) ?? goingOn(keys.get(row.keyOwner) ?? []);
  return {
    subject: row.subject,
    name: goingOn(own)?.name ?? nameOf(row.subject) ?? row.subject,
    class: className.options[row.class - 1],
    kind: entry?.thing,
    keyOwner: row.keyOwner,
    keys: keysOf(own),
    statements: row.statements,
    readings: row.readings,
    lastArrivalMs: row.last,
    lastEventMs: row.event ?? undefined,
    flags: Object.fromEntries(FLAGS.map((flag) => [flag, row[flag] as number])),
    revoked: entry?.revokedAt !== undefined,
    trustPpm,
  };
}

function silentDevice(owner: string, own: readonly KeyEntry[], trustPpm: number | undefined): DeviceView {
  const entry = goingOn(own);
  return {
    subject: owner,
    name: entry?.name ?? owner,
    class: entry?.class,
    kind: entry?.thing,
    keyOwner: owner,
    keys: keysOf(own),
    statements: 0,
    readings: 0,
    lastArrivalMs: undefined,
    flags: {},
    revoked: entry?.revokedAt !== undefined,
    trustPpm,
  };
}

/** The key with which a thing goes on: after a recovery that is another than the first. Where none is left, the newest. */
function goingOn(own: readonly KeyEntry[]): KeyEntry | undefined {
  return own.findLast(({ revokedAt }) => revokedAt === undefined) ?? own.at(-1);
}

function keysOf(own: readonly KeyEntry[]): DeviceView['keys'] {
  return own.map(({ did, subjects, revokedAt }) => ({ did, subjects, revoked: revokedAt !== undefined }));
}

/** Quantities that a thing said something of, each with its newest value. */
export async function streams(store: Store, about: string): Promise<StreamView[]> {
  const rows = await store.query<Omit<StreamView, 'lastMs' | 'lastValue'> & { last: number; value: number | null }>(
    `SELECT s.stream, s.subject, s.quantity, s.unit, count(r.leaf) AS readings, max(r.event_ms) AS last,
      arg_max(r.value, ROW(r.event_ms, r.leaf)) FILTER (NOT isnan(r.value)) AS value
     FROM streams s LEFT JOIN readings r USING (stream) WHERE s.subject = $1
     GROUP BY s.stream, s.subject, s.quantity, s.unit ORDER BY s.quantity LIMIT ${STREAMS_MAX}`,
    [about],
  );
  return rows.map(({ last, value, ...stream }) => ({
    ...stream,
    lastMs: last ?? undefined,
    lastValue: value ?? undefined,
  }));
}

const sealList: List<SealQuery, SealView> = {
  name: 'seals',
  from: (asOf) => `(SELECT leaf, id, subject, kind, arrival_ms, class, flag, readings
    FROM statements JOIN sequences USING (sequence) WHERE leaf < ${asOf}) s`,
  narrow: (conditions, query) => conditions.add(query.subject, (n) => `s.subject = ${n}`),
  orders: {
    newest: { by: 's.leaf', tie: 's.leaf', descending: true },
    oldest: { by: 's.leaf', tie: 's.leaf', descending: false },
  },
  form: ['number', 'number'],
  view: sealView,
};

/** A page of statements. @param query of whom; without a subject: of all */
export function seals(store: Store, query: SealQuery): Promise<SealPage> {
  return listed(store, sealList, query, async (through) => ({ total: await totalOf(through, query) }));
}

function sealView(row: Row): SealView {
  return {
    leaf: row.leaf as number,
    id: toHex(row.id as Uint8Array),
    subject: row.subject as string,
    kind: kindOfCode(row.kind as number),
    arrivalMs: row.arrival_ms as number,
    class: classNames[(row.class as number) - 1] as string,
    flag: sequenceFlags[row.flag as number],
    readings: row.readings as number,
  };
}
