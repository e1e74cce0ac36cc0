// What is entered on the chain besides payments: keys in the registry, and agreements, with their money where their
// parties' keys are at hand. By the outbox, like everything that the account sends while the node runs.
import { registerKeyCall, revokeKeyCall } from '@trine/ledger/calls.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import type { Outbox } from '@trine/ledger/outbox.ts';
import { type Agreement, hexOf, keyThumbprint, sha256, toUtf8 } from '@trine/protocol';
import type { KeyEntry } from '../projections/keys.ts';
import { openingSteps, type PracticeKeys } from './agreements.ts';

export interface EnteringOptions {
  readonly chain: Chain;
  readonly contracts: Contracts;
  /** Where all keys of an agreement's parties are at hand: on a practice chain. */
  readonly practice?: PracticeKeys | undefined;
  readonly outbox: () => Pick<Outbox, 'enqueue'>;
}

const KEYS_PER_ROUND = 20;

export class Entering {
  readonly #options: EnteringOptions;
  readonly #keys: KeyEntry[] = [];
  /** Agreements that are to be opened on the chain. */
  readonly #unopened: Agreement[] = [];

  constructor(options: EnteringOptions) {
    this.#options = options;
  }

  /** Enters an enrolled key into the registry on the chain, or ends it there, in one of the next rounds. */
  key(entry: KeyEntry): void {
    if (entry.enrolledAt >= 0) this.#keys.push(entry);
  }

  /** Sees that an agreement is opened, in one of the next rounds. */
  agreement(agreement: Agreement): void {
    this.#unopened.push(agreement);
  }

  publishKeys(): void {
    for (const { key, keyOwner, class: assurance, revokedAt } of this.#keys.splice(0, KEYS_PER_ROUND)) {
      const { contracts } = this.#options;
      const outbox = this.#options.outbox();
      const id = hexOf(keyThumbprint(key));
      const subject = hexOf(sha256(toUtf8(keyOwner)));
      outbox.enqueue('register', { key: id, call: registerKeyCall(contracts, id, subject, assurance) });
      if (revokedAt !== undefined) outbox.enqueue('revoke', { key: id, call: revokeKeyCall(contracts, id) });
    }
  }

  async openAgreements(): Promise<void> {
    const { chain, contracts, practice } = this.#options;
    for (let next = this.#unopened[0]; next; next = this.#unopened[0]) {
      const steps = await openingSteps(chain, contracts, next, practice);
      this.#unopened.shift();
      for (const { kind, key, call } of steps) this.#options.outbox().enqueue(kind, { key, call });
    }
  }
}
