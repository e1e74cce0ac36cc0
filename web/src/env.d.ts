/** QuickJS as WebAssembly, base64: see web/build/plugins.ts. */
declare module 'virtual:quickjs-wasm' {
  const base64: string;
  export default base64;
}
