// The certificate of an erasure: that the bodies about a thing can be read no more where this was issued, and what of it
// stands in the open log and cannot be erased.
import { type Infer, integer, oneOf, payload, record, text } from '../cbor/schema.ts';

const erasure = record({
  trine: oneOf('erasure/1'),
  /** Of whoever asked for it. In the open log: it should name nobody. */
  reason: text(200),
  by: text(100),
  /** Bodies erased. */
  bodies: integer(0),
  /** Statements about the thing whose bodies are in the log itself. */
  open: integer(0),
});
export type Erasure = Infer<typeof erasure>;
export const erasurePayload = payload('erasure', erasure);
