// Identifies a model exactly: what computed a decision is part of the decision.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import canonicalize from 'canonicalize';
import { sha256 } from '../protocol/crypto.ts';
import type { Model } from './model.ts';

/**
 * What a model may rely on to run: ECMAScript's exactly defined arithmetic and nothing an engine may choose. Another
 * requirement gets another string.
 */
export const runtime = 'ecma262-strict-arithmetic/1';

/** The hashes of a model, 32 bytes each. */
export interface ModelHashes {
  readonly code: Uint8Array;
  readonly config: Uint8Array;
  readonly runtime: Uint8Array;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The model's source files as they are, in the order they are hashed. */
export function modelSources(model: Model): { readonly path: string; readonly bytes: Uint8Array }[] {
  return model.sources.map((path) => ({
    path,
    bytes: readFileSync(fileURLToPath(new URL(path, import.meta.url))),
  }));
}

/**
 * SHA-256 hashes of a model:
 * - `code`: over each source file in order: path in UTF-8, a zero byte, length as unsigned 64-bit big-endian, exact bytes;
 * - `config`: over the canonical JSON (RFC 8785) of `{config, name, version}`;
 * - `runtime`: over the runtime string in UTF-8.
 *
 * @throws Error when a source file cannot be read, or the configuration is not plain JSON
 * @example modelHash(robust).config.length // 32
 */
export function modelHash(model: Model): ModelHashes {
  const chunks = modelSources(model).flatMap(({ path, bytes }) => {
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length));
    return [utf8(path), Uint8Array.of(0), length, bytes];
  });
  const identity = canonicalize({ config: model.config, name: model.name, version: model.version });
  if (identity === undefined) throw new Error(`The configuration of ${model.name} must be plain JSON.`);
  return { code: sha256(Buffer.concat(chunks)), config: sha256(utf8(identity)), runtime: sha256(utf8(runtime)) };
}
