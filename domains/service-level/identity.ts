// The model behind a service level: this domain's rule and the detectors it can use.
import { identifyModel } from '@trine/core/ai/hash.ts';
import type { ModelIdentity } from '@trine/core/protocol/payloads/agreement.ts';
import { detectors } from './detect.ts';

const root = new URL('../../', import.meta.url);

/** Files whose bytes decide the outcome, from the root of the project. */
export const sources: readonly string[] = [
  'core/flow/evaluate.ts',
  'core/protocol/runtimes.ts',
  'core/ai/plausibility/trust.ts',
  ...['detect.ts', 'parameters.ts', 'decide.ts', 'settle.ts'].map((file) => `domains/service-level/${file}`),
  ...new Set(detectors.flatMap((detector) => detector.sources.map((file) => `core/ai/${file}`))),
];

export function serviceLevelModel(): ModelIdentity {
  const model = {
    name: 'service-level',
    version: '1',
    config: { detectors: detectors.map(({ name, version, config }) => ({ name, version, config })) },
  };
  return identifyModel(model, root, sources);
}
