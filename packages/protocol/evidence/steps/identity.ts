// Who may say what, from the enrolments in the file alone, by the order of leaves.
import { authorizeStatement, enrolledKey, type KeyState, memberKey } from '../../authorize.ts';
import { type Refusal, refusals } from '../../errors.ts';
import { type PublicKey, parseDidKey } from '../../keys.ts';
import { enrolmentPayload, keyStatusPayload } from '../../payloads/enrolment.ts';
import type { NetworkDocument } from '../../payloads/network.ts';
import type { Contents, LoggedStatement } from '../contents.ts';
import { StepError } from '../report.ts';

/** A key and who stands behind it. */
export interface Principal extends KeyState {
  readonly key: PublicKey;
  readonly name: string;
  readonly ownerName: string;
  /** Account of the member behind it. */
  readonly ownerAddress: string;
}

/** The keys of a network and of the leaves taken so far, by did:key. */
export class Principals {
  readonly #byDid = new Map<string, Principal>();

  constructor({ members }: NetworkDocument) {
    for (const { key: did, name, address } of members)
      this.#byDid.set(did, {
        ...memberKey(did),
        key: parseDidKey(did),
        name,
        ownerName: name,
        ownerAddress: address,
      });
  }

  get size(): number {
    return this.#byDid.size;
  }

  get(did: string): Principal | undefined {
    return this.#byDid.get(did);
  }

  /** Keys that a thing holds. */
  keysOf(keyOwner: string): Principal[] {
    return [...this.#byDid.values()].filter((one) => one.keyOwner === keyOwner);
  }

  /**
   * Takes the next leaf in order: what it says of keys counts for those after it.
   * @param logged its place is its number in the file, which is its order
   * @returns why it should not be in the log; then nothing of it counts
   */
  take({ order: index, statement }: Pick<LoggedStatement, 'order' | 'statement'>): Refusal | undefined {
    const { header, payload } = statement;
    const refusal = authorizeStatement(statement, index, (did) => this.#byDid.get(did));
    if (refusal) return refusal;
    if (header.kind === 'enrolment') {
      const enrolment = enrolmentPayload.decode(payload);
      const { name: ownerName, ownerAddress } = this.#byDid.get(header.issuer) as Principal;
      const state = enrolledKey(header, enrolment, index);
      this.#byDid.set(state.did, {
        ...state,
        key: parseDidKey(state.did),
        name: enrolment.name,
        ownerName,
        ownerAddress,
      });
    } else if (header.kind === 'key-status') {
      const principal = this.#byDid.get(keyStatusPayload.decode(payload).key) as Principal;
      this.#byDid.set(principal.did, { ...principal, revokedAt: principal.revokedAt ?? index });
    }
    return undefined;
  }
}

/** Principals of a file. @throws StepError when a statement should not stand in the log where it does */
export function principalsOf(contents: Contents, network: NetworkDocument): Principals {
  const principals = new Principals(network);
  for (const logged of contents.statements) {
    const { header } = logged.statement;
    const what = `The statement at leaf ${logged.index} (${header.kind} about ${header.subject})`;
    if (header.network !== network.id) throw new StepError(`${what} is of network ${header.network}.`);
    const refusal = principals.take(logged);
    if (refusal) throw new StepError(`${what} is refused: ${refusals[refusal]} (${header.issuer}).`);
  }
  return principals;
}
