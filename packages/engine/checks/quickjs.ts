// QuickJS as it is published, read from where it is installed: in Node.
import { readFileSync } from 'node:fs';

let read: Uint8Array | undefined;

export function readQuickjs(): Uint8Array {
  read ??= new Uint8Array(readFileSync(new URL(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'))));
  return read;
}
