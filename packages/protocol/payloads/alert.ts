// What people did about an alert: seen, or over.
import { bytes, type Infer, oneOf, payload, record, text } from '../cbor/schema.ts';

const alertStatus = record({
  trine: oneOf('alert-status/1'),
  /** Id of the decision that raised it, and its code there. */
  decision: bytes(32),
  code: text(40),
  status: oneOf('acknowledged', 'resolved'),
  by: text(100),
  note: text(500),
});
export type AlertStatus = Infer<typeof alertStatus>;
export const alertStatusPayload = payload('alert status', alertStatus);
