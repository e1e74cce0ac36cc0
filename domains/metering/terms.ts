// What is agreed: whose meters, how they count, and what a unit costs, in steps and by the clock.
import { Calendar, terms, zones } from '@trine/engine';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const subject = z.string().min(1).max(128);
/** Ends with none of the digits that follow: no two of them make the same name. */
const prefix = z
  .string()
  .min(1)
  .max(118)
  .regex(/[^0-9]$/);
const price = z.int().min(0).max(1_000_000_000_000).meta({
  title: 'Price',
  description: 'Of one unit. As minor units for 1,000,000 units: 32.57 cents for a kilowatt-hour are 32570000.',
  kind: 'price',
});

const step = z.strictObject({
  upTo: z.int().min(1).max(1_000_000_000).optional().meta({
    title: 'Up to',
    description: 'Whole units of the period, the last of them included. Only the last step has none.',
    kind: 'quantity',
  }),
  price,
});

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const span = z.strictObject({
  days: z
    .string()
    .regex(/^(mon|tue|wed|thu|fri|sat|sun)( (mon|tue|wed|thu|fri|sat|sun)){0,6}$/)
    .meta({ title: 'Days of the week', description: 'As "mon tue wed thu fri".' }),
  fromMinute: z.int().min(0).max(1_439).meta({ title: 'From', description: 'Minutes since local midnight.' }),
  toMinute: z.int().min(1).max(1_440).meta({ title: 'To', description: 'Minutes since local midnight, not included.' }),
});

const band = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z-]{0,19}$/)
    .meta({ title: 'Name' }),
  when: z.array(span).min(1).max(16).optional().meta({
    title: 'When',
    description: 'By the clocks of the time zone. The last band has none: it is for the rest.',
  }),
  steps: z.array(step).min(1).max(12).meta({ title: 'Steps', description: 'Each for what lies above the one before.' }),
});

const customer = z.strictObject({
  customer: subject.meta({ title: 'Customer', description: 'A pseudonym: terms are public.', kind: 'subject' }),
  meters: z.array(subject).min(1).max(8).meta({ title: 'Meters' }),
});

/** So many customers take 60 bytes of terms, and thousands would not fit into a leaf one by one. */
const numbered = z.strictObject({
  count: z.int().min(1).max(20_000).meta({ title: 'How many', kind: 'quantity' }),
  customer: prefix.meta({ title: 'Customers', description: 'home/ for home/1, home/2, and so on.', kind: 'subject' }),
  meters: z.array(prefix).min(1).max(8).meta({ title: 'Meters', description: 'meter/ for meter/1 of the first.' }),
});

const schema = z.strictObject({
  customers: z.array(customer).max(20_000).default([]).meta({
    title: 'Customers',
    description: 'Pseudonyms, for terms are public. Written as [{"customer":"home/1","meters":["meter/1"]}].',
  }),
  numbered: numbered.optional().meta({
    title: 'Numbered customers',
    description: 'Names that are numbered from 1. Written as {"count":300,"customer":"home/","meters":["meter/"]}.',
  }),
  period: z.enum(['day', 'week', 'month', 'year']).default('month').meta({ title: 'Billed by' }),
  timeZone: z.string().meta({ title: 'Time zone', description: 'As Europe/Berlin.', kind: 'time-zone' }),
  graceMs: z
    .int()
    .min(0)
    .max(62 * DAY_MS)
    .default(3 * DAY_MS)
    .meta({
      title: 'Grace',
      description: 'How long after its end a period still waits for readings.',
      kind: 'duration',
    }),
  kind: z.enum(['counter', 'interval']).default('counter').meta({
    title: 'How the meters count',
    description: 'A counter goes up for ever; an interval meter says what was used in each interval.',
  }),
  quantity: z.string().min(1).max(96).default('energy/total').meta({ title: 'Quantity' }),
  unit: z.string().max(20).default('kWh').meta({ title: 'Unit', description: 'Readings in another one do not count.' }),
  boundaryMs: z
    .int()
    .min(1)
    .max(62 * DAY_MS)
    .default(DAY_MS)
    .meta({
      title: 'Age at a boundary',
      description: 'A counter’s last reading at or before a boundary counts for it unless it is older than this.',
      kind: 'duration',
    }),
  intervalMs: z
    .union([60_000, 300_000, 900_000, 1_800_000, 3_600_000].map((ms) => z.literal(ms)))
    .default(900_000)
    .meta({
      title: 'Interval',
      description: 'Of interval meters; its beginnings are counted from 1970.',
      kind: 'duration',
    }),
  gapsMax: z.int().min(0).max(100_000).default(0).meta({
    title: 'Missing intervals',
    description: 'A bill with more is not made; missing ones are never charged.',
  }),
  bands: z.array(band).min(1).max(8).meta({
    title: 'Tariff',
    description:
      'Prices of one unit, by the clock and in steps. Written as [{"name":"all","steps":[{"price":32570000}]}] for 32.57 cents.',
  }),
  baseFee: z.int().min(0).max(1_000_000_000).default(0).meta({
    title: 'Base fee',
    description: 'For each period that is billed.',
    kind: 'money',
  }),
  implausibleTimes: z.int().min(2).max(1_000).default(10).meta({
    title: 'Implausible from',
    description: 'Times what is usual for the customer: raises an alert.',
  }),
});

