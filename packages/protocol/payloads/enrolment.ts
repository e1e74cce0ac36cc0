// Enrolment and key status: an owner (a member of the network) says which key speaks of which subjects. The order of
// leaves decides what held when: a key counts from the leaf after its enrolment to the leaf of its revocation.
import { type AssuranceClass, assuranceClasses } from '../assurance.ts';
import { type Codec, type Infer, list, oneOf, optional, payload, record, text } from '../cbor/schema.ts';
import { parseDidKey } from '../keys.ts';

const classNames = Object.keys(assuranceClasses) as AssuranceClass[];
const did = text(80, /^did:key:z[1-9A-HJ-NP-Za-km-z]+$/);

const enrolment = record({
  /** did:key of the key enrolled. The statement's subject is the thing that holds it. */
  key: did,
  /** What people call the thing. */
  name: text(100),
  /** The best class its statements may claim. */
  class: oneOf(...classNames),
  /** Subjects the key may speak of; a final `*` stands for any rest. */
  subjects: list(text(128, /^(?:[A-Za-z0-9][A-Za-z0-9:._~/-]*\*?|\*)$/), 64),
  /** What kind of thing it is, as a domain's manifest has it (`domain/thing`): its limits hold at admission. */
  thing: optional(text(80, /^[a-z][a-z-]*\/[a-z][a-z-]*$/)),
});
export type Enrolment = Infer<typeof enrolment>;
/** Refuses keys that may not be enrolled: see {@link parseDidKey}. */
export const enrolmentPayload: Codec<Enrolment> = payload('enrolment', {
  check: (value, path) => {
    const checked = enrolment.check(value, path);
    parseDidKey(checked.key);
    return checked;
  },
});

const keyStatus = record({ key: did, status: oneOf('revoked'), reason: text(200) });
export const keyStatusPayload = payload('key status', keyStatus);

/** @example coversSubject(['parking/*'], 'parking/north') // true */
export function coversSubject(patterns: readonly string[], subject: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? subject.startsWith(pattern.slice(0, -1)) : pattern === subject,
  );
}
