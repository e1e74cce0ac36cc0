// Identifies a model exactly: what computed a decision is part of the decision. In Node it is read off the source files;
// a browser bundle gets it when it is built.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  canonicalJson,
  concatBytes,
  type ModelIdentity,
  runtimeHash,
  runtimes,
  sha256,
  toHex,
  toUtf8,
} from '@trine/protocol';
import type { Json, ModelBase, Runtime } from './model.ts';

/** The bytes of a source file. @param root folder that the paths are relative to */
export function readSource(root: URL, path: string): Uint8Array {
  return readFileSync(fileURLToPath(new URL(path, root)));
}

/**
 * SHA-256 hashes of a model, as hex:
 * - `code`: over each source file in order: path in UTF-8, a zero byte, length as unsigned 64-bit big-endian, exact bytes;
 * - `configuration`: over the canonical JSON (RFC 8785) of the configuration;
 * - `runtime`: over the string in `runtimes` in UTF-8.
 *
 * @param model name, version, every number that its behaviour depends on besides the code, and its runtime (`strict`)
 * @param root folder the source paths are relative to
 * @param sources files that make up the behaviour, in the order they are hashed
 * @throws Error when a source file cannot be read; FormatError when the configuration is not plain JSON
 * @example identifyModel({ name: 'robust-seasonal', version: '1', config }, root, ['detectors/robust.ts']).code
 */
function identifyModel(
  model: { name: string; version: string; config: Json; runtime?: Runtime },
  root: URL,
  sources: readonly string[],
): ModelIdentity {
  const code = sources.map((path) => {
    const bytes = readSource(root, path);
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length));
    return concatBytes(toUtf8(path), Uint8Array.of(0), length, bytes);
  });
  const configuration = canonicalJson(model.config);
  return {
    name: model.name,
    version: model.version,
    code: toHex(sha256(concatBytes(...code))),
    configuration: toHex(sha256(toUtf8(configuration))),
    runtime: runtimeHash(runtimes[model.runtime ?? 'strict']),
  };
}

const here = new URL('./', import.meta.url);

/** The identity of a model of `packages/models`. @throws Error when one of its sources cannot be read */
export function identify({ name, version, config, runtime, sources }: ModelBase): ModelIdentity {
  return identifyModel({ name, version: String(version), config, runtime }, here, sources);
}
