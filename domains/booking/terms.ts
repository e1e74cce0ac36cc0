// What is agreed: what can be booked, by whom and how often at once, what time costs, and what a deposit is for.
import { terms } from '@trine/engine';
import { z } from 'zod';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const pattern = z.string().min(1).max(128);
const money = (title: string, description: string) =>
  z.int().min(0).max(1_000_000_000).default(0).meta({ title, description, kind: 'money' });

const opener = z.strictObject({
  subjects: pattern.meta({ title: 'Who', description: 'A subject, or several ending with *.', kind: 'subject' }),
  openMax: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .meta({ title: 'At once', description: 'Bookings that one may have open.' }),
});

const schema = z.strictObject({
  resources: z.array(pattern).min(1).max(1_000).meta({
    title: 'What can be booked',
    description: 'Subjects, or several ending with *.',
  }),
  openers: z.array(opener).min(1).max(1_000).meta({
    title: 'Who may book',
    description: 'The first that fits counts. Pseudonyms: terms are public.',
  }),
  startWithinMs: z
    .int()
    .min(60_000)
    .max(31 * DAY_MS)
    .default(15 * 60_000)
    .meta({
      title: 'Start within',
      description: 'A booking names its latest start, at most so long after it was made.',
      kind: 'duration',
    }),
  longestMs: z
    .int()
    .min(60_000)
    .max(31 * DAY_MS)
    .default(DAY_MS)
    .meta({ title: 'Longest use', description: 'Owed whole where no end is reported.', kind: 'duration' }),
  unitMs: z.int().min(60_000).max(DAY_MS).default(60_000).meta({
    title: 'Unit of time',
    description: 'Every one that was begun is charged.',
    kind: 'duration',
  }),
  pricePerUnit: money('Price of a unit', 'For every unit of time begun.'),
  deposit: money('Deposit', 'Taken when a booking is accepted, returned at its end but for what is owed.'),
  noShowFee: money('No-show', 'Owed where no start was reported by the latest start, or it was cancelled too late.'),
  lateFee: money('Late return', 'Owed once where it was used for longer than was booked.'),
  cancelFreeMs: z
    .int()
    .min(0)
    .max(31 * DAY_MS)
    .default(0)
    .meta({
      title: 'Cancel until',
      description: 'So long before the latest start it costs nothing.',
      kind: 'duration',
    }),
  lateEndMs: z
    .int()
    .min(0)
    .max(31 * DAY_MS)
    .default(DAY_MS)
    .meta({
      title: 'Late end',
      description: 'An end that is reported so long after the longest use still corrects what was owed.',
      kind: 'duration',
    }),
  graceMs: z.int().min(0).max(HOUR_MS).default(3_000).meta({ title: 'Grace', kind: 'duration' }),
});

export type BookingTerms = z.output<typeof schema>;

function checkTerms({ longestMs, unitMs }: BookingTerms): string | undefined {
  return longestMs < unitMs ? 'terms.longestMs: is shorter than one unit of time.' : undefined;
}

export const bookingTerms = terms(schema, checkTerms);
