import {
  consistencyProof,
  formatProof,
  inclusionProof,
  leafHash,
  type SignedCheckpoint,
  TILE_WIDTH,
  TrineError,
  treeRoot,
  verifyInclusion,
} from '@trine/protocol';
import { nextTurn, type Timers } from '@trine/system/time.ts';
import { LogDamagedError } from './errors.ts';
import type { Integrator } from './integrator.ts';
import type { IndexedLeaf } from './types.ts';

/** Bundles scanned before other work may run. */
const SCAN_AT_ONCE = 8;

/**
 * Refuses a number that is not below a limit.
 *
 * @throws TrineError `not-found`
 */
export function assertBelow(value: number, limit: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0 || value >= limit) {
    throw new TrineError('not-found', `The log has no ${name} ${value}: expected an integer from 0 to ${limit - 1}.`);
  }
}

const copy = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);

/** Reads leaves and makes proofs. The caller has checked the bounds: leaves sequenced, sizes integrated. */
export class Reader {
  readonly #integrator: Integrator;
  readonly #directory: string;
  readonly #timers: Timers;

  /**
   * @param integrator holds the tree and the bundles
   * @param directory the public directory, for messages
   */
  constructor(integrator: Integrator, directory: string, timers: Timers) {
    this.#integrator = integrator;
    this.#directory = directory;
    this.#timers = timers;
  }

  read(index: number): Uint8Array {
    const bundle = this.#integrator.bundles.get(Math.floor(index / TILE_WIDTH));
    return copy(bundle.entry(index % TILE_WIDTH));
  }

  async *range(from: number, to: number): AsyncGenerator<IndexedLeaf, void, undefined> {
    for (let index = from; index < to; ) {
      const bundle = this.#integrator.bundles.get(Math.floor(index / TILE_WIDTH));
      const end = Math.min(to, (bundle.index + 1) * TILE_WIDTH);
      for (; index < end; index++) yield { index, leaf: copy(bundle.entry(index % TILE_WIDTH)) };
      if (bundle.index % SCAN_AT_ONCE === 0) await nextTurn(this.#timers);
    }
  }

  /** Root over the leaves of one subtree: `from` is a multiple of the least power of two that holds them all. */
  subtreeRoot(from: number, to: number): Uint8Array {
    const { read } = this.#integrator.tree;
    return copy(treeRoot(to - from, (level, index) => read(level, from / 2 ** level + index)));
  }

  rootAt(size: number): Uint8Array {
    return copy(treeRoot(size, this.#integrator.tree.read));
  }

  inclusionProof(index: number, size: number): Uint8Array[] {
    return inclusionProof(index, size, this.#integrator.tree.read).map(copy);
  }

  consistencyProof(from: number, to: number): Uint8Array[] {
    return consistencyProof(from, to, this.#integrator.tree.read).map(copy);
  }

  receipt(index: number, checkpoint: SignedCheckpoint): string {
    const hashes = this.inclusionProof(index, checkpoint.size);
    // Tiles come from files: a damaged one must not become a proof that fails in somebody else's hands.
    if (!verifyInclusion(index, checkpoint.size, leafHash(this.read(index)), hashes, checkpoint.root)) {
      throw new LogDamagedError(
        this.#directory,
        `the proof of leaf ${index} does not lead to the root of the checkpoint`,
      );
    }
    return formatProof({ index, hashes, checkpoint });
  }
}
