// The identity of what decides: the hash of its bundle, what it is configured with, and the arithmetic it relies on.
import { canonicalJson, type ModelIdentity, runtimeHash, runtimes, sha256, toHex, toUtf8 } from '@trine/protocol';

/** Of the model that a domain is delivered with, without parameters of its own. */
const CONFIGURATION = toHex(sha256(toUtf8(canonicalJson({}))));

/** SHA-256 of a bundle's bytes, hex. @param code text of the module, in UTF-8 */
export function bundleHash(code: string): string {
  return toHex(sha256(toUtf8(code)));
}

/** @param hash of the bundle, hex */
export function bundleIdentity({ name, version }: { name: string; version: string }, hash: string): ModelIdentity {
  return { name, version, code: hash, configuration: CONFIGURATION, runtime: runtimeHash(runtimes.strict) };
}
