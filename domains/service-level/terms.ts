// What is agreed: which thing, how often it must speak, what counts as out of order, and what a breach costs.
import { terms } from '@trine/engine';
import { z } from 'zod';

const schema = z.strictObject({
  thing: z
    .string()
    .min(1)
    .max(128)
    .meta({ title: 'Thing', description: 'Whose readings are looked at.', kind: 'subject' }),
  windowMs: z
    .int()
    .min(1_000)
    .max(31 * 86_400_000)
    .default(3_600_000)
    .meta({ title: 'Window', description: 'Every window is decided by itself.', kind: 'duration' }),
  graceMs: z.int().min(0).max(86_400_000).default(3_000).meta({
    title: 'Grace',
    description: 'How long after its end a window still waits for readings.',
    kind: 'duration',
  }),
  statementsMin: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(1)
    .meta({
      title: 'Statements due',
      description: 'A complete window holds at least this many with a usable value. 0: silence is not judged.',
      learnt: { from: 'statements', of: 'thing', windowMs: 'windowMs', quantities: 'quantities', texts: 'texts' },
    }),
  quantities: z.array(z.string().min(1).max(96)).max(32).default([]).meta({
    title: 'Quantities',
    description: 'Values of these alone count. None named: of all.',
  }),
  texts: z.boolean().default(false).meta({
    title: 'Texts count',
    description: 'A text such as “open” is a usable value. Otherwise numbers, yes and no are.',
  }),
  outOfOrderReadings: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .meta({ title: 'Anomalous readings', description: 'A window with this many or more is out of order.' }),
  thresholdPpm: z.int().min(1).max(1_000_000).default(700_000).meta({
    title: 'Anomaly score',
    description: 'A reading with this score or more counts as anomalous.',
    kind: 'ppm',
  }),
  creditMinorUnits: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(0)
    .meta({ title: 'Credit', description: 'Owed for a breached window.', kind: 'money' }),
});

export type ServiceLevelTerms = z.output<typeof schema>;
export const serviceLevelTerms = terms(schema);
