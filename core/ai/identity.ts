// What computed a decision, by hash: code, configuration, arithmetic. In Node it is read off the source files; a
// browser bundle gets it when it is built.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import canonicalize from 'canonicalize';
import { concatBytes, toHex, toUtf8 } from '../protocol/bytes.ts';
import { sha256 } from '../protocol/crypto.ts';
import type { ModelIdentity } from '../protocol/payloads/agreement.ts';
import { runtime } from './hash.ts';
import type { Json } from './model.ts';

/**
 * Identifies a model.
 *
 * @param model name, version and every number that its behaviour depends on besides the code
 * @param root folder the source paths are relative to
 * @param sources files that make up the behaviour, in the order they are hashed
 * @returns hashes as hex; `code` is SHA-256 over each file's path, a zero byte, its length (u64) and its bytes
 * @throws Error when a source file cannot be read
 */
export function identifyModel(
  model: { name: string; version: string; config: Json },
  root: URL,
  sources: readonly string[],
): ModelIdentity {
  const code = sources.map((path) => {
    const bytes = readFileSync(fileURLToPath(new URL(path, root)));
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length));
    return concatBytes(toUtf8(path), Uint8Array.of(0), length, bytes);
  });
  return {
    name: model.name,
    version: model.version,
    code: toHex(sha256(concatBytes(...code))),
    configuration: toHex(sha256(toUtf8(canonicalize(model.config) as string))),
    runtime: toHex(sha256(toUtf8(runtime))),
  };
}
