// QuickJS as WebAssembly, from an address beside the page: asked for when a bundle is run that this console does not carry.
import address from '@jitl/quickjs-wasmfile-release-sync/wasm?url';

export async function readQuickjs(): Promise<Uint8Array> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`QuickJS did not come: ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer());
}
