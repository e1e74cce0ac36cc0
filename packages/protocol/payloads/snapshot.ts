// Snapshot: a model's state as a leaf, so that a decision can be replayed without going back to the first reading.
import { bytes, type Infer, integer, payload, record, text } from '../cbor/schema.ts';
import { modelIdentity } from './agreement.ts';

const snapshot = record({
  model: modelIdentity,
  /** The thing the state is about. */
  subject: text(128),
  /** The state after all windows that end by then. */
  untilMs: integer(),
  state: bytes({ max: 60_000 }),
});
export type Snapshot = Infer<typeof snapshot>;
export const snapshotPayload = payload('snapshot', snapshot);
