// Who is let in to the embedded broker, and may say and hear what. Signed statements and their acknowledgements are
// everybody's: the signature counts. Plain messages are taken from this machine, from users with a password on their own
// topics, and from everybody where the settings say so.
import { ACKNOWLEDGEMENTS, coversFilter, STATEMENTS, TrineError } from '@trine/protocol';
import { Tries } from '../../access/tries.ts';
import type { Elapsed } from '../source.ts';
import { isThisMachine, plainAddress } from './connection-gate.ts';
import { type MqttUsers, mayPublish, maySubscribe } from './mqtt-users.ts';

/** Wrong passwords that one address may try for one user. */
const TRIES = { most: 30, perSecond: 0.2 };

/** Somebody on a connection. */
export interface Visitor {
  readonly remoteAddress: string | undefined;
  /** Whose password it gave. */
  readonly user: string | undefined;
}

export interface MqttAccessOptions {
  readonly users: MqttUsers;
  /** Nobody needs a password, wherever he is. */
  readonly isOpen: boolean;
  readonly elapsed: Elapsed;
}

export class MqttAccess {
  readonly users: MqttUsers;
  readonly #isOpen: boolean;
  readonly #tries: Tries;

  constructor({ users, isOpen, elapsed }: MqttAccessOptions) {
    this.users = users;
    this.#isOpen = isOpen;
    this.#tries = new Tries({ elapsed }, TRIES.most, TRIES.perSecond);
  }

  /**
   * Looks at what a CONNECT says. As long as there are no users, names and passwords say nothing.
   *
   * @returns the name of the user, or undefined for nobody in particular
   * @throws TrineError `forbidden` where they are wrong, `rate-limited` and `busy` where too many were tried
   */
  async enter(name: string, password: string, remoteAddress: string | undefined): Promise<string | undefined> {
    if (name === '' || this.users.isEmpty) return undefined;
    const address = plainAddress(remoteAddress);
    const charge = (count: number) => {
      if (isThisMachine(address)) return;
      // By name as well: one device with an old password keeps out nobody else behind its address.
      this.#tries.charge(`${address} ${name}`, 'Too many wrong passwords came from this address.', count);
    };
    charge(0);
    const user = await this.users.authenticate(name, password);
    if (user === undefined) {
      charge(1);
      throw new TrineError('forbidden', 'User name or password is wrong.');
    }
    return user.name;
  }

  mayPublish(visitor: Visitor, topic: string): boolean {
    if (topic.startsWith(STATEMENTS)) return true;
    return this.#may(visitor, (user) => mayPublish(user, topic));
  }

  maySubscribe(visitor: Visitor, filter: string): boolean {
    // Each connection gets its own acknowledgements alone.
    if (coversFilter(`${ACKNOWLEDGEMENTS}#`, filter)) return true;
    return this.#may(visitor, (user) => maySubscribe(user, filter));
  }

  #may(
    { user, remoteAddress }: Visitor,
    asUser: (user: NonNullable<ReturnType<MqttUsers['get']>>) => boolean,
  ): boolean {
    if (user === undefined) return this.#isOpen || isThisMachine(plainAddress(remoteAddress));
    const known = this.users.get(user);
    return known !== undefined && asUser(known);
  }
}
