// The model behind a service level: this domain's rule and the detectors it can use.
import { identifyModel } from '@trine/models/hash.ts';
import type { ModelIdentity } from '@trine/protocol';
import { detectors } from './detect.ts';

const root = new URL('../../', import.meta.url);

/** Files whose bytes decide the outcome, from the root of the project. */
export const sources: readonly string[] = [
  'packages/engine/evaluate.ts',
  'packages/protocol/runtimes.ts',
  'packages/engine/plausibility.ts',
  ...['detect.ts', 'parameters.ts', 'decide.ts', 'settle.ts'].map((file) => `domains/service-level/${file}`),
  ...new Set(detectors.flatMap((detector) => detector.sources.map((file) => `packages/models/${file}`))),
];

export function serviceLevelModel(): ModelIdentity {
  const model = {
    name: 'service-level',
    version: '1',
    config: { detectors: detectors.map(({ name, version, config }) => ({ name, version, config })) },
  };
  return identifyModel(model, root, sources);
}
