// What is agreed. The schema validates terms before anything is appended, and draws the form in the console.
import { terms } from '@trine/engine';
import { z } from 'zod';

const DAY_MS = 86_400_000;

const schema = z.strictObject({
  thing: z
    .string()
    .min(1)
    .max(128)
    .meta({ title: 'Thing', description: 'Whose readings are looked at.', kind: 'subject' }),
  quantity: z.string().min(1).max(96).default('temperature').meta({ title: 'Quantity' }),
  limitMilli: z.int().meta({
    title: 'Limit',
    description: 'Thousandths of the unit, so that nothing is rounded: 8 degrees are 8000.',
    kind: 'quantity',
  }),
  longerThanMs: z.int().min(0).max(DAY_MS).default(900_000).meta({
    title: 'Longer than',
    description: 'How long it may be above the limit.',
    kind: 'duration',
  }),
  windowMs: z.int().min(60_000).max(DAY_MS).default(3_600_000).meta({ title: 'Window', kind: 'duration' }),
  graceMs: z.int().min(0).max(DAY_MS).default(60_000).meta({
    title: 'Grace',
    description: 'How long after its end a window still waits for readings.',
    kind: 'duration',
  }),
  creditMinorUnits: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(0)
    .meta({ title: 'Credit', description: 'Owed each time that it was above for longer.', kind: 'money' }),
});

export type OverLimitTerms = z.output<typeof schema>;
export const overLimitTerms = terms(schema);
