// A domain for tests of models: it counts, raises an alert where something is missing, explains itself, and learns from
// labels how many missing statements people forgive.
import { alert, type InstalledDomain, type LabelledDecision } from '@trine/engine';
import { counting } from '@trine/engine/testing/counting.ts';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import type { ModelCard, Parameters } from '@trine/protocol';
import type { Parts } from './parts.ts';

type Terms = ReturnType<typeof counting.terms.parse>;

export const card: ModelCard = {
  ...{ purpose: 'For tests.', data: 'None.', split: 'None.', metric: 'None.', result: 'None.', limits: 'All.' },
  licence: 'CC0-1.0',
};

function verdictWith(lenient: number, { input }: LabelledDecision<Terms>): string {
  const came = input.inputs.get('thing')?.statements ?? 0;
  return input.terms.due - came - lenient > 0 ? 'missed' : 'met';
}

/** The least forgiving that as many as possible agree with; the one before, where none is better. */
function learn(decisions: readonly LabelledDecision<Terms>[], before: Parameters): Parameters {
  const right = (lenient: number) => decisions.filter((one) => one.agrees(verdictWith(lenient, one))).length;
  const known = (before.lenient ?? 0) as number;
  const best = [0, 1, 2].reduce((found, lenient) => (right(lenient) > right(found) ? lenient : found), known);
  return best === 0 ? {} : { lenient: best };
}

export const teachable: InstalledDomain = {
  identity: testIdentity('counting'),
  domain: {
    ...counting,
    manifest: { ...counting.manifest, alerts: { missing: { label: 'Missing', tone: 'warn' } } },
    async open(parameters: Parameters) {
      const engine = await counting.open(parameters);
      return {
        decide(input) {
          const outcome = engine.decide(input);
          if (outcome.verdict !== 'missed') return outcome;
          const raised = alert('warning', 'missing', input.terms.thing, outcome.reason);
          return { ...outcome, effects: [...outcome.effects, raised] };
        },
        explain: ({ inputs }) => ({ words: [`${inputs.get('thing')?.statements ?? 0} came.`], series: [] }),
        learn,
      };
    },
  } satisfies InstalledDomain['domain'] as InstalledDomain['domain'],
};

/** Lets windows of two statements pass, from one on to before another, and decides them under every policy. */
export async function windows(parts: Parts, from: number, to: number, each = 2): Promise<void> {
  for (let n = from; n < to; n++)
    await parts.say(Array.from({ length: each }, (_, i) => ({ atMs: n * 10_000 + 2_000 * (i + 1) })));
  await parts.decideAt(to * 10_000 + 1_500);
  await parts.does(parts.projections.runner.flush());
}
