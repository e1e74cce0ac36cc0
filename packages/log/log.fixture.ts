// What the tests of the log share: a key, folders that go away, leaves that can be told from their index.

import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { formatVerifierKey, verifierKey } from '@trine/protocol';
import { PushBackError } from './errors.ts';
import type { Log, LogOptions } from './types.ts';

export const ORIGIN = 'log.example/test';

function keyOf(seed: number): Pick<LogOptions, 'publicKey' | 'sign'> {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return { publicKey: new Uint8Array(Buffer.from(x!, 'base64url')), sign: (data) => sign(null, data, key) };
}

export const key: Pick<LogOptions, 'publicKey' | 'sign'> = keyOf(5);
export const otherKey: Pick<LogOptions, 'publicKey' | 'sign'> = keyOf(6);
export const VKEY: string = formatVerifierKey(verifierKey(ORIGIN, key.publicKey));

/** Options of a log that publishes only when told to. */
export const manual = (directory: string): LogOptions => ({
  directory,
  origin: ORIGIN,
  checkpointIntervalMs: Number.POSITIVE_INFINITY,
  ...key,
});

/** A folder that is removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trine-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The leaf of an index: bytes and length follow from it and the seed. */
export function leafOf(index: number, seed = 1, lengthMax = 60): Uint8Array {
  let state = (index * 2_654_435_761 + seed * 40_503) >>> 0;
  const next = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1) >>> 0;
    return state;
  };
  const leaf = new Uint8Array(8 + (next() % lengthMax));
  const view = new DataView(leaf.buffer);
  for (let i = 8; i + 4 <= leaf.length; i += 4) view.setUint32(i, next());
  view.setBigUint64(0, BigInt(index));
  return leaf;
}

/** Appends the leaves up to `size` and waits until they are durable. */
export async function fill(log: Log, size: number, seed = 1, lengthMax = 60): Promise<void> {
  let durable: Promise<void> = Promise.resolve();
  while (log.size < size) {
    const count = Math.min(1000, size - log.size);
    const leaves = Array.from({ length: count }, (_, i) => leafOf(log.size + i, seed, lengthMax));
    try {
      ({ durable } = log.append(leaves));
    } catch (error) {
      if (!(error instanceof PushBackError)) throw error;
      await delay(error.retryAfterMs);
    }
  }
  await durable;
}

/** All files below a folder, relative, sorted. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
