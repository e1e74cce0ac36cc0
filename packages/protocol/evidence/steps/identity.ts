// Who may say what, from the enrolments in the file alone, by the order of leaves.
import { type PublicKey, parseDidKey } from '../../keys.ts';
import { coversSubject, enrolmentPayload, keyStatusPayload } from '../../payloads/enrolment.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import { assuranceClasses, memberKinds } from '../../statement/statement.ts';
import type { Contents, SealedStatement } from '../contents.ts';
import { StepError } from '../report.ts';

export interface Speaker {
  readonly key: PublicKey;
  readonly holder: string;
  readonly name: string;
  /** did:key and account of the member behind it. */
  readonly owner: string;
  readonly ownerName: string;
  readonly ownerAddress: string;
  readonly class: number;
  readonly subjects: readonly string[];
  readonly enrolledAt: number;
  revokedAt?: number;
}

/** Speakers by did:key. @throws StepError */
export function speakersOf(contents: Contents, network: NetworkDocument): Map<string, Speaker> {
  const speakers = new Map<string, Speaker>();
  for (const { key, name, address } of network.members)
    speakers.set(key, {
      key: parseDidKey(key),
      holder: key,
      name,
      owner: key,
      ownerName: name,
      ownerAddress: address,
      class: assuranceClasses.software,
      subjects: ['*'],
      enrolledAt: -1,
    });
  for (const { index, statement } of contents.of('enrolment')) {
    const owner = speakers.get(statement.header.issuer);
    if (owner?.enrolledAt !== -1)
      throw new StepError(`The enrolment at leaf ${index} is not signed by a member of the network.`);
    const enrolment = enrolmentPayload.decode(statement.payload);
    if (speakers.has(enrolment.key)) throw new StepError(`The key enrolled at leaf ${index} was enrolled before.`);
    speakers.set(enrolment.key, {
      key: parseDidKey(enrolment.key),
      holder: statement.header.subject,
      name: enrolment.name,
      owner: owner.owner,
      ownerName: owner.name,
      ownerAddress: owner.ownerAddress,
      class: assuranceClasses[enrolment.class],
      subjects: enrolment.subjects,
      enrolledAt: index,
    });
  }
  for (const { index, statement } of contents.of('key-status')) {
    const speaker = speakers.get(keyStatusPayload.decode(statement.payload).key);
    if (speaker?.owner !== statement.header.issuer)
      throw new StepError(`The revocation at leaf ${index} is not signed by the owner of the key.`);
    speaker.revokedAt ??= index;
  }
  return speakers;
}

/** @throws StepError when this statement should not have been sealed where it stands */
export function checkSpeaker(
  speakers: ReadonlyMap<string, Speaker>,
  sealed: SealedStatement,
  networkId: string,
): Speaker {
  const { header } = sealed.statement;
  const where = `the statement at leaf ${sealed.index}`;
  const speaker = speakers.get(header.issuer);
  if (speaker === undefined) throw new StepError(`Nobody enrolled the key of ${where} (${header.issuer}).`);
  if (header.network !== networkId) throw new StepError(`${where} is of network ${header.network}.`);
  if (sealed.index <= speaker.enrolledAt) throw new StepError(`The key of ${where} was enrolled only later.`);
  if (speaker.revokedAt !== undefined && sealed.index >= speaker.revokedAt)
    throw new StepError(`The key of ${where} was revoked at leaf ${speaker.revokedAt}.`);
  if (memberKinds.includes(header.kind) && speaker.enrolledAt !== -1)
    throw new StepError(`${where} (${header.kind}) is not signed by a member.`);
  if (!coversSubject(speaker.subjects, header.subject))
    throw new StepError(`The key of ${where} may not speak of ${header.subject}.`);
  if (assuranceClasses[header.class] < speaker.class)
    throw new StepError(`${where} claims class ${header.class}, better than its key was enrolled for.`);
  return speaker;
}
