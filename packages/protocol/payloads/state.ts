// State: what a model remembers about one subject, so that a decision can be computed again without going back to the
// first reading. A body like a reading's: detached, encrypted under the subject's key, erased with it.
import { bytes, type Infer, integer, payload, record, text } from '../cbor/schema.ts';

const state = record({
  /** Hash of the policy whose decisions continue from it. */
  policy: bytes(32),
  /** The state after all obligations that end by then. */
  untilMs: integer(),
  /** The subject it is about; '' for what concerns none alone. */
  key: text(128),
  state: bytes({ max: 200_000 }),
});
export type ModelState = Infer<typeof state>;
export const statePayload = payload('state', state);
