import type { Domain } from '@trine/engine/domain.ts';
import { type ModelIdentity, withParameters } from '@trine/protocol';
import { decide } from './decide.ts';
import { explain } from './explain.ts';
import { learn } from './learn.ts';
import { machine } from './observe.ts';
import { readParameters } from './parameters.ts';

export { type Panel, panels } from './show.ts';

/** @param identity of the model as it is delivered, see identity.ts */
export function serviceLevel(identity: ModelIdentity): Domain {
  return {
    name: 'service-level',
    things: [machine],
    model: (parameters = {}) => {
      readParameters(parameters);
      return withParameters(identity, parameters);
    },
    judge: decide,
    stateForm: (parameters) => readParameters(parameters).detector.name,
    explain,
    learn,
  };
}
