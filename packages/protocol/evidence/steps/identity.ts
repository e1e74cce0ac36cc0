// Who may say what, from the enrolments in the file alone, by the order of leaves.
import { type PublicKey, parseDidKey } from '../../keys.ts';
import { coversSubject, enrolmentPayload, keyStatusPayload } from '../../payloads/enrolment.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import { assuranceClasses, memberKinds } from '../../statement/statement.ts';
import type { Contents, LoggedStatement } from '../contents.ts';
import { StepError } from '../report.ts';

export interface Principal {
  readonly key: PublicKey;
  readonly keyOwner: string;
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
export function principalsOf(contents: Contents, network: NetworkDocument): Map<string, Principal> {
  const principals = new Map<string, Principal>();
  for (const { key, name, address } of network.members)
    principals.set(key, {
      key: parseDidKey(key),
      keyOwner: key,
      name,
      owner: key,
      ownerName: name,
      ownerAddress: address,
      class: assuranceClasses.software,
      subjects: ['*'],
      enrolledAt: -1,
    });
  for (const { index, statement } of contents.of('enrolment')) {
    const owner = principals.get(statement.header.issuer);
    if (owner?.enrolledAt !== -1)
      throw new StepError(`The enrolment at leaf ${index} is not signed by a member of the network.`);
    const enrolment = enrolmentPayload.decode(statement.payload);
    if (principals.has(enrolment.key)) throw new StepError(`The key enrolled at leaf ${index} was enrolled before.`);
    principals.set(enrolment.key, {
      key: parseDidKey(enrolment.key),
      keyOwner: statement.header.subject,
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
    const principal = principals.get(keyStatusPayload.decode(statement.payload).key);
    if (principal?.owner !== statement.header.issuer)
      throw new StepError(`The revocation at leaf ${index} is not signed by the owner of the key.`);
    principal.revokedAt ??= index;
  }
  return principals;
}

/** @throws StepError when this statement should not have been sealed where it stands */
export function checkPrincipal(
  principals: ReadonlyMap<string, Principal>,
  sealed: LoggedStatement,
  networkId: string,
): Principal {
  const { header } = sealed.statement;
  const where = `the statement at leaf ${sealed.index}`;
  const principal = principals.get(header.issuer);
  if (principal === undefined) throw new StepError(`Nobody enrolled the key of ${where} (${header.issuer}).`);
  if (header.network !== networkId) throw new StepError(`${where} is of network ${header.network}.`);
  if (sealed.index <= principal.enrolledAt) throw new StepError(`The key of ${where} was enrolled only later.`);
  if (principal.revokedAt !== undefined && sealed.index >= principal.revokedAt)
    throw new StepError(`The key of ${where} was revoked at leaf ${principal.revokedAt}.`);
  if (memberKinds.includes(header.kind) && principal.enrolledAt !== -1)
    throw new StepError(`${where} (${header.kind}) is not signed by a member.`);
  if (!coversSubject(principal.subjects, header.subject))
    throw new StepError(`The key of ${where} may not speak of ${header.subject}.`);
  if (assuranceClasses[header.class] < principal.class)
    throw new StepError(`${where} claims class ${header.class}, better than its key was enrolled for.`);
  return principal;
}
