import type { Domain } from '@trine/core/flow/domain.ts';
import type { ModelIdentity } from '@trine/core/protocol/payloads/agreement.ts';
import { decide } from './decide.ts';
import { machine } from './observe.ts';

export { type Panel, panels } from './show.ts';

/** @param identity of the model, see identity.ts */
export function serviceLevel(identity: ModelIdentity): Domain {
  return { name: 'service-level', things: [machine], model: () => identity, judge: decide };
}
