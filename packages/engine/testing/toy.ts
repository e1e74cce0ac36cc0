// A domain for tests of the engine: decides nothing but what the test says.
import { z } from 'zod';
import type { Domain, Engine, LoggedEvent, Outcome, Trigger } from '../domain.ts';
import { terms } from '../terms.ts';

const schema = z.strictObject({ things: z.array(z.string()).default(['thing/1']) });
export type ToyTerms = z.output<typeof schema>;

/** What follows from nothing in particular. */
export function outcome(given: Partial<Outcome> = {}): Outcome {
  return {
    verdict: 'ok',
    facts: {},
    reason: { template: 'as the test says', arguments: {} },
    states: new Map(),
    effects: [],
    ...given,
  };
}

/** Windows of a second with a grace of a tenth, unless told. */
export const SECOND: Trigger = { name: 'window', on: 'window', startMs: 0, lengthMs: 1_000, graceMs: 100 };

export type ToyParts = Partial<Omit<Domain<ToyTerms>, 'triggers' | 'open'>> & {
  readonly triggers?: readonly Trigger[];
  readonly engine?: Partial<Engine<ToyTerms>>;
};

export function toyDomain({ triggers = [SECOND], engine = {}, ...parts }: ToyParts = {}): Domain<ToyTerms> {
  return {
    manifest: {
      name: 'toy',
      version: '1',
      title: 'Toy',
      about: 'For tests.',
      things: {},
      roles: ['payer', 'recipient'],
      reads: ['pack', 'event'],
      verdicts: { ok: { label: 'Ok', tone: 'ok' }, bad: { label: 'Bad', tone: 'bad' } },
      alerts: { odd: { label: 'Odd', tone: 'warn' } },
      panels: [],
      routes: [],
    },
    terms: terms(schema),
    triggers: () => triggers,
    inputs: ({ things }, { fromMs, toMs }) => [
      { name: 'said', subjects: things, kinds: ['pack', 'event'], fromMs, toMs },
    ],
    open: async () => ({ decide: () => outcome(), ...engine }),
    ...parts,
  };
}

/** An event whose body is a text. */
export function toyEvent(id: number, subject: string, timeMs: number, text: string): LoggedEvent {
  return {
    id: id.toString(16).padStart(64, '0'),
    subject,
    mediaType: 'text/plain',
    body: new TextEncoder().encode(text),
    timeMs,
    leaf: id,
  };
}
