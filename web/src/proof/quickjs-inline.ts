// QuickJS as WebAssembly, from within the page: what `quickjs.ts` is where the verifier is one file.
import base64 from 'virtual:quickjs-wasm';

export async function readQuickjs(): Promise<Uint8Array> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
