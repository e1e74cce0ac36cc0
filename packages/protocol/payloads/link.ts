// Link: whom a pseudonym stands for. Its body is detached and erased with the pseudonym: in public there is a commitment
// about the pseudonym alone.
import { type Infer, oneOf, payload, record, text } from '../cbor/schema.ts';

const link = record({
  trine: oneOf('link/1'),
  /** What the member who enrolled the pseudonym calls the person. */
  person: text(128, /^[A-Za-z0-9][A-Za-z0-9:._~/-]*$/),
});
export type Link = Infer<typeof link>;
export const linkPayload = payload('link', link);
