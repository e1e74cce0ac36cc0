// The one rule on who may say what. Admission asks it before a statement gets its leaf; projections, the audit of a log
// and the verifier of an evidence file ask it again, with the same states and so with the same answer.
import { type AssuranceClass, assuranceClasses } from './assurance.ts';
import { FormatError, type Refusal } from './errors.ts';
import { kinds, type StatementKind } from './kinds.ts';
import { coversSubject, type Enrolment, enrolmentPayload, keyStatusPayload } from './payloads/enrolment.ts';
import type { Statement, StatementHeader } from './statement/statement.ts';

/** What is known of a key when a leaf is looked at: from the network document, or from the leaves before. */
export interface KeyState {
  readonly did: string;
  /** The thing or person that holds the key; for a member's key its own did:key. */
  readonly keyOwner: string;
  /** did:key of the member who enrolled it; for a member's key its own. */
  readonly owner: string;
  readonly isMember: boolean;
  /** The best class its statements may claim. */
  readonly class: AssuranceClass;
  /** Subjects it may speak of; a final `*` stands for any rest. */
  readonly subjects: readonly string[];
  /** What kind of thing holds it (`domain/thing`): its limits hold at admission. */
  readonly thing?: string | undefined;
  /** Leaf of its enrolment: it counts for leaves after this one. -1 for members. */
  readonly enrolledAt: number;
  /** Leaf of its revocation: it counts no more for leaves after this one. */
  readonly revokedAt?: number | undefined;
}

/** A member of the network: may speak of everything, from the first leaf on. */
export function memberKey(did: string): KeyState {
  return { did, keyOwner: did, owner: did, isMember: true, class: 'software', subjects: ['*'], enrolledAt: -1 };
}

/** The key that an enrolment at leaf `index` enrols. */
export function enrolledKey(
  header: Pick<StatementHeader, 'issuer' | 'subject'>,
  enrolment: Enrolment,
  index: number,
): KeyState {
  const { key: did, class: assurance, subjects, thing } = enrolment;
  const { subject: keyOwner, issuer: owner } = header;
  return { did, keyOwner, owner, isMember: false, class: assurance, subjects, thing, enrolledAt: index };
}

/** What the rule reads of a header. */
export type SpokenOf = Pick<StatementHeader, 'kind' | 'subject' | 'class'>;

/**
 * May this key say this at leaf `index`?
 *
 * - The kind is known, and the key is: enrolled at an earlier leaf, and not revoked at an earlier one.
 * - It was enrolled for the subject, and for a class at least as good as the one claimed.
 * - What is a member's to say (kinds.ts: `member`, `decider`) a member says; whether it is the decider that the terms
 *   name is checked against the terms. What a gateway answers is in no log.
 * - A kind about its own thing alone (`event`) has the key's owner as its subject.
 * - A key is enrolled once, and revoked by the member who enrolled it.
 *
 * @param key state of the key that signs, as of the leaves before; undefined where nobody enrolled it
 * @param index leaf that the statement has or would get
 * @param target of an enrolment or a key status: state of the key it is about; undefined where nobody enrolled it
 * @returns why not; undefined where it may
 * @example authorize(memberKey(did), { kind: 'label', subject: 'thermo/1', class: 'software' }, 7) // undefined
 */
export function authorize(
  key: KeyState | undefined,
  { kind, subject, class: claimed }: SpokenOf,
  index: number,
  target?: KeyState,
): Refusal | undefined {
  if (kind === 'unknown') return 'unknown-kind';
  if (key === undefined || index <= key.enrolledAt) return 'unknown-key';
  if (key.revokedAt !== undefined && index > key.revokedAt) return 'revoked-key';
  if (!coversSubject(key.subjects, subject) || assuranceClasses[claimed] < assuranceClasses[key.class])
    return 'not-permitted';
  const { issuer, ownSubject } = kinds[kind];
  if (issuer !== 'device' && (issuer === 'gateway' || !key.isMember)) return 'not-permitted';
  if (ownSubject && subject !== key.keyOwner) return 'not-permitted';
  return mayConcern(kind, key, target) ? undefined : 'not-permitted';
}

function mayConcern(kind: StatementKind, by: KeyState, target: KeyState | undefined): boolean {
  if (kind === 'enrolment') return target === undefined;
  if (kind === 'key-status') return target?.owner === by.did;
  return true;
}

/**
 * The same of a whole statement: reads from its payload which key it is about.
 *
 * @param find states of keys as of the leaves before, by did:key
 * @returns why not, also where the payload of an enrolment or a key status cannot be read
 */
export function authorizeStatement(
  { header, payload }: Pick<Statement, 'header' | 'payload'>,
  index: number,
  find: (did: string) => KeyState | undefined,
): Refusal | undefined {
  try {
    const about =
      header.kind === 'enrolment'
        ? enrolmentPayload.decode(payload).key
        : header.kind === 'key-status'
          ? keyStatusPayload.decode(payload).key
          : undefined;
    return authorize(find(header.issuer), header, index, about === undefined ? undefined : find(about));
  } catch (error) {
    if (error instanceof FormatError) return error.refusal;
    throw error;
  }
}
