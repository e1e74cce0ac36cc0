// Whoever runs the node: he stops it now and then, keeps a copy of its data folder, and puts an older one back.
import type { Node } from '@trine/node/node.ts';
import type { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { finallyAnchored } from './anchored.ts';
import type { Wanted } from './befall.ts';
import type { Machine } from './machine.ts';

interface Backup {
  readonly disk: MemoryDisk;
  /** Leaves. */
  readonly size: number;
}

export interface OwnerOptions {
  readonly machine: Machine;
  /** Sees that nothing that was promised is gone. */
  readonly check: (node: Node) => Promise<void>;
  readonly tell: (what: string) => void;
}

export class Owner {
  readonly #options: OwnerOptions;
  readonly #wanted = new Set<Wanted>();
  #backup: Backup | undefined;

  constructor(options: OwnerOptions) {
    this.#options = options;
  }

  /** He is to do something when he comes to it. */
  want(what: Wanted): void {
    this.#wanted.add(what);
  }

  get isWanted(): boolean {
    return this.#wanted.size > 0;
  }

  forget(): void {
    this.#wanted.clear();
  }

  async doWanted(): Promise<void> {
    const { machine } = this.#options;
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    if (wanted.length === 0 || machine.isDown) return;
    const { log } = machine.node as Node;
    await machine.stop();
    if (wanted.includes('put back') && this.#backup) await this.#putBack(this.#backup);
    else if (wanted.includes('backup')) this.#backup = { disk: machine.backup(), size: log.size };
  }

  /**
   * Somebody puts an older copy of the data folder back. Where a later checkpoint is anchored, in a block that stays, the node
   * must not go on with it; then he puts the newest back.
   */
  async #putBack({ disk, size }: Backup): Promise<void> {
    const { machine, tell, check } = this.#options;
    if ((await finallyAnchored(machine)) <= size) return;
    const newest = machine.exchange(disk);
    tell(`a copy of ${size} leaves is put back`);
    for (let tries = 0; tries < 10; tries++) {
      try {
        await machine.powerOn();
        await machine.start();
      } catch (error) {
        if ((error as { code?: string }).code !== 'damaged') throw error;
        machine.exchange(newest);
        return;
      }
      // It runs: whoever was promised something sees what that comes to.
      if (machine.node) await check(machine.node);
    }
    throw new Error('A copy that is older than what is anchored is neither refused nor taken.');
  }
}
