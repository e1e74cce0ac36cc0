// What a model relies on to run, as it is hashed into its identity.
import { toHex, toUtf8 } from '../protocol/bytes.ts';
import { sha256 } from '../protocol/crypto.ts';
import type { Runtime } from './model.ts';

/** Another requirement gets another string. */
export const runtimes: Readonly<Record<Runtime, string>> = {
  strict: 'ecma262-strict-arithmetic/1',
  engine: 'ecma262-engine-arithmetic/1',
  onnx: 'onnxruntime-cpu/1',
  wasm: 'webassembly-without-imports/1',
};

const names = new Map(Object.entries(runtimes).map(([name, text]) => [runtimeHash(text), name as Runtime]));

/** SHA-256 of a runtime string, hex: as it stands in a model's identity. */
export function runtimeHash(text: string): string {
  return toHex(sha256(toUtf8(text)));
}

/** The runtime behind a hash; undefined for one that is not known here. */
export function runtimeOf(hash: string): Runtime | undefined {
  return names.get(hash);
}