export type MeteringTerms = z.output<typeof schema>;
export type Band = MeteringTerms['bands'][number];
export type Customer = MeteringTerms['customers'][number];

/** The number at the end of a name, from 1 to `count`; undefined where it is none of them. */
function numberIn(name: string, before: string, count: number): number | undefined {
  if (!name.startsWith(before)) return undefined;
  const digits = name.slice(before.length);
  return /^[1-9][0-9]{0,4}$/.test(digits) && Number(digits) <= count ? Number(digits) : undefined;
}

function numberedCustomer({ customer: name, meters }: NonNullable<MeteringTerms['numbered']>, n: number): Customer {
  return { customer: `${name}${n}`, meters: meters.map((before) => `${before}${n}`) };
}

/** One customer, found without a look at the others that are numbered. */
export function customerOf({ customers, numbered: many }: MeteringTerms, key: string): Customer | undefined {
  const number = many && numberIn(key, many.customer, many.count);
  return many && number !== undefined
    ? numberedCustomer(many, number)
    : customers.find(({ customer: name }) => name === key);
}

export function countOfCustomers({ customers, numbered: many }: MeteringTerms): number {
  return customers.length + (many?.count ?? 0);
}

/** All, those with a name of their own first. */
export function customersOf({ customers, numbered: many }: MeteringTerms): Customer[] {
  return [...customers, ...Array.from({ length: many?.count ?? 0 }, (_, i) => numberedCustomer(many as never, i + 1))];
}

/** Is the time zone one of the table? @throws FormatError in words where it is not */
function checkZone(timeZone: string): void {
  new Calendar(zones, timeZone);
}

function checkTerms(given: MeteringTerms): string | undefined {
  const { customers, numbered: many, bands, kind, timeZone } = given;
  checkZone(timeZone);
  if (customers.length === 0 && many === undefined) return 'terms.customers: there is none.';
  const meters = customers.flatMap((one) => one.meters);
  const twice = (all: readonly string[]) => all.find((name, i) => all.indexOf(name) !== i);
  const names = customers.map((one) => one.customer);
  const sets: readonly (readonly [string, readonly string[]])[] = [
    ['customer', names],
    ['meter', meters],
    ['band', bands.map(({ name }) => name)],
    ['prefix', many ? [many.customer, ...many.meters] : []],
  ];
  for (const [what, all] of sets)
    if (new Set(all).size !== all.length) return `terms: the ${what} ${twice(all)} stands twice.`;
  const numberedToo =
    many &&
    [...names, ...meters].find((name) =>
      [many.customer, ...many.meters].some((one) => numberIn(name, one, many.count)),
    );
  if (numberedToo !== undefined) return `terms: ${numberedToo} is numbered, too.`;
  const pattern = [...meters, ...names, ...(many ? [many.customer, ...many.meters] : [])].find((name) =>
    name.includes('*'),
  );
  if (pattern !== undefined) return `terms: ${pattern} is no one meter or customer.`;
  if (bands.length > 1 && kind === 'counter')
    return 'terms.bands: a counter does not say when its units were used; prices by the clock need interval meters.';
  return bands.map((one, i) => checkBand(one, i === bands.length - 1)).find((problem) => problem !== undefined);
}

function checkBand({ name, when, steps }: Band, isLast: boolean): string | undefined {
  if (isLast && when) return `terms.bands.${name}: the last band is for the rest of the time and has no "when".`;
  if (!isLast && !when) return `terms.bands.${name}: say when it holds; only the last band is for the rest.`;
  if (when?.some(({ fromMinute, toMinute }) => fromMinute >= toMinute))
    return `terms.bands.${name}: a span ends after it starts; over midnight it takes two.`;
  for (const [i, { upTo }] of steps.entries()) {
    if ((upTo === undefined) !== (i === steps.length - 1))
      return `terms.bands.${name}: every step but the last says up to how many units it goes.`;
    const before = steps[i - 1]?.upTo ?? 0;
    if (upTo !== undefined && upTo <= before) return `terms.bands.${name}: steps go up; ${upTo} follows ${before}.`;
  }
  return undefined;
}

export const meteringTerms = terms(schema, checkTerms);
