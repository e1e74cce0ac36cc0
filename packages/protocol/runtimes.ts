// What a model relies on to compute, as it is hashed into its identity: whether money may depend on it.
import { toHex, toUtf8 } from './bytes.ts';
import { sha256 } from './crypto.ts';

/**
 * - `strict`: arithmetic that ECMAScript defines exactly. The only one that may decide money.
 * - `engine`: also `Math.exp`, `Math.log`, …, whose last bits an engine may choose. Advises.
 * - `onnx`: an ONNX file run by onnxruntime on a CPU. Advises.
 * - `wasm`: a WebAssembly library pinned by hash. Advises.
 */
export type Runtime = 'strict' | 'engine' | 'onnx' | 'wasm';

/** Another requirement gets another string. */
export const runtimes: Readonly<Record<Runtime, string>> = {
  strict: 'ecma262-strict-arithmetic/1',
  engine: 'ecma262-engine-arithmetic/1',
  onnx: 'onnxruntime-cpu/1',
  wasm: 'webassembly-pinned/1',
};

/** For people who read a proof. */
const words: Readonly<Record<Runtime, string>> = {
  strict: 'exact: the same bits on every machine',
  engine: 'of the engine that runs it: advice only',
  onnx: 'floating point, learnt: advice only',
  wasm: 'of a pinned library: advice only',
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

/** @example formatRuntime(decision.model.runtime) // 'exact: the same bits on every machine' */
export function formatRuntime(hash: string): string {
  const runtime = names.get(hash);
  return runtime === undefined ? 'not known here: advice only' : words[runtime];
}
