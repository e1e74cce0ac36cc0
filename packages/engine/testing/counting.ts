// A domain for tests of the engine: it counts statements of a thing in windows, remembers how many there were in all, and
// lets the payer owe for each that is missing.
import { decodeCbor, encodeCbor } from '@trine/protocol';
import { z } from 'zod';
import { type Domain, entry } from '../domain.ts';
import { terms } from '../terms.ts';

const schema = terms(
  z.strictObject({
    thing: z.string().meta({ title: 'Thing' }),
    windowMs: z.int().default(10_000).meta({ title: 'Window' }),
    graceMs: z.int().default(1_000).meta({ title: 'Grace' }),
    due: z.int().default(2).meta({ title: 'Statements due' }),
    price: z.int().default(5).meta({ title: 'Price of a missing one', kind: 'money' }),
  }),
);

type CountingTerms = ReturnType<typeof schema.parse>;

/** Parameters: `{ lenient: n }` forgives so many missing statements. */
export const counting: Domain<CountingTerms> = {
  manifest: {
    name: 'counting',
    version: '1',
    title: 'Counting',
    about: 'Counts statements.',
    things: {},
    roles: ['payer', 'recipient'],
    reads: ['pack'],
    verdicts: { met: { label: 'Met', tone: 'ok' }, missed: { label: 'Missed', tone: 'bad' } },
    alerts: {},
    panels: [],
    routes: [],
  },
  terms: schema,
  triggers: ({ windowMs, graceMs }) => [{ name: 'window', on: 'window', startMs: 0, lengthMs: windowMs, graceMs }],
  inputs: ({ thing }, { fromMs, toMs }) => [{ name: 'thing', subjects: [thing], kinds: ['pack'], fromMs, toMs }],
  open: async ({ lenient = 0 }) => ({
    decide({ terms: { thing, due, price }, inputs, state, currency }) {
      const came = inputs.get('thing')?.statements ?? 0;
      const before = state(thing);
      const total = came + (before.length > 0 ? (decodeCbor(before, 'count') as number) : 0);
      const missing = Math.max(0, due - came - (lenient as number));
      return {
        verdict: missing > 0 ? 'missed' : 'met',
        facts: { came, total },
        reason: { template: '{came} of {due} came', arguments: { came, due } },
        states: new Map([[thing, encodeCbor(total)]]),
        effects: missing > 0 && currency ? [entry('payer', 'recipient', missing * price, currency)] : [],
      };
    },
  }),
};
