// A domain for tests of lines: each thing owes what it said times a price that the market says, and remembers how often.
import { entry, type InstalledDomain, type RowInput } from '@trine/engine';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import { outcome, SECOND, type ToyTerms, toyDomain } from '@trine/engine/testing/toy.ts';

const WINDOW = { ...SECOND, lengthMs: 10_000, graceMs: 1_000 } as const;

export const lined: InstalledDomain = {
  identity: testIdentity('toy'),
  domain: toyDomain({
    triggers: [WINDOW],
    rows: ({ things }) => things,
    inputs: ({ things }, { fromMs, toMs }) => [
      { name: 'price', subjects: ['market/1'], kinds: ['pack'], fromMs, toMs },
      ...things.map((thing) => ({
        name: 'said',
        subjects: [thing],
        kinds: ['pack'] as const,
        fromMs,
        toMs,
        row: thing,
      })),
    ],
    engine: {
      decide: ({ inputs }) => outcome({ facts: { price: Number(inputs.get('price')?.readings[0]?.value ?? 1) } }),
      row({ key, inputs, common, state }: RowInput<ToyTerms>) {
        const said = Number(inputs.get('said')?.readings[0]?.value ?? 0);
        return {
          ...outcome({ facts: { said } }),
          state: Uint8Array.of((state(key)[0] ?? 0) + 1),
          effects: said > 0 ? [entry(key, 'recipient', said * Number(common.facts.price), 'EUR')] : [],
        };
      },
    },
  }),
};
