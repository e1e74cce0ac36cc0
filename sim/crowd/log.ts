// A log in memory: leaves, the bodies beside them, and a key that signs its checkpoints. Two of them are what two nodes keep.
import { createPrivateKey, createPublicKey, sign as signWith } from 'node:crypto';
import {
  algorithms,
  consistencyProof,
  type Evidence,
  encodeIntent,
  encodeIntentLeaf,
  encodeStatementLeaf,
  type Intent,
  inclusionProof,
  leafHash,
  memoryTree,
  proofRanges,
  type Signer,
  type Statement,
  sha256,
  signCheckpoint,
  treeRoot,
} from '@trine/protocol';

/** PKCS #8 of an Ed25519 key, before its 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key that follows from a name. Signs by OpenSSL: thousands of devices speak. */
export function signerOf(name: string): OwnSigner {
  const seed = sha256(new TextEncoder().encode(`key of ${name}`));
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: { algorithm: algorithms.Ed25519, raw: Uint8Array.from(Buffer.from(x as string, 'base64url')) },
    sign: (message) => Uint8Array.from(signWith(null, message, key)),
  };
}

/** Signs at once. */
interface OwnSigner extends Signer {
  sign(message: Uint8Array): Uint8Array;
}

export interface Place {
  readonly origin: string;
  readonly index: number;
}

export class MemoryLog {
  readonly origin: string;
  readonly signer: OwnSigner;
  readonly leaves: Uint8Array[] = [];
  /** Salt and body of what is detached, by leaf. */
  readonly bodies: Map<number, Uint8Array> = new Map();
  readonly #hashes: Uint8Array[] = [];
  #lastMs = 0;

  constructor(origin: string) {
    this.origin = origin;
    this.signer = signerOf(origin);
  }

  get size(): number {
    return this.leaves.length;
  }

  /** Arrivals never decrease. */
  append(arrivalMs: number, { bytes }: Pick<Statement, 'bytes'>, disclosure?: Uint8Array): Place {
    if (arrivalMs < this.#lastMs) throw new RangeError(`${arrivalMs} after ${this.#lastMs}`);
    this.#lastMs = arrivalMs;
    const index = this.#add(encodeStatementLeaf(arrivalMs, bytes));
    if (disclosure) this.bodies.set(index, disclosure);
    return { origin: this.origin, index };
  }

  appendIntent(intent: Intent): Place {
    return { origin: this.origin, index: this.#add(encodeIntentLeaf(encodeIntent(intent))) };
  }

  #add(leaf: Uint8Array): number {
    this.#hashes.push(leafHash(leaf));
    return this.leaves.push(leaf) - 1;
  }

  root(size: number = this.size): Uint8Array {
    return treeRoot(size, memoryTree(this.#hashes.slice(0, size)));
  }

  inclusion(index: number): Uint8Array[] {
    return inclusionProof(index, this.size, memoryTree(this.#hashes));
  }

  consistency(from: number): Uint8Array[] {
    return consistencyProof(from, this.size, memoryTree(this.#hashes));
  }

  /** These leaves as an evidence file holds them. @param arrivals those that show nothing but when they arrived */
  shown(needed: Iterable<number>, arrivals: readonly number[]): Evidence['logs'][number] {
    const own = new Set(needed);
    const only = arrivals.filter((index) => !own.has(index));
    const indexes = [...own, ...only].sort((a, b) => a - b);
    const { note } = signCheckpoint(
      { origin: this.origin, size: this.size, root: this.root() },
      this.signer.publicKey.raw,
      (message) => this.signer.sign(message),
    );
    return {
      checkpoint: note,
      leaves: indexes.map((index) => ({ index, leaf: this.leaves[index] as Uint8Array })),
      proof: proofRanges(indexes, this.size).map(([from, to]) =>
        treeRoot(to - from, memoryTree(this.#hashes.slice(from, to))),
      ),
      ...(only.length > 0 && { arrivals: only }),
      bodies: indexes.flatMap((index) => {
        const disclosure = own.has(index) ? this.bodies.get(index) : undefined;
        return disclosure ? [{ index, disclosure }] : [];
      }),
    };
  }
}
