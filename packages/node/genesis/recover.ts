// Recovering from a fork or a clone: another key is let in, those that spoke are shut out, and the member who enrolled
// the thing says that its sequence goes on. Every step may be repeated: after a crash the same call goes on.
import { enrolmentPayload, type Recovery, recoveryPayload, TrineError } from '@trine/protocol';
import type { Issuer } from '../ingest/issuer.ts';
import type { KeyDirectory, KeyEntry } from '../projections/keys.ts';
import type { SequenceTracker } from '../projections/sequences.ts';

export interface RecoverOptions {
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  readonly member: Pick<Issuer, 'issue'>;
  /** did:key of the keys that the node itself speaks with: shut out, it would fall silent. */
  readonly own: readonly string[];
  readonly revoke: (did: string, reason: string) => Promise<void>;
}

/** What was said, and what goes on. */
export interface Recovered extends Pick<Recovery, 'keyOwner' | 'key' | 'epoch' | 'from'> {
  /** Of the recovery. */
  readonly leaf: number;
  /** Keys that were shut out. */
  readonly revoked: readonly string[];
}

/**
 * @param given subject and holder of the sequence, the did:key that goes on, and why
 * @returns once the recovery is durable
 * @throws TrineError `conflict` where nothing is to be recovered from
 */
export async function recoverSequence(
  { keyDirectory, sequences, member, own, revoke }: RecoverOptions,
  given: { readonly subject: string; readonly keyOwner: string; readonly key: string; readonly reason: string },
): Promise<Recovered> {
  const { subject, keyOwner, key, reason } = given;
  if (sequences.forkOf(keyOwner, subject) === undefined)
    throw new TrineError(
      'conflict',
      `${keyOwner} has no fork or clone about ${subject}: there is nothing to recover from.`,
    );
  const spoke = keyDirectory.keysOf(keyOwner).filter(({ did }) => did !== key);
  const [first] = spoke;
  if (first === undefined || first.isMember || spoke.some(({ did }) => own.includes(did)))
    throw new TrineError(
      'conflict',
      `The keys of ${keyOwner} are the network’s or this node’s own: they cannot be exchanged so.`,
    );
  await enrolLike(first, key, { keyDirectory, member });
  const revoked = spoke.filter(({ revokedAt }) => revokedAt === undefined).map(({ did }) => did);
  for (const did of revoked) await revoke(did, reason);
  // Nobody speaks in it any more: now the heads stay what they are.
  const fork = sequences.forkOf(keyOwner, subject);
  if (fork === undefined) throw new TrineError('conflict', `${keyOwner} was recovered meanwhile.`);
  const { from, heads } = fork;
  const epoch = fork.epoch + 1;
  const recovery: Recovery = { trine: 'recovery/1', keyOwner, key, epoch, from, heads: [...heads] };
  const { index } = await member.issue('recovery', subject, recoveryPayload.encode(recovery));
  return { keyOwner, key, epoch, from, leaf: index, revoked };
}

/** With what the first key of the thing was enrolled for. */
async function enrolLike(
  { keyOwner, name, class: assurance, subjects, thing }: KeyEntry,
  key: string,
  { keyDirectory, member }: Pick<RecoverOptions, 'keyDirectory' | 'member'>,
): Promise<void> {
  const known = keyDirectory.get(key);
  if (known === undefined) {
    const enrolment = { key, name, class: assurance, subjects: [...subjects], ...(thing && { thing }) };
    await member.issue('enrolment', keyOwner, enrolmentPayload.encode(enrolment));
  } else if (known.keyOwner !== keyOwner || known.revokedAt !== undefined)
    throw new TrineError(
      'conflict',
      `This key was enrolled for ${known.keyOwner}, or is revoked: a new one is needed.`,
    );
}
